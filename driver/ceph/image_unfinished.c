/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that somebody began to make, or to remove, and never finished: its name is taken, but
 * there is no image. librbd makes first the entry in rbd_directory, then rbd_id.<name>, then the
 * header (librbd/image/CreateRequest.cc), and removes in the order data, header, rbd_id, entry
 * (RemoveRequest.cc); whoever is killed in between leaves a name that can neither be opened nor
 * made ("exists", "no such image").
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

/* How long somebody who is just making it is given for the next of the three steps. */
#define STEP_WAIT  1000
#define STEP_PAUSE 50

/* Every file system has something in the first object; some more are asked for all the same. */
#define DATA_OBJECTS 16

#define DIRECTORY    "rbd_directory"

struct text_id {
	char bytes[4 + IMAGE_ID_MAX]; /* as Ceph encodes a string: length, then the text */
	size_t length;                /* of all of it; 0: there is none */
	char text[IMAGE_ID_MAX];
};

struct unfinished {
	char image[256];
	char data_pool[256];      /* "": the image's own */
	struct text_id of_object; /* in rbd_id.<name> */
	struct text_id of_entry;  /* in rbd_directory */
};

static size_t encode(char *to, const char *text)
{
	uint32_t length = htole32((uint32_t)strlen(text));

	memcpy(to, &length, sizeof(length));
	memcpy(to + sizeof(length), text, strlen(text));
	return sizeof(length) + strlen(text);
}

static int decode(struct text_id *id, size_t length)
{
	uint32_t text_length = 0;

	id->length = length;
	if (length >= sizeof(text_length))
		memcpy(&text_length, id->bytes, sizeof(text_length));
	text_length = le32toh(text_length);
	if (!text_length || text_length >= IMAGE_ID_MAX ||
	    text_length + sizeof(text_length) != length)
		return -EIO;
	memcpy(id->text, id->bytes + sizeof(text_length), text_length);
	id->text[text_length] = '\0';
	return 0;
}

static int read_object(struct cluster *cluster, struct unfinished *look)
{
	char object[320];
	int r;

	look->of_object.length = 0;
	snprintf(object, sizeof(object), "rbd_id.%s", look->image);
	r = rados.rados_read(cluster->io, object, look->of_object.bytes,
			     sizeof(look->of_object.bytes), 0);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : decode(&look->of_object, (size_t)r);
}

/* cls_rbd.cc: dir_get_id(string name) -> string id */
static int read_entry(struct cluster *cluster, struct unfinished *look)
{
	_cleanup_read_op_ rados_read_op_t op = rados.rados_create_read_op();
	char name[4 + sizeof(look->image)];
	size_t length = 0;
	int result = 0, r;

	look->of_entry.length = 0;
	if (!op)
		return -ENOMEM;
	rados.rados_read_op_exec_user_buf(op, "rbd", "dir_get_id", name, encode(name, look->image),
					  look->of_entry.bytes, sizeof(look->of_entry.bytes),
					  &length, &result);
	r = rados.rados_read_op_operate(op, cluster->io, DIRECTORY, 0);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : decode(&look->of_entry, length);
}

/* 1, 0, or a negative errno. */
static int exists(rados_ioctx_t io, const char *object)
{
	uint64_t size;
	time_t changed;
	int r = rados.rados_stat(io, object, &size, &changed);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
}

static int has_header(struct cluster *cluster, const struct text_id *id)
{
	char object[320];

	if (!id->length)
		return 0;
	snprintf(object, sizeof(object), "rbd_header.%s", id->text);
	return exists(cluster->io, object);
}

static int has_objects(rados_ioctx_t io, const char *prefix)
{
	char object[360];
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < DATA_OBJECTS; i++) {
		snprintf(object, sizeof(object), "%s.%016x", prefix, i);
		r = exists(io, object);
	}
	return r;
}

/* A pool that is missing holds nothing; who makes the image anew names it. */
static int has_data_in(struct cluster *cluster, const char *data_pool, const struct text_id *id)
{
	_cleanup_io_ rados_ioctx_t io = NULL;
	char prefix[320];
	int r = pool_open(cluster, data_pool, cluster->name_space, &io);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	snprintf(prefix, sizeof(prefix), "rbd_data.%lld.%s",
		 (long long)rados.rados_ioctx_get_id(cluster->io), id->text);
	return has_objects(io, prefix);
}

static int has_data(struct cluster *cluster, const char *data_pool, const struct text_id *id)
{
	char object[320];
	int r;

	if (!id->length)
		return 0;
	/* an object map comes with the image itself, not with its unfinished start */
	snprintf(object, sizeof(object), "rbd_object_map.%s", id->text);
	r = exists(cluster->io, object);
	snprintf(object, sizeof(object), "rbd_data.%s", id->text);
	if (r == 0)
		r = has_objects(cluster->io, object);
	return r == 0 && *data_pool ? has_data_in(cluster, data_pool, id) : r;
}

/* Only as long as it still says what was looked at. */
static int remove_object(struct cluster *cluster, const struct unfinished *look)
{
	char object[320];
	rados_write_op_t op;
	int differs = 0, r;

	if (!look->of_object.length)
		return 0;
	op = rados.rados_create_write_op();
	if (!op)
		return -ENOMEM;
	snprintf(object, sizeof(object), "rbd_id.%s", look->image);
	rados.rados_write_op_cmpext(op, look->of_object.bytes, look->of_object.length, 0, &differs);
	rados.rados_write_op_remove(op);
	r = rados.rados_write_op_operate(op, cluster->io, object, NULL, 0);
	rados.rados_release_write_op(op);
	return r == -ENOENT ? 0 : r;
}

/* cls_rbd.cc: dir_remove_image(string name, string id), which refuses another id (ESTALE) */
static int remove_entry(struct cluster *cluster, const struct unfinished *look)
{
	char words[4 + sizeof(look->image) + 4 + IMAGE_ID_MAX];
	rados_write_op_t op;
	size_t length;
	int r;

	if (!look->of_entry.length)
		return 0;
	op = rados.rados_create_write_op();
	if (!op)
		return -ENOMEM;
	length = encode(words, look->image);
	length += encode(words + length, look->of_entry.text);
	rados.rados_write_op_exec(op, "rbd", "dir_remove_image", words, length, NULL);
	r = rados.rados_write_op_operate(op, cluster->io, DIRECTORY, NULL, 0);
	rados.rados_release_write_op(op);
	return r == -ENOENT ? 0 : r;
}

static int look_at_names(struct cluster *cluster, struct unfinished *look)
{
	int r = read_object(cluster, look);

	return r < 0 ? r : read_entry(cluster, look);
}

/* 1: there is a name without an image; 0: there is no name, or an image that is whole; negative,
 * said: cannot tell, or it is damaged rather than unfinished. */
static int look_once(struct cluster *cluster, struct unfinished *look, const char *text,
		     struct error *error)
{
	int r = look_at_names(cluster, look);

	if (r == 0 && !look->of_object.length && !look->of_entry.length)
		return 0;
	if (r == 0)
		r = has_header(cluster, &look->of_object);
	if (r == 1)
		return 0;
	if (r == 0)
		r = has_header(cluster, &look->of_entry);
	if (r == 0)
		return 1;
	if (r < 0)
		return cluster_error(cluster, error, r, "look for what there is of image %s", text);
	return error_set(error, -EIO,
			 "image %s is damaged: the pool's directory says that its id is %s, which "
			 "has a header, but rbd_id.%s does not say so",
			 text, look->of_entry.text, look->image);
}

/* The same, after whoever is just making it has had the time to do so. */
static int look_patiently(struct cluster *cluster, struct unfinished *look, const char *text,
			  struct error *error)
{
	struct deadline deadline = deadline_in(STEP_WAIT);
	int r;

	while ((r = look_once(cluster, look, text, error)) != 0 && (r == 1 || r == -EIO) &&
	       !deadline_passed(deadline))
		deadline_pause(STEP_PAUSE, deadline);
	return r;
}

static int refuse_data(struct cluster *cluster, const struct unfinished *look, const char *text,
		       struct error *error)
{
	const struct text_id *id = look->of_object.length ? &look->of_object : &look->of_entry;

	error_set(error, -EIO,
		  "image %s is damaged: its header rbd_header.%s is lost, its data is "
		  "not",
		  text, id->text);
	return error_advise(error,
			    "see `rados -p %s ls`; the driver never makes another image in "
			    "the place of one that has data",
			    cluster->pool);
}

static int unfinished_work(struct cluster *cluster, void *data, struct error *error)
{
	struct unfinished *look = data;
	char text[IMAGE_TEXT_MAX];
	int r;

	cluster_image_text(cluster, look->image, text);
	r = look_patiently(cluster, look, text, error);
	if (r <= 0)
		return r;
	r = has_data(cluster, look->data_pool, &look->of_object);
	if (r == 0)
		r = has_data(cluster, look->data_pool, &look->of_entry);
	if (r == 1)
		return refuse_data(cluster, look, text, error);
	if (r == 0)
		r = remove_object(cluster, look);
	if (r == 0)
		r = remove_entry(cluster, look);
	if (r < 0)
		return cluster_error(cluster, error, r,
				     "take back the name of image %s, whose "
				     "making was cut off",
				     text);
	return 1;
}

int image_clear_unfinished(struct cluster *cluster, const char *image, const char *data_pool,
			   struct error *error)
{
	struct unfinished look = {.image = ""};
	char text[IMAGE_TEXT_MAX];
	int r;

	if (str_copy(look.image, sizeof(look.image), image) < 0 ||
	    str_copy(look.data_pool, sizeof(look.data_pool), data_pool) < 0)
		return error_set(error, -ENAMETOOLONG, "the image's name is too long");
	cluster_image_text(cluster, image, text);
	r = bounded_run(cluster, bounded_deadline(cluster, STEP_WAIT), unfinished_work, &look,
			sizeof(look), error);
	if (r < 0 && cluster->stuck)
		return error_prefix(error, "look for what there is of image %s", text);
	if (r > 0)
		log_say(LOG_LEVEL_WARNING,
			"image %s was never finished, or its removal was not (id %s): its name was "
			"taken back",
			text, look.of_object.length ? look.of_object.text : look.of_entry.text);
	return r;
}
