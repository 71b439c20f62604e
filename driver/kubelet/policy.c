/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/policy.h"

#include <errno.h>
#include <inttypes.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "kubelet/monitor_list.h"
#include "kubelet/policy_keys.h"
#include "kubelet/policy_pattern.h"

/* One question: may this option have this value? */
struct question {
	const struct config *config;
	const struct options *options;
	const struct access *access;
	const struct policy_subject *subject;
	const cJSON *patterns; /* NULL where the policy does not list it */
};

static bool one_matches(const struct question *question, const char *pattern, const char *item)
{
	const struct options *options = question->options;

	switch (question->subject->kind) {
	case POLICY_PARENT:
		return policy_pattern_match_parent(pattern, options->pod_namespace,
						   &options->parent, &options->image);
	case POLICY_MONITORS:
		return policy_pattern_match_monitor(pattern, options->pod_namespace, item);
	case POLICY_WORD:
	case POLICY_LIST:
		break;
	}
	return policy_pattern_match(pattern, options->pod_namespace, item);
}

static bool matches(const struct question *question, const char *item)
{
	const cJSON *pattern;

	cJSON_ArrayForEach(pattern, question->patterns) {
		if (one_matches(question, pattern->valuestring, item))
			return true;
	}
	return false;
}

/* What can be given instead. */
static void add_allowed(const struct question *question, struct text *text)
{
	const char *unlisted =
		question->subject->unlisted ? question->subject->unlisted(question->access) : "";
	const cJSON *pattern;
	bool names_pod = false;

	if (!question->patterns && *unlisted)
		text_printf(text, "which allows only \"%s\"", unlisted);
	else if (!question->patterns)
		text_printf(text, "which does not list %s: it may not be given",
			    question->subject->name);
	else
		text_printf(text, "which allows%s", question->patterns->child ? "" : " nothing");
	cJSON_ArrayForEach(pattern, question->patterns) {
		text_printf(text, "%s \"%s\"", pattern == question->patterns->child ? "" : ",",
			    pattern->valuestring);
		names_pod = names_pod || strstr(pattern->valuestring, POLICY_POD_NAMESPACE);
	}
	if (names_pod && *question->options->pod_namespace)
		text_printf(text, " (%s is %s)", POLICY_POD_NAMESPACE,
			    question->options->pod_namespace);
	else if (names_pod)
		text_printf(text,
			    " (%s is nothing here: the kubelet says whose pod it is with the "
			    "verb mount only)",
			    POLICY_POD_NAMESPACE);
}

static int refuse(const struct question *question, const char *item, struct error *error)
{
	const char *name = question->subject->name;
	_cleanup_text_ struct text allowed = {0};

	add_allowed(question, &allowed);
	error_set(error, -EPERM,
		  "%s: \"%.120s\" is refused by the administrator's policy in %s, %s", name, item,
		  question->config->path, allowed.data ? allowed.data : "");
	return error_advise(error,
			    "change %s of the volume, or have the administrator of the nodes "
			    "list it in \"policy\"",
			    name);
}

static int check_items(const struct question *question, const char *value, struct error *error)
{
	char item[GRAMMAR_ITEM_MAX];

	for (const char *rest = value; rest;) {
		(void)grammar_next_item(&rest, item);
		if (!matches(question, item))
			return refuse(question, item, error);
	}
	return 0;
}

static int check_monitors(const struct question *question, const char *value, struct error *error)
{
	char word[MONITOR_WORD_MAX];

	while (monitor_list_next(&value, word))
		/* one that fills the buffer may have been cut: nobody's address is that long */
		if (strlen(word) == sizeof(word) - 1 || !matches(question, word))
			return refuse(question, word, error);
	return 0;
}

static int check_subject(const struct question *question, struct error *error)
{
	const struct policy_subject *subject = question->subject;
	char memory[IMAGE_TEXT_MAX];
	const char *value = subject->value(question->options, question->access, memory);

	if (!question->patterns)
		return !subject->unlisted || str_eq(value, subject->unlisted(question->access))
			       ? 0
			       : refuse(question, value, error);
	if (!*value && !subject->always)
		return 0;
	if (subject->kind == POLICY_LIST)
		return check_items(question, value, error);
	if (subject->kind == POLICY_MONITORS)
		return check_monitors(question, value, error);
	return matches(question, value) ? 0 : refuse(question, value, error);
}

/* Without an entry it would be ceph.conf's cluster with client.admin's rights: a pod could get
 * there by an fsid or by leaving out `cluster`. Who lists users has decided about that himself. */
static int check_entry(const struct config *config, const struct access *access,
		       struct error *error)
{
	if (!config->cluster_count || *access->cluster ||
	    cJSON_GetObjectItemCaseSensitive(config->policy, "user"))
		return 0;
	error_set(
		error, -EPERM,
		"the volume is in none of the clusters of %s, and the administrator's policy in it "
		"does not list user: client.%s is nobody's who may be used there",
		config->path, access->user);
	return error_advise(error, "name a cluster of the configuration by the option cluster");
}

int policy_check(const struct config *config, const struct options *options,
		 const struct access *access, struct error *error)
{
	struct question question = {.config = config, .options = options, .access = access};
	const struct policy_subject *subjects;
	size_t count;
	int r = 0;

	if (!config->policy)
		return 0;
	r = check_entry(config, access, error);
	subjects = policy_subjects(&count);
	for (size_t i = 0; i < count && r == 0; i++) {
		question.subject = &subjects[i];
		question.patterns =
			cJSON_GetObjectItemCaseSensitive(config->policy, subjects[i].name);
		r = check_subject(&question, error);
	}
	if (r == 0 && options->size_given)
		r = policy_check_size(config, options->image.image, options->size, error);
	return r;
}

int policy_check_create(const struct config *config, const char *image, struct error *error)
{
	if (!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(config->policy, POLICY_CREATE)))
		return 0;
	error_set(error, -EPERM,
		  "image %s does not exist, and the administrator's policy in %s (\"" POLICY_CREATE
		  "\": false) lets no volume make one",
		  image, config->path);
	return error_advise(error, "correct the image's name, or have it made by `rbd create`");
}

uint64_t policy_max_size(const struct config *config)
{
	const cJSON *most = cJSON_GetObjectItemCaseSensitive(config->policy, POLICY_MAX_SIZE);
	struct error checked; /* when the file was read */
	uint64_t bytes = 0;

	if (most)
		(void)options_parse_size(most->valuestring, &bytes, &checked);
	return bytes;
}

int policy_check_size(const struct config *config, const char *image, uint64_t size,
		      struct error *error)
{
	const cJSON *most = cJSON_GetObjectItemCaseSensitive(config->policy, POLICY_MAX_SIZE);
	uint64_t bytes = policy_max_size(config);

	if (!most || size <= bytes)
		return 0;
	error_set(error, -EPERM,
		  "size: %" PRIu64
		  " bytes for image %s are refused by the administrator's policy in "
		  "%s, which allows at most %s (\"" POLICY_MAX_SIZE "\")",
		  size, image, config->path, most->valuestring);
	return error_advise(error, "ask for less, or have the administrator of the nodes raise it");
}
