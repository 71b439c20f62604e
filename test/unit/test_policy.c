/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's policy (design §3), from the position of a pod author who wants more. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit.h"

#include "base/str.h"
#include "kubelet/config.h"
#include "kubelet/policy.h"
#include "kubelet/policy_pattern.h"

/* "kube" and the secret of nobody, as the kubelet sends them */
#define SECRET_USER_KUBE  "\"kubernetes.io/secret/user\":\"a3ViZQ==\""
#define SECRET_USER_ADMIN "\"kubernetes.io/secret/user\":\"YWRtaW4=\""
#define SECRET_KEY        "\"kubernetes.io/secret/key\":\"QUJDRA==\""
#define POD(name)         "\"kubernetes.io/pod.namespace\":\"" name "\""

#define CLUSTERS                                                                               \
	"\"clusters\": {\"default\": {\"user\": \"kube\", \"monitors\": \"10.0.0.1\", "        \
	"\"fsid\": \"11111111-1111-4111-8111-111111111111\"}, \"east\": {\"user\": \"east\", " \
	"\"monitors\": \"10.1.0.1\"}}"
#define OTHER_FSID "\"fsid\":\"22222222-2222-4222-8222-222222222222\""

static char *directory;
static char file[128];
static struct config config;
static struct error error;

static int set_up(void **state)
{
	directory = scratch_make();
	snprintf(file, sizeof(file), "%s/config.json", directory);
	return setenv(CONFIG_ENVIRONMENT, file, 1);
}

static int tear_down(void **state)
{
	scratch_remove(directory);
	return 0;
}

static int leave(void **state)
{
	config_done(&config);
	return 0;
}

/* The policy that holds until the end of the test, or the next one. */
static void policy(const char *text)
{
	_cleanup_fclose_ FILE *stream = fopen(file, "we");

	config_done(&config);
	memset(&error, 0, sizeof(error));
	assert_non_null(stream);
	assert_true(fprintf(stream, "{" CLUSTERS ", \"policy\": {%s}}", text) > 0);
	assert_int_equal(fflush(stream), 0);
	assert_int_equal(fchmod(fileno(stream), 0600), 0);
	if (config_load(&config, &error) < 0)
		fail_msg("%s", error.text);
}

/* `more` stands behind the image in the options. */
static int check(const char *more)
{
	_cleanup_options_ struct options options;
	_cleanup_text_ struct text json = {0};
	struct access access;

	memset(&error, 0, sizeof(error));
	text_printf(&json, "{\"image\":\"db\"%s%s}", *more ? "," : "", more);
	if (options_parse(json.data, &options, &error) < 0 ||
	    config_access(&config, &options, &access, &error) < 0)
		fail_msg("not the policy: %s: %s", more, error.text);
	return policy_check(&config, &options, &access, &error);
}

static void allowed(const char *more)
{
	if (check(more) < 0)
		fail_msg("refused: %s: %s", more, error.text);
}

static void refused(const char *more, const char *words)
{
	if (check(more) != -EPERM)
		fail_msg("allowed: %s", more);
	assert_contains(error.text, words);
	assert_contains(error.text, "the administrator's policy in ");
	assert_contains(error.text, file);
	assert_true(*error.advice);
}

static void without_a_policy_everything_may_be_given(void **state)
{
	_cleanup_fclose_ FILE *stream = fopen(file, "we");

	assert_non_null(stream);
	assert_true(fputs("{}", stream) >= 0);
	assert_int_equal(fflush(stream), 0);
	assert_int_equal(config_load(&config, &error), 0);
	allowed("\"pool\":\"other\",\"namespace\":\"x\",\"dataPool\":\"ec\",\"parent\":\"p/i@s\","
		"\"monitors\":\"10.9.0.1\",\"keyring\":\"/etc/ceph/k\",\"user\":\"admin\","
		"\"mapOptions\":\"a\",\"features\":\"layering\",\"guard\":\"none\",\"size\":\"1Pi\"");
	assert_int_equal(policy_check_create(&config, "kube/db", &error), 0);
	assert_int_equal(policy_check_size(&config, "kube/db", UINT64_MAX, &error), 0);
}

static void an_empty_policy_closes_what_reaches_further(void **state)
{
	static const char *const CLOSED[][2] = {
		{"\"pool\":\"kube\"", "pool: \"kube\" is refused"},
		{"\"namespace\":\"shop\"", "namespace: \"shop\" is refused"},
		{"\"dataPool\":\"ec\"", "dataPool: \"ec\" is refused"},
		{"\"parent\":\"base@v1\"", "parent: \"rbd/base@v1\" is refused"},
		{"\"monitors\":\"10.0.0.1\"", "monitors: \"10.0.0.1\" is refused"},
		{"\"keyring\":\"/etc/ceph/k\"", "keyring: \"/etc/ceph/k\" is refused"},
		{"\"mapOptions\":\"noshare\"", "mapOptions: \"noshare\" is refused"},
		{"\"features\":\"layering\"", "features: \"layering\" is refused"},
		{"\"guard\":\"none\"", "guard: \"none\" is refused"},
		{"\"guard\":\"exclusive\"", "guard: \"exclusive\" is refused"},
		{"\"guard\":\"watchers\"", "guard: \"watchers\" is refused"},
		{"\"user\":\"admin\"", "user: \"admin\" is refused"},
		{SECRET_USER_ADMIN, "user: \"admin\" is refused"},
		{SECRET_KEY "," SECRET_USER_ADMIN, "user: \"admin\" is refused"},
	};

	policy("");
	for (size_t i = 0; i < ARRAY_SIZE(CLOSED); i++)
		refused(CLOSED[i][0], CLOSED[i][1]);
	refused("\"pool\":\"kube\"", "allows only \"rbd\"");
	refused("\"user\":\"admin\"", "allows only \"kube\"");
	refused("\"namespace\":\"shop\"", "does not list namespace: it may not be given");
}

static void an_empty_policy_leaves_free_what_harms_nobody(void **state)
{
	policy("");
	allowed("");
	allowed("\"pool\":\"rbd\",\"user\":\"kube\",\"size\":\"1Pi\",\"readOnly\":\"true\","
		"\"mountOptions\":\"noatime\",\"mkfsOptions\":\"inode_size=512\"");
	allowed("\"snapshot\":\"daily\"");
	allowed(SECRET_KEY);
	allowed(SECRET_KEY "," SECRET_USER_KUBE);
	allowed("\"cluster\":\"east\"");
	allowed("\"cluster\":\"east\",\"user\":\"east\"");
}

static void the_user_of_another_cluster_is_another_user(void **state)
{
	policy("");
	refused("\"cluster\":\"east\",\"user\":\"kube\"", "allows only \"east\"");
	refused("\"cluster\":\"east\"," SECRET_KEY "," SECRET_USER_KUBE, "allows only \"east\"");
}

/* Without an entry the request would be ceph.conf's cluster's, with client.admin's rights. */
static void a_request_that_falls_out_of_all_clusters_is_not_admins(void **state)
{
	policy("");
	refused(OTHER_FSID, "is in none of the clusters");
	policy("\"monitors\": [\"*\"]");
	refused("\"monitors\":\"10.9.0.1\"", "is in none of the clusters");
	policy("\"user\": [\"kube\"]");
	refused(OTHER_FSID, "user: \"admin\" is refused");
	allowed(OTHER_FSID "," SECRET_KEY "," SECRET_USER_KUBE);
}

static void what_says_whose_data_it_is_must_match_also_where_it_is_left_out(void **state)
{
	policy("\"pool\": [\"kube\", \"team-*\"]");
	allowed("\"pool\":\"kube\"");
	allowed("\"pool\":\"team-a\"");
	refused("", "pool: \"rbd\" is refused");
	refused("\"pool\":\"kube2\"", "allows \"kube\", \"team-*\"");
	policy("\"namespace\": [\"shop\"]");
	allowed("\"namespace\":\"shop\"");
	refused("", "namespace: \"\" is refused");
	policy("\"namespace\": [\"shop\", \"\"]");
	allowed("");
	policy("\"snapshot\": [\"daily-*\"]");
	refused("", "snapshot: \"\" is refused");
	policy("\"user\": [\"web\"]");
	refused("", "user: \"kube\" is refused");
	allowed("\"user\":\"web\"");
	refused("\"user\":\"web\"," SECRET_USER_KUBE, "user: \"kube\" is refused");
	policy("\"readOnly\": [\"true\"]");
	refused("", "readOnly: \"false\" is refused");
	allowed("\"kubernetes.io/readwrite\":\"ro\"");
	policy("\"cluster\": [\"default\"]");
	allowed("");
	refused("\"cluster\":\"east\"", "cluster: \"east\" is refused");
	policy("\"image\": [\"web-*\"]");
	refused("", "image: \"db\" is refused");
}

static void of_a_list_each_item_must_match(void **state)
{
	policy("\"mountOptions\": [\"noatime\", \"commit=*\"], \"mkfsOptions\": [], "
	       "\"mapOptions\": [\"queue_depth=???\"], \"features\": [\"layering\", "
	       "\"exclusive-lock\"]");
	allowed("");
	allowed("\"mountOptions\":\"commit=30,noatime\"");
	refused("\"mountOptions\":\"noatime,barrier=0\"", "mountOptions: \"barrier=0\" is refused");
	refused("\"mountOptions\":\"commit\"", "mountOptions: \"commit\"");
	refused("\"mountOptions\":\"xnoatime\"", "mountOptions: ");
	refused("\"mountOptions\":\"noatimex\"", "mountOptions: ");
	refused("\"mkfsOptions\":\"inode_size=512\"", "which allows nothing");
	allowed("\"mapOptions\":\"queue_depth=128\"");
	refused("\"mapOptions\":\"queue_depth=1024\"", "mapOptions: ");
	refused("\"mapOptions\":\"queue_depth=128,noshare\"", "mapOptions: \"noshare\"");
	allowed("\"features\":\"exclusive-lock,layering\"");
	refused("\"features\":\"layering,journaling\"", "features: \"journaling\"");
}

static void of_the_monitors_each_address_must_match(void **state)
{
	policy("\"monitors\": [\"10.0.0.*\", \"[fd00::1]\", \"*.mon.example.com\", "
	       "\"10.1.0.1:7000\"], \"user\": [\"*\"]");
	allowed("");
	allowed("\"monitors\":\"10.0.0.1\"");
	allowed("\"monitors\":\"10.0.0.1:6789,10.0.0.2:3300;10.0.0.3\"");
	allowed("\"monitors\":\"[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]\"");
	allowed("\"monitors\":\"fd00::1\"");
	allowed("\"monitors\":\"[v2:[fd00::1]:3300,v1:[fd00::1]:6789]\"");
	allowed("\"monitors\":\"a.mon.example.com:6789\"");
	allowed("\"monitors\":\"10.1.0.1:7000\"");
	refused("\"monitors\":\"10.0.0.1,6.6.6.6\"", "monitors: \"6.6.6.6\" is refused");
	refused("\"monitors\":\"6.6.6.6 10.0.0.1\"", "monitors: \"6.6.6.6\" is refused");
	refused("\"monitors\":\"[v2:10.0.0.1:3300,v1:6.6.6.6:6789]\"", "6.6.6.6");
	refused("\"monitors\":\"10.0.0.1:7000\"", "10.0.0.1:7000");
	refused("\"monitors\":\"10.1.0.1\"", "10.1.0.1");
	refused("\"monitors\":\"10.0.0.evil\"", "10.0.0.evil");
	refused("\"monitors\":\"10.0.0.1.evil.example\"", "10.0.0.1.evil.example");
	refused("\"monitors\":\"a.b.mon.example.com\"", "a.b.mon.example.com");
	refused("\"monitors\":\"fd00::1:6789\"", "fd00::1:6789");
	refused("\"monitors\":\"fd00::6789\"", "fd00::6789");
}

/* Their grammar keeps most of these out before. */
static void an_address_that_is_read_in_two_ways_matches_nothing(void **state)
{
	static const char *const STRANGE[] = {
		"10.0.0.1/6.6.6.6", "10.0.0.1/00",        "10.0.0.1]", "[10.0.0.1", "v3:10.0.0.1",
		"v1:v1:10.0.0.1",   "10.0.0.1:6789:6789", "10.0.0.",   "",          "[]"};

	for (size_t i = 0; i < ARRAY_SIZE(STRANGE); i++)
		if (policy_pattern_match_monitor("10.0.0.?", "", STRANGE[i]))
			fail_msg("%s", STRANGE[i]);
	assert_true(policy_pattern_match_monitor("10.0.0.?", "", "v1:10.0.0.1:6789/0"));
	assert_true(policy_pattern_match_monitor("[fd00::?]:6789", "", "fd00::1"));
	assert_false(policy_pattern_match_monitor("fd00::3300", "", "fd00::6789"));
}

static void an_address_that_is_cut_matches_nothing(void **state)
{
	char more[1000], long_name[400] = {0};

	memset(long_name, 'a', sizeof(long_name) - 1);
	policy("\"monitors\": [\"a*\"], \"user\": [\"*\"]");
	snprintf(more, sizeof(more), "\"monitors\":\"%.318s\"", long_name);
	allowed(more);
	snprintf(more, sizeof(more), "\"monitors\":\"%.319s.example.com\"", long_name);
	refused(more, "monitors: ");
}

static void a_parent_of_another_pool_must_be_listed_with_its_pool(void **state)
{
	policy("\"pool\": [\"kube\"], \"namespace\": [\"\", \"shop\"], \"parent\": [\"base*\"]");
	allowed("\"pool\":\"kube\",\"parent\":\"base@v1\"");
	allowed("\"pool\":\"kube\",\"parent\":\"kube/base@v1\"");
	allowed("\"pool\":\"kube\",\"namespace\":\"shop\",\"parent\":\"base@v1\"");
	refused("\"pool\":\"kube\",\"parent\":\"other/base@v1\"", "parent: \"other/base@v1\"");
	refused("\"pool\":\"kube\",\"parent\":\"kube/shop/base@v1\"", "kube/shop/base@v1");
	refused("\"pool\":\"kube\",\"namespace\":\"shop\",\"parent\":\"kube/base@v1\"",
		"parent: \"kube/base@v1\"");
	policy("\"parent\": [\"*\"]");
	allowed("\"parent\":\"anything@v1\"");
	refused("\"parent\":\"other/base@v1\"", "parent: ");
	policy("\"parent\": [\"golden/*@v1\", \"os/*/*\"]");
	allowed("\"parent\":\"golden/base@v1\"");
	allowed("\"parent\":\"os/linux/base@v9\"");
	refused("\"parent\":\"golden/base@v2\"", "allows \"golden/*@v1\", \"os/*/*\"");
	refused("\"parent\":\"golden/hidden/base@v1\"", "parent: \"golden/hidden/base@v1\"");
	refused("\"parent\":\"base@v1\"", "parent: \"rbd/base@v1\"");
}

static void a_pods_namespace_is_the_kubelets_word_and_literal(void **state)
{
	policy("\"namespace\": [\"{podNamespace}\"], \"image\": [\"*\"]");
	allowed("\"namespace\":\"shop\"," POD("shop"));
	refused("\"namespace\":\"shop\"," POD("other"), "({podNamespace} is other)");
	refused("\"namespace\":\"shop\"," POD("sho"), "namespace: \"shop\"");
	refused(POD("shop"), "namespace: \"\" is refused");
	refused("\"namespace\":\"shop\"", "the verb mount only");
	refused("", "namespace: \"\" is refused");
	refused("\"namespace\":\"shop\"," POD(""), "{podNamespace} is nothing here");
	policy("\"image\": [\"{podNamespace}.*\"]");
	refused(POD("d"), "image: \"db\" is refused");
}

static void a_keyring_stays_in_its_folder(void **state)
{
	policy("\"keyring\": [\"/etc/ceph/*.keyring\", \"/etc/ceph/pods/{podNamespace}/*\"]");
	allowed("\"keyring\":\"/etc/ceph/web.keyring\"");
	allowed("\"keyring\":\"/etc/ceph/pods/shop/k\"," POD("shop"));
	refused("\"keyring\":\"/etc/ceph/deep/web.keyring\"", "keyring: ");
	refused("\"keyring\":\"/etc/ceph/pods/other/k\"," POD("shop"), "keyring: ");
	refused("\"keyring\":\"/etc/ceph/pods/k\"", "keyring: ");
}

static void the_size_has_a_most(void **state)
{
	policy("\"maxSize\": \"1Gi\"");
	allowed("");
	allowed("\"size\":\"1Gi\"");
	refused("\"size\":\"1025Mi\"", "allows at most 1Gi (\"maxSize\")");
	refused("\"size\":\"1Pi\"", "size: 1125899906842624 bytes for image db");
	assert_int_equal(policy_check_size(&config, "rbd/db", UINT64_C(1) << 30, &error), 0);
	assert_int_equal(policy_check_size(&config, "rbd/db", (UINT64_C(1) << 30) + 1, &error),
			 -EPERM);
	assert_contains(error.text, "for image rbd/db");
}

static void create_false_makes_nothing(void **state)
{
	policy("\"create\": false");
	allowed("\"size\":\"1Gi\""); /* for one that is there */
	assert_int_equal(policy_check_create(&config, "rbd/db", &error), -EPERM);
	assert_contains(error.text, "image rbd/db does not exist");
	assert_contains(error.text, file);
	policy("\"create\": true");
	assert_int_equal(policy_check_create(&config, "rbd/db", &error), 0);
	policy("");
	assert_int_equal(policy_check_create(&config, "rbd/db", &error), 0);
}

static void patterns_match_the_whole_value_and_no_slash(void **state)
{
	static const struct {
		const char *pattern, *pod, *value;
		bool match;
	} CASES[] = {
		{"", "", "", true},
		{"", "", "a", false},
		{"*", "", "", true},
		{"*", "", "a.b_c-d", true},
		{"*", "", "a/b", false},
		{"*/*", "", "a/b", true},
		{"*/*", "", "a/b/c", false},
		{"kube*", "", "kube", true},
		{"kube*", "", "kube/../x", false},
		{"kube*", "", "xkube", false},
		{"?", "", "", false},
		{"?", "", "/", false},
		{"a?c", "", "abc", true},
		{"a*b*c", "", "aXbXbXc", true},
		{"a*b*c", "", "aXcXb", false},
		{"*a", "", "aaab", false},
		{"**a**", "", "a", true},
		{"a/a*z", "", "a/a/az", false},
		{"x{podNamespace}y", "n", "xny", true},
		{"x{podNamespace}y", "", "xy", false},
		{"{podNamespace}", "*", "other", false},
		{"{podNamespace}", "*", "*", true},
		{"{podNamespace}", "?", "a", false},
		{"{podNamespace}", "\xff", "other", false},
		{"{podNamespace}", "{podNamespace}", "{podNamespace}", true},
		{"{podNamespace}.*", "a", "a.x", true},
		{"{podNamespace}.*", "a", "a-b.x", false},
		{"{podNamespace}.*", "", ".x", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		if (policy_pattern_match(CASES[i].pattern, CASES[i].pod, CASES[i].value) !=
		    CASES[i].match)
			fail_msg("\"%s\" and \"%s\" (pod %s)", CASES[i].pattern, CASES[i].value,
				 CASES[i].pod);
	}
}

static void a_pattern_keeps_namespaces_apart(void **state)
{
	static const char *const RIGHT[] = {
		"{podNamespace}",   "{podNamespace}.*",    "{podNamespace}_?",   "*.{podNamespace}",
		"a-{podNamespace}", "{podNamespace}-data", "*/{podNamespace}/x", "*"};
	static const char *const WRONG[] = {
		"{podNamespace}*", "{podNamespace}-*", "{podNamespace}?",  "{podNamespace}x.*",
		"*{podNamespace}", "*-{podNamespace}", "?a{podNamespace}", "{podNamespace}-x-*"};

	for (size_t i = 0; i < ARRAY_SIZE(RIGHT); i++)
		if (policy_pattern_wrong(RIGHT[i]))
			fail_msg("%s: %s", RIGHT[i], policy_pattern_wrong(RIGHT[i]));
	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		if (!policy_pattern_wrong(WRONG[i]))
			fail_msg("%s is taken", WRONG[i]);
		assert_contains(policy_pattern_wrong(WRONG[i]), "must stand a character");
	}
}

static void no_value_makes_a_pattern_slow(void **state)
{
	char value[1001] = {0};
	const int64_t began = deadline_now();

	memset(value, 'a', sizeof(value) - 1);
	for (int i = 0; i < 1000; i++)
		assert_false(policy_pattern_match("*a*a*a*a*a*a*a*a*a*a*b", "", value));
	assert_true(deadline_now() - began < 10000);
}

static void the_longest_pattern_is_taken_whole(void **state)
{
	char pattern[400] = {0}, namespace[254] = {0};
	_cleanup_text_ struct text value = {0};

	memset(pattern, 'x', 301);
	assert_non_null(policy_pattern_wrong(pattern));
	pattern[300] = '\0';
	assert_null(policy_pattern_wrong(pattern));
	*pattern = '\0';
	memset(namespace, 'n', sizeof(namespace) - 1);
	while (strlen(pattern) + strlen(POLICY_POD_NAMESPACE) <= 300) {
		strcat(pattern, POLICY_POD_NAMESPACE);
		text_printf(&value, "%s", namespace);
	}
	assert_null(policy_pattern_wrong(pattern));
	assert_true(policy_pattern_match(pattern, namespace, value.data));
	value.data[value.length - 1] = 'x';
	assert_false(policy_pattern_match(pattern, namespace, value.data));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_teardown(function, leave)
		TEST(without_a_policy_everything_may_be_given),
		TEST(an_empty_policy_closes_what_reaches_further),
		TEST(an_empty_policy_leaves_free_what_harms_nobody),
		TEST(the_user_of_another_cluster_is_another_user),
		TEST(a_request_that_falls_out_of_all_clusters_is_not_admins),
		TEST(what_says_whose_data_it_is_must_match_also_where_it_is_left_out),
		TEST(of_a_list_each_item_must_match),
		TEST(of_the_monitors_each_address_must_match),
		TEST(an_address_that_is_read_in_two_ways_matches_nothing),
		TEST(an_address_that_is_cut_matches_nothing),
		TEST(a_parent_of_another_pool_must_be_listed_with_its_pool),
		TEST(a_pods_namespace_is_the_kubelets_word_and_literal),
		TEST(a_keyring_stays_in_its_folder),
		TEST(the_size_has_a_most),
		TEST(create_false_makes_nothing),
		TEST(patterns_match_the_whole_value_and_no_slash),
		TEST(a_pattern_keeps_namespaces_apart),
		TEST(no_value_makes_a_pattern_slow),
		TEST(the_longest_pattern_is_taken_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
