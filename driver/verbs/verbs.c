/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/verbs.h"

#define JSON      ARGUMENT_JSON
#define DIRECTORY ARGUMENT_DIRECTORY
#define DEVICE    ARGUMENT_DEVICE
#define NODE      ARGUMENT_NODE
#define VOLUME    ARGUMENT_VOLUME
#define NEW_SIZE  ARGUMENT_NEW_SIZE
#define OLD_SIZE  ARGUMENT_OLD_SIZE

#define ATTACHING VERB_ATTACH_MODE
#define TOLERANT  VERB_CONFIG_OPTIONAL
#define MANUAL    (VERB_MANUAL | VERB_CONFIG_OPTIONAL)

/* What takes down, and what only looks, works also where the configuration is refused: a pod must
 * be able to go. One row, one verb. */
/* clang-format off */
static const struct verb VERBS[] = {
	{"init", {0}, VERB_BARE, verb_init,
	 "the capabilities"},
	{"getvolumename", {0}, VERB_BARE, verb_getvolumename,
	 "never supported"},
	{"attach", {JSON, NODE}, ATTACHING, verb_attach,
	 "checks the options, makes a missing image"},
	{"waitforattach", {DEVICE, JSON}, ATTACHING, verb_waitforattach,
	 "the volume's device name; maps nothing"},
	{"isattached", {JSON, NODE}, ATTACHING | TOLERANT, verb_isattached,
	 "always true: only detach ends it"},
	{"mountdevice", {DIRECTORY, DEVICE, JSON}, ATTACHING, verb_mountdevice,
	 "maps the image, mounts it at DIR"},
	{"mount", {DIRECTORY, JSON}, 0, verb_mount,
	 "brings the volume to the pod's directory DIR"},
	{"unmount", {DIRECTORY}, TOLERANT, verb_unmount,
	 "unmounts DIR; the last one unmaps"},
	{"unmountdevice", {DIRECTORY}, ATTACHING | TOLERANT, verb_unmountdevice,
	 "unmounts DIR and unmaps"},
	{"detach", {VOLUME, NODE}, ATTACHING | TOLERANT, verb_detach,
	 "unmaps what was left behind"},
	{"expandfs", {JSON, DEVICE, DIRECTORY, NEW_SIZE, OLD_SIZE}, 0, verb_expandfs,
	 "grows the image and the file system at DIR"},
	{"expandvolume", {JSON, DIRECTORY, NEW_SIZE, OLD_SIZE}, 0, verb_expandvolume,
	 "grows the image"},

	{"help", {0}, MANUAL, verb_help,
	 "[VERB]: this list, or how one of them is used"},
	{"version", {0}, MANUAL, verb_version,
	 "[--json]: the driver's version"},
	{"status", {0}, MANUAL, verb_status,
	 "[--json] [--prometheus]: what is mapped on this node"},
	{"gc", {0}, MANUAL, verb_gc,
	 "[--json]: unmaps what was left behind on this node"},
	{"doctor", {0}, MANUAL, verb_doctor,
	 "[--help] [POOL]: what is wrong on this node, and what to do"},
	{"install", {0}, MANUAL, verb_install,
	 "[--help]: puts this driver's bundle into the kubelet's directory"},
	{"uninstall", {0}, MANUAL, verb_uninstall,
	 "[--help]: takes it away again"},
	{"image", {0}, MANUAL, verb_image,
	 "VERB ...: makes, shows, changes, maps, removes images"},
	{"pool", {0}, MANUAL, verb_pool,
	 "VERB ...: lists, makes, removes pools"},
	{"trash", {0}, MANUAL, verb_trash,
	 "VERB ...: what was put into a pool's trash"},
	{"manifest", {0}, MANUAL, verb_manifest,
	 "pv, pvc, secret or pod NAME, from-rbd [FILE]: YAML for kubectl apply"},
};
/* clang-format on */

static const char *const ALIASES[][2] = {
	{"--help", "help"},
	{"-h", "help"},
	{"--version", "version"},
};

const struct verb *verbs_all(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(VERBS);
	return VERBS;
}

const struct verb *verbs_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ALIASES); i++)
		if (str_eq(name, ALIASES[i][0]))
			name = ALIASES[i][1];
	for (size_t i = 0; i < ARRAY_SIZE(VERBS); i++)
		if (str_eq(name, VERBS[i].name))
			return &VERBS[i];
	return NULL;
}

const char *verbs_nearest(const char *name)
{
	const char *nearest = VERBS[0].name;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(VERBS); i++) {
		size_t distance = str_distance(name, VERBS[i].name);

		/* of two that are as near, the longer has more of it: "umount" is unmount */
		if (distance < least ||
		    (distance == least && strlen(VERBS[i].name) > strlen(nearest))) {
			least = distance;
			nearest = VERBS[i].name;
		}
	}
	return nearest;
}
