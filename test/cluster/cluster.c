/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>

#include "base/str.h"

extern char **environ;

int tried(const char *format, ...)
{
	char line[2048];
	va_list arguments;
	int status;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	status = system(line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void admin(const char *format, ...)
{
	char line[2048];
	va_list arguments;
	int status;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	status = tried("{ %s; } >/dev/null 2>&1", line);
	if (status)
		fail_msg("`%s` ended with %d", line, status);
}

void lab(const char *words)
{
	assert_int_equal(tried("\"$LAB_COMMAND\" %s >/dev/null", words), 0);
}

void resume_osd(void)
{
	lab("osd resume 0");
	admin("ceph osd down 0; timeout 60 sh -c 'until ceph osd stat | grep -q \"1 up\"; do "
	      "sleep 0.2; done'");
}

const char *asked(const char *format, ...)
{
	static char output[65536];
	char line[2048];
	va_list arguments;
	size_t length;
	FILE *pipe;

	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	pipe = popen(line, "re");
	assert_non_null(pipe);
	length = fread(output, 1, sizeof(output) - 1, pipe);
	output[length] = '\0';
	if (length && output[length - 1] == '\n')
		output[length - 1] = '\0';
	if (pclose(pipe) != 0)
		fail_msg("`%s` failed", line);
	return output;
}

void user_with(const char *user, const char *caps)
{
	admin("ceph auth rm client.%s; ceph auth get-or-create client.%s %s", user, user, caps);
}

struct cluster_access access_of(const char *user)
{
	static char other[128];
	const char *key = other;

	if (str_eq(user, "admin"))
		key = getenv("ADMIN_KEY");
	else if (str_eq(user, "kube"))
		key = getenv("KUBE_KEY");
	else
		(void)str_copy(other, sizeof(other), asked("ceph auth get-key client.%s", user));
	return (struct cluster_access){
		.monitors = getenv("MONITORS"), .conf = "", .user = user, .key = key};
}

int make_image(struct cluster *cluster, const char *image, uint64_t size, struct error *error)
{
	struct image_plan plan = {.size = size, .data_pool = "", .supported = UINT64_MAX};

	if (image_features_parse("", &plan.features, error) < 0)
		return error->code;
	return image_create(cluster, image, &plan, error);
}

struct cluster *connected(const char *user, const char *pool, const char *name_space)
{
	struct cluster_access access = access_of(user);
	struct cluster *cluster = NULL;
	struct error error = {0};

	assert_ok(cluster_connect(&access, TIMEOUT, &cluster, &error), error);
	assert_ok(cluster_use_pool(cluster, pool, name_space, &error), error);
	return cluster;
}

struct image_header header_of(struct cluster *cluster, const char *image)
{
	struct image_header header;
	struct error error = {0};

	assert_ok(image_read_header(cluster, image, &header, &error), error);
	return header;
}

static void expect_word(int fd, const char *word)
{
	char said[64] = "";
	ssize_t n = read(fd, said, sizeof(said) - 1);

	assert_true(n > 0);
	assert_string_equal(said, word);
}

struct holder holder_start(const char *image)
{
	struct holder holder;
	int in[2], out[2];
	posix_spawn_file_actions_t actions;
	char *const argv[] = {"/proc/self/exe", "hold", (char *)image, NULL};

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	assert_int_equal(posix_spawn(&holder.pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	holder.to = in[1];
	holder.from = out[0];
	expect_word(holder.from, "open\n");
	return holder;
}

int holder_write(struct holder *holder)
{
	char answer[32] = "";

	assert_int_equal(write(holder->to, "w", 1), 1);
	assert_true(read(holder->from, answer, sizeof(answer) - 1) > 0);
	return atoi(answer);
}

void holder_kill(struct holder *holder)
{
	assert_int_equal(kill(holder->pid, SIGKILL), 0);
	assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
	close(holder->to);
	close(holder->from);
}

int holder_main(const char *image)
{
	struct cluster_access access = access_of("kube");
	struct cluster *cluster = NULL;
	struct error error = {0};
	rbd_image_t opened;
	typeof(rbd_write) *write_block;
	char block[4096] = "data", go;

	if (cluster_connect(&access, TIMEOUT, &cluster, &error) < 0 ||
	    cluster_use_pool(cluster, "kube", "", &error) < 0 || ceph_load_rbd(&error) < 0 ||
	    image_open(cluster, image, true, &opened, &error) < 0) {
		(void)printf("%s\n", error.text);
		return 1;
	}
	/* the driver never writes data, so its list of symbols does not have it */
	*(void **)&write_block = dlsym(dlopen("librbd.so.1", RTLD_NOW), "rbd_write");
	(void)printf("open\n");
	(void)fflush(stdout);
	while (read(0, &go, 1) == 1) {
		(void)printf("%d\n", (int)write_block(opened, 0, sizeof(block), block));
		(void)fflush(stdout);
	}
	_exit(0);
}
