/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ceph keys: from a keyring file, and into the process keyring by add_key(2), type "ceph"
 * (net/ceph/ceph_common.c: get_secret). The worker that writes the add string must add the key
 * itself: a forked child starts with an empty process keyring.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

#define KEY_TEXT_MAX 256 /* of the base64 form */

/* Checks the base64 form: decodes, has the kernel's type (AES-128; a newer type is refused with
 * the reason). The key is never part of the error. */
int key_check(const char *base64, struct error *error);

/* Reads `key = ...` of [client.USER] from a keyring file. A file that others can write is
 * refused; one that others can read sets *ret_readable (a warning is the caller's). */
int key_from_keyring(const char *path, const char *user, char ret[KEY_TEXT_MAX],
		     int *ret_readable_by_others, struct error *error);

/* The serial number in the process keyring, for key_forget(). */
int key_add(const char *description, const char *base64, struct error *error);
void key_forget(int serial);
