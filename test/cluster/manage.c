/* SPDX-License-Identifier: Apache-2.0 */
#include "manage.h"

#include <dlfcn.h>

struct cluster *connected_as(const char *user)
{
	struct cluster_access access = access_of(user);
	struct cluster *cluster = NULL;
	struct error error = {0};

	access.threads = 16; /* as rbd-rest has it: volume/connect.c */
	assert_ok(cluster_connect(&access, TIMEOUT, &cluster, &error), error);
	return cluster;
}

struct cluster *manager(void)
{
	static bool made;

	if (!made) {
		admin("ceph osd pool create " MANAGED " 8; rbd pool init " MANAGED
		      "; rbd namespace create " MANAGED "/space; rbd ls " MANAGED "/space");
		user_with(MANAGED, "mon 'profile rbd' osd 'profile rbd pool=" MANAGED
				   ", profile rbd pool=kube'");
		made = true;
	}
	return connected_as(MANAGED);
}

struct image_name in_pool(const char *text)
{
	static char parts[4][128];
	static size_t next;
	char *part = parts[next++ % ARRAY_SIZE(parts)], *slash, *snapshot;
	struct image_name name = {.pool = MANAGED, .name_space = "", .snapshot = ""};

	assert_int_equal(str_copy(part, sizeof(parts[0]), text), 0);
	slash = strchr(part, '/');
	if (slash) {
		*slash = '\0';
		name.name_space = part;
		part = slash + 1;
	}
	snapshot = strchr(part, '@');
	if (snapshot) {
		*snapshot = '\0';
		name.snapshot = snapshot + 1;
	}
	name.image = part;
	return name;
}

const char *rbd_says(const char *image, const char *field)
{
	return asked("rbd info " MANAGED "/%s --format json | jq -r '%s'", image, field);
}

int make_managed(struct cluster *cluster, const char *text, uint64_t size, struct error *error)
{
	const struct image_name name = in_pool(text);
	struct image_plan plan = {.size = size, .data_pool = "", .supported = UINT64_MAX};
	struct image_made made;

	if (image_features_parse("", &plan.features, error) < 0)
		return error->code;
	return image_make(cluster, &name, &plan, &made, error);
}

void write_to(const char *image, uint64_t offset, size_t bytes)
{
	_cleanup_cluster_ struct cluster *cluster = connected("admin", MANAGED, "");
	_cleanup_image_ rbd_image_t opened = NULL;
	void *librbd = dlopen("librbd.so.1", RTLD_NOW | RTLD_LOCAL);
	typeof(rbd_write) *write_it = (typeof(rbd_write) *)dlsym(librbd, "rbd_write");
	_cleanup_free_ char *content = malloc(bytes);
	struct error error = {0};

	assert_non_null(write_it);
	memset(content, 0x5a, bytes);
	assert_ok(ceph_load_rbd(&error), error);
	assert_ok(image_open(cluster, image, true, &opened, &error), error);
	assert_int_equal(write_it(opened, offset, bytes, content), bytes);
	dlclose(librbd);
}
