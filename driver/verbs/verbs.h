/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of verbs: what the kubelet (flexvolume-contract.md §6) and people may ask for. main
 * finds the row, has the arguments parsed after it, and runs its function.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "kubelet/config.h"
#include "kubelet/request.h"
#include "kubelet/result.h"
#include "kubelet/terminal.h"

/* One call, as the function of its verb sees it. */
struct call {
	const struct request *request;
	const struct config *config; /* the defaults where it was refused, see config_error */
	/* why the configuration was refused (code < 0); only verbs with VERB_CONFIG_OPTIONAL are
	 * run at all then */
	const struct error *config_error;

	/* manual verbs: the arguments behind the verb (before them it stands itself), and what is
	 * printed on stdout */
	int argc;
	char *const *argv;
	const struct terminal *terminal; /* who has called */
	struct text *output;
};

enum verb_flags {
	VERB_ATTACH_MODE = 1 << 0, /* in mount mode: Not supported, before anything is read */
	VERB_BARE = 1 << 1, /* arguments are not looked at, no configuration is loaded, nothing
			     * is logged (init) */
	VERB_CONFIG_OPTIONAL = 1 << 2, /* works with the defaults where the configuration is bad */
	VERB_MANUAL = 1 << 3,          /* for people: text and an exit code, no JSON answer */
};

/* A call-out fills in `result` (it comes zeroed: result_success() says that it went well) and
 * returns 0, or a negative errno with the error said: main makes the Failure of it.
 * A manual verb adds to call->output and returns its exit code: 0; 1 where the output itself says
 * what is wrong; VERB_WRONG_USE with the error said; or a negative errno with the error said
 * (exit code 1). main prints the error on stderr. */
typedef int (*verb_function)(const struct call *call, struct result *result, struct error *error);
#define VERB_WRONG_USE 2

struct verb {
	const char *name;
	enum argument arguments[REQUEST_ARGUMENTS_MAX];
	unsigned int flags;
	verb_function run;
	const char *help; /* one line; of a manual verb "[--json]: what it does" */
};

/* NULL: no such verb. */
const struct verb *verbs_find(const char *name);
/* The verb that looks most like `name`, never NULL. */
const char *verbs_nearest(const char *name);
/* The whole table, for help. */
const struct verb *verbs_all(size_t *ret_count);

/* story.c: what the log says of a call-out. Where it goes and which verb it is; whose lines they
 * are, once the arguments are parsed (or were refused); its own line, when it was answered. */
void story_begin(const struct call *call);
void story_about(const struct request *request);
void story_end(const struct result *result);

/* init.c */
int verb_init(const struct call *call, struct result *result, struct error *error);
int verb_getvolumename(const struct call *call, struct result *result, struct error *error);
/* attach.c */
int verb_attach(const struct call *call, struct result *result, struct error *error);
int verb_waitforattach(const struct call *call, struct result *result, struct error *error);
int verb_isattached(const struct call *call, struct result *result, struct error *error);
int verb_detach(const struct call *call, struct result *result, struct error *error);
/* device.c */
int verb_mountdevice(const struct call *call, struct result *result, struct error *error);
int verb_unmountdevice(const struct call *call, struct result *result, struct error *error);
/* mount.c */
int verb_mount(const struct call *call, struct result *result, struct error *error);
int verb_unmount(const struct call *call, struct result *result, struct error *error);
/* expand.c */
int verb_expandfs(const struct call *call, struct result *result, struct error *error);
int verb_expandvolume(const struct call *call, struct result *result, struct error *error);
/* admin.c */
int verb_status(const struct call *call, struct result *result, struct error *error);
int verb_gc(const struct call *call, struct result *result, struct error *error);
int verb_doctor(const struct call *call, struct result *result, struct error *error);
/* manage.c */
int verb_image(const struct call *call, struct result *result, struct error *error);
int verb_pool(const struct call *call, struct result *result, struct error *error);
int verb_trash(const struct call *call, struct result *result, struct error *error);
/* install.c */
int verb_install(const struct call *call, struct result *result, struct error *error);
int verb_uninstall(const struct call *call, struct result *result, struct error *error);
/* manifest.c */
int verb_manifest(const struct call *call, struct result *result, struct error *error);
/* help.c */
int verb_help(const struct call *call, struct result *result, struct error *error);
int verb_version(const struct call *call, struct result *result, struct error *error);
