#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install and uninstall while volumes are mapped, and while they come up.

# set by driver(), or used there; each test is a process of its own; the last: for eval
# shellcheck disable=SC2154,SC2030,SC2031,SC2034,SC2016
load helpers
load volumes

DB='{"kubernetes.io/pvOrVolumeName":"db","image":"db"}'

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

# looks_of COMMAND...: at which of its system calls it looks for volumes; sets $looks
looks_of() {
	strace -o "$BATS_TEST_TMPDIR/calls" "$@" >/dev/null
	mapfile -t looks < <(grep -v '^---' "$BATS_TEST_TMPDIR/calls" | grep -n '"/sys/bus/rbd/devices"' | cut -d : -f 1)
}

@test "a volume that comes up while the installer is at work is in the way of another mode, too" {
	local bundle before looks moment
	install "$N" --mode mount
	# into the version that is there, into a new one, and into one that is broken
	for bundle in "$N" "$NEXT" "$N"; do
		cp -a "$plugins" "$plugins.before"
		looks_of "$bundle/rbd" install --plugin-dir "$plugins" --mode attach
		((${#looks[@]} == 2))
		rm -r "$plugins"
		mv "$plugins.before" "$plugins"
		before=$(state)
		# far from both: how many calls there are before depends on how often it looks after its children
		moment=$(((looks[0] + looks[1]) / 2))
		echo "held at $moment, between ${looks[*]}"
		hold "$moment" "$bundle/rbd" install --plugin-dir "$plugins" --mode attach
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

@test "uninstall is refused while a volume is mapped, and changes nothing" {
	install "$N"
	map_volume
	before=$(state)
	installer_on_node "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 1
	assert_said "uninstall: volumes of this driver are in use on this node: /dev/rbd3"
	assert_equal "$(state)" "$before"
	# one that was killed has left it without its name: the volume still needs it
	mv "$home/rbd" "$home/.rbd.off"
	installer_on_node "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 1
	assert_equal "$(state)" "$before"
}

# removed_meanwhile [COMMAND]: uninstall while a call has started, which does that before it ends
removed_meanwhile() {
	local uninstall status=0
	hold 1 "$home/rbd" waitforattach /dev/rbd0 "$DB"
	on_node "$N/rbd" uninstall --plugin-dir "$plugins" >"$BATS_TEST_TMPDIR/uninstall" 2>&1 3>&- 4>&- &
	uninstall=$!
	wait_until [ ! -e "$home/rbd" ]
	[ -e "$home/$N_NAME/rbd-flexvolume" ]
	"$@"
	let_go
	grep -q '^{"status":"Success","device":"/dev/rbd-flexvolume/db"' "$BATS_TEST_TMPDIR/answer"
	wait "$uninstall" || status=$?
	cat "$BATS_TEST_TMPDIR/uninstall"
	return "$status"
}

@test "uninstall lets a call that runs come to its end, and is refused if it has brought a volume up" {
	install "$N"
	before=$(state)
	run removed_meanwhile map_volume
	echo "$output"
	assert_equal "$status" 1
	[[ $output == *"uninstall: volumes of this driver are in use on this node: /dev/rbd3"* ]] || return 1
	assert_equal "$(state)" "$before"
	assert_equal "$(answer_of .status)" Success
	unmap_volume
	run removed_meanwhile true
	echo "$output"
	assert_equal "$status" 0
	assert_equal "$(names "$plugins")" ''
}

@test "uninstall leaves an rbd that is not ours, and takes our versions away" {
	install "$N"
	install "$NEXT"
	for foreign in 'printf "#!/bin/sh\necho {}\n" >"$home/other"' 'ln -s /usr/lib/none/rbd-flexvolume "$home/other"'; do
		eval "$foreign"
		mv -T "$home/other" "$home/rbd"
		before=$(cd "$home" && ls -li rbd)
		installer "$N" uninstall --plugin-dir "$plugins"
		assert_equal "$code" 0
		[[ $out == *"$home/rbd is not ours, it stays"* ]] || return 1
		assert_equal "$(names "$home")" 'rbd '
		assert_equal "$(cd "$home" && ls -li rbd)" "$before"
		rm "$home/rbd"
		install "$N"
	done
	# ours without its version, and one that was copied by hand and runs, are
	rm -r "${home:?}/$N_NAME"
	installer "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$(names "$plugins")" ''
	mkdir -m 0755 "$home"
	cp "$BUILD/rbd-flexvolume" "$home/rbd"
	installer "$home" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	assert_equal "$(names "$plugins")" ''
}
