/* SPDX-License-Identifier: Apache-2.0 */
/* Making an image, from nothing or as a clone. */
#include <errno.h>
#include <rbd/features.h>
#include <stdlib.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

struct create_work {
	char image[256];
	char data_pool[256];
	char parent_pool[256];
	char parent_space[256];
	char parent_image[256];
	char parent_snapshot[256];
	uint64_t size;
	uint64_t parent_max;
	uint64_t features;
	uint64_t supported;
};

/* The cluster would make the image also where this user may not write its data. */
static int check_data_pool(struct cluster *cluster, const struct create_work *work,
			   struct error *error)
{
	const struct asked asked = {.pool = work->data_pool, .name_space = cluster->name_space};
	_cleanup_io_ rados_ioctx_t io = NULL;
	int r;

	if (!*work->data_pool)
		return 0;
	r = pool_open(cluster, work->data_pool, cluster->name_space, &io);
	if (r == -ENOENT) {
		error_set(error, r, "data pool %s: there is no such pool in the cluster %s",
			  work->data_pool, cluster->fsid);
		return error_advise(error,
				    "`ceph osd pool create %s` and `rbd pool init %s`, or correct "
				    "the option \"dataPool\"",
				    work->data_pool, work->data_pool);
	}
	if (r == 0)
		r = pool_try_writing(io);
	return r < 0 ? cluster_error_of(cluster, error, r, &asked, "write to the data pool %s",
					work->data_pool)
		     : 0;
}

static int set_options(const struct create_work *work, unsigned int clone_format,
		       rbd_image_options_t options)
{
	int r = rbd.rbd_image_options_set_uint64(options, RBD_IMAGE_OPTION_FORMAT, 2);

	if (r == 0)
		r = rbd.rbd_image_options_set_uint64(options, RBD_IMAGE_OPTION_FEATURES,
						     work->features);
	if (r == 0 && *work->data_pool)
		r = rbd.rbd_image_options_set_string(options, RBD_IMAGE_OPTION_DATA_POOL,
						     work->data_pool);
	if (r == 0 && clone_format)
		r = rbd.rbd_image_options_set_uint64(options, RBD_IMAGE_OPTION_CLONE_FORMAT,
						     clone_format);
	return r;
}

/* clone_format 0: the cluster's choice ("rbd default clone format", or by its oldest client). */
static int make(struct cluster *cluster, const struct create_work *work,
		const struct parent *parent, unsigned int clone_format)
{
	rbd_image_options_t options;
	int r;

	rbd.rbd_image_options_create(&options);
	r = set_options(work, clone_format, options);
	if (r == 0 && parent)
		r = rbd.rbd_clone3(parent->io, parent->image, parent->snapshot, cluster->io,
				   work->image, options);
	else if (r == 0)
		r = rbd.rbd_create4(cluster->io, work->image, work->size, options);
	rbd.rbd_image_options_destroy(options);
	return r;
}

static int explain_exists(const char *text, struct error *error)
{
	return error_set(error, -EEXIST, "create image %s: somebody else has made it meanwhile",
			 text);
}

static int create_new(struct cluster *cluster, const struct create_work *work, const char *text,
		      struct error *error)
{
	int r = make(cluster, work, NULL, 0);

	if (r == -EEXIST)
		return explain_exists(text, error);
	if (r == -EINVAL && *work->data_pool) {
		error_set(error, r,
			  "create image %s: the cluster does not take pool %s as its data "
			  "pool",
			  text, work->data_pool);
		return error_advise(error,
				    "an erasure-coded pool needs `ceph osd pool set %s "
				    "allow_ec_overwrites true`",
				    work->data_pool);
	}
	return r < 0 ? cluster_error(cluster, error, r, "create image %s", text) : 0;
}

static int refuse_unprotected(const struct create_work *work, const struct parent *parent,
			      const char *text, struct error *error)
{
	const bool kernel = work->supported & RBD_FEATURE_OPERATIONS;

	error_set(error, -EINVAL, "create image %s: the snapshot %s is not protected, and %s", text,
		  parent->text,
		  kernel ? "the cluster makes no clones of such (format 2)"
			 : "this node's kernel cannot serve clones of such (Linux 4.16 can)");
	return error_advise(error, "protect it: `rbd snap protect %s`%s", parent->text,
			    kernel ? ", or let the cluster do without, where no client is older: "
				     "`ceph osd set-require-min-compat-client mimic`"
				   : "");
}

/* Format 1 needs a protected snapshot, and nothing of the parent's pool but to be read. */
static int choose_format(struct cluster *cluster, const struct create_work *work,
			 const struct parent *parent, const char *text, struct error *error)
{
	const bool kernel = work->supported & RBD_FEATURE_OPERATIONS;

	if (kernel && parent->takes_notes)
		return 0;
	if (parent->is_protected)
		return 1;
	return kernel ? cluster_error_of(cluster, error, -EPERM, &parent->asked,
					 "create image %s as a clone of %s", text, parent->text)
		      : refuse_unprotected(work, parent, text, error);
}

static int create_clone(struct cluster *cluster, const struct create_work *work,
			const struct parent *parent, const char *text, struct error *error)
{
	const int format = choose_format(cluster, work, parent, text, error);
	int r;

	if (format < 0)
		return format;
	r = make(cluster, work, parent, (unsigned int)format);
	if (r == -EEXIST)
		return explain_exists(text, error);
	if (r == -EINVAL && !parent->is_protected)
		return refuse_unprotected(work, parent, text, error);
	return r < 0 ? cluster_error(cluster, error, r, "create image %s as a clone of %s", text,
				     parent->text)
		     : 0;
}

static int check_clone(const struct create_work *work, const struct parent *parent,
		       struct error *error)
{
	if (!(work->features & RBD_FEATURE_LAYERING)) {
		error_set(error, -EINVAL, "a clone needs the feature layering");
		return error_advise(error, "add layering to the option \"features\"");
	}
	if (work->size && work->size < parent->size) {
		error_set(error, -EINVAL,
			  "the size of %llu bytes is less than that of its parent %s, %llu bytes",
			  (unsigned long long)work->size, parent->text,
			  (unsigned long long)parent->size);
		return error_advise(error, "leave the size out, or make it larger");
	}
	if (work->parent_max && parent->size > work->parent_max) {
		error_set(error, -EPERM,
			  "its parent %s has %llu bytes, and the administrator's policy allows "
			  "%llu at most",
			  parent->text, (unsigned long long)parent->size,
			  (unsigned long long)work->parent_max);
		return error_advise(error, "have the administrator of the nodes raise \"maxSize\" "
					   "of the policy");
	}
	return 0;
}

static int clone_work(struct cluster *cluster, struct create_work *work, const char *text,
		      struct error *error)
{
	_cleanup_parent_ struct parent parent = {
		.asked = {work->parent_pool, work->parent_space, true},
		.image = work->parent_image,
		.snapshot = work->parent_snapshot,
	};

	if (parent_open(cluster, work->supported, &parent, error) < 0 ||
	    check_clone(work, &parent, error) < 0)
		return error_prefix(error, "create image %s", text);
	return create_clone(cluster, work, &parent, text, error);
}

static int create_work(struct cluster *cluster, void *data, struct error *error)
{
	struct create_work *work = data;
	char text[IMAGE_TEXT_MAX];

	cluster_image_text(cluster, work->image, text);
	if (trash_refuse_migrating(cluster, work->image, text, error) < 0 ||
	    check_data_pool(cluster, work, error) < 0)
		return error_prefix(error, "create image %s", text);
	return *work->parent_image ? clone_work(cluster, work, text, error)
				   : create_new(cluster, work, text, error);
}

static int copy_names(struct create_work *work, const char *image, const struct image_plan *plan)
{
	const struct {
		char *to;
		const char *from;
	} names[] = {
		{work->image, image},
		{work->data_pool, plan->data_pool},
		{work->parent_pool, plan->parent.pool},
		{work->parent_space, plan->parent.name_space},
		{work->parent_image, plan->parent.image},
		{work->parent_snapshot, plan->parent.snapshot},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_copy(names[i].to, sizeof(work->image), names[i].from ? names[i].from : "") <
		    0)
			return -ENAMETOOLONG;
	return 0;
}

int image_create(struct cluster *cluster, const char *image, const struct image_plan *plan,
		 struct error *error)
{
	struct create_work work = {.size = plan->size,
				   .parent_max = plan->parent_max,
				   .features = plan->features,
				   .supported = plan->supported};
	int r;

	if (ceph_load_rbd(error) < 0)
		return error->code;
	if (copy_names(&work, image, plan) < 0)
		return error_set(error, -ENAMETOOLONG,
				 "a name of image, pool or parent is too long");
	r = bounded_run(cluster, bounded_deadline(cluster, 10000), create_work, &work, sizeof(work),
			error);
	return image_end(cluster, r, "create", image, error);
}
