/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds on the node itself. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/spawn.h"
#include "ceph/features.h"
#include "kernel/module.h"
#include "verbs/doctor.h"

static void look_at_module(struct findings *findings)
{
	struct error error;
	uint64_t features;
	char names[256];

	if (!module_present()) {
		(void)error_set(&error, -ENOENT, "the rbd module is not loaded");
		(void)error_advise(&error, "the first mount loads it; try `modprobe rbd`");
		found_wrong(findings, "module", &error);
		return;
	}
	if (module_features(&features, &error) < 0)
		found_wrong(findings, "module", &error);
	else
		found_good(findings, "module", "loaded; it serves %s",
			   image_features_text(features, names, sizeof(names)));
}

static void look_at_programs(struct findings *findings)
{
	static const struct {
		const char *name, *package, *without; /* without: what does not work, else all */
	} programs[] = {
		{"mke2fs", "e2fsprogs", NULL},
		{"e2fsck", "e2fsprogs", NULL},
		{"modprobe", "kmod", NULL},
		{"mkfs.xfs", "xfsprogs", "volumes of fsType xfs cannot be made here"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct error error;

		if (spawn_can(programs[i].name)) {
			found_good(findings, programs[i].name, "installed");
			continue;
		}
		if (programs[i].without) {
			found_note(findings, programs[i].name, "not installed: %s; install %s",
				   programs[i].without, programs[i].package);
			continue;
		}
		(void)error_set(&error, -ENOENT, "%s is not installed", programs[i].name);
		(void)error_advise(&error, "install %s", programs[i].package);
		found_wrong(findings, programs[i].name, &error);
	}
}

/* cephx tickets hold for hours by both clocks. The monitors' time cannot be asked for with the caps
 * of a volume's user; what the kernel knows of its own clock can. */
static void look_at_clock(struct findings *findings)
{
	const time_t driver_made = 1735689600; /* 2025: no cluster's clock is before that */
	const time_t now = time(NULL);
	struct timex state = {0};
	struct error error;
	char words[40] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		(void)strftime(words, sizeof(words), "%F %T UTC", &tm);
	if (now < driver_made) {
		(void)error_set(&error, -ERANGE, "it is %s by this node's clock", words);
		(void)error_advise(&error, "set it, and run a time service: the cluster refuses "
					   "who is hours away");
		found_wrong(findings, "clock", &error);
	} else if (adjtimex(&state) == TIME_ERROR || state.status & STA_UNSYNC) {
		found_note(findings, "clock",
			   "%s, kept by no time service: the cluster refuses who is hours away",
			   words);
	} else {
		found_good(findings, "clock", "%s, kept by a time service", words);
	}
}

static void look_at_namespace(struct findings *findings)
{
	struct stat own, init;
	struct error error;

	if (stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &init) == 0 &&
	    own.st_ino == init.st_ino) {
		found_good(findings, "namespace", "mounts are made where PID 1 sees them");
		return;
	}
	(void)error_set(&error, -EXDEV, "this is another mount namespace than PID 1's");
	(void)error_advise(&error, "mounts must be shared with the host's (bidirectional)");
	found_wrong(findings, "namespace", &error);
}

void doctor_node(struct findings *findings)
{
	look_at_module(findings);
	look_at_programs(findings);
	look_at_clock(findings);
	look_at_namespace(findings);
}
