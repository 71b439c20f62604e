/* SPDX-License-Identifier: Apache-2.0 */
/* Tells systemd how it goes (sd_notify(3)): a datagram to $NOTIFY_SOCKET, nothing without it. */
#pragma once

void notify(const char *state);
