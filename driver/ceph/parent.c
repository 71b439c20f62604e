/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot that an image is to be a clone of. */
#include <errno.h>
#include <rbd/features.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

static int open_pool(struct cluster *cluster, struct parent *parent, struct error *error)
{
	int r = pool_open(cluster, parent->asked.pool, parent->asked.name_space, &parent->io);

	if (r == -ENOENT)
		return error_set(error, r, "the parent's pool %s does not exist in the cluster %s",
				 parent->asked.pool, cluster->fsid);
	return r < 0 ? cluster_error_of(cluster, error, r, &parent->asked,
					"open the parent's pool %s", parent->asked.pool)
		     : 0;
}

static int open_image(struct cluster *cluster, struct parent *parent, const char *text,
		      struct error *error)
{
	int r = rbd.rbd_open_read_only(parent->io, parent->image, &parent->opened, NULL);

	if (r == 0)
		return 0;
	parent->opened = NULL;
	if (r != -ENOENT)
		return cluster_error_of(cluster, error, r, &parent->asked, "open its parent %s",
					text);
	error_set(error, r, "its parent, image %s, does not exist", text);
	return error_advise(error,
			    "correct the option \"parent\"; `rbd ls %s%s%s` lists what "
			    "there is",
			    parent->asked.pool, *parent->asked.name_space ? "/" : "",
			    parent->asked.name_space);
}

/* What the clone does not have of its own is read from the parent, by the kernel. */
static int check_features(struct cluster *cluster, struct parent *parent, const char *text,
			  uint64_t supported, struct error *error)
{
	uint64_t features;
	int r = rbd.rbd_get_features(parent->opened, &features);

	if (r < 0)
		return cluster_error_of(cluster, error, r, &parent->asked,
					"read the features of its parent %s", text);
	if (!(features & RBD_FEATURE_LAYERING)) {
		error_set(error, -ENOTSUP,
			  "its parent, image %s, cannot be cloned: it lacks the feature layering",
			  text);
		return error_advise(error, "a copy of it made with `rbd cp --image-feature "
					   "layering,exclusive-lock` can be cloned");
	}
	return image_refuse_unreadable(text, features, supported, error);
}

static int look_at_protection(struct cluster *cluster, struct parent *parent, struct error *error)
{
	int is_protected = 0;
	int r = rbd.rbd_snap_is_protected(parent->opened, parent->snapshot, &is_protected);

	parent->is_protected = is_protected;
	return r < 0 ? cluster_error_of(cluster, error, r, &parent->asked,
					"ask whether %s is protected", parent->text)
		     : 0;
}

/* Without that cap librbd leaves a clone that is no whole one: it cannot note it, and then not
 * take it back. */
static int look_at_notes(struct cluster *cluster, struct parent *parent, struct error *error)
{
	int r = pool_try_child_attach(parent->io);

	parent->takes_notes = r == 0;
	return r == 0 || r == -EPERM || r == -EACCES || r == -EOPNOTSUPP
		       ? 0
		       : cluster_error_of(cluster, error, r, &parent->asked,
					  "ask whether %s may be cloned", parent->text);
}

int parent_open(struct cluster *cluster, uint64_t supported, struct parent *parent,
		struct error *error)
{
	struct image_name name;
	char text[IMAGE_TEXT_MAX];

	if (str_empty(parent->asked.pool))
		parent->asked = (struct asked){cluster->pool, cluster->name_space, false};
	name = (struct image_name){parent->asked.pool, parent->asked.name_space, parent->image,
				   parent->snapshot};
	image_name_text(&name, parent->text);
	name.snapshot = "";
	image_name_text(&name, text);
	if (open_pool(cluster, parent, error) < 0 || open_image(cluster, parent, text, error) < 0 ||
	    check_features(cluster, parent, text, supported, error) < 0 ||
	    snapshot_find(cluster, parent->opened, text, parent->snapshot, &parent->size, error) <
		    0 ||
	    look_at_notes(cluster, parent, error) < 0)
		return error->code;
	return look_at_protection(cluster, parent, error);
}

void parent_close(struct parent *parent)
{
	if (parent->opened)
		rbd.rbd_close(parent->opened);
	cleanup_io(&parent->io);
}
