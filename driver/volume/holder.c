/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/holder.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/phase.h"
#include "base/str.h"
#include "volume/fence.h"

/* "1 address=10.77.0.11:0/99 mounts=7 uuid=... node=n1": the first word is the version. */
struct holder {
	char address[96];
	unsigned int mounts;
	char uuid[40];
	char node[128];
};

static bool read_record(const char *text, struct holder *ret)
{
	return sscanf(text, "1 address=%95s mounts=%u uuid=%39s node=%127s", ret->address,
		      &ret->mounts, ret->uuid, ret->node) == 4;
}

static int write_record(struct volume *volume, const struct holder *holder, struct error *error)
{
	char text[IMAGE_RECORD_MAX];

	(void)snprintf(text, sizeof(text), "1 address=%s mounts=%u uuid=%s node=%s",
		       holder->address, holder->mounts, holder->uuid, holder->node);
	return image_write_record(volume->cluster, volume->header.id, IMAGE_RECORD_HOLDER, text,
				  error);
}

/* A clone has the file system of a moment of its parent; nobody had the clone itself mounted. */
static bool is_fresh_clone(const struct volume *volume)
{
	return *volume->options->parent.image && !*volume->header.holder && !*volume->header.format;
}

static void remark_unfenced(struct volume *volume)
{
	(void)snprintf(
		volume->remark, sizeof(volume->remark),
		"the file system of image %s was not left clean, and no record tells who had "
		"it mounted: if that is a node that is only cut off, it could still write "
		"when it comes back",
		volume->text);
	log_say(LOG_LEVEL_WARNING, "%s", volume->remark);
}

int holder_fence_last(struct volume *volume, const struct super *super, struct error *error)
{
	struct holder last;
	char who[160];
	int result;

	if (volume->guard == GUARD_NONE)
		return 0;
	if (!read_record(volume->header.holder, &last) || !str_eq(last.uuid, super->uuid) ||
	    last.mounts != super->mount_count) {
		/* where the exclusive lock had a dead owner, the kernel has fenced it at the map;
		 * those that were awaited are fenced too; and while this node has the lock for
		 * itself, nobody else's writes are taken (docs/decisions/0007) */
		if (!volume->header.locked && volume->fenced == 0 &&
		    volume->guard != GUARD_EXCLUSIVE && !is_fresh_clone(volume))
			remark_unfenced(volume);
		return 0;
	}
	(void)snprintf(who, sizeof(who), "the last holder, node %s,", last.node);
	result = fence_client(volume, last.address, who, error);
	if (result == 0)
		volume->fenced++;
	return result;
}

int holder_record(struct volume *volume, const struct super *super, struct error *error)
{
	/* the superblock counts in 16 bits; 0 where it does not */
	struct holder now = {.mounts = super->counts_mounts ? (uint16_t)(super->mount_count + 1U)
							    : 0};
	char node[sizeof(now.node)] = "";
	int result;

	(void)str_copy(now.address, sizeof(now.address), volume->mapping.client_address);
	(void)str_copy(now.uuid, sizeof(now.uuid), super->uuid);
	if (gethostname(node, sizeof(node) - 1) < 0 || !*node)
		(void)str_copy(node, sizeof(node), "unknown");
	(void)str_copy(now.node, sizeof(now.node), node);
	if (!*now.address)
		return error_set(error, -EIO, "the kernel does not tell its own client address");
	phase_begin("record");
	result = write_record(volume, &now, error);
	if (result < 0)
		return error_prefix(error, "note this node as the holder of image %s",
				    volume->text);
	return 0;
}

void holder_restore(struct volume *volume)
{
	struct error error;

	if (image_write_record(volume->cluster, volume->header.id, IMAGE_RECORD_HOLDER,
			       volume->header.holder, &error) < 0)
		log_say(LOG_LEVEL_WARNING, "image %s: its holder's record stays: %s", volume->text,
			error.text);
}
