/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/cluster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "ceph/monitors.h"
#include "ceph/room.h"

struct setting {
	const char *name;
	const char *value;
};

/*
 * Quiet, without files. No keyring is looked for: the key is given. Whatever ceph.conf or CEPH_ARGS
 * said on these is overruled.
 */
static const struct setting quiet[] = {
	{"keyring", ""},
	{"keyfile", ""},
	{"log_file", ""},
	{"log_to_stderr", "false"},
	{"err_to_stderr", "false"},
	{"log_to_syslog", "false"},
	{"err_to_syslog", "false"},
	{"admin_socket", ""},
	/* the look at each object of an image without an object map goes by as many at once */
	{"rbd_concurrent_management_ops", "64"},
	/* we never write data: no cache, no thread for it */
	{"rbd_cache", "false"},
};

/* An option that this version of Ceph does not know is passed over; the ones that matter are set
 * with must_set(). */
static void set_quiet(rados_t handle)
{
	for (size_t i = 0; i < ARRAY_SIZE(quiet); i++)
		rados.rados_conf_set(handle, quiet[i].name, quiet[i].value);
}

/* One for messages and one for callbacks do for a handful of requests one after the other (a thread
 * costs 30 us on a machine, a millisecond in a node of the lab). */
static void set_threads(rados_t handle, unsigned int threads)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", threads ? threads : 1);
	rados.rados_conf_set(handle, "librados_thread_count", text);
	if (!threads)
		rados.rados_conf_set(handle, "ms_async_op_threads", "1");
}

static int must_set(rados_t handle, const char *name, const char *value, struct error *error)
{
	int r = rados.rados_conf_set(handle, name, value);

	/* the value is not said: it may be the key */
	return r < 0 ? error_errno(error, r, "set up librados: option %s", name) : 0;
}

static int set_timeouts(rados_t handle, int64_t timeout, struct error *error)
{
	static const char *const names[] = {"client_mount_timeout", "rados_mon_op_timeout",
					    "rados_osd_op_timeout"};
	char seconds[24];

	/* whole seconds, rounded up: 0 would mean for ever */
	snprintf(seconds, sizeof(seconds), "%lld",
		 timeout < 1000 ? 1LL : (long long)(timeout + 999) / 1000);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (must_set(handle, names[i], seconds, error) < 0)
			return error->code;
	return 0;
}

/* A list with a host's name in it librados resolves by another way, which knows no
 * [v2:...,v1:...]: such a list it gets in single addresses. */
static int set_monitors(rados_t handle, const char *text, struct error *error)
{
	_cleanup_text_ struct text list = {0};
	struct monitors monitors;

	if (!strstr(text, "[v"))
		return must_set(handle, "mon_host", text, error);
	if (monitors_parse(text, &monitors, error) < 0)
		return error->code;
	for (size_t i = 0; i < monitors.count; i++)
		text_printf(&list, "%s%s%s", i ? "," : "",
			    monitors.list[i].messenger_v2 ? "v2:" : "v1:", monitors.list[i].text);
	return must_set(handle, "mon_host", list.data ? list.data : "", error);
}

static int configure(const struct cluster_access *access, int64_t timeout, rados_t handle,
		     struct error *error)
{
	int r;

	if (str_empty(access->monitors)) {
		r = rados.rados_conf_read_file(handle, access->conf);
		if (r < 0)
			return error_errno(error, r, "read %s", access->conf);
	} else if (set_monitors(handle, access->monitors, error) < 0) {
		return error->code;
	}
	set_quiet(handle);
	set_threads(handle, access->threads);
	if (must_set(handle, "key", access->key, error) < 0)
		return error->code;
	return set_timeouts(handle, timeout, error);
}

/* A CryptoKey in base64: type, time of creation, length, secret (ceph: src/auth/Crypto.cc).
 * librados says EINVAL for a bad one, as it does for much else. */
static int check_key(const struct cluster_access *access, struct error *error)
{
	char bytes[256];
	ssize_t length = str_base64_decode(access->key, bytes, sizeof(bytes));

	explicit_bzero(bytes, sizeof(bytes));
	if (length > 12)
		return 0;
	error_set(error, -EINVAL, "the key of client.%s is not a Ceph key", access->user);
	return error_advise(error,
			    "the secret holds the key as `ceph auth get-key client.%s` "
			    "prints it",
			    access->user);
}

static int connect_work(struct cluster *cluster, void *data, struct error *error)
{
	return rados.rados_connect(cluster->rados);
}

/* What rados_connect() answers to whom was measured with 16.2.15: test/cluster/test_ceph.c. */
static int explain_connect(const struct cluster *cluster, const struct cluster_access *access,
			   int code, struct error *error)
{
	const char *where = str_empty(access->monitors) ? access->conf : access->monitors;

	switch (code) {
	case -EACCES:
	case -EPERM:
	case -EKEYREJECTED:
		error_set(error, code,
			  "connect to the Ceph cluster (%s) as client.%s: the monitors refuse the "
			  "user or its key, or its caps lack mon 'profile rbd'",
			  where, cluster->user);
		return error_advise(error,
				    "compare with `ceph auth get client.%s`, which shows its caps "
				    "too; the secret holds the key as printed there",
				    cluster->user);
	case -ETIMEDOUT:
		error_set(error, code,
			  "connect to the Ceph cluster (%s) as client.%s: no monitor answered "
			  "within %.1f s",
			  where, cluster->user, (double)cluster->timeout / 1000);
		return error_advise(error, "check the addresses, the network and firewalls between "
					   "this node and them, and `ceph -s`");
	case -ENOENT:
		error_set(error, code,
			  "connect to the Ceph cluster (%s): there is no monitor in it that could "
			  "be asked",
			  where);
		return error_advise(error, "give numeric addresses of the monitors");
	case -EINVAL:
		error_set(error, code,
			  "connect to the Ceph cluster (%s): a monitor's address is not "
			  "well-formed, or its name does not resolve",
			  where);
		return error_advise(error, "give numeric addresses of the monitors");
	default:
		return error_errno(error, code, "connect to the Ceph cluster (%s) as client.%s",
				   where, cluster->user);
	}
}

static int open_session(struct cluster *cluster, const struct cluster_access *access,
			struct error *error)
{
	char name[sizeof(cluster->user) + 16];
	char unused = 0;
	int r;

	snprintf(name, sizeof(name), "client.%s", cluster->user);
	r = rados.rados_create2(&cluster->rados, "ceph", name, 0);
	if (r < 0)
		return error_errno(error, r, "start librados as %s", name);
	if (configure(access, cluster->timeout, cluster->rados, error) < 0)
		return error->code;
	/* client_mount_timeout holds for each of the two sessions that librados opens (the first
	 * only fetches the configuration: RadosClient::connect), so there is a bound above it */
	r = bounded_run(cluster, bounded_deadline(cluster, 1500), connect_work, &unused,
			sizeof(unused), error);
	if (r < 0)
		return explain_connect(cluster, access, r, error);
	cluster->connected = true;
	r = rados.rados_cluster_fsid(cluster->rados, cluster->fsid, sizeof(cluster->fsid));
	return r < 0 ? error_errno(error, r, "ask the cluster for its fsid") : 0;
}

int cluster_connect(const struct cluster_access *access, int64_t timeout, struct cluster **ret,
		    struct error *error)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;

	if (check_key(access, error) < 0 || ceph_load_rados(error) < 0)
		return error->code;
	cluster = calloc(1, sizeof(*cluster));
	if (!cluster)
		return error_errno(error, -ENOMEM, "connect to the Ceph cluster");
	cluster->owners = 1;
	cluster->timeout = timeout;
	if (str_copy(cluster->user, sizeof(cluster->user), access->user) < 0)
		return error_set(error, -ENAMETOOLONG, "the Ceph user's name is too long");
	if (open_session(cluster, access, error) < 0)
		return error->code;
	*ret = TAKE_PTR(cluster);
	return 0;
}
