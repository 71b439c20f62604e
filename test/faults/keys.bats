#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# While the driver's calls, their workers and children run, and are killed and fail: the key is in no
# arguments but those that the kubelet gave, which are wiped, in no environment, and in nothing that
# stays.
# shellcheck disable=SC2016,SC2030,SC2031 # what a node's shell expands; bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

setup() {
	V=keys$BATS_SUITE_TEST_NUMBER
	MODE=mount
	DIR=$(pod_dir pod1 "$V")
	KEY=$(lab key kube)
	[[ ${#KEY} == 40 ]]
	# as text, and as the kubelet sends it
	printf '%s\n%s\n' "$KEY" "$(printf %s "$KEY" | base64 -w0)" >"$SHARE/1/needles.$V"
	make_dir 1 "$DIR"
}

teardown() {
	node 1 sh -c 'touch /tmp/stop; for p in $(cat /tmp/holders 2>/dev/null); do kill -9 $p; done; rm -f /tmp/holders' 2>/dev/null || true
	tidy 1
}

start_sampling() {
	node 1 sh -c 'rm -f /tmp/stop; /share/sampler /tmp/stop "$1" rbd-flexvolume rbd-worker mke2fs e2fsck modprobe \
		>/tmp/samples 2>&1 </dev/null &' - "/share/needles.$V"
	within 30 node 1 grep -q sampling /tmp/samples
}

stop_sampling() {
	node 1 touch /tmp/stop
	within 30 node 1 grep -q '^processes' /tmp/samples
	node 1 cat /tmp/samples >"$BATS_TEST_TMPDIR/samples"
}

# until_seen PROGRAM FUNCTION: FUNCTION, which makes the driver start PROGRAM, until the sampling has seen
# that: it lives for a moment only, and may come and go between two looks.
until_seen() {
	local tries=0
	until node 1 grep -qx "seen $1" /tmp/samples; do
		((++tries <= 8)) || { echo "$1 was never seen"; return 1; }
		"$2"
	done
}

loaded_and_formatted() {
	node 1 modprobe -r rbd
	lab rbd rm --no-progress "$POOL/$V" >/dev/null 2>&1 || true
	driver_ok 1 mount "$DIR" "$wanted"
	assert_mounted 1 "$DIR" rw "$V"
	assert_equal "$(search)" ""
	driver_ok 1 unmount "$DIR"
}

checked() {
	lab rbd rm --no-progress "$POOL/$V-2" >/dev/null 2>&1 || true
	lab rbd export --no-progress "$POOL/$V" "$BATS_TEST_TMPDIR/copy"
	debugfs -w -R 'ssv state 0' "$BATS_TEST_TMPDIR/copy" 2>/dev/null
	lab rbd import --no-progress --image-feature layering,exclusive-lock "$BATS_TEST_TMPDIR/copy" "$POOL/$V-2"
	rm "$BATS_TEST_TMPDIR/copy"
	driver_ok 1 mount "$DIR" "$(options "$V-2" "image=$V-2" "secret=$KEY")"
	driver_ok 1 unmount "$DIR"
}

# Where a key stands in what the node keeps or tells: sysfs, the kernel's messages, files.
search() {
	node 1 sh -c '
		dmesg | grep -qF -f "$1" && echo "the kernel'"'"'s messages"
		grep -qaF -f "$1" /proc/keys && echo /proc/keys
		grep -lsaF -f "$1" /sys/bus/rbd/devices/*/*
		grep -rlsaF -f "$1" /sys/bus/rbd /sys/module/rbd /sys/module/libceph /sys/kernel/debug/ceph \
			/run /tmp /var/tmp /var/log /var/lib/kubelet /dev/shm
		:' - "/share/needles.$V"
}

@test "no key in a child's arguments, an environment, sysfs, the kernel's messages or a file" {
	local wanted line samples=$BATS_TEST_TMPDIR/samples
	wanted=$(options "$V" size=32Mi "secret=$KEY")
	start_sampling

	until_seen modprobe loaded_and_formatted
	until_seen mke2fs loaded_and_formatted
	# the driver itself as a child, after its worker was killed in the map
	lab run 1 --timeout 60 -- /share/killer --victim worker --at 'worker:#1' --delay 5000 -- \
		/usr/bin/env "RBD_FLEXVOLUME_CONFIG=/share/$MODE.json" "$DRIVER" mount "$DIR" "$wanted" </dev/null
	until_seen e2fsck checked
	# failures: a pool, a user
	driver_fails . 1 mount "$DIR" "$(options "$V" "secret=$KEY" pool=nowhere)"
	driver_fails . 1 mount "$DIR" "$(options "$V" "secret=$KEY" user=nobody)"
	stop_sampling

	cat "$samples"
	for line in rbd-flexvolume rbd-worker mke2fs e2fsck modprobe; do
		grep -qx "seen $line" "$samples"
	done
	# the callers of the driver, who play the kubelet, have it in their arguments
	grep '^found ' "$samples" | grep -vE '^found [0-9]+ (agent|env|killer|rbd-flexvolume) cmdline ' >"$samples.bad" || true
	assert_equal "$(<"$samples.bad")" ""
	# the driver's own were wiped; one that was env when its name was read may have wiped them by the next read
	awk '$1 == "found" { found[$2] } $1 == "wiped" { delete found[$2]; wiped++ }
		$1 == "found" && $3 == "killer" { delete found[$2] }
		END { for (i in found) { print "never wiped: " i; bad = 1 } exit bad || !wiped }' "$samples"

	assert_equal "$(search)" ""
	assert_nothing_left 1
	[[ $(grep -c '"status"' "$SUITE_DIR/answers") -gt 5 ]]
	assert_equal "$(grep -cF -f "$SHARE/1/needles.$V" "$SUITE_DIR/answers")" 0 "answers with a key"
}

@test "the same look finds a key that is planted" {
	local what
	node 1 modprobe rbd single_major=Y
	start_sampling
	node 1 sh -c 'LEAK="$1" sleep 100 >/dev/null 2>&1 & echo $! >>/tmp/holders' - "$KEY"
	node 1 bash -c '(exec -a "sleep $1" sleep 100) >/dev/null 2>&1 & echo $! >>/tmp/holders' - "$(printf %s "$KEY" | base64 -w0)"
	for what in environ cmdline; do
		within 30 node 1 sh -c 'grep -qE "^found ($(tr "\n" "|" </tmp/holders)x) [a-z]+ $1 " /tmp/samples' - "$what"
	done
	stop_sampling

	lab rbd create "$POOL/$V" --size 16M
	node 1 sh -c 'echo "it is $1" >/run/leak; echo "it is $1" >/tmp/leak; echo "it is $1" >/var/log/leak
		echo "leak $1" >/dev/kmsg
		echo "10.77.0.1:6789 name=kube,secret=$1 kube $2 -" >/sys/bus/rbd/add_single_major' - "$KEY" "$V"
	assert_equal "$(search | grep -v config_info | sort | tr '\n' ' ')" \
		"/run/leak /tmp/leak /var/log/leak the kernel's messages "
	search | grep -q config_info
	node 1 sh -c 'rm /run/leak /tmp/leak /var/log/leak; dmesg -C; echo 0 >/sys/bus/rbd/remove_single_major'
	assert_equal "$(search)" ""
}
