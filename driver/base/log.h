/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: the journal's own socket, else /dev/log, else a capped file that only root can read;
 * never fd 1 or 2, never the plug-in directory. It never delays or fails a call: what a target
 * does not take at once goes to the next one, or nowhere.
 */
#pragma once

enum log_target { LOG_TARGET_JOURNAL, LOG_TARGET_FILE };

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* What a line is about: set once, said by each line from then on. In the journal a field of its
 * own (RBD_VERB, RBD_VOLUME, ...). */
enum log_field { LOG_VERB, LOG_VOLUME, LOG_IMAGE, LOG_DIRECTORY, LOG_POD, LOG_DEVICE, LOG_FIELDS };

/* Without it: the journal and its stand-ins, LOG_LEVEL_INFO. LOG_TARGET_FILE: the file alone. */
void log_configure(enum log_target target, int level);

__attribute__((format(printf, 2, 3))) void log_about(enum log_field field, const char *format, ...);

__attribute__((format(printf, 2, 3))) void log_say(enum log_level level, const char *format, ...);

/* The one line of a call, at its end: all fields, its phases (base/phase.h), what came of it. */
void log_call(enum log_level level, const char *result, const char *message);
