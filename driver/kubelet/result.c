/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/utf8.h"

/* Each byte of a text takes six at most (\u00XX); the rest of the answer is less than 512. */
#define ANSWER_MAX \
	(6 * (sizeof(((struct result *)0)->message) + sizeof(((struct result *)0)->device)) + 512)

struct answer {
	char data[ANSWER_MAX];
	size_t length;
};

static void put(struct answer *answer, const char *bytes, size_t length)
{
	if (length > sizeof(answer->data) - answer->length)
		return; /* cannot be: see ANSWER_MAX */
	memcpy(answer->data + answer->length, bytes, length);
	answer->length += length;
}

static void put_text(struct answer *answer, const char *text)
{
	put(answer, text, strlen(text));
}

/* The kubelet's decoder refuses raw control characters; DEL and all others may stand. */
static void put_byte(struct answer *answer, char byte)
{
	char escaped[8];

	if (byte == '"' || byte == '\\')
		put(answer, (const char[]){'\\', byte}, 2);
	else if (byte == '\n')
		put_text(answer, "\\n");
	else if ((unsigned char)byte < 0x20)
		put(answer, escaped,
		    (size_t)snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned char)byte));
	else
		put(answer, &byte, 1);
}

static void put_quoted(struct answer *answer, const char *text)
{
	char clean[sizeof(((struct result *)0)->message)]; /* the longest text there is */

	(void)snprintf(clean, sizeof(clean), "%s", text);
	utf8_clean(clean);
	put_text(answer, "\"");
	for (const char *byte = clean; *byte; byte++)
		put_byte(answer, *byte);
	put_text(answer, "\"");
}

static void put_bool(struct answer *answer, const char *key, bool value)
{
	put_text(answer, key);
	put_text(answer, value ? "true" : "false");
}

static void put_capabilities(struct answer *answer, const struct config_capabilities *capabilities)
{
	put_bool(answer, ",\"capabilities\":{\"attach\":", capabilities->attach);
	put_bool(answer, ",\"fsGroup\":", capabilities->fs_group);
	put_bool(answer, ",\"selinuxRelabel\":", capabilities->selinux_relabel);
	put_bool(answer, ",\"supportsMetrics\":", capabilities->supports_metrics);
	put_bool(answer, ",\"requiresFSResize\":", capabilities->requires_fs_resize);
	put_text(answer, "}");
}

static const char *status_text(enum result_status status)
{
	switch (status) {
	case RESULT_SUCCESS:
		return "Success";
	case RESULT_NOT_SUPPORTED:
		return "Not supported";
	case RESULT_FAILURE:
		break;
	}
	return "Failure";
}

void result_success(struct result *result)
{
	result->status = RESULT_SUCCESS;
}

void result_not_supported(struct result *result, const char *verb)
{
	memset(result, 0, sizeof(*result));
	result->status = RESULT_NOT_SUPPORTED;
	snprintf(result->message, sizeof(result->message), "%.100s is not supported", verb);
}

void result_failure(struct result *result, const struct error *error)
{
	memset(result, 0, sizeof(*result));
	result->status = RESULT_FAILURE;
	snprintf(result->message, sizeof(result->message), "%s%s%s",
		 *error->text ? error->text : "failed, and nothing says why",
		 *error->advice ? "; " : "", error->advice);
}

int result_write(const struct result *result, int fd)
{
	struct answer answer;

	answer.length = 0;
	put_text(&answer, "{\"status\":");
	put_quoted(&answer, status_text(result->status));
	if (*result->message) {
		put_text(&answer, ",\"message\":");
		put_quoted(&answer, result->message);
	}
	if (*result->device) {
		put_text(&answer, ",\"device\":");
		put_quoted(&answer, result->device);
	}
	if (result->has_attached)
		put_bool(&answer, ",\"attached\":", result->attached);
	if (result->has_capabilities)
		put_capabilities(&answer, &result->capabilities);
	put_text(&answer, "}\n");
	return result_print(answer.data, answer.length, fd);
}

int result_print(const char *text, size_t length, int fd)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

int result_explain(const struct error *error, int fd)
{
	char line[sizeof(error->text) + sizeof(error->advice) + 32];
	int length;

	snprintf(line, sizeof(line) - 1, "rbd-flexvolume: %s%s%s", error->text,
		 *error->advice ? "; " : "", error->advice);
	str_one_line(line);
	length = (int)strlen(line);
	line[length++] = '\n';
	return result_print(line, (size_t)length, fd);
}
