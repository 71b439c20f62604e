/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/request.h"

#include <errno.h>

#include "base/str.h"
#include "kubelet/grammar.h"

static const char *const NAMES[] = {
	[ARGUMENT_END] = "",
	[ARGUMENT_JSON] = "JSON",
	[ARGUMENT_DIRECTORY] = "DIR",
	[ARGUMENT_DEVICE] = "DEVICE",
	[ARGUMENT_NODE] = "NODE",
	[ARGUMENT_VOLUME] = "VOLUME",
	[ARGUMENT_NEW_SIZE] = "NEW-SIZE",
	[ARGUMENT_OLD_SIZE] = "OLD-SIZE",
};

const char *request_argument_name(enum argument argument)
{
	return NAMES[argument];
}

/* mountinfo and the kubelet write a directory in one way: "/a//b/" becomes "/a/b". */
static int take_directory(const char *from, struct request *request, struct error *error)
{
	size_t length = 0;

	if (*from != '/')
		return error_set(error, -EINVAL, "DIR: \"%.120s\" is not an absolute path", from);
	while (*from) {
		size_t part;

		from += strspn(from, "/");
		part = strcspn(from, "/");
		if ((part == 1 && from[0] == '.') ||
		    (part == 2 && from[0] == '.' && from[1] == '.'))
			return error_set(error, -EINVAL, "DIR: \".\" and \"..\" cannot be in it");
		if (length + part + 2 > sizeof(request->directory_memory))
			return error_set(error, -EINVAL, "DIR: it is longer than %zu bytes",
					 sizeof(request->directory_memory) - 1);
		if (!part)
			break;
		request->directory_memory[length++] = '/';
		memcpy(request->directory_memory + length, from, part);
		length += part;
		from += part;
	}
	request->directory_memory[length] = '\0';
	if (!length)
		return error_set(error, -EINVAL, "DIR: the root directory is no volume's");
	request->directory = request->directory_memory;
	return 0;
}

static int take_size(const char *name, const char *from, uint64_t *ret, struct error *error)
{
	if (str_to_u64(from, 10, ret) < 0 || *ret > INT64_MAX)
		return error_set(error, -EINVAL, "%s: \"%.40s\" is not a number of bytes", name,
				 from);
	return 0;
}

static int take_name(const char *name, const char *from, const char **ret, struct error *error)
{
	int r = grammar_check(grammar_name, name, from, error);

	if (r >= 0)
		*ret = from;
	return r;
}

static int take(enum argument argument, const char *from, struct request *request,
		struct error *error)
{
	switch (argument) {
	case ARGUMENT_JSON:
		return options_parse(from, &request->options, error);
	case ARGUMENT_DIRECTORY:
		return take_directory(from, request, error);
	case ARGUMENT_DEVICE:
		request->device = from;
		return 0;
	case ARGUMENT_NODE:
		return take_name(NAMES[argument], from, &request->node, error);
	case ARGUMENT_VOLUME:
		return take_name(NAMES[argument], from, &request->volume, error);
	case ARGUMENT_NEW_SIZE:
		return take_size(NAMES[argument], from, &request->new_size, error);
	case ARGUMENT_OLD_SIZE:
		return take_size(NAMES[argument], from, &request->old_size, error);
	case ARGUMENT_END:
		break;
	}
	return error_set(error, -EINVAL, "no such argument");
}

static int check_arity(const enum argument *arguments, int expected, int argc, struct error *error)
{
	_cleanup_text_ struct text list = {0};

	if (argc == expected)
		return 0;
	for (int i = 0; i < expected; i++)
		text_printf(&list, " %s", NAMES[arguments[i]]);
	return error_set(error, -EINVAL, "%d argument%s given, %d expected:%s", argc,
			 argc == 1 ? "" : "s", expected, list.data ? list.data : " none");
}

static int take_all(const enum argument *arguments, int argc, char *const argv[],
		    struct request *request, struct error *error)
{
	int expected = 0, given = argc > 2 ? argc - 2 : 0, r;

	while (expected < REQUEST_ARGUMENTS_MAX && arguments[expected] != ARGUMENT_END)
		expected++;
	r = check_arity(arguments, expected, given, error);
	for (int i = 0; i < expected && r >= 0; i++)
		r = take(arguments[i], argv[2 + i], request, error);
	return r;
}

int request_parse(const char *verb, const enum argument arguments[REQUEST_ARGUMENTS_MAX], int argc,
		  char *const argv[], struct request *ret, struct error *error)
{
	request_init(verb, ret);
	if (take_all(arguments, argc, argv, ret, error) < 0)
		return error_prefix(error, "%s", verb);
	if (!*ret->volume)
		ret->volume = ret->options.volume;
	return 0;
}

void request_init(const char *verb, struct request *ret)
{
	*ret = (struct request){
		.verb = verb, .directory = "", .device = "", .node = "", .volume = ""};
	options_init(&ret->options);
}

void request_done(struct request *request)
{
	options_done(&request->options);
	request_init("", request);
}
