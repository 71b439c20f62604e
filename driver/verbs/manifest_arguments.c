/* SPDX-License-Identifier: Apache-2.0 */
/* What can be given to the verb manifest, and for what. */
#include <errno.h>
#include <stddef.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "verbs/manifest.h"

#define PV       MANIFEST_PV
#define PVC      MANIFEST_PVC
#define SECRET   MANIFEST_SECRET
#define POD      MANIFEST_POD
#define FROM_RBD MANIFEST_FROM_RBD

enum value { TEXT, FLAG, OPTION, NAMED_OPTION };

static const struct argument_rule {
	const char *name;
	unsigned int kinds;
	enum value value;
	size_t offset;      /* of TEXT and FLAG in struct manifest */
	const char *option; /* of OPTION: its name in flexVolume.options */
	const char *help;
} RULES[] = {
#define MEMBER(member) offsetof(struct manifest, member), NULL
	{"--image", PV, TEXT, MEMBER(image), "the RBD image (default: NAME)"},
	{"--pool", PV, OPTION, 0, "pool", "its pool (default: rbd)"},
	{"--size", PV | PVC, TEXT, MEMBER(size), "10Gi: what it holds; a missing image is made so"},
	{"--existing", PV, FLAG, MEMBER(existing), "the image is there: never make one"},
	{"--count", PV | PVC | POD, TEXT, MEMBER(count_text), "so many, numbered from -0 on"},
	{"--fs-type", PV, TEXT, MEMBER(fs_type), "ext4 (default) or xfs"},
	{"--read-only", PV | POD, FLAG, MEMBER(read_only), "nothing is written"},
	{"--access-mode", PV | PVC, TEXT, MEMBER(access_mode), "ReadWriteOnce or ReadOnlyMany"},
	{"--storage-class", PV | PVC, TEXT, MEMBER(storage_class), "default: none"},
	{"--claim", PV | PVC | POD, TEXT, MEMBER(claim), "the claim's name (default: NAME)"},
	{"--namespace", PV | PVC | SECRET | POD, TEXT, MEMBER(name_space),
	 "of the claim, Secret, pod (default: default)"},
	{"--secret", PV | FROM_RBD, TEXT, MEMBER(secret), "NAME[/NAMESPACE] of the Secret"},
	{"--cluster", PV | FROM_RBD, OPTION, 0, "cluster", "an entry of the nodes' configuration"},
	{"--monitors", PV, OPTION, 0, "monitors", "10.0.0.1,10.0.0.2:6789"},
	{"--user", PV | SECRET, TEXT, MEMBER(user), "the Ceph user, without client."},
	{"--keyring", PV, OPTION, 0, "keyring", "its keyring on the nodes, under /etc/ceph"},
	{"--option", PV | FROM_RBD, NAMED_OPTION, 0, NULL, "NAME=VALUE: any other option"},
	{"--key-file", SECRET, TEXT, MEMBER(key_file),
	 "what `ceph auth get-key` printed; -: stdin"},
	{"--container-image", POD, TEXT, MEMBER(container_image), "default: a busybox that sleeps"},
	{"--mount-path", POD, TEXT, MEMBER(mount_path), "default: /data"},
	{"--suffix", FROM_RBD, TEXT, MEMBER(suffix), "behind each volume's name"},
	{"--keep-claim", FROM_RBD, FLAG, MEMBER(keep_claim), "the claim keeps its volume"},
};

static const struct {
	const char *word;
	enum manifest_kind kind;
} KINDS[] = {{"pv", PV}, {"pvc", PVC}, {"secret", SECRET}, {"pod", POD}, {"from-rbd", FROM_RBD}};

static void add_kinds(struct text *text, unsigned int kinds)
{
	const char *between = " (";

	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
		if (kinds & KINDS[i].kind) {
			text_printf(text, "%s%s", between, KINDS[i].word);
			between = ", ";
		}
	text_printf(text, ")\n");
}

void manifest_usage(struct text *text)
{
	text_printf(text, "manifest pv|pvc|secret|pod NAME [OPTION...]\n"
			  "manifest from-rbd [FILE|-] [OPTION...]\n"
			  "Prints YAML for `kubectl apply -f -`.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(RULES); i++) {
		text_printf(text, "  %-18s %s", RULES[i].name, RULES[i].help);
		add_kinds(text, RULES[i].kinds);
	}
}

static const char *word_of(enum manifest_kind kind)
{
	size_t i = 0;

	while (KINDS[i].kind != kind)
		i++;
	return KINDS[i].word;
}

/* `length`: up to the "=" of --name=value. */
static const struct argument_rule *find(const char *argument, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(RULES); i++)
		if (strlen(RULES[i].name) == length && !strncmp(RULES[i].name, argument, length))
			return &RULES[i];
	return NULL;
}

static int unknown(const char *argument, struct error *error)
{
	const char *names[ARRAY_SIZE(RULES) + 1] = {NULL};

	for (size_t i = 0; i < ARRAY_SIZE(RULES); i++)
		names[i] = RULES[i].name;
	return error_set(error, -EINVAL, "unknown option \"%.100s\", the nearest known one is %s",
			 argument, grammar_nearest(argument, names));
}

static int add_option(struct manifest *manifest, const char *name, const char *value,
		      struct error *error)
{
	/* Kubernetes refuses these in an object; they are the kubelet's */
	if (strchr(name, '/'))
		return error_set(error, -EINVAL, "--option: \"%.100s\" is no option of the driver",
				 name);
	if (cJSON_HasObjectItem(manifest->options, name))
		return error_set(error, -EINVAL, "the option %.100s is given twice", name);
	if (!cJSON_AddStringToObject(manifest->options, name, value))
		return error_errno(error, -ENOMEM, "take the option %.100s", name);
	return 0;
}

static int add_named_option(struct manifest *manifest, const char *value, struct error *error)
{
	const char *equals = strchr(value, '=');
	char name[100];

	if (!equals || equals == value || (size_t)(equals - value) >= sizeof(name))
		return error_set(error, -EINVAL, "--option: \"%.100s\" is not NAME=VALUE", value);
	memcpy(name, value, (size_t)(equals - value));
	name[equals - value] = '\0';
	/* it would be that of all volumes that are printed */
	if (str_eq(name, "image"))
		return error_set(
			error, -EINVAL,
			"--option: the image is said by --image, which is numbered with the "
			"names, or by the volume that is moved");
	return add_option(manifest, name, equals + 1, error);
}

static int take_value(struct manifest *manifest, const struct argument_rule *rule,
		      const char *value, struct error *error)
{
	const char **member = (const char **)((char *)manifest + rule->offset);

	if (!*value)
		return error_set(error, -EINVAL, "%s: it is empty: give it a value or leave it out",
				 rule->name);
	if (rule->value == OPTION)
		return add_option(manifest, rule->option, value, error);
	if (rule->value == NAMED_OPTION)
		return add_named_option(manifest, value, error);
	if (**member)
		return error_set(error, -EINVAL, "%s is given twice", rule->name);
	*member = value;
	return 0;
}

/* --name VALUE, --name=VALUE or --flag at argv[*at]; *at is moved to its last word. */
static int take(struct manifest *manifest, int argc, char *const argv[], int *at,
		struct error *error)
{
	const char *argument = argv[*at];
	size_t length = strcspn(argument, "=");
	const struct argument_rule *rule = find(argument, length);
	const char *value = argument[length] ? argument + length + 1 : NULL;

	if (!rule)
		return unknown(argument, error);
	if (!(rule->kinds & manifest->kind))
		return error_set(error, -EINVAL, "%s is nothing for %s", rule->name,
				 word_of(manifest->kind));
	if (rule->value == FLAG) {
		if (value)
			return error_set(error, -EINVAL, "%s takes no value", rule->name);
		*(bool *)((char *)manifest + rule->offset) = true;
		return 0;
	}
	if (!value && *at + 1 < argc)
		value = argv[++*at];
	if (!value)
		return error_set(error, -EINVAL, "%s: its value is missing", rule->name);
	return take_value(manifest, rule, value, error);
}

static int take_kind(struct manifest *manifest, const char *word, struct error *error)
{
	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
		if (str_eq(word, KINDS[i].word)) {
			manifest->kind = KINDS[i].kind;
			return 0;
		}
	return error_set(error, -EINVAL, "\"%.100s\" is not pv, pvc, secret, pod or from-rbd",
			 word);
}

static int take_count(struct manifest *manifest, struct error *error)
{
	uint64_t count;

	if (!*manifest->count_text)
		return 0;
	if (str_to_u64(manifest->count_text, 10, &count) < 0 || !count ||
	    count > MANIFEST_COUNT_MAX)
		return error_set(error, -EINVAL, "--count: \"%.40s\" is not a number from 1 to %d",
				 manifest->count_text, MANIFEST_COUNT_MAX);
	manifest->count = (unsigned int)count;
	return 0;
}

static int take_all(int argc, char *const argv[], struct manifest *manifest, struct error *error)
{
	int r = 0;

	if (!argc)
		return error_set(error, -EINVAL,
				 "say pv, pvc, secret, pod or from-rbd; --help lists all options");
	r = take_kind(manifest, argv[0], error);
	for (int i = 1; i < argc && r >= 0; i++) {
		if (argv[i][0] == '-' && argv[i][1])
			r = take(manifest, argc, argv, &i, error);
		else if (*manifest->name)
			r = error_set(error, -EINVAL, "\"%.100s\" is one name too many", argv[i]);
		else
			manifest->name = argv[i];
	}
	if (r < 0)
		return r;
	if (manifest->kind == FROM_RBD && !*manifest->name)
		manifest->name = "-";
	if (!*manifest->name)
		return error_set(error, -EINVAL, "%s: its NAME is missing", argv[0]);
	return take_count(manifest, error);
}

int manifest_parse(int argc, char *const argv[], struct manifest *ret, struct error *error)
{
	*ret = (struct manifest){.name = ""};
	for (size_t i = 0; i < ARRAY_SIZE(RULES); i++)
		if (RULES[i].value == TEXT)
			*(const char **)((char *)ret + RULES[i].offset) = "";
	ret->options = cJSON_CreateObject();
	if (!ret->options)
		return error_errno(error, -ENOMEM, "manifest");
	return take_all(argc, argv, ret, error) < 0 ? VERB_WRONG_USE : 0;
}

void manifest_done(struct manifest *manifest)
{
	cJSON_Delete(manifest->options);
	manifest->options = NULL;
}
