/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include "base/bundle.h"
#include "base/str.h"

struct ceph_rados rados;
struct ceph_rbd rbd;

struct symbol {
	const char *name;
	void *pointer; /* where the function's address goes */
};

struct library {
	const char *file;
	const char *package;
	const struct symbol *symbols;
	size_t count;
};

#define CEPH_SYMBOL(function) {#function, &rados.function},
static const struct symbol rados_symbols[] = {
#include "ceph/symbols_rados.h"
};
#undef CEPH_SYMBOL

#define CEPH_SYMBOL(function) {#function, &rbd.function},
static const struct symbol rbd_symbols[] = {
#include "ceph/symbols_rbd.h"
};
#undef CEPH_SYMBOL

static const struct library librados = {"librados.so.2", "librados2", rados_symbols,
					ARRAY_SIZE(rados_symbols)};
static const struct library librbd = {"librbd.so.1", "librbd1", rbd_symbols,
				      ARRAY_SIZE(rbd_symbols)};

/* Functions that an older library has under another name, with the same arguments. */
static const struct {
	const char *name;
	const char *older;
} renamed[] = {
	{"rados_blocklist_add", "rados_blacklist_add"}, /* before Ceph 16 */
	{"rados_set_pool_full_try", "rados_set_osdmap_full_try"},
};

static void *resolve(void *handle, const char *name)
{
	void *address = dlsym(handle, name);

	for (size_t i = 0; !address && i < ARRAY_SIZE(renamed); i++)
		if (str_eq(renamed[i].name, name))
			address = dlsym(handle, renamed[i].older);
	return address;
}

static int refuse(const struct library *library, int code, struct error *error)
{
	const char *said = dlerror();
	char bundle[PATH_MAX];

	error_set(error, code, "load %s: %s", library->file, said ? said : "no reason given");
	str_one_line(error->text);
	if (bundle_file("lib", bundle) == 0)
		return error_advise(error,
				    "%s is not as it was made: install rbd-flexvolume on "
				    "this node again",
				    bundle);
	return error_advise(error, "install Ceph's client library (package %s, Ceph 15 or newer)",
			    library->package);
}

/*
 * Never closed again: its threads and its C++ statics live as long as the process (hence
 * RTLD_NODELETE). RTLD_LOCAL keeps its names out of our way. RTLD_LAZY is no faster.
 */
static int load(const struct library *library, struct error *error)
{
	void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return refuse(library, -ENOENT, error);
	for (size_t i = 0; i < library->count; i++) {
		void *address = resolve(handle, library->symbols[i].name);

		if (!address)
			return refuse(library, -ENOSYS, error);
		memcpy(library->symbols[i].pointer, &address, sizeof(address));
	}
	return 0;
}

/*
 * glibc gives each thread an arena of its own, and every arena but the first grows by single pages,
 * each with an mprotect(2): 120 of them in one connect. A new arena is made with so much more room
 * at once (malloc/arena.c, new_heap), and none are left. One arena for all would do it too, but
 * then librados' threads wait for each other.
 */
static void grow_memory_in_large_steps(void)
{
#ifdef M_TOP_PAD
	mallopt(M_TOP_PAD, 1 << 20);
#endif
}

/* Once, also where several threads begin at the same time. */
static int load_once(const struct library *library, bool *loaded, struct error *error)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int r;

	pthread_mutex_lock(&lock);
	r = *loaded ? 0 : load(library, error);
	*loaded = r == 0;
	pthread_mutex_unlock(&lock);
	return r;
}

int ceph_load_rados(struct error *error)
{
	static pthread_once_t memory = PTHREAD_ONCE_INIT;
	static bool loaded;

	pthread_once(&memory, grow_memory_in_large_steps);
	return load_once(&librados, &loaded, error);
}

int ceph_load_rbd(struct error *error)
{
	static bool loaded;

	return load_once(&librbd, &loaded, error);
}
