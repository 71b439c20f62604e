/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/bring_up.h"

#include <errno.h>

#include "base/phase.h"
#include "kernel/module.h"
#include "volume/device_name.h"
#include "volume/fast_lane.h"
#include "volume/file_system.h"
#include "volume/hands.h"
#include "volume/image_step.h"
#include "volume/map_step.h"
#include "volume/rescue.h"
#include "volume/survey.h"
#include "volume/told.h"
#include "volume/verify.h"

#define MODULE_DEADLINE 20000

static int need_module(struct error *error)
{
	if (module_present())
		return 0;
	return module_load(deadline_in(MODULE_DEADLINE), error);
}

/* In mount mode the names of inline volumes are not unique on a node, and nobody asks for one. */
static int name_device(const struct volume *volume, int id, struct error *error)
{
	return volume->attach_mode ? device_name_make(volume->options->volume, id, error) : 0;
}

/* Now that the cluster has told its fsid, a mapping that user and monitors did not tell for the
 * image's is known for it. */
static int survey_again(struct volume *volume, struct error *error)
{
	struct survey survey;
	int result = survey_node(volume, &survey, error);

	if (result < 0 || survey.place == PLACE_NOWHERE)
		return result;
	error_set(error, -EBUSY, "image %s is up on this node by other monitors or another user",
		  volume->text);
	return error_advise(error, "name the cluster's fsid in the volume's options or the "
				   "configuration, so that it is known to be the same");
}

static int whole_way(struct volume *volume, struct error *error)
{
	const bool knew_cluster = *volume->fsid;
	int result = bring_up_image(volume, error);

	if (result == 0 && !knew_cluster)
		result = survey_again(volume, error);
	if (result == 0)
		result = map_step(volume, error);
	return result < 0 ? result : file_system_up(volume, error);
}

static int climb(struct volume *volume, struct error *error)
{
	int result = verify_directory(volume->directory, error);

	/* before the worker, which adds a key of a type that the module brings, and before the
	 * cluster's threads */
	if (result == 0)
		result = need_module(error);
	if (result == 0)
		result = hands_start(volume, error);
	if (result == 0)
		result = fast_lane_try(volume, error);
	if (result == 0)
		result = whole_way(volume, error);
	phase_begin("verify");
	if (result >= 0)
		result = verify_mount(volume->directory, volume->mapping.device, error);
	if (result == 0)
		result = name_device(volume, volume->mapping.id, error);
	if (result == 0)
		hands_note(volume, &volume->mapping);
	return result;
}

/* The own steps in reverse. A worker that was given up or has died sees to itself. */
static void undo(struct volume *volume, struct error *error)
{
	struct error why;

	if (volume->hung && hands_unhang(volume, &why) < 0) {
		error_append(error, "; its mount stays: %s", why.text);
		return;
	}
	if (volume->mapped && hands_unmap(volume, &volume->mapping, &why) < 0)
		error_append(error, "; /dev/rbd%d could not be unmapped yet: %s",
			     volume->mapping.id, why.text);
	image_step_undo(volume, error);
}

/* What is up read-only cannot be had for writing beside it. */
static int refuse_reader(const struct volume *volume, const struct survey *survey,
			 struct error *error)
{
	if (!survey->super_read_only || volume->options->read_only)
		return 0;
	error_set(error, -EROFS, "image %s is in use read-only on this node, at %s", volume->text,
		  *survey->directory ? survey->directory : volume->directory);
	return error_advise(error, "a pod that writes can start when that one has ended");
}

static int join(struct volume *volume, const struct survey *survey, struct error *error)
{
	struct error ignored;
	int result;

	told_mapping(&survey->mapping);
	result = refuse_reader(volume, survey, error);
	if (result == 0)
		result = verify_directory(volume->directory, error);
	if (result == 0)
		result = hands_start(volume, error);
	if (result == 0)
		result = hands_alive(volume, &survey->mapping, error);
	if (result == 0)
		result = hands_bind(volume, survey->directory, volume->options->read_only, error);
	if (result == 0)
		result = verify_mount(volume->directory, survey->mapping.device, error);
	/* a worker that died after its work */
	if (result == -EPIPE &&
	    verify_mount(volume->directory, survey->mapping.device, &ignored) == 0)
		result = 0;
	if (result < 0 && volume->hung)
		(void)hands_unhang(volume, &ignored);
	if (result == 0)
		hands_note(volume, &survey->mapping);
	return result;
}

int bring_up_image(struct volume *volume, struct error *error)
{
	int result = volume_connect(volume, error);

	return result < 0 ? result : image_step_have(volume, error);
}

static int go_up(struct volume *volume, struct error *error)
{
	struct survey survey;
	int result = survey_node(volume, &survey, error);

	if (result < 0)
		return result;
	if (survey.place == PLACE_HERE) {
		told_mapping(&survey.mapping);
		result = refuse_reader(volume, &survey, error);
		return result < 0 ? result : name_device(volume, survey.mapping.id, error);
	}
	if (survey.place == PLACE_ELSEWHERE)
		return join(volume, &survey, error);
	result = climb(volume, error);
	if (result == -EPIPE) {
		result = rescue(volume, error);
		return result < 0 ? result : name_device(volume, volume->mapping.id, error);
	}
	if (result < 0)
		undo(volume, error);
	return result;
}

/* Where nothing that failed had a better one. */
static int advise(int result, struct error *error)
{
	if (result < 0)
		error_advise(error, "the kubelet asks again by itself; if this stays, see the "
				    "kernel's log (dmesg), the cluster's health (ceph -s), and "
				    "what `rbd-flexvolume doctor` says of this node");
	return result;
}

int bring_up(struct volume *volume, struct error *error)
{
	return advise(go_up(volume, error), error);
}

int bring_up_bind(struct volume *volume, struct error *error)
{
	struct survey survey;
	int result = survey_label(volume, &survey, error);

	if (result < 0 || survey.place == PLACE_HERE)
		return result;
	if (survey.place == PLACE_ELSEWHERE)
		return advise(join(volume, &survey, error), error);
	error_set(error, -ENOENT, "volume %s is not mounted on this node", volume->options->volume);
	return error_advise(error,
			    "mountdevice comes before mount in attach mode; was the driver's "
			    "mode changed while pods were running?");
}
