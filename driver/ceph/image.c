/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image as its objects tell: rbd_id.<name>, then one compound operation on rbd_header.<id>. Two
 * round trips, no watch, no librbd.
 */
#include "ceph/image.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/room.h"

#define OBJECT_MAX 320 /* librbd: RBD_MAX_IMAGE_NAME_SIZE 96, RBD_MAX_BLOCK_NAME_SIZE 24; more */

/* How long a header that should be there is waited for: rbd_id comes first when an image is made
 * (librbd image/CreateRequest.cc) and goes last when it is removed (image/RemoveRequest.cc). */
#define HEADER_WAIT  1000
#define HEADER_PAUSE 50

uint64_t le64_read(const char *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

void le64_write(char *bytes, uint64_t value)
{
	value = htole64(value);
	memcpy(bytes, &value, sizeof(value));
}

static uint32_t le32_read(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

/* An image of format 1 has its header in <name>.rbd and no id. */
static int explain_missing(struct cluster *cluster, const char *image, struct error *error)
{
	char object[OBJECT_MAX], text[IMAGE_TEXT_MAX];
	uint64_t size;
	time_t changed;
	int r;

	cluster_image_text(cluster, image, text);
	snprintf(object, sizeof(object), "%s.rbd", image);
	r = rados.rados_stat(cluster->io, object, &size, &changed);
	if (r == -ENOENT)
		return error_set(error, -ENOENT, "image %s does not exist", text);
	if (r < 0)
		return cluster_error(cluster, error, r, "look for image %s", text);
	error_set(error, -ENOTSUP, "image %s has the old format 1, which this driver does not use",
		  text);
	return error_advise(error, "`rbd migration prepare` and its two other steps make it "
				   "format 2");
}

/* The object holds a string: its length in 4 bytes, then the id (cls_rbd.cc, get_id). */
static int read_id(struct cluster *cluster, const char *image, char ret[IMAGE_ID_MAX],
		   struct error *error)
{
	char object[OBJECT_MAX], content[4 + IMAGE_ID_MAX], text[IMAGE_TEXT_MAX];
	uint32_t length;
	int r;

	if (snprintf(object, sizeof(object), "rbd_id.%s", image) >= (int)sizeof(object))
		return error_set(error, -ENAMETOOLONG, "the name of image %s is too long", image);
	r = rados.rados_read(cluster->io, object, content, sizeof(content), 0);
	if (r == -ENOENT)
		return explain_missing(cluster, image, error);
	cluster_image_text(cluster, image, text);
	if (r < 0)
		return cluster_error(cluster, error, r, "read the id of image %s", text);
	length = r >= 4 ? le32_read(content) : 0;
	if (length == 0 || length >= IMAGE_ID_MAX || length > (uint32_t)r - 4)
		return error_set(error, -EIO, "image %s: the object %s does not hold an image's id",
				 text, object);
	memcpy(ret, content + 4, length);
	ret[length] = '\0';
	return 0;
}

/* lock_info_t (src/cls/lock/cls_lock_types.h): version, compat, length; then the map of lockers
 * begins with their number. What cannot be understood counts as locked. */
static bool lock_is_owned(const char *value, size_t length)
{
	return length > 0 && (length < 10 || le32_read(value + 6) > 0);
}

static int take_record(char ret[IMAGE_RECORD_MAX], const char *name, const char *value,
		       size_t length, struct error *error)
{
	if (length >= IMAGE_RECORD_MAX)
		return error_set(error, -EIO, "the attribute %s is not one of this driver", name);
	memcpy(ret, value, length);
	ret[length] = '\0';
	return 0;
}

static int take_attributes(rados_xattrs_iter_t attributes, struct image_header *header,
			   struct error *error)
{
	const char *name = NULL, *value;
	size_t length;
	int r;

	while ((r = rados.rados_getxattrs_next(attributes, &name, &value, &length)) == 0 && name) {
		if (str_eq(name, IMAGE_RECORD_FORMAT))
			r = take_record(header->format, name, value, length, error);
		else if (str_eq(name, IMAGE_RECORD_HOLDER))
			r = take_record(header->holder, name, value, length, error);
		else if (str_eq(name, "lock.rbd_lock"))
			header->locked = lock_is_owned(value, length);
		if (r < 0)
			break;
	}
	rados.rados_getxattrs_end(attributes);
	return r;
}

/* What the compound operation brings; the buffers must live until it was carried out. */
struct answers {
	char features_in[9];
	char size_in[8];
	char features[16]; /* u64 features, u64 incompatible */
	char size[9];      /* u8 order, u64 bytes */
	size_t features_length;
	size_t size_length;
	int features_result;
	int size_result;
	int attributes_result;
	rados_xattrs_iter_t attributes;
};

/* cls_rbd.cc: get_features(snapid, read_only), get_size(snapid). */
static int ask_header(struct cluster *cluster, const char *object, struct answers *ret)
{
	_cleanup_read_op_ rados_read_op_t op = rados.rados_create_read_op();

	if (!op)
		return -ENOMEM;
	*ret = (struct answers){0};
	le64_write(ret->features_in, NOSNAP);
	le64_write(ret->size_in, NOSNAP);
	rados.rados_read_op_exec_user_buf(
		op, "rbd", "get_features", ret->features_in, sizeof(ret->features_in),
		ret->features, sizeof(ret->features), &ret->features_length, &ret->features_result);
	rados.rados_read_op_exec_user_buf(op, "rbd", "get_size", ret->size_in, sizeof(ret->size_in),
					  ret->size, sizeof(ret->size), &ret->size_length,
					  &ret->size_result);
	rados.rados_read_op_getxattrs(op, &ret->attributes, &ret->attributes_result);
	return rados.rados_read_op_operate(op, cluster->io, object, 0);
}

static int take_answers(struct answers *answers, struct image_header *ret, struct error *error)
{
	if (take_attributes(answers->attributes, ret, error) < 0)
		return error->code ? error->code
				   : error_set(error, -EIO, "the attributes are not readable");
	if (answers->features_length != sizeof(answers->features) ||
	    answers->size_length != sizeof(answers->size))
		return error_set(error, -EIO, "the header's answer has an unknown form");
	ret->features = le64_read(answers->features);
	ret->size = le64_read(answers->size + 1);
	return 0;
}

int header_look(struct cluster *cluster, const char *id, struct image_header *ret)
{
	char object[OBJECT_MAX];
	struct answers answers;
	struct error unused;
	int r;

	snprintf(object, sizeof(object), "rbd_header.%s", id);
	r = ask_header(cluster, object, &answers);
	return r < 0 ? r : take_answers(&answers, ret, &unused);
}

/* -ENOENT, plain, where the header object is missing. */
static int read_header(struct cluster *cluster, const char *image, struct image_header *ret,
		       struct error *error)
{
	char object[OBJECT_MAX], text[IMAGE_TEXT_MAX];
	struct answers answers;
	int r;

	*ret = (struct image_header){0};
	if (read_id(cluster, image, ret->id, error) < 0)
		return error->code;
	snprintf(object, sizeof(object), "rbd_header.%s", ret->id);
	cluster_image_text(cluster, image, text);
	r = ask_header(cluster, object, &answers);
	if (r == -ENOENT) {
		error_set(error, -EIO,
			  "image %s: its id is there, its header object %s is not: it is being "
			  "made or removed, or damaged",
			  text, object);
		return error_advise(error, "if it stays so, see `rados -p %s ls`", cluster->pool);
	}
	if (r < 0)
		return cluster_error(cluster, error, r, "read the header of image %s", text);
	*error = (struct error){0};
	if (take_answers(&answers, ret, error) < 0)
		return error_prefix(error, "image %s", text);
	return 0;
}

int image_read_header(struct cluster *cluster, const char *image, struct image_header *ret,
		      struct error *error)
{
	struct deadline deadline = deadline_in(HEADER_WAIT);
	int r;

	/* a missing header is one of the few reasons for -EIO; the others are worth a second look
	 * too */
	while ((r = read_header(cluster, image, ret, error)) == -EIO && *ret->id &&
	       !deadline_passed(deadline))
		deadline_pause(HEADER_PAUSE, deadline);
	return r;
}

int image_write_record(struct cluster *cluster, const char *image_id, const char *record,
		       const char *text, struct error *error)
{
	char object[OBJECT_MAX];
	rados_write_op_t op;
	int r;

	snprintf(object, sizeof(object), "rbd_header.%s", image_id);
	if (strlen(text) >= IMAGE_RECORD_MAX)
		return error_set(error, -ENAMETOOLONG, "record %s of %s: too long", record, object);
	op = rados.rados_create_write_op();
	if (!op)
		return error_errno(error, -ENOMEM, "record %s of %s", record, object);
	/* an attribute alone would make the object: a header without an image */
	rados.rados_write_op_assert_exists(op);
	if (*text)
		rados.rados_write_op_setxattr(op, record, text, strlen(text));
	else
		rados.rados_write_op_rmxattr(op, record);
	r = rados.rados_write_op_operate(op, cluster->io, object, NULL, 0);
	rados.rados_release_write_op(op);
	if (r == -ENODATA && !*text)
		return 0;
	if (r < 0)
		return cluster_error(cluster, error, r, "%s the record %s of %s in pool %s",
				     *text ? "write" : "remove", record, object, cluster->pool);
	return 0;
}
