# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the bundle share: the bundle as it was built, the roots that it must run in, and
# nodes that have such a root.
source "${BASH_SOURCE[0]%/*}/../suite/helpers.bash"

BUNDLE=$ROOT/build/bundle/ceph~rbd
# where the kubelet looks; in the roots
PLUGIN=/usr/libexec/kubernetes/kubelet-plugins/volume/exec/ceph~rbd
DRIVER=$PLUGIN/rbd

# --- roots: trees with the bundle in them ---

# make_tree DIR: nothing but places to mount at, and the bundle.
make_tree() {
	mkdir -p "$1"/{proc,sys,dev,run,share,var/lib/kubelet} "$1${PLUGIN%/*}"
	cp -a "$BUNDLE" "$1$PLUGIN"
}

# As Alpine: musl, and busybox for all commands, modprobe too. No glibc.
make_musl() { # DIR
	local name
	make_tree "$1"
	mkdir -p "$1"/{bin,sbin,lib/modules}
	cp -L /lib/ld-musl-*.so.1 "$1/lib/"
	cp -L "$(command -v busybox)" "$1/bin/busybox"
	for name in bin/sh bin/ls sbin/modprobe; do
		ln -s /bin/busybox "$1/$name"
	done
}

# What the kernel asks /sbin/modprobe for, where there is none: loaded before its root is gone.
load_modules() { # N
	node "$1" modprobe -a rbd cryptomgr ecb cbc aes_generic
}

# Debian 11's packages of priority required as debootstrap unpacks them, from the mirror that this
# machine uses; kept in the lab's cache (100 MB).
debian11() {
	local cache=${LAB_CACHE:-/var/cache/rbd-flexvolume-lab}/roots/bullseye mirror tries=0
	if [[ ! -e $cache ]]; then
		mirror=$(source "$ROOT/test/lab/lib/kernels.sh" && debian_mirror) || return 1
		mkdir -p "${cache%/*}"
		# a package that could not be fetched it asks for once
		until rm -rf "$cache.tmp" &&
			debootstrap --variant=minbase --foreign bullseye "$cache.tmp" "$mirror" >&2; do
			((++tries < 3)) || return 1
			sleep 5
		done
		# in a container it makes links of some of these
		rm -rf "$cache.tmp"/{proc,sys,dev,run,debootstrap,var/cache/apt,var/lib/apt} \
			"$cache.tmp"/usr/share/{doc,locale,man,zoneinfo}
		mv "$cache.tmp" "$cache"
	fi
	echo "$cache"
}

make_debian11() { # DIR
	local cache
	cache=$(debian11) || return 1
	cp -a "$cache" "$1"
	make_tree "$1"
}

make_roots() { # DIR
	make_tree "$1/empty"
	make_musl "$1/musl"
	make_debian11 "$1/debian11"
}

# in_root KIND COMMAND...: on this machine, in the lab's network.
in_root() {
	local kind=$1
	shift
	# shellcheck disable=SC2153 # it is setup_suite's
	lab exec -- "$ROOT/test/bundle/in-root" "$ROOTS/$kind" "$@"
}

# answer COMMAND...: one JSON object on stdout, nothing on stderr, exit 0; sets $json, $status,
# $message.
answer() {
	local code=0 err=$BATS_TEST_TMPDIR/err
	json=$("$@" 2>"$err" </dev/null) || code=$?
	printf '%.200s\n  exit %s: %s\n  stderr: %s\n' "$*" "$code" "$json" "$(<"$err")"
	((code == 0)) && [[ ! -s $err ]] || return 1
	understand <<<"$json"
}

# --- nodes ---

# The tools of the tests: in a node's /share, since such a root has none. What has a path is no tool.
lab() {
	local words=("$@") i=0
	if [[ ${1:-} == run ]]; then
		while ((i < ${#words[@]})) && [[ ${words[i++]} != -- ]]; do :; done
		while [[ ${words[i]} =~ ^[A-Za-z_][A-Za-z_0-9]*= ]]; do ((++i)); done
		[[ ${words[i]} == /* ]] || words=("${words[@]:0:i}" /share/busybox "${words[@]:i}")
	fi
	"$ROOT/test/lab/lab" "${words[@]}"
}

boot_node() { # N [OPTION...]
	local n=$1
	shift
	cp "$(command -v busybox)" "$SHARE/$n/busybox"
	lab boot "$n" --kernel "$KERNEL" "$@" >"$SUITE_DIR/boot.$n.log" 2>&1 ||
		{ cat "$SUITE_DIR/boot.$n.log" >&2; return 1; }
}

# become N KIND: from here on that tree is the root of node N, for its first process too; what was
# its root before is gone.
become() {
	# shellcheck disable=SC2016 # for the node's shell
	node "$1" sh -ec '
		busybox() { /share/busybox "$@"; }
		busybox mount --make-rprivate /
		busybox mount --bind "$1" "$1"
		cd "$1"
		for i in proc sys dev run share; do busybox mount --rbind "/$i" "$i"; done
		[ ! -d lib/modules ] || busybox mount --rbind /usr/lib/modules lib/modules
		busybox pivot_root . .
		busybox umount -l .
		busybox mount --make-rshared /' - "$ROOTS/$2"
}
