/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/krbd_errno.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "kernel/map_options.h"
#include "kernel/module.h"

#define MEANS(number) number, #number

struct meaning {
	int number;
	const char *symbol;
	const char *sentence;
	const char *advice;
};

/* krbd-and-peers.md §3.9; the places are those of drivers/block/rbd.c and net/ceph */
static const struct meaning map_meanings[] = {
	/* the OSD's word on the watch of a writable mapping; ceph_common.c: get_secret */
	{MEANS(EPERM),
	 "the user may not write to the image, or the key is not in this process's keyring, or this "
	 "is not root",
	 "to write the user needs osd 'profile rbd pool=...' (readOnly needs less); run as root, "
	 "outside of a user namespace"},
	/* rbd_dev_image_id, ceph_pg_poolid_by_name, rbd_dev_v2_snap_context */
	{MEANS(ENOENT), "the pool, the namespace, the image or the snapshot is missing",
	 "compare the names with \"rbd ls\" and \"rbd snap ls\""},
	{MEANS(EIO),
	 "the session with the monitors failed (the cluster may ask for features that this "
	 "kernel lacks), or the image's header could not be read",
	 "look for \"feature set mismatch\" in the kernel log; a newer kernel or older CRUSH tunables "
	 "help"},
	/* _rbd_dev_v2_snap_features, rbd_dev_v2_header_onetime */
	{MEANS(ENXIO),
	 "the image has features that this kernel does not support, or a broken header",
	 "compare \"rbd info\" with /sys/bus/rbd/supported_features and disable what is too much: "
	 "rbd feature disable"},
	{MEANS(EACCES), "the cluster refused the user or the key, or the user may not do this",
	 "check key and user; the user needs mon 'profile rbd' and osd 'profile rbd pool=...'"},
	/* rbd_try_lock: a lock with another tag than "internal" */
	{MEANS(EBUSY), "somebody holds a lock of their own on the image",
	 "see \"rbd lock ls\"; \"rbd lock rm\" takes a forgotten one away"},
	{MEANS(EINVAL),
	 "it does not know an option, or the image lacks the exclusive-lock feature that an "
	 "option needs",
	 NULL},
	/* rbd_request_lock: -EROFS from the owner */
	{MEANS(EROFS), "another client holds the image exclusively and does not give it up",
	 "the image is mapped with \"exclusive\" elsewhere: \"rbd status\" says where"},
	{MEANS(ERANGE), "the image has more than 510 snapshots", "remove snapshots of the image"},
	{MEANS(ENAMETOOLONG), "the name of the snapshot is longer than 250 characters", NULL},
	/* ceph_osdc: the client's address is in the osdmap's blocklist */
	{MEANS(ESHUTDOWN), "this node's client was blocklisted by the cluster",
	 "unmap every image of this node, or map with \"noshare\"; see \"ceph osd blocklist ls\""},
	{MEANS(ETIMEDOUT),
	 "the monitors or the OSDs did not answer in time, or speak another protocol",
	 "check addresses, ports (6789, or 3300 for the second protocol) and the network of this "
	 "node"},
	{MEANS(ECONNREFUSED), "the monitors refused the connection",
	 "check the monitors' addresses"},
	{MEANS(ENETUNREACH), "there is no route to the cluster", "check the network of this node"},
	{MEANS(EHOSTUNREACH), "there is no route to the cluster", "check the network of this node"},
	{MEANS(EDESTADDRREQ), "it cannot read a monitor's address", "write addresses as numbers"},
	{MEANS(ENOMEM), "the node is out of memory", NULL},
	{MEANS(EOPNOTSUPP), "the image uses an operation that this kernel does not support",
	 "a clone needs a newer kernel, or \"rbd flatten\""},
};

/* rbd.c: do_rbd_remove */
static const struct meaning unmap_meanings[] = {
	{MEANS(EBUSY), "the device is still open or mounted somewhere", NULL},
	{MEANS(EINPROGRESS), "it is being removed already", "wait until the cluster answers"},
	{MEANS(EPERM), "this is not root", "run as root"},
	{MEANS(EINVAL), "it does not take the command", NULL},
	{MEANS(ETIMEDOUT), "the cluster did not answer in time", "check the network of this node"},
};

static const struct meaning *meaning_of(const struct meaning *list, size_t count, int code)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].number == -code)
			return &list[i];
	return NULL;
}

/* "<what was said>: the kernel refused: <sentence> (ESYMBOL)" */
static int explain(const struct meaning *meaning, int code, struct error *error)
{
	if (!meaning)
		return error_append(error, "the kernel refused: %s (errno %d)", strerror(-code),
				    -code);
	error_append(error, "the kernel refused: %s (%s)", meaning->sentence, meaning->symbol);
	if (meaning->advice)
		error_advise(error, "%s", meaning->advice);
	return error->code;
}

/* What of this map came with a later kernel than this one: likely what it does not know. */
static void explain_later(const struct krbd_map *map, struct error *error)
{
	_cleanup_text_ struct text words = {0};
	unsigned int major, minor;
	struct error ignored;
	char later[256];

	text_printf(&words, "-%s%s%s%s%s", map->exclusive ? ",exclusive" : "",
		    str_empty(map->ms_mode) ? "" : ",ms_mode",
		    str_empty(map->image.name_space) ? "" : ",_pool_ns",
		    str_empty(map->options) ? "" : ",", map->options ? map->options : "");
	if (words.failed || module_release(&major, &minor, &ignored) < 0 ||
	    !*map_options_later(words.data, major, minor, later, sizeof(later)))
		return;
	error_append(error, "; this is Linux %u.%u, and these came later: %s", major, minor, later);
	error_advise(error, "a newer kernel on this node, or leave them out");
}

int krbd_explain_map(int code, const struct krbd_map *map, struct error *error)
{
	const struct meaning *meaning = meaning_of(map_meanings, ARRAY_SIZE(map_meanings), code);
	char name[IMAGE_TEXT_MAX];

	error_set(error, code, "map image %s as client.%s: ", image_name_text(&map->image, name),
		  map->user);
	explain(meaning, code, error);
	if (code == -EINVAL)
		explain_later(map, error);
	if (code == -EINVAL && map->exclusive)
		error_advise(error,
			     "guard=exclusive needs the image feature exclusive-lock: rbd "
			     "feature enable %s exclusive-lock",
			     name);
	if (code == -EINVAL)
		error_advise(error, "the kernel's log (dmesg) names what it does not know");
	if (code == -ETIMEDOUT)
		error_append(error, "; monitors: %s", map->monitors);
	return code;
}

int krbd_explain_unmap(int code, int id, struct error *error)
{
	const struct meaning *meaning =
		meaning_of(unmap_meanings, ARRAY_SIZE(unmap_meanings), code);

	error_set(error, code, "unmap rbd%d: ", id);
	return explain(meaning, code, error);
}
