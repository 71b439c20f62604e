/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/fence.h"

#include "base/lock.h"
#include "base/log.h"
#include "base/phase.h"
#include "base/str.h"

#define FENCE_SECONDS 86400

/* 1, 0, or a negative errno: on doubt nobody is fenced. */
static int is_our_own(const char *address, struct error *error)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	int result = krbd_list(&mappings, error);

	for (size_t i = 0; result == 0 && i < mappings.count; i++)
		result = str_eq(mappings.list[i].client_address, address);
	return result;
}

int fence_client(struct volume *volume, const char *address, const char *who, struct error *error)
{
	int result = is_our_own(address, error);

	if (result < 0)
		return result;
	if (result) {
		log_say(LOG_LEVEL_WARNING,
			"%s of image %s, %s, is this node's own client: not fenced", who,
			volume->text, address);
		return 0;
	}
	phase_begin("fence");
	lock_note(volume->lock, "fencing %s for %s", address, volume->text);
	result = cluster_fence(volume->cluster, address, FENCE_SECONDS, volume->header.id, error);
	if (result < 0) {
		error_prefix(error, "fence %s of image %s, %s", who, volume->text, address);
		return error_advise(error, "the user needs the monitors' `profile rbd`, which "
					   "allows it");
	}
	log_say(LOG_LEVEL_WARNING, "fenced %s, %s of image %s", address, who, volume->text);
	return 0;
}
