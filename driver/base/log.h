/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: the journal's socket or /dev/log, never fd 1 or 2, never the plug-in directory. It
 * never delays or fails a call: what cannot be sent at once is dropped.
 */
#pragma once

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

__attribute__((format(printf, 2, 3))) void log_say(enum log_level level, const char *format, ...);
