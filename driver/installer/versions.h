/* SPDX-License-Identifier: Apache-2.0 */
/* The versions in ceph~rbd, and what earlier attempts left there. Within this room only. */
#pragma once

#include <limits.h>

#include "installer/bundle.h"
#include "installer/desired.h"
#include "installer/target.h"

/* Which version the launcher of that name starts: its directory's name stands in it. "" where
 * there is no launcher, or nobody can tell. */
void versions_started_by(int home, const char *launcher, char ret[NAME_MAX + 1]);

/* The half-done of others, who are gone since we have the lock. A launcher that an uninstall has
 * set aside gets its name back. */
int versions_remove_debris(const struct target *target, struct error *error);

enum version { VERSION_WHOLE, VERSION_NONE, VERSION_BROKEN };

/* What is in the home of the bundle's version, or a negative errno. Unless it is whole, another one
 * is made, with what is to stand beside the driver, but it has not got the name yet. */
int versions_make(const struct bundle *bundle, const struct target *target,
		  const struct desired *desired, struct error *error);
/* Gives it the name; the broken one that has it stays under another one while it is used. */
int versions_name(const struct bundle *bundle, const struct target *target, enum version found,
		  struct error *error);

/* All but `now` and `before` (the last one that was something else, where it is `now`) that no
 * process uses. What cannot be removed stays and is said. From the next install on `before` has no
 * keyring. */
void versions_remove_old(const struct installer *installer, const struct target *target,
			 const char *now, const char *before);

/* Does no other process run one of them? 0, -EBUSY, or another negative errno. */
int versions_are_quiet(int home);

/* Everything of ours in the home but its launcher. */
int versions_remove_all(const struct target *target, struct error *error);

/* processes.c: does another process of this machine run what is in a directory of that name? Also
 * true where nobody can tell. */
bool processes_use(const char *name);

/* volumes.c: refuses while volumes of ours are mapped, and names them: "what: volumes ...". Mounted
 * or not: one that is just coming up is mapped first. */
int volumes_refuse(const char *what, struct error *error);

/* trial.c: runs `launcher init` and looks at its answer. */
int trial_init(const char *directory, const char *launcher, struct config_capabilities *ret,
	       struct error *error);
/* The same from the `.init.json` of a version's directory. */
int trial_read(int version, struct config_capabilities *ret);
