#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install while volumes are mapped, and while they come up.

# set by driver(), or used there; each test is a process of its own; the last: for eval
# shellcheck disable=SC2154,SC2030,SC2031,SC2034,SC2016
load helpers
load volumes

# install_on_node CODE BUNDLE ARG...
install_on_node() {
	local wanted=$1 bundle=$2
	shift 2
	installer_on_node "$bundle" install --plugin-dir "$plugins" "$@"
	assert_equal "$code" "$wanted"
}

# A driver that cannot be started where the installer runs: a program of the host, say.
foreign_driver() {
	mkdir -m 0755 "$home"
	printf '#!%s/none\n' "$BATS_TEST_TMPDIR" >"$home/rbd"
	chmod 0755 "$home/rbd"
}

@test "a mapped volume, mounted or not, is in the way of another mode; the same mode is installed" {
	install "$N" --mode mount
	map_volume
	before=$(state)
	install_on_node 1 "$N" --mode attach
	assert_said "change from mount mode to attach mode: volumes of this driver are in use"
	assert_said "/dev/rbd3 (volume db, image kube/image, mounted nowhere)"
	install_on_node 1 "$NEXT" --mode attach
	assert_said "/dev/rbd3"
	assert_equal "$(state)" "$before"
	install_on_node 0 "$NEXT"
	assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME"
	assert_equal "$(answer_of)" false
	unmap_volume
	install_on_node 0 "$NEXT" --mode attach
	assert_equal "$(answer_of)" true
}

@test "a volume that comes up while the installer is at work is in the way of another mode, too" {
	local bundle before calls
	install "$N" --mode mount
	# into the version that is there, into a new one, and into one that is broken
	for bundle in "$N" "$NEXT" "$N"; do
		cp -a "$plugins" "$plugins.before"
		calls=$("$BUNDLES/killer" --count -- "$bundle/rbd" install --plugin-dir "$plugins" --mode attach |
			sed -n 's/.* caller=\([0-9]*\) .*/\1/p')
		rm -r "$plugins"
		mv "$plugins.before" "$plugins"
		before=$(state)
		echo "held at $((calls / 3)) of $calls"
		hold "$((calls / 3))" "$bundle/rbd" install --plugin-dir "$plugins" --mode attach
		map_volume
		let_go
		grep -q 'change from mount mode to attach mode: .*/dev/rbd3' "$BATS_TEST_TMPDIR/answer"
		assert_equal "$(state)" "$before"
		unmap_volume
		: >"$home/$N_NAME/lib/libnumber2.so.2"
	done
}

@test "the mode of a driver that does not start is what .init.json beside it says" {
	foreign_driver
	echo '{"status":"Success","capabilities":{"attach":false,"fsGroup":true,"selinuxRelabel":true,"supportsMetrics":true,"requiresFSResize":false}}' >"$home/.init.json"
	map_volume
	install_on_node 1 "$N" --mode attach
	assert_said "change from mount mode to attach mode: "
	install_on_node 0 "$N"
	assert_equal "$(answer_of)" false
}

@test "a driver whose mode cannot be told is not taken over while a volume is mapped" {
	foreign_driver
	map_volume
	for mode in attach mount; do
		install_on_node 1 "$N" --mode "$mode"
		assert_said "take over from a driver whose mode cannot be told: "
		assert_said "/dev/rbd3"
		assert_said "install from the node itself"
	done
	# as the Debian package has it
	ln -sfn /usr/lib/none/rbd-flexvolume "$home/rbd"
	install_on_node 1 "$N"
	assert_said "take over from a driver whose mode cannot be told: "
	assert_equal "$(names "$home")" "rbd "
	unmap_volume
	install_on_node 0 "$N" --mode mount
	assert_installed "$N" "$N_NAME"
	# ours is made good under a volume, also when nothing tells its mode any more
	map_volume
	rm -r "${home:?}/$N_NAME"
	install_on_node 0 "$N" --mode mount
	assert_installed "$N" "$N_NAME"
}
