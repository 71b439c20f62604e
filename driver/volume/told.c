/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/told.h"

#include "base/log.h"

void told_mapping(const struct mapping *mapping)
{
	char volume[KRBD_LABEL_MAX], text[IMAGE_TEXT_MAX];
	struct image_name image;

	mapping_name(mapping, &image);
	if (*mapping_volume(mapping, volume))
		log_about(LOG_VOLUME, "%s", volume);
	log_about(LOG_IMAGE, "%s", image_name_text(&image, text));
	log_about(LOG_DEVICE, "/dev/rbd%d", mapping->id);
}

void told_mapped(const struct volume *volume)
{
	told_mapping(&volume->mapping);
	log_say(LOG_LEVEL_INFO, "mapped image %s as /dev/rbd%d%s", volume->text, volume->mapping.id,
		volume->config->policy
			? ""
			: "; no policy is in force: pods may name any pool and image that their "
			  "key opens");
}
