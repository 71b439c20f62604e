/* SPDX-License-Identifier: Apache-2.0 */
/* Pools: listing, making, removing on rest.md's terms. */
#include "manage.h"

static const struct pool_entry *find(const struct pool_entry *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].name, name))
			return &list[i];
	return NULL;
}

static void the_pools_are_those_of_ceph(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_free_ struct pool_entry *list = NULL;
	_cleanup_text_ struct text all = {0};
	struct error error = {0};
	size_t count;

	admin("ceph osd pool create made-just-now 8; ceph osd pool application enable made-just-now "
	      "cephfs; ceph osd pool application enable made-just-now rbd "
	      "--yes-i-really-mean-it");
	assert_ok(pool_list(cluster, &list, &count, &error), error);
	for (size_t i = 0; i < count; i++)
		text_printf(&all, "%s%s %lld %s", i ? ";" : "", list[i].name, (long long)list[i].id,
			    list[i].applications);
	assert_string_equal(
		all.data,
		asked("ceph osd pool ls detail --format json | jq -r '[sort_by(.pool_name)"
		      "[] | .pool_name + \" \" + (.pool_id | tostring) + \" \" + "
		      "(.application_metadata | keys | join(\",\"))] | join(\";\")'"));
	assert_non_null(find(list, count, "made-just-now"));
}

static void a_pool_is_made_once(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	struct error error = {0};
	struct pool_entry made = {.id = -1}, again = {.id = -1};

	assert_int_equal(pool_create(cluster, "made", &made, &error), 1);
	assert_string_equal(made.name, "made");
	assert_string_equal(made.applications, "rbd");
	assert_int_equal(made.id, atoi(asked("ceph osd pool ls detail --format json | jq '.[] | "
					     "select(.pool_name == \"made\").pool_id'")));
	/* in 18.2 the manager has put its rbd_trash into each pool */
	assert_string_equal(asked("rados -p made ls | grep -vx rbd_trash"), "rbd_info");
	assert_int_equal(pool_create(cluster, "made", &again, &error), 0);
	assert_int_equal(again.id, made.id);
}

static void a_pool_without_an_application_is_initialised(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	struct error error = {0};
	struct pool_entry entry;

	admin("ceph osd pool create bare 8");
	assert_int_equal(pool_create(cluster, "bare", &entry, &error), 0);
	assert_string_equal(entry.applications, "rbd");
	admin("rbd create bare/x --size 8M && rbd rm bare/x");
}

static void a_pool_of_another_application_is_not_shared(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	struct error error = {0};
	struct pool_entry entry;

	admin("ceph osd pool create files 8 && ceph osd pool application enable files cephfs");
	assert_refused(pool_create(cluster, "files", &entry, &error), -EEXIST, error);
	assert_contains(error.text, "cephfs");
	assert_refused(pool_remove(cluster, "files", NULL, &error), -EMEDIUMTYPE, error);
	assert_contains(error.text, "cephfs");
	assert_refused(pool_remove(cluster, "made-just-now", NULL, &error), -EMEDIUMTYPE, error);
	admin("rados -p files ls && rados -p made-just-now ls");
}

static void who_may_not_make_or_remove_is_told_which_caps_are_missing(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager(), *looker = NULL;
	struct error error = {0};
	struct pool_entry entry;

	assert_refused(pool_create(cluster, "never", &entry, &error), -EACCES, error);
	assert_contains(error.text, "client." MANAGED);
	assert_contains(error.advice, "osd pool create");
	assert_refused(pool_remove(cluster, "made", NULL, &error), -EACCES, error);
	assert_contains(error.advice, "profile rbd pool=made");
	user_with("looker", "mon 'profile rbd' osd 'profile rbd'");
	looker = connected_as("looker");
	assert_refused(pool_remove(looker, "made", NULL, &error), -EACCES, error);
	assert_contains(error.advice, "osd pool delete");
	assert_string_equal(asked("ceph osd pool ls | grep -cxE 'made|never'"), "1");
}

/* With the caps that the advice names, and no more. */
static void the_caps_of_the_advice_are_enough(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error = {0};
	struct pool_entry entry;

	user_with("maker",
		  "mon 'profile rbd, allow command \"osd pool create\", allow command "
		  "\"osd pool application enable\", allow command \"osd pool delete\"' osd "
		  "'profile rbd'");
	cluster = connected_as("maker");
	assert_int_equal(pool_create(cluster, "by-maker", &entry, &error), 1);
	assert_string_equal(entry.applications, "rbd");
	assert_refused(pool_remove(cluster, "by-maker", NULL, &error), -EPERM, error);
	assert_contains(error.text, "mon_allow_pool_delete");
	assert_contains(error.advice, "ceph config set mon mon_allow_pool_delete true");
	admin("ceph config set mon mon_allow_pool_delete true");
	assert_ok(pool_remove(cluster, "by-maker", NULL, &error), error);
	assert_refused(pool_remove(cluster, "by-maker", NULL, &error), -ENOENT, error);
	assert_refused(pool_find(cluster, "by-maker", &entry, &error), -ENOENT, error);
}

static void counted(struct cluster *cluster, const char *pool, const struct pool_contents *wanted)
{
	struct pool_contents contents = {0}, of_removal = {0};
	struct error error = {0};

	assert_ok(pool_count(cluster, pool, &contents, &error), error);
	assert_int_equal(contents.images, wanted->images);
	assert_int_equal(contents.trash, wanted->trash);
	assert_int_equal(contents.namespaces, wanted->namespaces);
	assert_int_equal(contents.objects, wanted->objects);
	assert_refused(pool_remove(cluster, pool, &of_removal, &error), -ENOTEMPTY, error);
	assert_memory_equal(&of_removal, &contents, sizeof(contents));
}

/* mon_allow_pool_delete is true since the test before. */
static void a_pool_that_holds_something_is_not_removed(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	struct error error = {0};

	admin("rbd create made/a --size 8M; rbd create made/b --size 8M; rbd trash mv made/b");
	admin("rbd namespace create made/one; rbd namespace create made/two; "
	      "rbd create made/two/c --size 8M");
	counted(cluster, "made", &(struct pool_contents){.images = 2, .trash = 1, .namespaces = 1});
	admin("rbd rm made/a; rbd rm made/two/c");
	counted(cluster, "made", &(struct pool_contents){.trash = 1});
	admin("rbd trash rm made/$(rbd trash ls made | cut -d' ' -f1)");
	admin("rados -p made -N other put somebodys /etc/hostname");
	counted(cluster, "made", &(struct pool_contents){.objects = 1});
	assert_refused(pool_remove(cluster, "made", NULL, &error), -ENOTEMPTY, error);
	assert_contains(error.text, "1 objects");
	admin("rados -p made -N other rm somebodys");
	assert_ok(pool_remove(cluster, "made", NULL, &error), error);
	assert_int_not_equal(tried("rados -p made ls >/dev/null 2>&1"), 0);
}

static void data_of_an_image_in_another_pool_is_in_the_way(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");

	admin("rbd create bare/far --size 8M; ceph osd pool create far 8; rbd pool init far; "
	      "rbd create bare/apart --size 8M --data-pool far; "
	      "rbd bench bare/apart --io-type write --io-size 4K --io-total 4K");
	counted(cluster, "far", &(struct pool_contents){.objects = 1});
	admin("ceph config rm mon mon_allow_pool_delete");
}

static void the_namespaces_are_those_of_rbd(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_free_ struct namespace_entry *list = NULL;
	struct error error = {0};
	size_t count;

	admin("rbd namespace create " MANAGED "/aside");
	assert_ok(pool_namespaces(cluster, MANAGED, &list, &count, &error), error);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].name, "aside");
	assert_string_equal(list[1].name, "space");
	free(TAKE_PTR(list));
	assert_refused(pool_namespaces(cluster, "nopool", &list, &count, &error), -ENOENT, error);
}

const struct CMUnitTest manage_pool_tests[] = {
	UNIT("the pools are those of ceph, with ids and applications, a new one at once",
	     the_pools_are_those_of_ceph),
	UNIT("a pool is made once, and initialised for rbd", a_pool_is_made_once),
	UNIT("a pool without an application is initialised",
	     a_pool_without_an_application_is_initialised),
	UNIT("a pool of another application is neither shared nor removed",
	     a_pool_of_another_application_is_not_shared),
	UNIT("who may not make or remove a pool is told which caps are missing",
	     who_may_not_make_or_remove_is_told_which_caps_are_missing),
	UNIT("the caps of the advice are enough, and the monitors' switch is told from them",
	     the_caps_of_the_advice_are_enough),
	UNIT("a pool that holds images, trash, or foreign objects is not removed",
	     a_pool_that_holds_something_is_not_removed),
	UNIT("data of an image in another pool is in the way of a pool's removal",
	     data_of_an_image_in_another_pool_is_in_the_way),
	UNIT("the namespaces are those of rbd", the_namespaces_are_those_of_rbd),
};
const size_t manage_pool_tests_count = sizeof(manage_pool_tests) / sizeof(manage_pool_tests[0]);
