/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual verbs that manage images and pools: `image …`, `pool …`, `trash …`. Each is a row of
 * the table in commands.c: its words, what it takes, its function.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "admin/arguments.h"
#include "admin/target.h"
#include "base/error.h"
#include "base/str.h"
#include "ceph/cluster.h"
#include "ceph/manage.h"
#include "kubelet/config.h"
#include "kubelet/terminal.h"

#define ADMIN_WRONG_USE 2 /* the exit code */

/* One call of one of them. */
struct admin {
	const struct config *config;
	const struct error *config_error; /* why it was refused (code < 0) */
	const struct terminal *terminal;
	struct text *output; /* what is printed on stdout when all is done */

	/* set by admin_run() */
	const struct command *command;
	struct arguments arguments;
	bool json;
	bool person; /* somebody at a terminal reads it: units */
	struct cluster *cluster;
	int lock; /* admin_hold()'s, until the verb ends; -1: none */
};

/* What it prints goes to admin->output. 0, 1 (the output says what is wrong), ADMIN_WRONG_USE with
 * the error said, or a negative errno with the error said. */
typedef int (*command_function)(struct admin *admin, struct error *error);

struct command {
	const char *group;    /* "image" */
	const char *name;     /* "snap create": one or two words */
	const char *operands; /* for the usage: "IMAGE@SNAP" */
	int least, most;      /* operands */
	uint32_t flags;       /* besides those of every verb */
	command_function run;
	const char *help;
};

/* Runs `group` with the words behind it. */
int admin_run(const char *group, int argc, char *const *argv, struct admin *admin,
	      struct error *error);

/* commands.c: the table. NULL: none of that name. `ret_words`: how many of them are the name. */
const struct command *command_find(const char *group, int argc, char *const *argv, int *ret_words);
#define COMMAND_MAX 64
/* "snap create" for "snap creat", which `ret_meant` then is; "" where the group is none. */
const char *command_nearest(const char *group, int argc, char *const *argv,
			    char ret_meant[COMMAND_MAX]);
/* All of a group, one line each; with `words` ("snap"), only those that begin so. false: none. */
bool command_list(const char *group, const char *words, struct text *output);
/* How one is used. */
void command_usage(const struct command *command, struct text *output);
/* What `help GROUP [WORDS]` prints. false: there is nothing of that name. */
bool admin_help(const char *group, int argc, char *const *argv, struct text *output);

/* --- for the functions of the commands (run.c) --- */

struct connect_wish;
/* Which cluster is meant, as flags and $CEPH_CONF say; the strings are theirs. A configuration that
 * was refused decides nothing: the error is its own, unless flags say which cluster it is. */
int admin_wish(const struct admin *admin, struct connect_wish *ret, struct error *error);
/* The connection, as flags, configuration and ceph.conf say. Sets admin->cluster. */
int admin_connect(struct admin *admin, struct error *error);
/* Names an operand and connects. */
int admin_open(struct admin *admin, int operand, enum target_kind kind, struct target *ret,
	       struct error *error);
/* 0: --yes was given, or somebody at the terminal said yes. -ECANCELED: no; -EPERM: nobody is there
 * to be asked. `question` is whole: "remove image kube/db for good?" */
int admin_confirm(const struct admin *admin, const char *question, struct error *error);
/* --size, which must be there. ADMIN_WRONG_USE. */
int admin_size(const struct admin *admin, uint64_t *ret, struct error *error);
/* A sentence for people; with --json nothing. */
__attribute__((format(printf, 2, 3))) void admin_say(const struct admin *admin, const char *format,
						     ...);

/* --- hold.c --- */

/* -EBUSY where the image (a snapshot of it, where one is named, else any) is mapped on this node;
 * a read-only mapping is seen by nobody else. */
int admin_refuse_mapped(const struct admin *admin, const struct image_name *name,
			struct error *error);
/* The same of an image in the trash, which had `name` and is known by its id. */
int admin_refuse_mapped_id(const struct admin *admin, const struct image_name *name, const char *id,
			   struct error *error);
/* The same once more, directly before the act, with the image's lock: until the verb ends no call
 * of this node maps the image. After the question, not before: a person may take any time. */
int admin_hold(struct admin *admin, const struct image_name *name, struct error *error);
int admin_hold_id(struct admin *admin, const struct image_name *name, const char *id,
		  struct error *error);

/* The bar of a call that takes long; end it before anything is printed. */
struct admin_way {
	struct progress progress;
	char what[IMAGE_TEXT_MAX + 32];
	struct manage_way way;
};
void admin_way_begin(struct admin_way *ret, const struct admin *admin, const char *what,
		     const struct target *target);
static inline void cleanup_admin_way(struct admin_way *way)
{
	progress_end(&way->progress);
}
#define _cleanup_way_ __attribute__((cleanup(cleanup_admin_way)))

/* --- what is printed (print.c) --- */

/* One line for people: names that others chose may hold what would move a terminal's cursor, or
 * would be a line of its own; it becomes spaces. */
__attribute__((format(printf, 2, 3))) void line_print(struct text *output, const char *format, ...);
__attribute__((format(printf, 2, 0))) void line_vprint(struct text *output, const char *format,
						       va_list arguments);
/* "2025-11-25 20:01:02" (UTC); "-" for 0. In JSON it is the number. */
#define TIME_TEXT_MAX 32
const char *admin_time(int64_t seconds, char ret[TIME_TEXT_MAX]);
void json_add_number(cJSON *object, const char *key, uint64_t number);
/* poolName, namespace (where it is not the default one), imageName, snapshot (where one is named)
 */
cJSON *json_of_target(const struct target *target);
/* What a change has done: "kube/db: said", or with --json the object that says what it was. */
int admin_done(struct admin *admin, const struct target *target, const char *said,
	       struct error *error);
/* "features":["layering"] */
void json_add_features(cJSON *object, uint64_t features);
/* One line, and frees. -ENOMEM. */
int json_print(struct admin *admin, cJSON *json, struct error *error);

/* image_*.c */
int admin_image_create(struct admin *admin, struct error *error);
int admin_image_list(struct admin *admin, struct error *error);
int admin_image_info(struct admin *admin, struct error *error);
int admin_image_diff(struct admin *admin, struct error *error);
int admin_image_usage(struct admin *admin, struct error *error);
int admin_image_resize(struct admin *admin, struct error *error);
int admin_image_remove(struct admin *admin, struct error *error);
int admin_image_features_on(struct admin *admin, struct error *error);
int admin_image_features_off(struct admin *admin, struct error *error);
int admin_image_watchers(struct admin *admin, struct error *error);
int admin_image_clone(struct admin *admin, struct error *error);
int admin_image_flatten(struct admin *admin, struct error *error);
/* record.c */
int admin_record_show(struct admin *admin, struct error *error);
int admin_record_clear(struct admin *admin, struct error *error);
/* snapshot.c */
int admin_snapshot_list(struct admin *admin, struct error *error);
int admin_snapshot_create(struct admin *admin, struct error *error);
int admin_snapshot_remove(struct admin *admin, struct error *error);
int admin_snapshot_protect(struct admin *admin, struct error *error);
int admin_snapshot_unprotect(struct admin *admin, struct error *error);
int admin_snapshot_rollback(struct admin *admin, struct error *error);
/* map.c, unmap.c */
int admin_image_map(struct admin *admin, struct error *error);
int admin_image_unmap(struct admin *admin, struct error *error);
/* pool.c */
int admin_pool_list(struct admin *admin, struct error *error);
int admin_pool_create(struct admin *admin, struct error *error);
int admin_pool_remove(struct admin *admin, struct error *error);
/* trash.c */
int admin_trash_list(struct admin *admin, struct error *error);
int admin_trash_restore(struct admin *admin, struct error *error);
int admin_trash_remove(struct admin *admin, struct error *error);
