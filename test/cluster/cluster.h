/* SPDX-License-Identifier: Apache-2.0 */
/* What the cluster tests share: commands of an administrator, and a foreign client. */
#pragma once

#include "unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "ceph/features.h"
#include "ceph/image.h"
#include "ceph/room.h"
#include "ceph/watchers.h"

#define TIMEOUT 20000 /* ms; nothing that answers takes so long, on a busy machine either */

/* Runs a shell line as client.admin (CEPH_CONF is set by `lab exec`); it must succeed. */
__attribute__((format(printf, 1, 2))) void admin(const char *format, ...);
/* The same; what it printed, without the last newline, until the next call. */
__attribute__((format(printf, 1, 2))) const char *asked(const char *format, ...);
/* Its exit status. */
__attribute__((format(printf, 1, 2))) int tried(const char *format, ...);

/* A verb of the lab ("mon pause a"); it must succeed. */
void lab(const char *words);
/* A paused OSD goes on, and so do requests that wait for a placement group whose lease ran out
 * meanwhile (16 s, renewed every 8): with one OSD alone it has to peer anew for that (Ceph 16). */
void resume_osd(void);

/* A cluster as `user` with pool kube in use; fails the test where it cannot. */
struct cluster *connected(const char *user, const char *pool, const char *name_space);
struct cluster_access access_of(const char *user);

/* A user of its own with these caps ("mon 'profile rbd' osd ..."), for access_of() and connected();
 * made anew where it is there already. */
void user_with(const char *user, const char *caps);

/* image_create() of a plain image with layering and exclusive-lock. */
int make_image(struct cluster *cluster, const char *image, uint64_t size, struct error *error);

/* The header of an image that must be there. */
struct image_header header_of(struct cluster *cluster, const char *image);

/* A foreign client in a process of its own that has an image open for writing (librbd). */
struct holder {
	pid_t pid;
	int to;
	int from;
};
struct holder holder_start(const char *image);
/* Lets it write one block at offset 0; what rbd_write() returned. */
int holder_write(struct holder *holder);
void holder_kill(struct holder *holder);
/* main() of that process */
int holder_main(const char *image);

#define assert_ok(call, error)                                                               \
	do {                                                                                 \
		int r_ = (call);                                                             \
		if (r_ < 0)                                                                  \
			fail_msg("%s: %d %s (%s)", #call, r_, (error).text, (error).advice); \
	} while (0)

#define assert_refused(call, wanted, error)                                                    \
	do {                                                                                   \
		(error) = (struct error){0};                                                   \
		int r_ = (call);                                                               \
		if (r_ != (wanted))                                                            \
			fail_msg("%s: %d instead of %d: %s", #call, r_, wanted, (error).text); \
		assert_int_equal((error).code, wanted);                                        \
		print_message("# %s%s%s\n", (error).text, *(error).advice ? " -- " : "",       \
			      (error).advice);                                                 \
	} while (0)

extern const struct CMUnitTest session_tests[], image_tests[], change_tests[], make_tests[],
	clone_tests[], caps_tests[], manage_pool_tests[], manage_image_tests[],
	manage_change_tests[], manage_snapshot_tests[], manage_many_tests[], full_tests[],
	hung_tests[];
extern const size_t session_tests_count, image_tests_count, change_tests_count, make_tests_count,
	clone_tests_count, caps_tests_count, manage_pool_tests_count, manage_image_tests_count,
	manage_change_tests_count, manage_snapshot_tests_count, manage_many_tests_count,
	full_tests_count, hung_tests_count;
