/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/names.h"

#include <errno.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "kubelet/options.h"
#include "rest/cursor.h"

#define LIMIT_MAX 1000
#define WORDS_MAX 255 /* of a name that is only compared: what any image can have */

/* An image's name has the same grammar as a pool's and a namespace's. */
#define NAME_SCHEMA                                               \
	"{\"type\":\"string\",\"minLength\":1,\"maxLength\":200," \
	"\"pattern\":\"^[A-Za-z0-9._][A-Za-z0-9._-]*$\"}"
#define WORDS_SCHEMA   "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}"
#define BOOLEAN_SCHEMA "{\"type\":\"boolean\",\"default\":false}"

static int take_object_name(const struct name_row *row, const char *value,
			    struct rest_request *request, struct error *error)
{
	return grammar_check(grammar_image, row->name, value, error) < 0 ? -EDOM : 0;
}

/* What is compared with names that are there: they may have been made elsewhere. */
static int take_words(const struct name_row *row, const char *value, struct rest_request *request,
		      struct error *error)
{
	size_t length = strlen(value);

	if (length >= 1 && length <= WORDS_MAX)
		return 0;
	return error_set(error, -EDOM, "%s: 1 to %d bytes were expected", row->name, WORDS_MAX);
}

static int take_after(const struct name_row *row, const char *value, struct rest_request *request,
		      struct error *error)
{
	char name[WORDS_MAX + 1] = "";

	if (cursor_to_name(value, name, sizeof(name)) == 0 && *name)
		return 0;
	return error_set(error, -EDOM, "%s: 1 to %d bytes were expected", row->name, WORDS_MAX);
}

static int take_size(const struct name_row *row, const char *value, struct rest_request *request,
		     struct error *error)
{
	return options_parse_size(value, &request->size, error) < 0 ? -EDOM : 0;
}

static int take_boolean(const struct name_row *row, const char *value, struct rest_request *request,
			struct error *error)
{
	bool *set = (bool *)((char *)request + row->offset);

	*set = str_eq(value, "true");
	if (*set || str_eq(value, "false"))
		return 0;
	return error_set(error, -EDOM, "%s: \"%.120s\" is neither true nor false", row->name,
			 value);
}

static int take_limit(const struct name_row *row, const char *value, struct rest_request *request,
		      struct error *error)
{
	if (str_to_u64(value, 10, &request->limit) == 0 && request->limit >= 1 &&
	    request->limit <= LIMIT_MAX)
		return 0;
	return error_set(error, -EDOM, "%s: \"%.120s\" is no whole number from 1 to %d", row->name,
			 value, LIMIT_MAX);
}

const struct name_row names[NAMES] = {
	[NAME_NAME] = {"name", "The pool", NAME_SCHEMA, take_object_name, 0},
	[NAME_POOL] = {"poolName", "The pool", NAME_SCHEMA, take_object_name, 0},
	[NAME_IMAGE] = {"imageName", "The image", NAME_SCHEMA, take_object_name, 0},
	[NAME_NAMESPACE] = {"namespace", "The RADOS namespace in the pool; without it the default",
			    NAME_SCHEMA, take_object_name, 0},
	[NAME_SIZE] = {"size",
		       "Bytes in decimal, or with a unit: k M G T P (powers of 1000), Ki Mi Gi Ti "
		       "Pi (powers of 1024); 4Mi at least",
		       "{\"type\":\"string\",\"pattern\":\"^[0-9]+([kMGTP]|[KMGTP]i)?$\"}",
		       take_size, 0},
	[NAME_EXACT] = {"exact",
			"false: whole objects are counted, which is fast where the image has a "
			"valid object map and fast-diff",
			"{\"type\":\"boolean\",\"default\":true}", take_boolean,
			offsetof(struct rest_request, exact)},
	[NAME_DETAILS] = {"details", "Adds size, features and watchers of each image",
			  BOOLEAN_SCHEMA, take_boolean, offsetof(struct rest_request, details)},
	[NAME_SHRINK] = {"shrink", "true: the image may become smaller, what is behind is lost",
			 BOOLEAN_SCHEMA, take_boolean, offsetof(struct rest_request, shrink)},
	[NAME_PREFIX] = {"prefix", "Only images whose name begins so", WORDS_SCHEMA, take_words, 0},
	[NAME_LIMIT] = {"limit", "How many images at most",
			"{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":1000}",
			take_limit, 0},
	[NAME_AFTER] = {"after",
			"Only images behind this name: `next` of the page before, as it is",
			WORDS_SCHEMA, take_after, 0},
};
