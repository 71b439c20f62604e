/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's file (design §3) and what init answers (design §2). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "kubelet/config.h"

static char directory[] = "/tmp/test-config.XXXXXX";
static char file[64], init_file[PATH_MAX];

static void put(const char *path, const char *text, mode_t mode)
{
	_cleanup_fclose_ FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
	assert_int_equal(fchmod(fileno(stream), mode), 0);
}

static void accepted(const char *text, struct config *config)
{
	struct error error = {0};

	put(file, text, 0644);
	if (config_load(config, &error) < 0)
		fail_msg("refused: %s", error.text);
}

/* Refused, by a sentence that names the file and has the words; the defaults are in force. */
static void refused(const char *text, const char *words)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};

	put(file, text, 0644);
	assert_true(config_load(&config, &error) < 0);
	assert_int_equal(config.deadlines.map, 60);
	assert_int_equal(config.cluster_count, 0);
	assert_null(config.policy);
	assert_int_equal(config.log_level, LOG_LEVEL_INFO);
	assert_non_null(strstr(error.text, file));
	if (!strstr(error.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error.text);
}

static int set_up(void **state)
{
	char executable[PATH_MAX - 16];
	ssize_t length = readlink("/proc/self/exe", executable, sizeof(executable) - 1);

	if (length <= 0 || !mkdtemp(directory))
		return -1;
	executable[length] = '\0';
	*strrchr(executable, '/') = '\0';
	snprintf(init_file, sizeof(init_file), "%s/.init.json", executable);
	snprintf(file, sizeof(file), "%s/config.json", directory);
	return setenv(CONFIG_ENVIRONMENT, file, 1);
}

static int tear_down(void **state)
{
	unlink(file);
	unlink(init_file);
	return rmdir(directory);
}

static int without_files(void **state)
{
	unlink(file);
	unlink(init_file);
	path_set_root(NULL);
	return setenv(CONFIG_ENVIRONMENT, file, 1);
}

static void without_a_file_all_has_its_default(void **state)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};

	unsetenv(CONFIG_ENVIRONMENT);
	path_set_root(directory);
	assert_int_equal(config_load(&config, &error), 0);
	assert_string_equal(config.path, "");
	assert_int_equal(config.cluster_count, 0);
	assert_int_equal(config.deadlines.call, 15);
	assert_int_equal(config.deadlines.connect, 10);
	assert_int_equal(config.deadlines.map, 60);
	assert_int_equal(config.deadlines.watchers, 40);
	assert_int_equal(config.deadlines.empty, 120);
	assert_int_equal(config.deadlines.mkfs, 300);
	assert_int_equal(config.deadlines.fsck, 900);
	assert_true(config.capabilities.attach);
	assert_true(config.capabilities.fs_group);
	assert_true(config.capabilities.selinux_relabel);
	assert_true(config.capabilities.supports_metrics);
	assert_false(config.capabilities.requires_fs_resize);
}

static void the_file_under_etc_is_found(void **state)
{
	_cleanup_config_ struct config config = {0};
	char path[PATH_MAX], etc[128];
	struct error error = {0};

	unsetenv(CONFIG_ENVIRONMENT);
	path_set_root(directory);
	assert_int_equal(path_make_directories(0755, "/etc/rbd-flexvolume"), 0);
	assert_int_equal(path_format(path, "/etc/rbd-flexvolume/config.json"), 0);
	put(path, "{\"deadlines\":{\"map\":7}}", 0644);
	assert_int_equal(config_load(&config, &error), 0);
	assert_string_equal(config.path, path);
	assert_int_equal(config.deadlines.map, 7);
	unlink(path);
	snprintf(etc, sizeof(etc), "%s/etc/rbd-flexvolume", directory);
	rmdir(etc);
	*strrchr(etc, '/') = '\0';
	rmdir(etc);
}

static void a_file_that_the_environment_names_must_be_there(void **state)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};

	assert_int_equal(config_load(&config, &error), -ENOENT);
	assert_non_null(strstr(error.text, file));
}

static void attach_alone_is_a_whole_configuration(void **state)
{
	_cleanup_config_ struct config config = {0};

	accepted("{\"attach\": false}", &config);
	assert_string_equal(config.path, file);
	assert_false(config.capabilities.attach);
	assert_true(config.capabilities.fs_group);
	assert_int_equal(config.deadlines.fsck, 900);
}

static void all_that_is_built_is_read(void **state)
{
	_cleanup_config_ struct config config = {0};

	accepted(
		"{ \"attach\": true,\n"
		"  \"capabilities\": { \"fsGroup\": false, \"selinuxRelabel\": false,\n"
		"                      \"supportsMetrics\": false },\n"
		"  \"clusters\": { \"default\": { \"fsid\": \"B0C1D2E3-0000-4000-8000-00000000ABCD\",\n"
		"    \"monitors\": \"10.0.0.1,10.0.0.2:6789\", \"user\": \"kube\",\n"
		"    \"keyring\": \"/etc/ceph/ceph.client.kube.keyring\" },\n"
		"    \"east\": { \"monitors\": \"10.1.0.1\", \"user\": \"\" } },\n"
		"  \"deadlines\": { \"call\": 1, \"connect\": 2, \"map\": 3, \"watchers\": 4,\n"
		"    \"empty\": 5, \"mkfs\": 6, \"fsck\": 86400 } }\n",
		&config);
	assert_false(config.capabilities.fs_group);
	assert_false(config.capabilities.selinux_relabel);
	assert_false(config.capabilities.supports_metrics);
	assert_true(config.capabilities.requires_fs_resize);
	assert_int_equal(config.cluster_count, 2);
	assert_string_equal(config.clusters[0].name, "default");
	assert_string_equal(config.clusters[0].fsid, "b0c1d2e3-0000-4000-8000-00000000abcd");
	assert_string_equal(config.clusters[0].monitors, "10.0.0.1,10.0.0.2:6789");
	assert_string_equal(config.clusters[0].user, "kube");
	assert_string_equal(config.clusters[0].keyring, "/etc/ceph/ceph.client.kube.keyring");
	assert_string_equal(config.clusters[1].name, "east");
	assert_string_equal(config.clusters[1].user, "");
	assert_string_equal(config.clusters[1].keyring, "");
	assert_int_equal(config.deadlines.call, 1);
	assert_int_equal(config.deadlines.fsck, 86400);
}

static void an_unknown_key_is_refused_with_the_nearest_known_one(void **state)
{
	refused("{\"atach\": false}", "nearest known one is \"attach\"");
	refused("{\"deadlines\": {\"mapp\": 3}}", "deadlines: unknown key \"mapp\"");
	refused("{\"clusters\": {\"a\": {\"monitor\": \"x\"}}}",
		"clusters: a: unknown key \"monitor\", the nearest known one is \"monitors\"");
	refused("{\"capabilities\": {\"attach\": true}}", "capabilities: unknown key");
}

static void how_a_cluster_is_mapped_is_read(void **state)
{
	static const char *const MODES[] = {"auto",   "legacy",     "crc",
					    "secure", "prefer-crc", "prefer-secure"};
	char text[200];

	for (size_t i = 0; i < ARRAY_SIZE(MODES); i++) {
		_cleanup_config_ struct config config = {0};

		snprintf(
			text, sizeof(text),
			"{\"clusters\": {\"a\": {\"msMode\": \"%s\", \"mapOptions\": "
			"\"queue_depth=64,lock_on_read\", \"exclusivePools\": [\"db\", \"kube.x\"]}, "
			"\"b\": {\"mapOptions\": \"\", \"exclusivePools\": []}}}",
			MODES[i]);
		accepted(text, &config);
		assert_string_equal(config.clusters[0].ms_mode, MODES[i]);
		assert_string_equal(config.clusters[0].map_options, "queue_depth=64,lock_on_read");
		assert_true(config_exclusive_pool(&config.clusters[0], "kube.x"));
		assert_false(config_exclusive_pool(&config.clusters[0], "kube"));
		assert_false(config_exclusive_pool(&config.clusters[0], ""));
		assert_string_equal(config.clusters[1].ms_mode, "auto");
		assert_string_equal(config.clusters[1].map_options, "");
		assert_false(config_exclusive_pool(&config.clusters[1], "db"));
	}
}

static void how_a_cluster_is_mapped_has_its_words(void **state)
{
	refused("{\"clusters\": {\"a\": {\"msMode\": \"fast\"}}}",
		"clusters: a: msMode: \"fast\" is none of auto, legacy, crc, secure, prefer-crc, "
		"prefer-secure");
	refused("{\"clusters\": {\"a\": {\"msMode\": \"\"}}}", "msMode: \"\" is none of");
	refused("{\"clusters\": {\"a\": {\"msMode\": true}}}", "msMode: a boolean");
	refused("{\"clusters\": {\"a\": {\"mapOptions\": \"a b\"}}}", "mapOptions: \"a b\"");
	refused("{\"clusters\": {\"a\": {\"mapOptions\": \"a,a\"}}}", "mapOptions: \"a\" is given");
	refused("{\"clusters\": {\"a\": {\"mapOptions\": []}}}", "mapOptions: a list");
	refused("{\"clusters\": {\"a\": {\"exclusivePools\": \"db\"}}}",
		"exclusivePools: a string, a list of strings");
	refused("{\"clusters\": {\"a\": {\"exclusivePools\": [\"db\", 1]}}}",
		"exclusivePools: a number in the list");
	refused("{\"clusters\": {\"a\": {\"exclusivePools\": [\"d/b\"]}}}",
		"exclusivePools: \"d/b\" is not");
	refused("{\"clusters\": {\"a\": {\"exclusivePools\": [\"\"]}}}", "exclusivePools: \"\"");
}

static void where_the_log_goes_is_read(void **state)
{
	static const struct {
		const char *text;
		enum config_log_target target;
		int level;
	} CASES[] = {
		{"{}", CONFIG_LOG_JOURNAL, LOG_LEVEL_INFO},
		{"{\"log\": {}}", CONFIG_LOG_JOURNAL, LOG_LEVEL_INFO},
		{"{\"log\": {\"target\": \"journal\", \"level\": \"error\"}}", CONFIG_LOG_JOURNAL,
		 LOG_LEVEL_ERROR},
		{"{\"log\": {\"target\": \"file\", \"level\": \"warning\"}}", CONFIG_LOG_FILE,
		 LOG_LEVEL_WARNING},
		{"{\"log\": {\"level\": \"info\"}}", CONFIG_LOG_JOURNAL, LOG_LEVEL_INFO},
		{"{\"log\": {\"level\": \"debug\"}}", CONFIG_LOG_JOURNAL, LOG_LEVEL_DEBUG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		_cleanup_config_ struct config config = {0};

		accepted(CASES[i].text, &config);
		assert_int_equal(config.log_target, CASES[i].target);
		assert_int_equal(config.log_level, CASES[i].level);
	}
	refused("{\"log\": \"journal\"}", "log: a string, an object");
	refused("{\"log\": {\"target\": \"/var/log/x\"}}",
		"log: target: \"/var/log/x\" is none of journal, file");
	refused("{\"log\": {\"level\": \"trace\"}}", "is none of error, warning, info, debug");
	refused("{\"log\": {\"level\": 7}}", "level: a number");
	refused("{\"log\": {\"file\": \"x\"}}", "log: unknown key \"file\"");
}

static void what_is_for_rest_is_passed_over(void **state)
{
	_cleanup_config_ struct config config = {0};

	accepted("{\"rest\": {\"listen\": \"127.0.0.1:8080\", \"anything\": [1]}}", &config);
	assert_null(config.policy);
	refused("{\"rest\": []}", "rest: a list, an object");
	refused("{\"rest\": true}", "rest: a boolean, an object");
}

static void a_policy_is_in_force_also_where_it_is_empty(void **state)
{
	_cleanup_config_ struct config config = {0}, full = {0};

	accepted("{\"policy\": {}}", &config);
	assert_non_null(config.policy);
	accepted("{\"policy\": {\"cluster\": [\"*\"], \"fsid\": [], \"monitors\": [\"10.0.0.*\"],"
		 "\"user\": [\"kube\"], \"keyring\": [\"/etc/ceph/*\"], \"pool\": [\"kube\", "
		 "\"t-?\"],"
		 "\"namespace\": [\"\", \"{podNamespace}\"], \"image\": [\"{podNamespace}.*\"],"
		 "\"snapshot\": [\"\"], \"readOnly\": [\"true\"], \"dataPool\": [\"ec\"],"
		 "\"parent\": [\"golden/*@v1\"], \"features\": [\"layering\"], \"mkfsOptions\": [],"
		 "\"mountOptions\": [\"commit=*\"], \"mapOptions\": [\"queue_depth=*\"],"
		 "\"guard\": [\"exclusive\"], \"create\": false, \"maxSize\": \"1Ti\"}}",
		 &full);
	assert_non_null(full.policy);
}

/* A file that is refused must not open what it was to close. */
static void a_policy_that_is_not_right_is_refused(void **state)
{
	refused("{\"policy\": null}", "policy: null, an object");
	refused("{\"policy\": []}", "policy: a list, an object");
	refused("{\"policy\": {\"pools\": [\"kube\"]}}",
		"policy: unknown key \"pools\", the nearest known one is \"pool\"");
	refused("{\"policy\": {\"maxsize\": \"1Ti\"}}", "the nearest known one is \"maxSize\"");
	refused("{\"policy\": {\"size\": [\"*\"]}}", "unknown key \"size\"");
	refused("{\"policy\": {\"pool\": \"kube\"}}", "pool: a string, a list of patterns");
	refused("{\"policy\": {\"pool\": null}}", "pool: null, a list of patterns");
	refused("{\"policy\": {\"pool\": [\"kube\", true]}}", "pool: a boolean in the list");
	refused("{\"policy\": {\"pool\": [\"a b\"]}}", "is in no value of an option");
	refused("{\"policy\": {\"mountOptions\": [\"noatime,discard\"]}}",
		"is in no value of an option");
	refused("{\"policy\": {\"namespace\": [\"{podName}\"]}}",
		"only {podNamespace} can stand in braces");
	refused("{\"policy\": {\"namespace\": [\"{podNamespace\"]}}", "in braces");
	refused("{\"policy\": {\"image\": [\"{podNamespace}-*\"]}}",
		"pods of \"a\" would match what is of \"a-b\"");
	refused("{\"policy\": {\"create\": \"false\"}}", "create: a string, true or false");
	refused("{\"policy\": {\"maxSize\": 1099511627776}}", "maxSize: a number");
	refused("{\"policy\": {\"maxSize\": \"1TB\"}}", "maxSize: size: \"1TB\" has a unit");
	refused("{\"policy\": {\"maxSize\": \"\"}}", "maxSize: size: \"\" is not a size");
}

static void values_have_their_kind_and_grammar(void **state)
{
	refused("{\"attach\": \"false\"}", "attach: a string");
	refused("{\"capabilities\": []}", "capabilities: a list");
	refused("{\"capabilities\": {\"fsGroup\": 1}}", "fsGroup: a number");
	refused("{\"clusters\": {\"a\": \"b\"}}", "a: a string");
	refused("{\"clusters\": {\"a b\": {}}}", "name of a cluster");
	refused("{\"clusters\": {\"a\": {\"fsid\": \"1\"}}}", "fsid: ");
	refused("{\"clusters\": {\"a\": {\"user\": \"client.kube\"}}}", "without \"client.\"");
	refused("{\"clusters\": {\"a\": {\"keyring\": \"k/k\"}}}", "keyring: ");
	refused("{\"clusters\": {\"a\": {\"keyring\": \"../k\"}}}", "keyring: ");
	refused("{\"clusters\": {\"a\": {\"keyring\": \"..\"}}}", "keyring: ");
	refused("{\"clusters\": {\"a\": {\"keyring\": \"k k\"}}}", "keyring: ");
	refused("{\"clusters\": {\"a\": {\"monitors\": 5}}}", "monitors: a number");
	refused("{\"deadlines\": {\"map\": 0}}", "map: ");
	refused("{\"deadlines\": {\"map\": -1}}", "map: ");
	refused("{\"deadlines\": {\"map\": 1.5}}", "map: ");
	refused("{\"deadlines\": {\"map\": 1e30}}", "map: ");
	refused("{\"deadlines\": {\"map\": 86401}}", "map: ");
	refused("{\"deadlines\": {\"map\": \"60\"}}", "map: a string");
}

static void bad_json_is_refused(void **state)
{
	refused("", "JSON");
	refused("{\"attach\": false", "JSON");
	refused("{\"attach\": false}}", "JSON");
	refused("[]", "a list");
	refused("{\"attach\": false, \"attach\": true}", "given twice");
	refused("{\"clusters\": {\"a\": {}, \"a\": {}}}", "given twice");
	refused("{\"deadlines\": {\"map\": 060}}", "starts with 0");
}

static void a_file_that_others_can_write_is_refused(void **state)
{
	static const mode_t MODES[] = {0666, 0664, 0646, 0602};

	for (size_t i = 0; i < ARRAY_SIZE(MODES); i++) {
		_cleanup_config_ struct config config = {0};
		struct error error = {0};

		put(file, "{\"attach\": false, \"deadlines\": {\"map\": 7}}", MODES[i]);
		assert_int_equal(config_load(&config, &error), -EPERM);
		assert_non_null(strstr(error.text, "others can write it"));
		assert_int_equal(config.deadlines.map, 60);
	}
}

static void behind_a_link_the_file_itself_is_judged(void **state)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};
	char target[80];

	snprintf(target, sizeof(target), "%s/target", directory);
	put(target, "{\"attach\": false}", 0666);
	assert_int_equal(symlink(target, file), 0);
	assert_int_equal(config_load(&config, &error), -EPERM);
	unlink(target);
}

static void what_is_no_regular_file_does_not_hold_up_the_call(void **state)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};

	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(config_load(&config, &error), -EINVAL);
	assert_non_null(strstr(error.text, "no regular file"));
}

static void what_init_answers_does_not_depend_on_the_rest(void **state)
{
	static const char *const TEXTS[] = {
		"{\"attach\": false, \"capabilities\": {\"fsGroup\": false}, \"typo\": 1}",
		"{\"attach\": false, \"capabilities\": {\"fsGroup\": false}, \"policy\": []}",
		"{\"clusters\": 5, \"attach\": false, \"capabilities\": {\"fsGroup\": false, \"x\": []}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++) {
		_cleanup_config_ struct config config = {0};
		struct config_capabilities capabilities;
		struct error error = {0};

		put(file, TEXTS[i], 0644);
		config_capabilities_load(&capabilities);
		assert_false(capabilities.attach);
		assert_false(capabilities.fs_group);
		assert_true(capabilities.selinux_relabel);
		assert_true(capabilities.supports_metrics);
		/* and the mode of all other verbs is the one that init has said */
		assert_true(config_load(&config, &error) < 0);
		assert_false(config.capabilities.attach);
	}
}

static void the_file_beside_the_executable_decides_what_init_answers(void **state)
{
	struct config_capabilities capabilities;

	put(file, "{\"attach\": true}", 0644);
	put(init_file,
	    "{\"status\":\"Success\",\"capabilities\":{\"attach\":false,\"fsGroup\":true,"
	    "\"selinuxRelabel\":false,\"supportsMetrics\":true,\"requiresFSResize\":true}}\n",
	    0644);
	config_capabilities_load(&capabilities);
	assert_false(capabilities.attach);
	assert_true(capabilities.fs_group);
	assert_false(capabilities.selinux_relabel);
	assert_true(capabilities.supports_metrics);
	assert_true(capabilities.requires_fs_resize);
}

static void an_answer_that_is_not_whole_is_not_used(void **state)
{
	static const char *const TEXTS[] = {
		"",
		"{}",
		"{\"status\":\"Success\",\"capabilities\":null}",
		"{\"status\":\"Success\",\"capabilities\":{\"attach\":true}}",
		"{\"status\":\"Failure\",\"capabilities\":{\"attach\":true,\"fsGroup\":true,"
		"\"selinuxRelabel\":true,\"supportsMetrics\":true,\"requiresFSResize\":true}}",
		"{\"status\":\"Success\",\"capabilities\":{\"attach\":\"true\",\"fsGroup\":true,"
		"\"selinuxRelabel\":true,\"supportsMetrics\":true,\"requiresFSResize\":true}}",
	};
	struct config_capabilities capabilities;

	put(file, "{\"attach\": false}", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(TEXTS); i++) {
		put(init_file, TEXTS[i], 0644);
		config_capabilities_load(&capabilities);
		assert_false(capabilities.attach);
	}
}

static void growth_is_promised_only_where_a_keyring_is_named(void **state)
{
	struct config_capabilities capabilities;

	put(file, "{\"clusters\": {\"default\": {\"user\": \"kube\"}}}", 0644);
	config_capabilities_load(&capabilities);
	assert_false(capabilities.requires_fs_resize);
	put(file, "{\"clusters\": {\"a\": {}, \"b\": {\"keyring\": \"/etc/ceph/k\"}}}", 0644);
	config_capabilities_load(&capabilities);
	assert_true(capabilities.requires_fs_resize);
}

static void a_keyring_without_a_slash_lies_beside_the_configuration(void **state)
{
	_cleanup_config_ struct config config = {0};
	char expected[PATH_MAX];

	accepted("{\"clusters\": {\"a\": {\"keyring\": \".keyring\"}}}", &config);
	snprintf(expected, sizeof(expected), "%.*s/.keyring",
		 (int)(strrchr(config.path, '/') - config.path), config.path);
	assert_string_equal(config.clusters[0].keyring, expected);
	assert_true(config.capabilities.requires_fs_resize);
}

static void beside_a_configuration_without_a_folder_is_here(void **state)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};
	char here[PATH_MAX];

	put(file, "{\"clusters\": {\"a\": {\"keyring\": \"kube.keyring\"}}}", 0644);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(directory), 0);
	setenv(CONFIG_ENVIRONMENT, strrchr(file, '/') + 1, 1);
	assert_int_equal(config_load(&config, &error), 0);
	assert_string_equal(config.clusters[0].keyring, "./kube.keyring");
	assert_int_equal(chdir(here), 0);
}

static void a_text_says_its_own_capabilities_whatever_lies_beside_the_executable(void **state)
{
	_cleanup_config_ struct config config = {0}, refused_config = {0};
	struct error error = {0};

	put(init_file,
	    "{\"status\":\"Success\",\"capabilities\":{\"attach\":true,\"fsGroup\":true,"
	    "\"selinuxRelabel\":true,\"supportsMetrics\":true,\"requiresFSResize\":true}}",
	    0644);
	assert_int_equal(config_load_text("/x/c.json", "{\"attach\": false}", &config, &error), 0);
	assert_false(config.capabilities.attach);
	assert_string_equal(config.path, "/x/c.json");
	assert_int_equal(
		config_load_text("/x/c.json", "{\"atach\": false}", &refused_config, &error),
		-EINVAL);
	assert_non_null(strstr(error.text, "configuration /x/c.json: unknown key \"atach\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup(function, without_files)
		TEST(without_a_file_all_has_its_default),
		TEST(the_file_under_etc_is_found),
		TEST(a_file_that_the_environment_names_must_be_there),
		TEST(attach_alone_is_a_whole_configuration),
		TEST(all_that_is_built_is_read),
		TEST(an_unknown_key_is_refused_with_the_nearest_known_one),
		TEST(how_a_cluster_is_mapped_is_read),
		TEST(how_a_cluster_is_mapped_has_its_words),
		TEST(where_the_log_goes_is_read),
		TEST(what_is_for_rest_is_passed_over),
		TEST(a_policy_is_in_force_also_where_it_is_empty),
		TEST(a_policy_that_is_not_right_is_refused),
		TEST(values_have_their_kind_and_grammar),
		TEST(bad_json_is_refused),
		TEST(a_file_that_others_can_write_is_refused),
		TEST(behind_a_link_the_file_itself_is_judged),
		TEST(what_is_no_regular_file_does_not_hold_up_the_call),
		TEST(what_init_answers_does_not_depend_on_the_rest),
		TEST(the_file_beside_the_executable_decides_what_init_answers),
		TEST(an_answer_that_is_not_whole_is_not_used),
		TEST(growth_is_promised_only_where_a_keyring_is_named),
		TEST(a_keyring_without_a_slash_lies_beside_the_configuration),
		TEST(beside_a_configuration_without_a_folder_is_here),
		TEST(a_text_says_its_own_capabilities_whatever_lies_beside_the_executable),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
