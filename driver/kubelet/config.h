/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the administrator says (design §3): $RBD_FLEXVOLUME_CONFIG, else .config.json beside the
 * executable, else /etc/rbd-flexvolume/config.json; the first found, nothing merged.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kubelet/options.h"

struct config_cluster {
	const char *name;
	const char *fsid; /* "" where not given, as all below */
	const char *monitors;
	const char *user;
	const char *keyring;
	const char *ms_mode;         /* "auto" where not given, legacy, crc, secure, prefer-crc,
				      * prefer-secure */
	const char *map_options;     /* for every map of this cluster, before the volume's own */
	const void *exclusive_pools; /* see config_exclusive_pool() */
	char default_keyring[160];   /* /etc/ceph/ceph.client.<user>.keyring; "" without user */
};

/* What holds where no entry says anything; its name is "". */
extern const struct config_cluster config_cluster_none;

enum config_log_target { CONFIG_LOG_JOURNAL, CONFIG_LOG_FILE };

struct config_capabilities {
	bool attach;
	bool fs_group;
	bool selinux_relabel;
	bool supports_metrics;
	bool requires_fs_resize;
};

/* Seconds, as in the file. */
struct config_deadlines {
	unsigned int call, connect, map, watchers, empty, mkfs, fsck;
};

struct config {
	const char *path;                        /* of the file; "" where there is none */
	struct config_capabilities capabilities; /* always what init answers */
	const struct config_cluster *clusters;
	size_t cluster_count;
	struct config_deadlines deadlines;
	const void *policy; /* NULL: none is in force; see kubelet/policy.h */
	const void *rest;   /* "rest", a cJSON object that rest/settings.c checks; NULL: none */
	enum config_log_target log_target;
	int log_level; /* enum log_level */
	void *memory;
};

#define CONFIG_ENVIRONMENT "RBD_FLEXVOLUME_CONFIG"

/* The defaults where there is no file (and where it is refused: `ret` is usable in any case). A
 * file that others can write, that is no JSON, or has an unknown key is refused (an error that
 * names file and key). `ret` must be given to config_done() in any case. */
int config_load(struct config *ret, struct error *error);
/* A text that is no file yet, as strictly: `path` is where it will be, or what messages call it.
 * Its capabilities are what it says, whatever lies beside the executable. */
int config_load_text(const char *path, const char *text, struct config *ret, struct error *error);
/* The text of that file, trusted like the configuration in force. */
int config_read_text(const char *path, char **ret, struct error *error);
void config_done(struct config *config);
#define _cleanup_config_ __attribute__((cleanup(config_done)))

/* Does "exclusivePools" of that entry name the pool? */
bool config_exclusive_pool(const struct config_cluster *cluster, const char *pool);

/* For init: `.init.json` beside the executable where it is there and right, else what the
 * configuration says even where the rest of it is refused, else the defaults. Never fails. */
void config_capabilities_load(struct config_capabilities *ret);

/* Where the cluster of a request is, once configuration, options and secret are put together. */
struct access {
	const char *cluster;  /* entry of the configuration, "" where none */
	const char *fsid;     /* "" where nothing says it */
	const char *monitors; /* "" where nothing says them: ceph.conf decides */
	const char *user;     /* without "client."; "admin" where nothing says it */
	const char *own_user; /* the same as if neither option nor Secret had said one */
	const char *key;      /* the Secret's base64 key; "": from the keyring file */
	const char *keyring;  /* file; "" with a key */
	bool from_secret;
	const char *ms_mode;     /* "auto" where nothing says it */
	const char *map_options; /* the configuration's; "" none */
	bool exclusive_pool;     /* the configuration's exclusivePools names the image's pool */
};

/* Design §3: which cluster, whose monitors, which user and keyring. Strings belong to config and
 * options. */
int config_access(const struct config *config, const struct options *options, struct access *ret,
		  struct error *error);
