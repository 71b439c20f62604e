/* SPDX-License-Identifier: Apache-2.0 */
/* What the kubelet's JSON may say (design §3, flexvolume-contract.md §5). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "kubelet/options.h"

#define KEY "AQBqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g=="
/* base64 of KEY, as the kubelet sends the entry of a Secret */
#define KEY_SENT "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ=="

static void accepted(const char *json, struct options *options)
{
	struct error error = {0};

	if (options_parse(json, options, &error) < 0)
		fail_msg("refused: %s", error.text);
}

/* The JSON is refused, and the sentence contains the words. */
static void refused(const char *json, const char *words)
{
	struct error error = {0};
	struct options options;

	assert_int_equal(options_parse(json, &options, &error), -EINVAL);
	options_done(&options);
	if (!strstr(error.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error.text);
	assert_null(strstr(error.text, KEY));
	assert_null(strstr(error.text, KEY_SENT));
}

static void the_image_alone_is_enough(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\"}", &options);
	assert_string_equal(options.image.pool, "rbd");
	assert_string_equal(options.image.image, "db");
	assert_string_equal(options.image.name_space, "");
	assert_string_equal(options.image.snapshot, "");
	assert_string_equal(options.fs_type, "ext4");
	assert_string_equal(options.secret_key, "");
	assert_string_equal(options.default_keyring, "");
	assert_false(options.read_only);
	assert_int_equal(options.size, 0);
	assert_int_equal(options.guard, GUARD_WATCHERS);
	options_done(&options);
}

static void all_options_are_read(void **state)
{
	struct options options;

	accepted("{\"cluster\":\"east\",\"fsid\":\"B0C1D2E3-0000-4000-8000-00000000ABCD\","
		 "\"monitors\":\"10.0.0.1,[fd00::1]:6789\",\"user\":\"kube\","
		 "\"keyring\":\"/etc/ceph/k\",\"pool\":\"kube.pool\",\"image\":\"db-1\","
		 "\"readOnly\":\"false\",\"size\":\"10Gi\",\"guard\":\"none\","
		 "\"kubernetes.io/fsType\":\"\",\"kubernetes.io/readwrite\":\"rw\","
		 "\"kubernetes.io/pvOrVolumeName\":\"pv-1\",\"kubernetes.io/pod.name\":\"web-0\","
		 "\"kubernetes.io/pod.namespace\":\"shop\",\"kubernetes.io/pod.uid\":\"1-2\","
		 "\"kubernetes.io/serviceAccount.name\":\"\","
		 "\"kubernetes.io/mounterArgs.FsGroup\":\"1000\"}",
		 &options);
	assert_string_equal(options.cluster, "east");
	assert_string_equal(options.fsid, "b0c1d2e3-0000-4000-8000-00000000abcd");
	assert_string_equal(options.monitors, "10.0.0.1,[fd00::1]:6789");
	assert_string_equal(options.user, "kube");
	assert_string_equal(options.keyring, "/etc/ceph/k");
	assert_string_equal(options.default_keyring, "/etc/ceph/ceph.client.kube.keyring");
	assert_string_equal(options.image.pool, "kube.pool");
	assert_string_equal(options.image.image, "db-1");
	assert_true(options.size == UINT64_C(10) << 30);
	assert_int_equal(options.guard, GUARD_NONE);
	assert_string_equal(options.volume, "pv-1");
	assert_string_equal(options.pod_name, "web-0");
	assert_string_equal(options.pod_namespace, "shop");
	assert_string_equal(options.pod_uid, "1-2");
	options_done(&options);
}

static void an_unknown_option_is_refused_with_the_nearest_known_one(void **state)
{
	refused("{\"image\":\"db\",\"imgae\":\"db\"}", "nearest known one is \"image\"");
	refused("{\"image\":\"db\",\"readonly\":\"true\"}", "nearest known one is \"readOnly\"");
	refused("{\"image\":\"db\",\"Size\":\"1Gi\"}", "nearest known one is \"size\"");
}

static void the_default_of_each_option_is_nothing(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\"}", &options);
	assert_false(options.size_given);
	assert_false(options.guard_given);
	assert_string_equal(options.data_pool, "");
	assert_string_equal(options.parent.image, "");
	assert_string_equal(options.parent.pool, "");
	assert_string_equal(options.features, "");
	assert_string_equal(options.mkfs_options, "");
	assert_string_equal(options.mount_options, "");
	assert_string_equal(options.map_options, "");
	options_done(&options);
}

static void all_that_makes_an_image_is_read(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"namespace\":\"shop\",\"dataPool\":\"ec.data\","
		 "\"features\":\"layering,exclusive-lock\",\"mkfsOptions\":\"inode_size=512\","
		 "\"mountOptions\":\"noatime,commit=30\",\"mapOptions\":\"queue_depth=128\","
		 "\"size\":\"1Gi\",\"kubernetes.io/fsType\":\"xfs\"}",
		 &options);
	assert_string_equal(options.image.name_space, "shop");
	assert_string_equal(options.data_pool, "ec.data");
	assert_string_equal(options.features, "layering,exclusive-lock");
	assert_string_equal(options.mkfs_options, "inode_size=512");
	assert_string_equal(options.mount_options, "noatime,commit=30");
	assert_string_equal(options.map_options, "queue_depth=128");
	assert_string_equal(options.fs_type, "xfs");
	assert_true(options.size_given);
	options_done(&options);
}

static void a_snapshot_is_read_only_whatever_else_is_said(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"snapshot\":\"daily.1\",\"readOnly\":\"false\","
		 "\"kubernetes.io/readwrite\":\"rw\"}",
		 &options);
	assert_string_equal(options.image.snapshot, "daily.1");
	assert_true(options.read_only);
	options_done(&options);
}

static void what_makes_an_image_cannot_be_given_with_a_snapshot(void **state)
{
	static const char *const MAKERS[][2] = {{"size", "1Gi"},
						{"parent", "base@v1"},
						{"dataPool", "ec"},
						{"features", "layering"},
						{"mkfsOptions", "inode_size=512"}};
	char json[128], words[64];

	for (size_t i = 0; i < ARRAY_SIZE(MAKERS); i++) {
		snprintf(json, sizeof(json), "{\"%s\":\"%s\",\"image\":\"db\",\"snapshot\":\"s\"}",
			 MAKERS[i][0], MAKERS[i][1]);
		snprintf(words, sizeof(words), "%s: it cannot be given with a snapshot (db@s)",
			 MAKERS[i][0]);
		refused(json, words);
	}
}

static void a_parent_is_taken_apart(void **state)
{
	static const struct {
		const char *parent, *pool, *name_space, *image, *snapshot;
	} CASES[] = {
		{"base@v1", "kube", "shop", "base", "v1"},
		{"golden/base@v1", "golden", "", "base", "v1"},
		{"golden/os/base@v1", "golden", "os", "base", "v1"},
	};
	struct options options;
	char json[160];

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		snprintf(json, sizeof(json),
			 "{\"parent\":\"%s\",\"pool\":\"kube\",\"namespace\":\"shop\","
			 "\"image\":\"db\"}",
			 CASES[i].parent);
		accepted(json, &options);
		assert_string_equal(options.parent.pool, CASES[i].pool);
		assert_string_equal(options.parent.name_space, CASES[i].name_space);
		assert_string_equal(options.parent.image, CASES[i].image);
		assert_string_equal(options.parent.snapshot, CASES[i].snapshot);
		options_done(&options);
	}
}

static void a_parent_that_is_no_snapshot_of_an_image_is_refused(void **state)
{
	static const char *const WRONG[] = {
		"base",       "base@",   "@v1",     "a@b@c",     "/base@v1", "p//base@v1",
		"p/n/x/b@v1", "p/b@v/1", "../b@v1", "p/../b@v1", "p/n/@v1",  "a b@v1",
		"a@v,1",      "-a@v1",   "p/a@..",  "p/a@v1\\n",
	};
	_cleanup_text_ struct text longest = {0};
	char json[128];

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"parent\":\"%s\"}", WRONG[i]);
		refused(json, "is not the snapshot of an image: write [pool/[namespace/]]image@");
	}
	text_printf(&longest, "{\"image\":\"db\",\"parent\":\"%02000d@v\"}", 0);
	refused(longest.data, "is not the snapshot of an image");
	refused("{\"image\":\"db\",\"parent\":\"db@v1\"}", "a clone of itself");
	refused("{\"image\":\"db\",\"parent\":\"rbd/db@v1\"}", "a clone of itself");
}

static void lists_have_no_item_that_could_split_or_inject(void **state)
{
	static const char *const LISTS[] = {"mkfsOptions", "mountOptions", "mapOptions"};
	static const char *const WRONG[] = {"a b",    "a=b c", "a=/etc",    "a\\tb",   "a\\nb",
					    "a=\\\"", "-d",    "a=b=c",     "a=",      "=b",
					    "a;b",    "a@b",   "a\xc3\xa4", "a=..\\\\"};
	char json[160], words[64];

	for (size_t i = 0; i < ARRAY_SIZE(LISTS); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(WRONG); j++) {
			snprintf(json, sizeof(json), "{\"image\":\"db\",\"%s\":\"good,%s\"}",
				 LISTS[i], WRONG[j]);
			snprintf(words, sizeof(words), "%s: \"", LISTS[i]);
			refused(json, words);
			refused(json, "is not name or name=value");
		}
	}
	refused("{\"image\":\"db\",\"features\":\"layering,deep flatten\"}",
		"features: \"deep flatten\" is not the name of a feature");
	refused("{\"image\":\"db\",\"features\":\"Layering\"}", "features: ");
	refused("{\"image\":\"db\",\"features\":\"layering=1\"}", "features: ");
}

static void a_list_has_no_empty_item_and_no_name_twice(void **state)
{
	_cleanup_text_ struct text longest = {0};

	refused("{\"image\":\"db\",\"mountOptions\":\",noatime\"}", "has an empty item");
	refused("{\"image\":\"db\",\"mountOptions\":\"noatime,\"}", "has an empty item");
	refused("{\"image\":\"db\",\"mountOptions\":\"a,,b\"}", "has an empty item");
	refused("{\"image\":\"db\",\"mountOptions\":\"commit=5,noatime,commit=6\"}",
		"mountOptions: \"commit\" is given twice");
	refused("{\"image\":\"db\",\"mapOptions\":\"ro=1,ro\"}", "\"ro\" is given twice");
	refused("{\"image\":\"db\",\"features\":\"layering,layering\"}",
		"features: \"layering\" is given twice");
	text_printf(&longest, "{\"image\":\"db\",\"mapOptions\":\"%01001d\"}", 0);
	refused(longest.data, "longer than 1000");
}

static void monitors_are_written_in_many_ways(void **state)
{
	static const char *const RIGHT[] = {
		"10.0.0.1",
		"10.0.0.1:6789,10.0.0.2",
		"10.0.0.1, 10.0.0.2 ;10.0.0.3 10.0.0.4 ",
		"[fd00::1]:6789,[fd00::2],fd00::3",
		"mon-1.example.com,mon_2:7000",
		"[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0],[v2:10.0.0.2:3300,v1:10.0.0.2:6789]",
		"[v2:[fd00::1]:3300,v1:[fd00::1]:6789]",
		"v2:10.0.0.1:3300",
		"10.0.0.1:65535",
	};
	_cleanup_text_ struct text most = {0};
	struct options options;
	char json[256];

	for (size_t i = 0; i < ARRAY_SIZE(RIGHT); i++) {
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"monitors\":\"%s\"}", RIGHT[i]);
		accepted(json, &options);
		assert_string_equal(options.monitors, RIGHT[i]);
		options_done(&options);
	}
	text_printf(&most, "{\"image\":\"db\",\"monitors\":\"10.0.0.1");
	for (int i = 2; i <= 31; i++)
		text_printf(&most, ",10.0.0.%d", i);
	text_printf(&most, "\"}");
	accepted(most.data, &options);
	options_done(&options);
}

static void monitors_that_cannot_be_are_refused_before_anything_is_asked(void **state)
{
	static const struct {
		const char *list, *words;
	} WRONG[] = {
		{"10.0.0.1,,10.0.0.2", "an address is missing"},
		{"10.0.0.1,", "an address is missing"},
		{",10.0.0.1", "an address is missing"},
		{"10.0.0.1;;10.0.0.2", "an address is missing"},
		{"10.0.0.1 , , 10.0.0.2", "an address is missing"},
		{" ", "an address is missing"},
		{":6789", "an address is missing"},
		{"[]:6789", "an address is missing"},
		{"[v2:10.0.0.1:3300,,v1:10.0.0.1:6789]", "an address is missing"},
		{"[v2:]", "an address is missing"},
		{"10.0.0.1:0", "a port is not 1 to 65535"},
		{"10.0.0.1:65536", "a port is not 1 to 65535"},
		{"10.0.0.1:", "a port is not 1 to 65535"},
		{"10.0.0.1:http", "a port is not 1 to 65535"},
		{"[fd00::1]:x", "a port is not 1 to 65535"},
		{"[fd00::1", "a bracket is not closed"},
		{"[fd00::1]6789", "a bracket is not closed"},
		{"[v2:10.0.0.1:3300,v1:10.0.0.1:6789", "a bracket is not closed"},
		{"10.0.0.1/1", "is not a list of monitors (10.0.0.1"},
		{"10.0.0.1]", "is not a list of monitors (10.0.0.1"},
		{"10.0.0.1\\u0000", "\\u0000"},
		{"10.0.0.1\\n10.0.0.2", "is not a list of monitors (10.0.0.1"},
		{"10.0.0.1=x", "is not a list of monitors (10.0.0.1"},
	};
	_cleanup_text_ struct text many = {0}, longest = {0};
	char json[256];

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"monitors\":\"%s\"}",
			 WRONG[i].list);
		refused(json, WRONG[i].words);
	}
	text_printf(&many, "{\"image\":\"db\",\"monitors\":\"10.0.0.1");
	for (int i = 2; i <= 32; i++)
		text_printf(&many, ",10.0.0.%d", i);
	text_printf(&many, "\"}");
	refused(many.data, "more than 31 addresses");
	text_printf(&longest, "{\"image\":\"db\",\"monitors\":\"%01501d\"}", 0);
	refused(longest.data, "is not a list of monitors");
}

static void names_that_begin_alike_are_not_the_same(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"mountOptions\":\"data=a,data_err=b,dat=c\"}", &options);
	assert_string_equal(options.mount_options, "data=a,data_err=b,dat=c");
	options_done(&options);
}

static void unknown_keys_of_kubernetes_are_passed_over(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"kubernetes.io/new\":\"x\",\"a.k8s.io/b\":\"\","
		 "\"storage.kubernetes.io/c\":\"y\",\"kubernetes.io/fsGroup\":\"1\"}",
		 &options);
	options_done(&options);
	refused("{\"image\":\"db\",\"notkubernetes.io/new\":\"x\"}", "unknown option");
	refused("{\"image\":\"db\",\"kubernetes.io\":\"x\"}", "unknown option");
}

static void an_empty_option_is_refused_by_name(void **state)
{
	refused("{\"image\":\"db\",\"pool\":\"\"}", "pool: it is empty");
	refused("{\"image\":\"\"}", "image: it is empty");
	refused("{\"image\":\"db\",\"readOnly\":\"\"}", "readOnly: it is empty");
}

static void a_missing_image_is_refused(void **state)
{
	refused("{}", "image: it is missing");
	refused("{\"pool\":\"kube\"}", "image: it is missing");
}

static void what_would_split_the_sysfs_line_is_refused(void **state)
{
	static const char *const WRONG[] = {"a b",   "a,b",   "a/b",   "a@b",       "a=b",
					    "a\\tb", "a\\nb", "-a",    "a\xc3\xa4", ".",
					    "..",    "a;b",   "a\\\"b"};
	char json[128];

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		snprintf(json, sizeof(json), "{\"image\":\"%s\"}", WRONG[i]);
		refused(json, "image: ");
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"pool\":\"%s\"}", WRONG[i]);
		refused(json, "pool: ");
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"namespace\":\"%s\"}", WRONG[i]);
		refused(json, "namespace: ");
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"snapshot\":\"%s\"}", WRONG[i]);
		refused(json, "snapshot: ");
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"dataPool\":\"%s\"}", WRONG[i]);
		refused(json, "dataPool: ");
		if (str_eq(WRONG[i], "a@b"))
			continue; /* a user may be called so */
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"user\":\"%s\"}", WRONG[i]);
		refused(json, "user: ");
	}
	refused("{\"image\":\"db\",\"monitors\":\"10.0.0.1 name=admin\"}", "monitors: ");
	refused("{\"image\":\"db\",\"monitors\":\",\"}", "monitors: ");
	refused("{\"image\":\"db\",\"kubernetes.io/pvOrVolumeName\":\"a b\"}", "pvOrVolumeName: ");
}

static void names_have_a_greatest_length(void **state)
{
	struct options options;
	char json[512];

	snprintf(json, sizeof(json), "{\"image\":\"%0200d\"}", 0);
	accepted(json, &options);
	options_done(&options);
	snprintf(json, sizeof(json), "{\"image\":\"%0201d\"}", 0);
	refused(json, "image: ");
}

static void a_user_is_given_without_client(void **state)
{
	refused("{\"image\":\"db\",\"user\":\"client.kube\"}", "without \"client.\"");
}

static void fsid_and_keyring_have_a_shape(void **state)
{
	refused("{\"image\":\"db\",\"fsid\":\"b0c1\"}", "fsid: ");
	refused("{\"image\":\"db\",\"fsid\":\"b0c1d2e3-0000-4000-8000-00000000abcdef\"}", "fsid: ");
	refused("{\"image\":\"db\",\"keyring\":\"etc/ceph/k\"}", "keyring: ");
	refused("{\"image\":\"db\",\"keyring\":\"/etc/ceph/../shadow\"}", "keyring: ");
	refused("{\"image\":\"db\",\"keyring\":\"/etc/ceph/./k\"}", "keyring: ");
}

static void the_stricter_of_both_read_only_wins(void **state)
{
	static const struct {
		const char *json;
		bool read_only;
	} CASES[] = {
		{"{\"image\":\"db\",\"readOnly\":\"true\",\"kubernetes.io/readwrite\":\"rw\"}",
		 true},
		{"{\"image\":\"db\",\"readOnly\":\"false\",\"kubernetes.io/readwrite\":\"ro\"}",
		 true},
		{"{\"kubernetes.io/readwrite\":\"ro\",\"image\":\"db\",\"readOnly\":\"false\"}",
		 true},
		{"{\"image\":\"db\",\"kubernetes.io/readwrite\":\"ro\"}", true},
		{"{\"image\":\"db\",\"readOnly\":\"false\",\"kubernetes.io/readwrite\":\"rw\"}",
		 false},
	};
	struct options options;

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		accepted(CASES[i].json, &options);
		assert_int_equal(options.read_only, CASES[i].read_only);
		options_done(&options);
	}
	refused("{\"image\":\"db\",\"readOnly\":\"yes\"}", "not true or false");
	refused("{\"image\":\"db\",\"readOnly\":\"True\"}", "not true or false");
	refused("{\"image\":\"db\",\"kubernetes.io/readwrite\":\"wr\"}", "not ro or rw");
}

static void guard_says_what_can_be_given(void **state)
{
	static const struct {
		const char *json;
		enum guard guard;
	} CASES[] = {
		{"{\"image\":\"db\",\"guard\":\"watchers\"}", GUARD_WATCHERS},
		{"{\"image\":\"db\",\"guard\":\"exclusive\"}", GUARD_EXCLUSIVE},
		{"{\"image\":\"db\",\"guard\":\"none\"}", GUARD_NONE},
	};
	struct options options;

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		accepted(CASES[i].json, &options);
		assert_int_equal(options.guard, CASES[i].guard);
		assert_true(options.guard_given);
		options_done(&options);
	}
	refused("{\"image\":\"db\",\"guard\":\"off\"}", "not watchers, exclusive or none");
	refused("{\"image\":\"db\",\"guard\":\"None\"}", "not watchers, exclusive or none");
}

static void another_file_system_is_refused_with_those_that_can_be_given(void **state)
{
	static const char *const WRONG[] = {"btrfs", "ext3", "EXT4", "ext4 ", "nfs", "zfs_member"};
	struct options options;
	char json[128];

	accepted("{\"image\":\"db\",\"kubernetes.io/fsType\":\"ext4\"}", &options);
	assert_string_equal(options.fs_type, "ext4");
	options_done(&options);
	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		snprintf(json, sizeof(json), "{\"image\":\"db\",\"kubernetes.io/fsType\":\"%s\"}",
			 WRONG[i]);
		refused(json, WRONG[i]);
		refused(json, "ext4 or xfs can be given");
	}
}

static void sizes_are_quantities_of_kubernetes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} CASES[] = {
		{"10Gi", UINT64_C(10737418240)},      {"1G", UINT64_C(1000000000)},
		{"1073741824", UINT64_C(1073741824)}, {"4Mi", UINT64_C(4194304)},
		{"1Ti", UINT64_C(1099511627776)},     {"4194304", UINT64_C(4194304)},
		{"512M", UINT64_C(512000000)},        {"4096Ki", UINT64_C(4194304)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		struct error error = {0};
		uint64_t bytes = 0;

		assert_int_equal(options_parse_size(CASES[i].text, &bytes, &error), 0);
		assert_true(bytes == CASES[i].bytes);
	}
}

static void wrong_sizes_are_refused_with_what_may_be_meant(void **state)
{
	static const struct {
		const char *text, *words;
	} CASES[] = {
		{"1024", "1024 is 1 KiB; the rbd command counts MiB: 1024Mi or 1Gi"},
		{"10240", "10240 is 10 KiB; the rbd command counts MiB: 10240Mi or 10Gi"},
		{"100", "100 is 100 bytes; the rbd command counts MiB: 100Mi"},
		{"0", "the least is 4Mi"},
		{"1Mi", "1Mi is 1 MiB; the least is 4Mi"},
		{"10Gb", "write 10Gi (powers of 1024) or 10G (powers of 1000)"},
		{"10GiB", "write 10Gi (powers of 1024) or 10G (powers of 1000)"},
		{"10g", "write 10Gi (powers of 1024) or 10G (powers of 1000)"},
		{"10 Gi", "write 10Gi (powers of 1024) or 10G (powers of 1000)"},
		{"5000K", "write 5000Ki (powers of 1024) or 5000k (powers of 1000)"},
		{"1.5Gi", "is not a size"},
		{"-1Gi", "is not a size"},
		{"Gi", "is not a size"},
		{"lots", "is not a size"},
		{"99999999999999999999", "too large"},
		{"9000Pi", "too large"},
		{"9999999999999999999Pi", "too large"},
		{"5000001", "no multiple of 512"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		struct error error = {0};
		uint64_t bytes = 77;

		assert_true(options_parse_size(CASES[i].text, &bytes, &error) < 0);
		assert_true(bytes == 77);
		assert_true(str_starts(error.text, "size: "));
		if (!strstr(error.text, CASES[i].words))
			fail_msg("\"%s\" is not in \"%s\"", CASES[i].words, error.text);
	}
}

static void the_secret_is_decoded_once(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"user\":\"web\",\"kubernetes.io/secret/key\":\"" KEY_SENT
		 "\",\"kubernetes.io/secret/user\":\"a3ViZQ==\"}",
		 &options);
	assert_string_equal(options.secret_key, KEY);
	assert_string_equal(options.secret_user, "kube");
	assert_string_equal(options.user, "web");
	assert_string_equal(options.default_keyring, "/etc/ceph/ceph.client.kube.keyring");
	options_done(&options);
	assert_string_equal(options.secret_key, "");
}

static void the_names_of_ceph_csi_are_the_same(void **state)
{
	struct options options;

	accepted("{\"image\":\"db\",\"kubernetes.io/secret/userKey\":\"" KEY_SENT
		 "\",\"kubernetes.io/secret/userID\":\"a3ViZQo=\","
		 "\"kubernetes.io/secret/key\":\"" KEY_SENT
		 "\",\"kubernetes.io/secret/adminKey\":\"////\"}",
		 &options);
	assert_string_equal(options.secret_key, KEY);
	assert_string_equal(options.secret_user, "kube"); /* without the newline of `echo` */
	options_done(&options);
}

static void two_keys_that_differ_are_refused(void **state)
{
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":\"" KEY_SENT
		"\",\"kubernetes.io/secret/userKey\":\"QUJDRA==\"}",
		"different values");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/user\":\"a3ViZQ==\","
		"\"kubernetes.io/secret/userID\":\"YWRtaW4=\"}",
		"different values");
}

static void a_secret_that_is_none_is_refused_without_its_value(void **state)
{
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":\"" KEY "!\"}", "entry key");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":\"\"}", "entry key is empty");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":\"YQBi\"}", "zero byte");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":\"YSBi\"}", "entry key is not");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/user\":\"YSxi\"}", "entry user is not");
	refused("{\"image\":\"db\",\"kubernetes.io/secret/key\":[\"" KEY_SENT "\"]}", "flat");
	refused("{\"image\":\"db\",\"key\":\"" KEY "\"}", "unknown option \"key\"");
}

static void escapes_of_go_are_decoded(void **state)
{
	struct options options;

	accepted(
		"{\"\\u0069mage\":\"\\u0064b\",\"kubernetes.io/x\":\"\\u0026\\u003c\\u003e\\u2028\"}",
		&options);
	assert_string_equal(options.image.image, "db");
	options_done(&options);
	refused("{\"image\":\"a\\u0026b\"}", "\"a&b\"");
}

static void json_that_is_read_in_two_ways_is_refused(void **state)
{
	refused("{\"image\":\"a\",\"image\":\"b\"}", "\"image\" is given twice");
	refused("{\"image\":\"a\",\"\\u0069mage\":\"b\"}", "\"image\" is given twice");
	refused("{\"image\":\"a\\u0000b\"}", "\\u0000");
	refused("{\"image\":\"a\"} {}", "JSON");
	refused("{\"image\":\"a\"}x", "JSON");
	refused("{\"image\":\"a\nb\"}", "control character");
	refused("{\"image\":\"\xff\"}", "UTF-8");
	refused("{\"image\":\"\xc0\xaf\"}", "UTF-8");
	refused("{\"image\":\"\xed\xa0\x80\"}", "UTF-8");
	refused("\xef\xbb\xbf{\"image\":\"a\"}", "JSON");
	refused("{\"image\":\"\\ud800\"}", "JSON");
}

static void what_is_no_flat_object_of_strings_is_refused(void **state)
{
	static const char *const WRONG[] = {
		"",
		" ",
		"{",
		"[]",
		"null",
		"\"image\"",
		"1",
		"{\"a\"",
		"{\"image\":}",
		"{image:\"a\"}",
		"{\"image\":\"a\",}",
		"{'image':'a'}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++)
		refused(WRONG[i], "options: ");
	refused("{\"image\":{\"a\":\"b\"}}", "flat");
	refused("{\"image\":[]}", "flat");
	refused("{\"image\":1}", "image: a number");
	refused("{\"image\":true}", "image: a boolean");
	refused("{\"image\":null}", "image: null");
	refused("{\"image\":\"a\",\"kubernetes.io/fsGroup\":1000}",
		"kubernetes.io/fsGroup: a number");
}

static void the_longest_argument_is_read(void **state)
{
	enum { LENGTH = 131071 };
	static const char HEAD[] = "{\"image\":\"db\",\"kubernetes.io/x\":\"";
	char *json = malloc(LENGTH + 1);
	struct options options;

	assert_non_null(json);
	memset(json, 'x', LENGTH);
	memcpy(json, HEAD, sizeof(HEAD) - 1);
	memcpy(json + LENGTH - 2, "\"}", 3);
	accepted(json, &options);
	assert_string_equal(options.image.image, "db");
	options_done(&options);
	memset(json, '[', LENGTH);
	refused(json, "options: ");
	memset(json, '{', LENGTH);
	refused(json, "options: ");
	free(json);
}

static void many_keys_are_refused(void **state)
{
	_cleanup_text_ struct text json = {0};

	text_printf(&json, "{\"image\":\"db\"");
	for (int i = 0; i < 9000; i++)
		text_printf(&json, ",\"k8s.io/%d\":\"\"", i);
	text_printf(&json, "}");
	refused(json.data, "more than 256 keys");
}

/* A seeded generator of our own: the same run everywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void no_mutation_of_json_does_harm(void **state)
{
	static const char SEED[] =
		"{\"image\":\"db\",\"pool\":\"kube\",\"size\":\"10Gi\",\"fsid\":"
		"\"b0c1d2e3-0000-4000-8000-00000000abcd\",\"kubernetes.io/secret/key\":\"" KEY_SENT
		"\",\"kubernetes.io/x\":\"\\u0026\\ud83d\\ude00\",\"readOnly\":\"true\",\"parent\":\"a/b/c@d\",\"mountOptions\":\"a,b=c\"}";
	static const char BYTES[] = "{}[]\",:\\u0dD8@/=\x01\xff\xc3\x80 tfn-1eE.";
	uint32_t seed = 20240607;

	for (int round = 0; round < 50000; round++) {
		struct error error = {0};
		struct options options;
		char *json = strdup(SEED); /* of its own: ASan sees each byte too many */
		size_t length = strlen(json);
		int r;

		assert_non_null(json);
		for (uint32_t i = next_random(&seed) % 4 + 1; i; i--)
			json[next_random(&seed) % length] =
				BYTES[next_random(&seed) % (sizeof(BYTES) - 1)];
		if (next_random(&seed) % 4 == 0)
			json[next_random(&seed) % length] = '\0';
		r = options_parse(json, &options, &error);
		assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
		assert_int_equal(error.code, r);
		assert_int_equal(strnlen(error.text, sizeof(error.text)) > 0, r < 0);
		options_done(&options);
		free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_image_alone_is_enough),
		cmocka_unit_test(all_options_are_read),
		cmocka_unit_test(an_unknown_option_is_refused_with_the_nearest_known_one),
		cmocka_unit_test(the_default_of_each_option_is_nothing),
		cmocka_unit_test(all_that_makes_an_image_is_read),
		cmocka_unit_test(a_snapshot_is_read_only_whatever_else_is_said),
		cmocka_unit_test(what_makes_an_image_cannot_be_given_with_a_snapshot),
		cmocka_unit_test(a_parent_is_taken_apart),
		cmocka_unit_test(a_parent_that_is_no_snapshot_of_an_image_is_refused),
		cmocka_unit_test(lists_have_no_item_that_could_split_or_inject),
		cmocka_unit_test(a_list_has_no_empty_item_and_no_name_twice),
		cmocka_unit_test(monitors_are_written_in_many_ways),
		cmocka_unit_test(monitors_that_cannot_be_are_refused_before_anything_is_asked),
		cmocka_unit_test(names_that_begin_alike_are_not_the_same),
		cmocka_unit_test(unknown_keys_of_kubernetes_are_passed_over),
		cmocka_unit_test(an_empty_option_is_refused_by_name),
		cmocka_unit_test(a_missing_image_is_refused),
		cmocka_unit_test(what_would_split_the_sysfs_line_is_refused),
		cmocka_unit_test(names_have_a_greatest_length),
		cmocka_unit_test(a_user_is_given_without_client),
		cmocka_unit_test(fsid_and_keyring_have_a_shape),
		cmocka_unit_test(the_stricter_of_both_read_only_wins),
		cmocka_unit_test(guard_says_what_can_be_given),
		cmocka_unit_test(another_file_system_is_refused_with_those_that_can_be_given),
		cmocka_unit_test(sizes_are_quantities_of_kubernetes),
		cmocka_unit_test(wrong_sizes_are_refused_with_what_may_be_meant),
		cmocka_unit_test(the_secret_is_decoded_once),
		cmocka_unit_test(the_names_of_ceph_csi_are_the_same),
		cmocka_unit_test(two_keys_that_differ_are_refused),
		cmocka_unit_test(a_secret_that_is_none_is_refused_without_its_value),
		cmocka_unit_test(escapes_of_go_are_decoded),
		cmocka_unit_test(json_that_is_read_in_two_ways_is_refused),
		cmocka_unit_test(what_is_no_flat_object_of_strings_is_refused),
		cmocka_unit_test(the_longest_argument_is_read),
		cmocka_unit_test(many_keys_are_refused),
		cmocka_unit_test(no_mutation_of_json_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
