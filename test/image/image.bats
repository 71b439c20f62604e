#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The images (docs/image.md): built from the work tree by buildah, without an engine and a registry,
# looked at, and run. Each test goes on from the one before it.
# shellcheck source=test/image/helpers.bash
load helpers

REVISION=0123456789abcdef0123456789abcdef01234567

setup_file() {
	export REVISION
	# the base first: without a registry all builds start from it
	{ as_printed base 2 && as_printed registry; } >"$IMAGE_DIR/build.log" 2>&1 ||
		{ cat "$IMAGE_DIR/build.log" >&2; return 1; }
	container installer installer
	container rest rest
	export PLUGINS=$IMAGE_DIR/plugins
	mkdir "$PLUGINS"
}

setup() {
	unset RBD_FLEXVOLUME_CONFIG
}

# The files of an image that has not run yet, a line each: mode, owner, path.
content() { # CONTAINER
	local root
	root=$(storage mount "$1")
	find "$root" -mindepth 1 -printf '%M %u:%g /%P\n'
	storage umount "$1" >/dev/null
}

# installer ARGUMENT...: what a pod of the DaemonSet runs, with the node's directory.
installer() {
	storage run --isolation chroot --volume "$PLUGINS:/plugins" installer -- /ceph~rbd/rbd "$@"
}

installed() {
	"$PLUGINS/ceph~rbd/rbd" "$@"
}

@test "the labels say what it is: version, revision, licence, title" {
	for target in installer rest; do
		assert_equal "$(inspect "$target" '.Labels["org.opencontainers.image.version"]')" "$("$DRIVER" version | cut -d ' ' -f 2)"
		assert_equal "$(inspect "$target" '.Labels["org.opencontainers.image.revision"]')" "$REVISION"
		assert_equal "$(inspect "$target" '.Labels["org.opencontainers.image.licenses"]')" Apache-2.0
	done
	assert_equal "$(inspect installer '.Labels["org.opencontainers.image.title"]')" rbd-flexvolume
	assert_equal "$(inspect rest '.Labels["org.opencontainers.image.title"]')" rbd-rest
}

# What a registry, and the storage here, call it.
id_of() { # TARGET
	storage inspect --type image "$(image "$1")" | jq -r '"sha256:" + .FromImageID'
}

id_pushed() { # TARGET
	jq -r .config.digest "$(pushed "$(image "$1")")/manifest.json"
}

@test "what is pushed is what was built, by the words of docker and by those of buildah" {
	for target in installer rest; do
		assert_equal "$(id_pushed "$target")" "$(id_of "$target")"
	done
	rm -r "$(pushed "$(image installer)")"
	as_printed buildah
	assert_equal "$(id_pushed installer)" "$(id_of installer)"
}

@test "what is built without a registry is the same" {
	local layers='.OCIv1.rootfs.diff_ids | tostring'
	assert_equal "$(storage inspect --type image localhost/installer | jq -r "$layers")" \
		"$(storage inspect --type image "$(image installer)" | jq -r "$layers")"
}

@test "the entry points, the users and the port" {
	assert_equal "$(inspect installer '[.Entrypoint, .Cmd, .User] | tostring')" '[["/ceph~rbd/rbd"],["install","--wait"],null]'
	assert_equal "$(inspect rest '[.Entrypoint, .User, (.ExposedPorts | keys)] | tostring')" \
		'[["/usr/bin/rbd-rest"],"65532:65532",["8080/tcp"]]'
}

@test "in the installer is the bundle and nothing else" {
	run bash -c "$(declare -f content storage); content installer | grep -vE ' root:root /ceph~rbd(/rbd|/\.rbd-flexvolume-[0-9.]+-[0-9a-f]{12}(/.*)?)?$'"
	assert_equal "$output" ''
	content installer | grep -qE '^-rwxr-xr-x root:root /ceph~rbd/rbd$'
	content installer | grep -qE '/\.rbd-flexvolume-[^/]*/lib/librbd\.so\.1$'
}

@test "in the server's image is the server with its libraries and its user, and nothing else" {
	run bash -c "$(declare -f content storage); content rest | grep -vE ' root:root /(usr(/bin(/rbd-rest)?)?|lib(64)?(/[^/]+\.so[.0-9]*)?|licences(/.*)?|etc(/(passwd|group|ceph|rbd-flexvolume))?)$'"
	assert_equal "$output" ''
	content rest | grep -qE '^-rwxr-xr-x root:root /usr/bin/rbd-rest$'
}

@test "there is no shell in either, and nothing that others can write" {
	for target in installer rest; do
		run bash -c "$(declare -f content storage); content $target | grep -E '/(sh|bash|dash|busybox|perl|python3?|env|apt|dpkg)$|^[^l].......w'"
		assert_equal "$output" ''
		run storage run --isolation chroot "$target" -- /bin/sh -c true
		[[ $status != 0 ]] || return 1
	done
}

@test "the installer installs into a node's directory, and what is installed answers the kubelet" {
	run installer install --check --plugin-dir /plugins
	[[ $status != 0 ]] || return 1
	installer install --plugin-dir /plugins --mode mount
	assert_equal "$(installed init | jq -c '[.status, .capabilities.attach]')" '["Success",false]'
	assert_equal "$(ls "$PLUGINS/ceph~rbd")" rbd
	installer install --check --plugin-dir /plugins --mode mount
}

@test "it replaces what another version has left, and --check says so before" {
	# shellcheck disable=SC2153 # the helpers' ROOT
	"$ROOT/deploy/bundle/collect" "$DRIVER" 0.0.1 gcc "$IMAGE_DIR/older/ceph~rbd"
	"$IMAGE_DIR/older/ceph~rbd/rbd" install --plugin-dir "$PLUGINS"
	run installer install --check --plugin-dir /plugins
	[[ $status != 0 ]] || return 1
	before=$(sha256sum <"$PLUGINS/ceph~rbd/rbd")
	installer install --plugin-dir /plugins
	installer install --check --plugin-dir /plugins
	[[ $(sha256sum <"$PLUGINS/ceph~rbd/rbd") != "$before" ]] || return 1
	assert_equal "$(installed init | jq -c '[.status, .capabilities.attach]')" '["Success",false]'
}

@test "it takes the driver away again" {
	installer uninstall --plugin-dir /plugins
	[[ ! -e $PLUGINS/ceph~rbd/rbd ]] || return 1
}

@test "the server answers in its image, as its own user" {
	assert_equal "$(storage run --isolation chroot rest -- /usr/bin/rbd-rest --version)" "rbd-rest $("$DRIVER" version | cut -d ' ' -f 2)"
	root=$(storage mount rest)
	own_mounts unshare --net --pid --fork --kill-child bash -c "$(declare -f healthy); ip link set lo up
		mount -t proc proc $root/proc
		healthy chroot --userspec=65532:65532 $root /usr/bin/rbd-rest"
}
