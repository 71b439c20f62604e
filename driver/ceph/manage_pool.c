/* SPDX-License-Identifier: Apache-2.0 */
/* The pools that there are, and their namespaces. */
#include "ceph/manage_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/manage_pools.h"

/* Names with a '\0' after each, an empty one at the end; what librados says. */
static int read_names(rados_t rados_handle, char **ret)
{
	int size = 4096, room = 0;

	while (size > room) {
		char *more = realloc(*ret, (size_t)size + 1);

		if (!more)
			return -ENOMEM;
		*ret = more;
		room = size;
		memset(more, 0, (size_t)size + 1);
		size = rados.rados_pool_list(rados_handle, more, (size_t)room);
	}
	return size < 0 ? size : 0;
}

static int read_applications(rados_t rados_handle, struct pool_entry *entry)
{
	_cleanup_io_ rados_ioctx_t io = NULL;
	char names[sizeof(entry->applications)];
	size_t size = sizeof(names), used = 0;
	int r = rados.rados_ioctx_create2(rados_handle, entry->id, &io);

	if (r < 0) {
		io = NULL;
		return r;
	}
	r = rados.rados_application_list(io, names, &size);
	if (r < 0)
		return r;
	for (size_t at = 0; at < size && used < sizeof(names); at += strlen(names + at) + 1)
		used += (size_t)snprintf(entry->applications + used, sizeof(names) - used, "%s%s",
					 used ? "," : "", names + at);
	return 0;
}

int pools_read_one(struct cluster *place, const char *pool, struct pool_entry *ret)
{
	int64_t id = rados.rados_pool_lookup(place->rados, pool);

	if (id < 0)
		return (int)id;
	*ret = (struct pool_entry){.id = id};
	return str_copy(ret->name, sizeof(ret->name), pool) < 0
		       ? -ENAMETOOLONG
		       : read_applications(place->rados, ret);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pool_entry *)a)->name, ((const struct pool_entry *)b)->name);
}

static int read_pools(struct cluster *place, struct pools *ret)
{
	_cleanup_free_ char *names = NULL;
	size_t room = 0;
	int r = read_names(place->rados, &names);

	if (r < 0)
		return r;
	for (const char *name = names; *name; name += strlen(name) + 1)
		room++;
	ret->list = calloc(room + 1, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (const char *name = names; *name; name += strlen(name) + 1) {
		r = pools_read_one(place, name, &ret->list[ret->count]);
		if (r == 0)
			ret->count++;
		else if (r != -ENOENT) /* removed in this moment */
			return r;
	}
	if (ret->count)
		qsort(ret->list, ret->count, sizeof(*ret->list), by_name);
	return 0;
}

static void pools_drop(void *data)
{
	free(((struct pools *)data)->list);
}

/* The client has the osdmap of its last request: pools made since are not in it. */
int pools_refresh(struct cluster *place, struct error *error)
{
	int r = rados.rados_wait_for_latest_osdmap(place->rados);

	return r < 0 ? cluster_error_of(place, error, r, &(struct asked){0},
					"ask for the newest osdmap")
		     : 0;
}

static int list_work(struct cluster *place, void *data, struct error *error)
{
	struct pools *work = data;
	int r;

	if (pools_refresh(place, error) < 0)
		return error->code;
	r = read_pools(place, work);
	if (r == 0)
		return 0;
	free(TAKE_PTR(work->list));
	return cluster_error_of(place, error, r, &(struct asked){0}, "list the pools");
}

int pool_list(struct cluster *cluster, struct pool_entry **ret, size_t *ret_count,
	      struct error *error)
{
	static const struct image_name NONE = {"", "", "", ""};
	struct bounded_way way = place_briefly(cluster, 2000);
	struct pools work = {0};
	int r;

	way.drop = pools_drop;
	r = place_run(cluster, &NONE, "list the pools", &way, list_work, &work, sizeof(work),
		      error);
	*ret = work.list;
	*ret_count = work.count;
	return r;
}

struct find_work {
	char pool[MANAGE_NAME_MAX];
	struct pool_entry entry;
};

int pools_find(struct cluster *place, const char *pool, struct pool_entry *ret, struct error *error)
{
	int r = pools_refresh(place, error);

	if (r < 0)
		return r;
	r = pools_read_one(place, pool, ret);
	if (r == -ENOENT)
		return error_set(error, r, "pool %s: there is no such pool in the cluster %s", pool,
				 place->fsid);
	return r < 0 ? cluster_error_of(place, error, r, &(struct asked){0}, "look for pool %s",
					pool)
		     : 0;
}

static int find_work(struct cluster *place, void *data, struct error *error)
{
	struct find_work *work = data;

	return pools_find(place, work->pool, &work->entry, error);
}

int pool_find(struct cluster *cluster, const char *pool, struct pool_entry *ret,
	      struct error *error)
{
	const struct image_name name = {pool, "", "", ""};
	const struct bounded_way way = place_briefly(cluster, 2000);
	struct find_work work = {.pool = ""};
	int r;

	if (str_copy(work.pool, sizeof(work.pool), pool) < 0)
		return error_set(error, -ENAMETOOLONG, "no pool has so long a name");
	r = place_run(cluster, &name, "look for pool", &way, find_work, &work, sizeof(work), error);
	if (r == 0)
		*ret = work.entry;
	return r;
}

int pools_namespaces(rados_ioctx_t io, struct namespaces *ret)
{
	_cleanup_free_ char *names = NULL;
	size_t size = 4096, room = 0, count = 0;
	int r = -ERANGE;

	while (r == -ERANGE && size > room) {
		free(names);
		room = size;
		names = calloc(1, room + 1);
		if (!names)
			return -ENOMEM;
		r = rbd.rbd_namespace_list(io, names, &size);
	}
	if (r < 0)
		return r;
	for (const char *name = names; *name; name += strlen(name) + 1)
		count++;
	ret->list = calloc(count + 1, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	for (const char *name = names; *name; name += strlen(name) + 1)
		if (str_copy(ret->list[ret->count].name, sizeof(ret->list->name), name) == 0)
			ret->count++;
	return 0;
}

static void namespaces_drop(void *data)
{
	free(((struct namespaces *)data)->list);
}

static int namespaces_work(struct cluster *place, void *data, struct error *error)
{
	struct namespaces *work = data;
	int r;

	if (place_open(place, error) < 0)
		return error->code;
	r = pools_namespaces(place->io, work);
	return r < 0 ? cluster_error(place, error, r, "list the namespaces of pool %s", place->pool)
		     : 0;
}

int pool_namespaces(struct cluster *cluster, const char *pool, struct namespace_entry **ret,
		    size_t *ret_count, struct error *error)
{
	const struct image_name name = {pool, "", "", ""};
	struct bounded_way way = place_briefly(cluster, 2000);
	struct namespaces work = {0};
	int r;

	way.drop = namespaces_drop;
	r = place_run(cluster, &name, "list the namespaces of pool", &way, namespaces_work, &work,
		      sizeof(work), error);
	*ret = work.list;
	*ret_count = work.count;
	return r;
}
