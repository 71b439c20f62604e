#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian packages (docs/packages.md): built, installed on a bare tree, upgraded, removed, purged.
# Each test goes on from the one before it.
# shellcheck source=test/image/helpers.bash
load helpers

PLUGINS=/usr/libexec/kubernetes/kubelet-plugins/volume/exec

setup_file() {
	export NODE=$IMAGE_DIR/node DEBS=$IMAGE_DIR/debs
	(cd "$ROOT/build" && cpack -G DEB -B "$DEBS") >"$IMAGE_DIR/cpack.log" 2>&1 ||
		{ cat "$IMAGE_DIR/cpack.log" >&2; return 1; }
	mkdir "$NODE"
	tar -C "$NODE" --exclude='./dev/*' -xf "$IMAGE_DIR/source/tree.tar"
	cp /etc/resolv.conf "$NODE/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$NODE/usr/sbin/policy-rc.d"
	chmod +x "$NODE/usr/sbin/policy-rc.d"
	cp "$DEBS"/*.deb "$NODE/root/"
}

setup() {
	unset SYS NET RBD_FLEXVOLUME_CONFIG
}

# apt_get ARGUMENT...: in the node
apt_get() {
	node_run apt-get -y -q -o Dpkg::Use-Pty=0 --no-install-recommends "$@"
}

# A node of which the kernel has two mappings of ours.
with_volumes() {
	export SYS=$ROOT/test/unit/fixtures/node-6.1/sys
}

# serve PROGRAM ARGUMENT...: in the node and a network of its own, until it has answered.
serve() {
	NET=1 node_run bash -c "$(declare -f healthy); healthy \"\$@\"" - "$@"
}

package() { # NAME: its file, seen from here
	echo "$DEBS/$1"_*.deb
}

@test "the driver's package depends on what it loads and what it runs, and on the libraries it links" {
	depends=$(dpkg-deb -f "$(package rbd-flexvolume)" Depends)
	for name in librados2 librbd1 libmount1 e2fsprogs kmod libc6 libcjson1; do
		[[ ", $depends," =~ ,\ $name( \(|,) ]] || { echo "no $name in: $depends"; return 1; }
	done
	assert_equal "$(dpkg-deb -f "$(package rbd-flexvolume)" Recommends)" xfsprogs
	assert_equal "$(dpkg-deb -f "$(package rbd-flexvolume)" Version)" "$("$DRIVER" version | cut -d ' ' -f 2)"
}

@test "what is in a package belongs to root, is written by nobody else, and says nothing of where it was built" {
	for deb in "$DEBS"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -tv >"$BATS_TEST_TMPDIR/list"
		[[ -s $BATS_TEST_TMPDIR/list ]] || return 1
		run awk '$2 != "root/root" || $1 !~ /^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx)$/' "$BATS_TEST_TMPDIR/list"
		assert_equal "$output" ''
		dpkg-deb -R "$deb" "$BATS_TEST_TMPDIR/${deb##*/}"
		# where a path begins: built in /src, "debian.org/src/util-linux" is none of ours
		LC_ALL=C run grep -rlaP "(?<![\w.-])(\Q$ROOT\E|\Q$IMAGE_DIR\E)/" "$BATS_TEST_TMPDIR/${deb##*/}"
		assert_equal "$output" ''
		(cd "$BATS_TEST_TMPDIR/${deb##*/}" && md5sum --quiet -c DEBIAN/md5sums)
	done
}

@test "apt installs both on a bare tree, and the kubelet's plug-in directory has it, under its name alone" {
	apt_get update
	apt_get install "/root/$(basename "$(package rbd-flexvolume)")" "/root/$(basename "$(package rbd-rest)")" systemd
	assert_equal "$(node_run rbd-flexvolume version)" "$("$DRIVER" version)"
	assert_equal "$(ls -A "$NODE$PLUGINS")" ceph~rbd
	assert_equal "$(ls -A "$NODE$PLUGINS/ceph~rbd")" rbd
	assert_equal "$(node_run "$PLUGINS/ceph~rbd/rbd" init | jq -c '[.status, .capabilities.attach]')" '["Success",true]'
	[[ -d $NODE/etc/rbd-flexvolume ]] || return 1
}

@test "with them come the manual pages, the licence, the changes and the examples" {
	doc=$NODE/usr/share/doc/rbd-flexvolume
	for page in rbd-flexvolume rbd-rest; do
		zcat "$NODE/usr/share/man/man8/$page.8.gz" | cmp - "$ROOT/docs/$page.8"
	done
	grep -q '^License: Apache-2.0' "$doc/copyright"
	# as dpkg reads a changelog
	zcat "$doc/changelog.gz" >"$BATS_TEST_TMPDIR/changelog"
	assert_equal "$(dpkg-parsechangelog -l "$BATS_TEST_TMPDIR/changelog" -S Version)" "$("$DRIVER" version | cut -d " " -f 2)"
	cmp "$doc/examples/mount-mode.yaml" "$ROOT/deploy/examples/mount-mode.yaml"
	if [[ -e $ROOT/completion/rbd-flexvolume.bash ]]; then
		cmp "$NODE/usr/share/bash-completion/completions/rbd-flexvolume" "$ROOT/completion/rbd-flexvolume.bash"
	fi
}

@test "the page's examples answer as it says" {
	pages script_of docs/packages.md package >"$NODE/root/script"
	touch "$NODE/root/ceph.client.admin.keyring"
	node_run bash -c 'cd /root && exec bash script' >"$BATS_TEST_TMPDIR/output"
	pages compare docs/packages.md package "$BATS_TEST_TMPDIR/output"
}

@test "an upgrade keeps the configuration, also while a volume is mapped, and gives the kubelet a new link to look at" {
	before=$(stat -c %i "$NODE$PLUGINS/ceph~rbd/rbd")
	with_volumes
	node_run dpkg -i "/root/$(basename "$(package rbd-flexvolume)")"
	jq -e '.attach == false' "$NODE/etc/rbd-flexvolume/config.json"
	assert_equal "$(ls -A "$NODE$PLUGINS/ceph~rbd")" rbd
	[[ $(stat -c %i "$NODE$PLUGINS/ceph~rbd/rbd") != "$before" ]] || return 1
	node_run "$PLUGINS/ceph~rbd/rbd" init | jq -e '.status == "Success"'
}

@test "removal is refused while a volume of ours is mapped, which is named, and the driver stays" {
	with_volumes
	run node_run dpkg --remove rbd-flexvolume
	echo "$output"
	[[ $status != 0 && $output == *'not removed. Drain the node first'* && $output == *pvc-unit* ]] || return 1
	node_run "$PLUGINS/ceph~rbd/rbd" init | jq -e '.status == "Success"'
	node_run dpkg -s rbd-flexvolume | grep '^Status: .* installed$'
}

@test "the server's unit is well-formed, and closed" {
	node_run systemd-analyze verify --man=no /lib/systemd/system/rbd-rest.service
	node_run systemd-analyze security --offline=true --threshold=15 --no-pager /lib/systemd/system/rbd-rest.service
}

@test "the server runs as installed, with the files that the unit gives it" {
	assert_equal "$(stat -c '%a %U' "$NODE/etc/rbd-flexvolume/rest.auth")" '600 root'
	node_run rbd-rest --version
	serve rbd-rest --auth /etc/rbd-flexvolume/rest.auth --keyring /etc/rbd-flexvolume/rest.keyring
}

@test "the server's removal and purge leave nothing but the users and the key" {
	node_run dpkg --remove rbd-rest
	[[ ! -e $NODE/etc/systemd/system/multi-user.target.wants/rbd-rest.service ]] || return 1
	[[ -e $NODE/etc/default/rbd-rest ]] || return 1
	node_run dpkg --purge rbd-rest
	[[ -e $NODE/etc/rbd-flexvolume/rest.auth && -e $NODE/etc/rbd-flexvolume/rest.keyring ]] || return 1
	rm "$NODE"/etc/rbd-flexvolume/rest.{auth,keyring}
	run find "$NODE" -xdev -name '*rbd-rest*' -not -path "$NODE/root/*"
	assert_equal "$output" ''
}

@test "removal takes the driver from the kubelet and leaves the configuration; a purge leaves nothing of ours" {
	touch "$NODE/var/log/rbd-flexvolume.log"
	node_run dpkg --remove rbd-flexvolume
	[[ ! -e $NODE$PLUGINS/ceph~rbd && ! -e $NODE/usr/bin/rbd-flexvolume ]] || return 1
	[[ -e $NODE/etc/rbd-flexvolume/config.json && -d $NODE$PLUGINS ]] || return 1
	rm "$NODE/etc/rbd-flexvolume/config.json"
	node_run dpkg --purge rbd-flexvolume
	run find "$NODE" -xdev '(' -name '*rbd-flexvolume*' -o -name 'ceph~rbd' -o -name kubelet-plugins ')' -not -path "$NODE/root/*"
	assert_equal "$output" ''
}

@test "what somebody else has put into the plug-in directory is left as it is, and is no reason to stay" {
	mkdir -p "$NODE$PLUGINS/ceph~rbd" "$NODE/var/lib/kubelet"
	echo other >"$NODE$PLUGINS/ceph~rbd/rbd"
	run node_run dpkg -i "/root/$(basename "$(package rbd-flexvolume)")"
	echo "$output"
	[[ $status == 0 && $output == *"is not this package's: it is left as it is"* ]] || return 1
	with_volumes
	node_run dpkg --purge rbd-flexvolume
	assert_equal "$(cat "$NODE$PLUGINS/ceph~rbd/rbd")" other
}
