/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The static start of the bundle (docs/bundle.md): runs the bundle's own loader on the bundle's
 * own driver, whatever libc the host has or has not. What is missing or broken it says itself, as
 * the driver would: to the kubelet as JSON with exit status 0, since with another one the kubelet
 * logs the arguments, and the Secret is among them. No memory is allocated, no library loaded.
 *
 * BUNDLE is the directory's name, START what the loader opens before the driver's main(); both are
 * given by deploy/bundle/collect.
 */
#include <alloca.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADER "ld.so"
#define DRIVER "rbd-flexvolume"

static const char *const start[] = {LOADER, DRIVER, START};

/* The kubelet's; all others are a person's, or the installer's. */
static const char *const callouts[] = {
	"init",          "attach",  "waitforattach", "isattached", "mountdevice",  "mount",
	"unmountdevice", "unmount", "detach",        "expandfs",   "expandvolume", "getvolumename",
};

/* What changes which code is loaded, or what the loader prints: the loader's, the C library's,
 * OpenSSL's, Ceph's directory of plug-ins. A name that ends in '_' stands for all that begin so. */
static const char *const unwanted[] = {
	"LD_", "GLIBC_TUNABLES=", "GCONV_PATH=", "LOCPATH=", "NLSPATH=", "OPENSSL_", "CEPH_LIB=",
};

/* An ELF file's first bytes; the linker gives us our own. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static char directory[PATH_MAX]; /* the bundle's, with a slash at its end */

/* --- what is said where it cannot be done --- */

static struct {
	char bytes[4 * PATH_MAX];
	size_t length;
	bool json;
} answer;

static void put(char byte)
{
	if (answer.length < sizeof(answer.bytes))
		answer.bytes[answer.length++] = byte;
}

static void say_raw(const char *text)
{
	while (*text)
		put(*text++);
}

/* In JSON a quote and a backslash are escaped; what is no printable ASCII is not said. */
static void say(const char *text)
{
	for (; *text; text++) {
		const bool plain = *text >= ' ' && *text <= '~';

		if (answer.json && (*text == '"' || *text == '\\'))
			put('\\');
		put((char)(plain ? *text : '?'));
	}
}

static bool is_callout(const char *verb)
{
	for (size_t i = 0; i < sizeof(callouts) / sizeof(*callouts); i++)
		if (strcmp(verb, callouts[i]) == 0)
			return true;
	return false;
}

static void write_all(int fd)
{
	size_t done = 0;

	while (done < answer.length) {
		ssize_t count = write(fd, answer.bytes + done, answer.length - done);

		if (count < 0 && errno != EINTR)
			return;
		if (count > 0)
			done += (size_t)count;
	}
}

/* One sentence, to whoever asked. `file` is in the bundle; "" is the bundle itself. */
_Noreturn static void fail(const char *verb, const char *file, const char *why)
{
	answer.json = is_callout(verb);
	say_raw(answer.json ? "{\"status\":\"Failure\",\"message\":\"" : "");
	say("start " DRIVER ": ");
	if (*directory) {
		say(directory);
		say(file);
		say(": ");
	}
	say(why);
	say("; what this program needs beside it is missing or broken: install " DRIVER
	    " on this node again");
	say_raw(answer.json ? "\"}\n" : "\n");
	signal(SIGPIPE, SIG_IGN);
	/* the kubelet reads both as one: with the one closed, the answer goes to the other */
	write_all(answer.json && fcntl(1, F_GETFD) >= 0 ? 1 : 2);
	_exit(answer.json ? 0 : 1);
}

/* --- where everything is --- */

/* Our own directory; where /proc is not mounted, what we were called by must do. After an upgrade
 * has renamed another over us there is " (deleted)" behind our name, which is cut off anyway. */
static const char *find_directory(const char *called)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
	const char *slash;

	if (length < 0) {
		length = (ssize_t)strnlen(called, sizeof(self));
		memcpy(self, called, (size_t)length);
	}
	slash = memrchr(self, '/', (size_t)length);
	if (!slash)
		return "/proc is not mounted, and the call names no directory";
	length = slash + 1 - self;
	/* with room for the name of any file in it */
	if (length + sizeof(BUNDLE "/") >= PATH_MAX - NAME_MAX)
		return strerror(ENAMETOOLONG);
	memcpy(directory, self, (size_t)length);
	memcpy(directory + length, BUNDLE "/", sizeof(BUNDLE "/"));
	/* the loader takes these in the path of its libraries for a separator and a variable */
	if (strpbrk(directory, ":;$"))
		return "there must be no colon, semicolon or dollar sign in this name";
	return NULL;
}

/* FILE is a name of ours, shorter than NAME_MAX. */
static void path_of(const char *file, char ret[PATH_MAX])
{
	const size_t length = strlen(directory);

	memcpy(ret, directory, length);
	memcpy(ret + length, file, strnlen(file, NAME_MAX) + 1);
}

/* Of our machine, and all there: the table of sections is at a file's end. NULL, or why not. */
static const char *look_at(const char *file)
{
	char path[PATH_MAX];
	ElfW(Ehdr) header;
	struct stat status;
	ssize_t length;
	int fd;

	path_of(file, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return strerror(errno);
	length = read(fd, &header, sizeof(header));
	if (fstat(fd, &status) < 0)
		status.st_size = 0;
	close(fd);
	if (length < 0)
		return strerror(errno);
	if (length < (ssize_t)sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return "it is no program";
	if (header.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
	    header.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
	    header.e_machine != __ehdr_start.e_machine)
		return "it is for another kind of processor";
	if ((off_t)header.e_shoff + (off_t)header.e_shnum * header.e_shentsize > status.st_size)
		return "it is cut off";
	return NULL;
}

/* --- how it is started --- */

static bool is_unwanted(const char *variable)
{
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
		if (strncmp(variable, unwanted[i], strlen(unwanted[i])) == 0)
			return true;
	return false;
}

static void clean(char **environment)
{
	char **kept = environment;

	for (; *environment; environment++)
		if (!is_unwanted(*environment))
			*kept++ = *environment;
	*kept = NULL;
}

int main(int argc, char *argv[], char *environment[])
{
	static char loader[PATH_MAX], library[PATH_MAX], driver[PATH_MAX];
	/* not the host's cache of libraries, only ours */
	const char *const words[] = {loader, "--inhibit-cache", "--library-path", library, driver};
	const size_t count = sizeof(words) / sizeof(*words);
	const char *verb = argc > 1 ? argv[1] : "";
	const char *why = find_directory(argc > 0 ? argv[0] : "");
	const char **arguments;

	if (why)
		fail(verb, "", why);
	for (size_t i = 0; i < sizeof(start) / sizeof(*start); i++) {
		why = look_at(start[i]);
		if (why)
			fail(verb, start[i], why);
	}
	path_of(LOADER, loader);
	path_of("lib", library);
	path_of(DRIVER, driver);
	/* cppcheck-suppress allocaCalled; the kernel bounds it: argc pointers came on this stack */
	arguments = alloca((count + (size_t)argc + 1) * sizeof(*arguments));
	memcpy(arguments, words, sizeof(words));
	for (int i = 1; i <= argc; i++)
		arguments[count + (size_t)i - 1] = argc ? argv[i] : NULL;
	arguments[count + (size_t)(argc ? argc - 1 : 0)] = NULL;
	clean(environment);
	execve(loader, (char *const *)arguments, environment);
	fail(verb, LOADER, strerror(errno));
}
