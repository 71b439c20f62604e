/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that change one image, one after the other: what one has half made must not be taken by
 * the next for what a dead process left behind. */
#pragma once

#include <pthread.h>

#include "base/error.h"
#include "rest/request.h"

struct image_turn {
	pthread_mutex_t *lock; /* NULL: not had */
};

/* Waits for it until the request's deadline (-ETIMEDOUT). -EAGAIN: too many wait already, so many
 * that they would take the threads of those who want other images. */
int image_turn_take(const struct rest_request *request, struct image_turn *ret,
		    struct error *error);
void image_turn_done(struct image_turn *turn);
#define _cleanup_image_turn_ __attribute__((cleanup(image_turn_done)))
