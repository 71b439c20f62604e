/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what this node needs for volumes, one line each, and what to do where it lacks. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "ceph/features.h"
#include "ceph/load.h"
#include "ceph/monitors.h"
#include "kernel/key.h"
#include "kernel/module.h"
#include "verbs/verbs.h"

#define MONITOR_TIMEOUT 3000 /* ms */

struct findings {
	struct text *output;
	unsigned int wrong;
};

__attribute__((format(printf, 3, 4))) static void good(const struct findings *findings,
						       const char *what, const char *format, ...)
{
	char words[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	text_printf(findings->output, "good   %-14s %s\n", what, words);
}

static void wrong(struct findings *findings, const char *what, const struct error *error)
{
	findings->wrong++;
	text_printf(findings->output, "WRONG  %-14s %s%s%s\n", what, error->text,
		    *error->advice ? "; " : "", error->advice);
}

static void look_at_module(struct findings *findings)
{
	struct error error;
	uint64_t features;
	char names[256];

	if (!module_present()) {
		(void)error_set(&error, -ENOENT, "the rbd module is not loaded");
		(void)error_advise(&error, "the first mount loads it; try `modprobe rbd`");
		wrong(findings, "module", &error);
		return;
	}
	if (module_features(&features, &error) < 0)
		wrong(findings, "module", &error);
	else
		good(findings, "module", "loaded; it serves %s",
		     image_features_text(features, names, sizeof(names)));
}

static void look_at_programs(struct findings *findings)
{
	static const char *const programs[] = {"mke2fs", "e2fsck", "modprobe"};
	static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct error error;
		bool found = false;

		for (size_t j = 0; j < ARRAY_SIZE(folders); j++)
			found = found || path_exists("%s/%s", folders[j], programs[i]);
		(void)error_set(&error, -ENOENT, "%s is not installed", programs[i]);
		(void)error_advise(&error, "install e2fsprogs and kmod");
		if (found)
			good(findings, programs[i], "installed");
		else
			wrong(findings, programs[i], &error);
	}
}

static void look_at_libraries(struct findings *findings)
{
	struct error error;

	if (ceph_load_rados(&error) < 0 || ceph_load_rbd(&error) < 0)
		wrong(findings, "ceph", &error);
	else
		good(findings, "ceph", "librados and librbd are there");
}

static void look_at_monitors(struct findings *findings, const char *name, const char *text)
{
	struct monitors monitors;
	struct error error;
	int answered = monitors_parse(text, &monitors, &error);

	if (answered == 0)
		answered = monitors_try(&monitors, deadline_in(MONITOR_TIMEOUT),
					deadline_in(MONITOR_TIMEOUT), &error);
	if (answered < 0)
		wrong(findings, name, &error);
	else
		good(findings, name, "monitors answer (%s)", text);
}

static void look_at_keyring(struct findings *findings, const char *path, const char *user)
{
	char key[KEY_TEXT_MAX];
	int readable = 0;
	struct error error;

	if (key_from_keyring(path, user, key, &readable, &error) < 0 || key_check(key, &error) < 0)
		wrong(findings, "keyring", &error);
	else
		good(findings, "keyring", "%s has a key of client.%s%s", path, user,
		     readable ? "; others can read it: chmod 600" : "");
	explicit_bzero(key, sizeof(key));
}

static void look_at_clusters(struct findings *findings, const struct config *config)
{
	char monitors[2048], fsid[40];
	struct error error;

	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct config_cluster *cluster = &config->clusters[i];

		if (*cluster->monitors)
			look_at_monitors(findings, cluster->name, cluster->monitors);
		if (*cluster->keyring)
			look_at_keyring(findings, cluster->keyring,
					*cluster->user ? cluster->user : "admin");
	}
	if (config->cluster_count)
		return;
	if (monitors_from_conf("/etc/ceph/ceph.conf", monitors, sizeof(monitors), fsid,
			       sizeof(fsid), &error) < 0)
		wrong(findings, "ceph.conf", &error);
	else
		look_at_monitors(findings, "ceph.conf", monitors);
}

static void look_at_namespace(struct findings *findings)
{
	struct stat own, init;
	struct error error;

	if (stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &init) == 0 &&
	    own.st_ino == init.st_ino) {
		good(findings, "namespace", "mounts are made where PID 1 sees them");
		return;
	}
	(void)error_set(&error, -EXDEV, "this is another mount namespace than PID 1's");
	(void)error_advise(&error, "mounts must be shared with the host's (bidirectional)");
	wrong(findings, "namespace", &error);
}

static void look_at_config(struct findings *findings, const struct call *call)
{
	if (call->config_error->code < 0)
		wrong(findings, "configuration", call->config_error);
	else
		good(findings, "configuration", "%s, %s mode",
		     *call->config->path ? call->config->path : "none: the defaults",
		     call->config->capabilities.attach ? "attach" : "mount");
	if (call->config->policy)
		good(findings, "policy", "in force, from %s", call->config->path);
	else if (call->config_error->code == 0)
		text_printf(findings->output,
			    "note   %-14s none in force: pods may name any pool and image that "
			    "their key opens\n",
			    "policy");
}

int verb_doctor(const struct call *call, struct result *result, struct error *error)
{
	struct findings findings = {.output = call->output};

	(void)result;
	if (call->argc > 0) {
		(void)error_set(error, -EINVAL, "doctor takes no arguments");
		return VERB_WRONG_USE;
	}
	look_at_config(&findings, call);
	look_at_module(&findings);
	look_at_libraries(&findings);
	look_at_programs(&findings);
	look_at_clusters(&findings, call->config);
	look_at_namespace(&findings);
	return findings.wrong ? 1 : 0;
}
