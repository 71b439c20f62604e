/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing pools. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/manage_pools.h"

static void add_quoted(struct text *text, const char *word)
{
	for (; *word; word++)
		if ((unsigned char)*word < ' ' || *word == '"' || *word == '\\')
			text_printf(text, "\\u%04x", (unsigned char)*word);
		else
			text_add(text, word, 1);
}

int pools_command(struct cluster *place, const char *prefix, const char *key, const char *pool,
		  const char *more, char words[256])
{
	_cleanup_text_ struct text command = {0};
	char *out = NULL, *status = NULL;
	size_t out_length = 0, status_length = 0;
	const char *line;
	int r;

	text_printf(&command, "{\"prefix\":\"%s\",\"%s\":\"", prefix, key);
	add_quoted(&command, pool);
	text_printf(&command, "\"%s}", more);
	*words = '\0';
	if (command.failed)
		return -ENOMEM;
	line = command.data;
	r = rados.rados_mon_command(place->rados, &line, 1, "", 0, &out, &out_length, &status,
				    &status_length);
	if (status) {
		(void)snprintf(words, 256, "%.*s", (int)status_length, status);
		str_one_line(words);
		rados.rados_buffer_free(status);
	}
	if (out)
		rados.rados_buffer_free(out);
	return r;
}

struct pool_work {
	char pool[MANAGE_NAME_MAX];
	struct pool_entry entry;
	struct pool_contents contents;
};

static int explain_denied(const struct cluster *place, int code, const char *verb, const char *pool,
			  const char *commands, struct error *error)
{
	error_set(error, code, "%s pool %s: client.%s is not allowed to: its caps lack mon '%s'",
		  verb, pool, place->user, commands);
	return error_advise(error,
			    "`ceph auth caps client.%s mon 'profile rbd, %s' osd 'profile rbd'`; "
			    "that replaces all its caps, `ceph auth get client.%s` shows them",
			    place->user, commands, place->user);
}

static int say_words(struct error *error, int code, const char *verb, const char *pool,
		     const char *words)
{
	return *words ? error_set(error, code, "%s pool %s: the monitors say: %s", verb, pool,
				  words)
		      : error_errno(error, code, "%s pool %s", verb, pool);
}

#define CAP_CREATE \
	"allow command \"osd pool create\", allow command \"osd pool application enable\""
#define CAP_REMOVE "allow command \"osd pool delete\""

static int explain_create(const struct cluster *place, int code, const char *pool,
			  const char *words, struct error *error)
{
	return code == -EACCES || code == -EPERM
		       ? explain_denied(place, code, "create", pool, CAP_CREATE, error)
		       : say_words(error, code, "create", pool, words);
}

/* In case of -EPERM another application has it meanwhile: not ours to share. */
static int initialise(struct cluster *place, struct pool_work *work, struct error *error)
{
	const struct asked asked = {.pool = work->pool, .name_space = ""};
	_cleanup_io_ rados_ioctx_t io = NULL;
	int r = pool_open(place, work->pool, "", &io);

	if (r == 0)
		r = rbd.rbd_pool_init(io, /* force= */ false);
	if (r == -EACCES)
		return explain_denied(place, r, "initialise", work->pool, CAP_CREATE, error);
	return r < 0 ? cluster_error_of(place, error, r, &asked, "initialise pool %s for rbd",
					work->pool)
		     : 0;
}

/* A list by commas. */
static bool has_rbd(const char *applications)
{
	const char *at = strstr(applications, "rbd");

	for (; at; at = strstr(at + 1, "rbd"))
		if ((at == applications || at[-1] == ',') && (!at[3] || at[3] == ','))
			return true;
	return false;
}

/* 1: it was there. */
static int use_existing(struct cluster *place, struct pool_work *work, struct error *error)
{
	if (has_rbd(work->entry.applications))
		return 0;
	if (!*work->entry.applications)
		return initialise(place, work, error);
	error_set(error, -EEXIST, "create pool %s: it is there, and belongs to the application %s",
		  work->pool, work->entry.applications);
	return error_advise(error, "take another name");
}

static int create_work(struct cluster *place, void *data, struct error *error)
{
	struct pool_work *work = data;
	char words[256];
	int r = pools_find(place, work->pool, &work->entry, error), made;

	if (r < 0 && r != -ENOENT)
		return r;
	made = r == -ENOENT;
	if (made) {
		r = pools_command(place, "osd pool create", "pool", work->pool, "", words);
		if (r < 0)
			return explain_create(place, r, work->pool, words, error);
		if (pools_find(place, work->pool, &work->entry, error) < 0)
			return error->code;
	}
	if (use_existing(place, work, error) < 0 ||
	    pools_find(place, work->pool, &work->entry, error) < 0)
		return error->code;
	return made;
}

static int run(struct cluster *cluster, const char *pool, const char *what, bounded_work work_fn,
	       struct pool_work *work, struct error *error)
{
	const struct image_name name = {pool, "", "", ""};
	const struct bounded_way way = place_briefly(cluster, 60000);

	*work = (struct pool_work){.pool = ""};
	if (!*pool)
		return error_set(error, -EINVAL, "no pool is named");
	if (str_copy(work->pool, sizeof(work->pool), pool) < 0)
		return error_set(error, -ENAMETOOLONG, "no pool can have so long a name");
	return place_run(cluster, &name, what, &way, work_fn, work, sizeof(*work), error);
}

int pool_create(struct cluster *cluster, const char *pool, struct pool_entry *ret,
		struct error *error)
{
	struct pool_work work;
	int r = run(cluster, pool, "create pool", create_work, &work, error);

	if (r >= 0)
		*ret = work.entry;
	return r;
}

static int refuse_full(const struct pool_work *work, struct error *error)
{
	const struct pool_contents *contents = &work->contents;

	if (contents->images + contents->trash + contents->objects == 0)
		return 0;
	if (contents->objects) {
		error_set(
			error, -ENOTEMPTY,
			"remove pool %s: it holds no image, but %s%llu objects: data of images in "
			"other pools, or somebody else's",
			work->pool, contents->objects >= 1000 ? "more than " : "",
			(unsigned long long)contents->objects);
		return error_advise(error, "`rados -p %s ls --all` lists them", work->pool);
	}
	error_set(error, -ENOTEMPTY,
		  "remove pool %s: it holds %llu images and %llu entries in the trash (%llu "
		  "namespaces in use)",
		  work->pool, (unsigned long long)contents->images,
		  (unsigned long long)contents->trash, (unsigned long long)contents->namespaces);
	return error_advise(error, "remove them first: `rbd ls %s`, `rbd trash ls --all %s`",
			    work->pool, work->pool);
}

static int refuse_foreign(const struct pool_work *work, struct error *error)
{
	if (str_eq(work->entry.applications, "rbd"))
		return 0;
	return error_set(
		error, -EMEDIUMTYPE,
		"remove pool %s: its applications are \"%s\"; only one that is rbd's alone "
		"is removed",
		work->pool, work->entry.applications);
}

/* Measured (test/cluster/test_manage_pool.c): EACCES for the caps, EPERM for the switch. */
static int explain_remove(const struct cluster *place, int code, const char *pool,
			  const char *words, struct error *error)
{
	if (code == -EACCES)
		return explain_denied(place, code, "remove", pool, CAP_REMOVE, error);
	if (code == -EPERM && strstr(words, "mon_allow_pool_delete")) {
		error_set(error, code,
			  "remove pool %s: the monitors allow no pool to be removed "
			  "(mon_allow_pool_delete is false)",
			  pool);
		return error_advise(error,
				    "an administrator may allow it: `ceph config set mon "
				    "mon_allow_pool_delete true`, and false again afterwards");
	}
	return say_words(error, code, "remove", pool, words);
}

/* That the OSDs say EPERM for the caps is not to be taken for the monitors' switch. */
static int look_inside(struct cluster *place, struct pool_work *work, struct error *error)
{
	int r = place_open(place, error);

	if (r == 0)
		r = pools_count(place, &work->contents, error);
	if (r == -EPERM)
		r = error->code = -EACCES;
	return r;
}

static int remove_work(struct cluster *place, void *data, struct error *error)
{
	_cleanup_text_ struct text sure = {0};
	struct pool_work *work = data;
	char words[256];
	int r;

	if (pools_find(place, work->pool, &work->entry, error) < 0 ||
	    refuse_foreign(work, error) < 0 || look_inside(place, work, error) < 0 ||
	    refuse_full(work, error) < 0)
		return error->code;
	text_printf(&sure, ",\"pool2\":\"");
	add_quoted(&sure, work->pool);
	text_printf(&sure, "\",\"yes_i_really_really_mean_it\":true");
	if (sure.failed)
		return error_errno(error, -ENOMEM, "remove pool %s", work->pool);
	r = pools_command(place, "osd pool delete", "pool", work->pool, sure.data, words);
	return r < 0 ? explain_remove(place, r, work->pool, words, error)
		     : pools_refresh(place, error);
}

int pool_remove(struct cluster *cluster, const char *pool, struct pool_contents *ret_contents,
		struct error *error)
{
	struct pool_work work;
	int r = run(cluster, pool, "remove pool", remove_work, &work, error);

	if (ret_contents)
		*ret_contents = work.contents;
	return r;
}
