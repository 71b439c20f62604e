/* SPDX-License-Identifier: Apache-2.0 */
/* status --prometheus: the text exposition format, for the node exporter's textfile collector. */
#include "verbs/status_metrics.h"

#include <inttypes.h>

#include "volume/orphans.h"

static void head(struct text *output, const char *name, const char *help)
{
	text_printf(output, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* Names of other people's mappings may hold anything. */
static void label(struct text *output, const char *name, const char *value)
{
	text_printf(output, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			text_printf(output, "\\n");
		else if (*value == '"' || *value == '\\')
			text_printf(output, "\\%c", *value);
		else
			text_add(output, value, 1);
	}
	text_add(output, "\"", 1);
}

static void print_counts(const struct mappings *mappings, struct text *output)
{
	static const char *const WHOSE[] = {"driver", "manual", "foreign"};

	head(output, "rbd_flexvolume_mappings", "Images mapped on this node, by who mapped them.");
	for (size_t i = 0; i < ARRAY_SIZE(WHOSE); i++) {
		size_t count = 0;

		for (size_t k = 0; k < mappings->count; k++)
			count += str_eq(status_whose(&mappings->list[k]), WHOSE[i]);
		text_printf(output, "rbd_flexvolume_mappings{by=\"%s\"} %zu\n", WHOSE[i], count);
	}
}

static void print_mapping(const struct mapping *mapping, struct text *output)
{
	char volume[KRBD_LABEL_MAX];

	text_printf(output, "rbd_flexvolume_mapping_size_bytes{device=\"rbd%d\",", mapping->id);
	label(output, "pool", mapping->pool);
	label(output, ",namespace", mapping->name_space);
	label(output, ",image", mapping->image);
	label(output, ",snapshot", mapping->snapshot);
	label(output, ",volume", mapping_volume(mapping, volume));
	label(output, ",by", status_whose(mapping));
	label(output, ",mode", mapping->read_only ? "ro" : "rw");
	text_printf(output, "} %" PRIu64 "\n", mapping->size);
}

void status_metrics(const struct mappings *mappings, bool attach_mode, struct text *output)
{
	head(output, "rbd_flexvolume_info", "The driver's version and mode; always 1.");
	text_printf(output,
		    "rbd_flexvolume_info{version=\"" RBD_FLEXVOLUME_VERSION "\",mode=\"%s\"} 1\n",
		    attach_mode ? "attach" : "mount");
	print_counts(mappings, output);
	head(output, "rbd_flexvolume_orphans",
	     "Mappings of the driver that are mounted nowhere and that no call is at work on.");
	text_printf(output, "rbd_flexvolume_orphans %zu\n", orphans_count(mappings));
	head(output, "rbd_flexvolume_mapping_size_bytes", "The size of each mapped image.");
	for (size_t i = 0; i < mappings->count; i++)
		print_mapping(&mappings->list[i], output);
}
