/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of the Secret: of the one that comes with mount, and of the one that is mounted for
 * the installer. */
#pragma once

#include <stddef.h>

#include "base/error.h"

#define SECRET_PREFIX "secret/"

/* "" where not given. Its owner wipes it. */
struct secret {
	char key[256]; /* base64, as in a keyring */
	char user[104];
};

/* One entry, its value in the base64 that the kubelet sends it in. Entries that we do not know are
 * passed over: all of a Secret comes with the call, also what is for others. Errors name the
 * entry, never a value. */
int secret_take(struct secret *secret, const char *name, const char *base64, struct error *error);

/* The same for the file of a mounted Secret, which has the value itself. */
int secret_take_bytes(struct secret *secret, const char *name, const char *bytes, size_t length,
		      struct error *error);
