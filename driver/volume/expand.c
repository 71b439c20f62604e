/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/expand.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/phase.h"
#include "base/str.h"
#include "fs/mountinfo.h"
#include "kubelet/policy.h"
#include "volume/hands.h"
#include "volume/survey.h"
#include "volume/told.h"

#define REFRESH_DEADLINE 10000 /* ms until the kernel has heard of the new size */

/* A claim of 1500M is no whole number of blocks; the kernel would cut what is over. */
static uint64_t round_up(uint64_t size)
{
	const uint64_t block = 4096;

	return size > UINT64_MAX - block ? size : (size + block - 1) / block * block;
}

int expand_image(struct volume *volume, uint64_t size, struct error *error)
{
	const uint64_t whole = round_up(size);
	int result = volume_connect(volume, error);

	if (result == 0)
		result = image_read_header(volume->cluster, volume->image.image, &volume->header,
					   error);
	if (result < 0 || volume->header.size >= whole)
		return result;
	result = policy_check_size(volume->config, volume->text, size, error);
	if (result < 0)
		return result;
	phase_begin("grow");
	lock_note(volume->lock, "growing %s", volume->text);
	return image_grow(volume->cluster, volume->image.image, whole, error);
}

/* The kernel grows a file system only through a mount that can be written: where DIR is the bind of
 * a pod that reads, through another one; not through one that something else covers. */
static const struct mount_entry *writable(const struct mount_table *table,
					  const struct mount_entry *here)
{
	const struct mount_entry *entry = here->read_only ? NULL : here;

	for (const struct mount_entry *other = NULL;
	     !entry && (other = mount_table_next_of(table, here->device, other));)
		if (!other->read_only && mount_table_at(table, other->directory) == other)
			entry = other;
	return entry ? entry : here;
}

/* What is mounted there must be this image (design §5 rule 4), whoever's key it came up with:
 * expandfs is not given the Secret. `ret`: where it can be grown. */
static int find_mounted(struct volume *volume, char ret[PATH_MAX], struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	const struct mount_entry *entry;
	int result = mountinfo_read(0, &table);

	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	entry = mount_table_at(&table, volume->directory);
	if (!entry)
		return error_set(error, -ENOENT, "nothing is mounted at %s", volume->directory);
	if (krbd_by_device(entry->device, &volume->mapping) < 0 ||
	    !mapping_is_ours(&volume->mapping) || !survey_same_place(volume, &volume->mapping)) {
		error_set(error, -EBUSY, "what is mounted at %s is not image %s", volume->directory,
			  volume->text);
		return error_advise(error, "was the volume's image changed while it was in use?");
	}
	told_mapping(&volume->mapping);
	if (entry->super_read_only)
		return error_set(error, -EROFS, "%s is mounted read-only and cannot grow",
				 volume->directory);
	result = str_copy(ret, PATH_MAX, writable(&table, entry)->directory);
	return result < 0 ? error_errno(error, result, "grow %s", volume->directory) : 0;
}

/* The header's update reaches the kernel by its watch; nothing here can wait for that event but
 * a look at sysfs. */
static int await_size(struct volume *volume, uint64_t size, struct error *error)
{
	const struct deadline until = deadline_in(REFRESH_DEADLINE);

	while (krbd_read(volume->mapping.id, &volume->mapping) == 0) {
		if (volume->mapping.size >= size)
			return 0;
		if (deadline_passed(until))
			break;
		deadline_pause(20, until);
	}
	error_set(error, -ETIMEDOUT, "/dev/rbd%d has not grown to %llu bytes", volume->mapping.id,
		  (unsigned long long)size);
	return error_advise(error, "the kernel hears of it by its watch on the image: look at the "
				   "cluster's health and at dmesg");
}

/* While the kernel has the image's lock for itself nobody else can change the image, this program
 * neither (measured: -EROFS from librbd). */
static int refuse_exclusive(const struct volume *volume, uint64_t size, struct error *error)
{
	if (!volume->mapping.exclusive || volume->mapping.size >= size)
		return 0;
	error_set(error, -EROFS,
		  "image %s has %llu bytes and is mapped with guard=exclusive: nobody can grow it "
		  "while it is mapped",
		  volume->text, (unsigned long long)volume->mapping.size);
	return error_advise(error, "stop its pods, set size to the wanted one in the options of "
				   "the volume (or use `rbd resize`), and start them again");
}

int expand_mounted(struct volume *volume, uint64_t size, struct error *error)
{
	const uint64_t whole = round_up(size);
	char directory[PATH_MAX];
	int result = find_mounted(volume, directory, error);

	if (result == 0)
		result = refuse_exclusive(volume, whole, error);
	if (result == 0)
		result = hands_start(volume, error);
	if (result == 0 && volume->mapping.size < whole) {
		result = expand_image(volume, size, error);
		if (result == 0)
			result = await_size(volume, whole, error);
	}
	if (result == 0)
		result = hands_grow(volume, directory, volume->mapping.size, error);
	return result < 0 ? error_prefix(error, "grow volume %s", volume->options->volume) : 0;
}
