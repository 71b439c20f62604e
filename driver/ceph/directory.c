/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/directory.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"

#define DIRECTORY "rbd_directory"
#define KEY       "name_"
#define AT_ONCE   1024 /* osd_max_omap_entries_per_request */

struct names {
	struct image_page *page;
	size_t room;
	const struct directory_wish *wish;
	struct text last; /* the key behind which the next read begins; none: at the first */
};

static int add(struct names *names, const char *name, size_t name_length, const char *id,
	       size_t id_length)
{
	struct image_page *page = names->page;
	struct image_entry *entry;

	if (name_length >= sizeof(entry->name) || id_length >= sizeof(entry->id))
		return 0; /* no image that anybody could open */
	if (page->count == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		struct image_entry *more = realloc(page->list, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		page->list = more;
		names->room = room;
	}
	entry = &page->list[page->count++];
	*entry = (struct image_entry){0};
	memcpy(entry->name, name, name_length);
	memcpy(entry->id, id, id_length);
	return 0;
}

static bool wanted(const struct directory_wish *wish, const char *name)
{
	return str_starts(name, wish->prefix) && strcmp(name, wish->after) > 0;
}

static uint32_t le32_at(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

const char *encoded_string(const char **at, const char *end, size_t *length)
{
	const char *string = *at + 4;

	if (end - *at < 4 || (size_t)(end - string) < le32_at(*at))
		return NULL;
	*length = le32_at(*at);
	*at = string + *length;
	return string;
}

/* 1, or 0 where `key` is not behind the last one: another read would give the same again. */
static int go_on_behind(struct names *names, const char *key)
{
	struct text *last = &names->last;

	if (!key || (last->length && strcmp(key, last->data) <= 0))
		return 0;
	last->length = 0;
	text_add(last, key, strlen(key));
	return last->failed ? -ENOMEM : 1;
}

/* 1 where keys may follow those that were read. */
static int take_page(rados_omap_iter_t iter, struct names *names)
{
	char *key, *value, *last = NULL;
	size_t length, id_length;
	int r;

	while ((r = rados.rados_omap_get_next(iter, &key, &value, &length)) == 0 && key) {
		const char *at = value, *id = encoded_string(&at, value + length, &id_length);

		last = key;
		if (str_starts(key, KEY) && id)
			r = add(names, key + strlen(KEY), strlen(key) - strlen(KEY), id, id_length);
		if (r < 0)
			break;
	}
	return r < 0 ? r : go_on_behind(names, last);
}

/* One read of the omap; `size` is the content's. */
static int read_page(rados_ioctx_t io, struct names *names, size_t max, uint64_t *size, bool *more)
{
	_cleanup_read_op_ rados_read_op_t op = rados.rados_create_read_op();
	char prefix[sizeof(KEY) + MANAGE_NAME_MAX];
	rados_omap_iter_t iter = NULL;
	int stat_result = 0, result = 0, r;
	unsigned char some_more = 0;
	time_t changed;

	if (!op)
		return -ENOMEM;
	if (snprintf(prefix, sizeof(prefix), KEY "%s", names->wish->prefix) >= (int)sizeof(prefix))
		return -ENAMETOOLONG;
	rados.rados_read_op_stat(op, size, &changed, &stat_result);
	rados.rados_read_op_omap_get_vals2(op, names->last.length ? names->last.data : "", prefix,
					   max, &iter, &some_more, &result);
	r = rados.rados_read_op_operate(op, io, DIRECTORY, 0);
	if (r == 0)
		r = result;
	if (r == 0)
		r = take_page(iter, names);
	if (iter)
		rados.rados_omap_get_end(iter);
	*more = some_more && r > 0;
	return r < 0 ? r : 0;
}

/* To the end, or to the limit: names that nobody could use count for neither. */
static int read_new(rados_ioctx_t io, struct names *names, uint64_t *old_size)
{
	struct image_page *page = names->page;
	const size_t limit = names->wish->limit;
	int r = 0;

	if (*names->wish->after)
		text_printf(&names->last, KEY "%s", names->wish->after);
	page->more = !names->last.failed;
	while (r == 0 && page->more && (!limit || page->count < limit)) {
		size_t left = limit ? limit - page->count : AT_ONCE;

		r = read_page(io, names, left < AT_ONCE ? left : AT_ONCE, old_size, &page->more);
	}
	if (r < 0)
		page->more = false;
	if (names->last.failed)
		r = -ENOMEM;
	text_done(&names->last);
	return r == -ENOENT ? 0 : r;
}

/* tmap: a header, the number of entries, each a name and a content. */
static int take_tmap(const char *at, const char *end, struct names *names)
{
	size_t length;
	uint32_t count;

	if (!encoded_string(&at, end, &length) || end - at < 4)
		return -EIO;
	count = le32_at(at);
	at += 4;
	while (count--) {
		const char *name = encoded_string(&at, end, &length);
		char text[MANAGE_NAME_MAX] = "";
		size_t ignored;
		int r = 0;

		if (!name || !encoded_string(&at, end, &ignored))
			return -EIO;
		if (length < sizeof(text)) {
			memcpy(text, name, length);
			if (wanted(names->wish, text))
				r = add(names, text, length, "", 0);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_old(rados_ioctx_t io, struct names *names, uint64_t size)
{
	_cleanup_free_ char *content = NULL;
	int r;

	if (size == 0)
		return 0;
	content = size > (64U << 20) ? NULL : malloc(size);
	if (!content)
		return -ENOMEM;
	r = rados.rados_read(io, DIRECTORY, content, size, 0);
	return r <= 0 ? r : take_tmap(content, content + r, names);
}

static int add_half_removed(void *context, const char *name, const char *id)
{
	struct names *names = context;

	return wanted(names->wish, name) ? add(names, name, strlen(name), id, strlen(id)) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct image_entry *)a)->name, ((const struct image_entry *)b)->name);
}

/* What comes beside the omap's names is all there; of those there are `limit` first ones at least,
 * or all: so the first `limit` of both are right. */
int directory_read(rados_ioctx_t io, const struct directory_wish *wish, struct image_page *ret)
{
	struct names names = {.page = ret, .wish = wish};
	uint64_t old_size = 0;
	size_t of_omap;
	int r;

	*ret = (struct image_page){0};
	r = read_new(io, &names, &old_size);
	of_omap = ret->count;
	if (r >= 0)
		r = read_old(io, &names, old_size);
	if (r >= 0)
		r = half_removed_each(io, add_half_removed, &names);
	if (r < 0)
		return r;
	if (ret->count > of_omap)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_name);
	if (wish->limit && ret->count > wish->limit) {
		ret->count = wish->limit;
		ret->more = true;
	}
	return 0;
}

void image_page_done(struct image_page *page)
{
	free(page->list);
	*page = (struct image_page){0};
}
