/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First process of a lab node: makes a root that looks like a real host's out
 * of the host's own files, then becomes the agent (PID 1 stays PID 1).
 *
 * In C, not in shell: a process start costs 20 to 60 ms in User-Mode Linux,
 * and a shell script of this needs forty.
 *
 * Starts on hostfs, read-only. The kernel hands over the words of its command
 * line that it does not know as our environment:
 *	LAB_NODE	the node's directory on the host: root/ (a mount
 *			point), tree/ (files to lay over the host's)
 *	LAB_MODULES	the kernel's modules on the host
 *	LAB_SHARE	the directory shared with the host
 *	LAB_ADDRESS, LAB_CONTROL	the two addresses
 *	LAB_HOSTNAME, LAB_LOAD (a module to load; optional)
 *	LAB_SYSTEMD	systemd becomes PID 1, and starts the agent (optional)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[256]; /* where the new root is being made */

static void die(const char *what)
{
	dprintf(2, "lab init: %s: %s\n", what, strerror(errno));
	_exit(1); /* the kernel panics and the node ends: it is seen */
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	errno = EINVAL;
	if (!value)
		die(name);
	return value;
}

/* A text from printf's format; good until the fourth call after. */
__attribute__((format(printf, 1, 2))) static const char *path(const char *format, ...)
{
	static char bufs[4][1024];
	static unsigned int turn;
	char *buf = bufs[turn++ % 4];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(bufs[0]), format, args);
	va_end(args);
	return buf;
}

static void mount_at(const char *type, const char *dir, const char *data)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, 0, data) < 0)
		die(path("mount %s on %s", type, dir));
}

static int load_file(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -1 : (int)syscall(SYS_finit_module, fd, "", 0);

	if (fd >= 0)
		close(fd);
	return r;
}

/* By path: at this time modprobe would look among the host's modules. */
static void load_module(const char *file, int needed)
{
	struct utsname kernel;

	uname(&kernel);
	if (load_file(path("%s/%s/kernel/%s", setting("LAB_MODULES"), kernel.release, file)) < 0 &&
	    needed)
		die(file);
}

static void run(char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		dprintf(2, "lab init: %s: status %x\n", argv[0], status);
}

/* The host's tree below, what is written (tree/ first) in memory above. */
static void make_root(void)
{
	char top[200], tree[200];

	snprintf(top, sizeof(top), "%s/root", setting("LAB_NODE"));
	snprintf(tree, sizeof(tree), "%s/tree", setting("LAB_NODE"));
	snprintf(root, sizeof(root), "%s/merged", top);
	mount_at("tmpfs", top, "size=90%");
	run((char *[]){"cp", "-a", tree, (char *)path("%s/upper", top), NULL});
	mkdir(path("%s/work", top), 0755);
	load_module("fs/overlayfs/overlay.ko", 1);
	mount_at("overlay", root, path("lowerdir=/,upperdir=%s/upper,workdir=%s/work", top, top));
}

static void make_filesystems(void)
{
	mount_at("proc", path("%s/proc", root), NULL);
	mount_at("sysfs", path("%s/sys", root), NULL);
	mount_at("cgroup2", path("%s/sys/fs/cgroup", root), NULL);
	mount_at("devtmpfs", path("%s/dev", root), NULL);
	mount_at("devpts", path("%s/dev/pts", root), "mode=620,ptmxmode=666");
	mount_at("tmpfs", path("%s/dev/shm", root), "mode=1777");
	mount_at("tmpfs", path("%s/run", root), "mode=755");
	mount_at("tmpfs", path("%s/tmp", root), "mode=1777");
	mkdir(path("%s/run/lock", root), 01777);
	mount_at("hostfs", path("%s/usr/lib/modules", root), setting("LAB_MODULES"));
	mount_at("hostfs", path("%s/share", root), setting("LAB_SHARE"));
	(void)!symlink("/proc/self/fd", path("%s/dev/fd", root));
	(void)!symlink("/proc/self/fd/0", path("%s/dev/stdin", root));
	(void)!symlink("/proc/self/fd/1", path("%s/dev/stdout", root));
	(void)!symlink("/proc/self/fd/2", path("%s/dev/stderr", root));
}

/* What the host has in /etc/ceph is not the node's: only tree/ counts. */
static void clean_etc_ceph(void)
{
	DIR *d = opendir(path("%s/etc/ceph", root));
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (stat(path("%s/tree/etc/ceph/%s", setting("LAB_NODE"), e->d_name), &st) < 0)
			unlink(path("%s/etc/ceph/%s", root, e->d_name));
	}
	if (d)
		closedir(d);
}

static void set_up_card(const char *name, const char *address)
{
	struct ifreq req = {0};
	struct sockaddr_in *addr = (struct sockaddr_in *)&req.ifr_addr;
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(req.ifr_name, name, IFNAMSIZ - 1);
	if (address) {
		addr->sin_family = AF_INET;
		inet_pton(AF_INET, address, &addr->sin_addr);
		if (ioctl(sock, SIOCSIFADDR, &req) < 0)
			die(name);
		inet_pton(AF_INET, "255.255.255.0", &addr->sin_addr);
		if (ioctl(sock, SIOCSIFNETMASK, &req) < 0)
			die(name);
	}
	if (ioctl(sock, SIOCGIFFLAGS, &req) < 0)
		die(name);
	req.ifr_flags |= IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, &req) < 0)
		die(name);
	close(sock);
}

static void make_network(void)
{
	const char *name = setting("LAB_HOSTNAME");

	if (sethostname(name, strlen(name)) < 0)
		die("sethostname");
	set_up_card("lo", NULL);
	set_up_card("vec0", setting("LAB_ADDRESS"));
	set_up_card("vec1", setting("LAB_CONTROL"));
}

/*
 * pivot_root, not chroot: runc's own pivot_root and the kernel's module loading
 * then see the right root. Shared propagation, as systemd sets it on a host.
 */
static void enter_root(void)
{
	if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		die("pivot_root");
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die("leaving the old root");
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		die("make-rshared");
}

/* Without cbc(aes) the kernel cannot parse a Ceph key. */
static void load_modules(void)
{
	const char *module = getenv("LAB_LOAD");

	load_module("crypto/cryptomgr.ko", 0);
	load_module("crypto/aes_generic.ko", 0);
	load_module("crypto/cbc.ko", 0);
	if (module)
		run((char *[]){"modprobe", (char *)module, NULL});
}

int main(void)
{
	char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			       "HOME=/root", NULL};

	setenv("PATH", environment[0] + strlen("PATH="), 1);
	umask(0);
	make_root();
	make_filesystems();
	clean_etc_ceph();
	make_network();
	enter_root();
	setenv("LAB_MODULES", "/usr/lib/modules", 1);
	load_modules();
	umask(022);
	if (getenv("LAB_SYSTEMD")) {
		execle("/lib/systemd/systemd", "systemd", "--unit=lab.target",
		       "--log-target=console", NULL, environment);
		die("systemd");
	}
	execle("/usr/lib/rbd-lab/agent", "agent", "serve", setting("LAB_CONTROL"), NULL,
	       environment);
	die("agent");
}
