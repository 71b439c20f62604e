/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this node has of the volume already (design §5 rules 2, 4, 5): read from sysfs and
 * mountinfo, under the image's lock.
 */
#pragma once

#include <limits.h>

#include "volume/volume.h"

enum place {
	PLACE_NOWHERE,   /* no mapping of it is left on this node */
	PLACE_HERE,      /* mounted at volume->directory */
	PLACE_ELSEWHERE, /* mounted at another directory: it can be joined */
};

struct survey {
	enum place place;
	struct mapping mapping;   /* HERE, ELSEWHERE */
	char directory[PATH_MAX]; /* ELSEWHERE: where it is mounted whole */
	bool read_only;           /* that mount */
	bool super_read_only;     /* the file system itself: nobody can write */
};

/* Refuses where another volume, or somebody else, has the image on this node. An unmounted
 * mapping of ours is undone here, never reused (this starts the worker). */
int survey_node(struct volume *volume, struct survey *ret, struct error *error);

/* Attach mode's mount, waitforattach: the volume of that label. PLACE_NOWHERE: it is not up. A
 * mapping of that label with another image is a refusal (rule 4). Touches nothing. */
int survey_label(struct volume *volume, struct survey *ret, struct error *error);

/* Is this mapping the image that is asked for? By names, and by the fsid where one is known, else
 * by user and a common monitor. */
bool survey_same_image(const struct volume *volume, const struct mapping *mapping);

/* The same, whoever has mapped it. */
bool survey_same_place(const struct volume *volume, const struct mapping *mapping);
