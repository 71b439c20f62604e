#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Two at once: two nodes for one fresh image, two pods for one volume, a mount against an unmount.
# shellcheck disable=SC2016,SC2030,SC2031 # what a node's shell expands; bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

setup() {
	V=race$BATS_SUITE_TEST_NUMBER
	MODE=mount
	RANDOM=$((SEED + BATS_SUITE_TEST_NUMBER))
}

setup_file() {
	# who comes at the same time as others waits for each of them, however busy the machine is
	config patient '{"attach": false, "deadlines": {"call": 60}}'
	start_log 1
	start_log 2
}

teardown() {
	release_all
	tidy 1 2
}

# What the driver logs on node N, into /tmp/log there.
start_log() { # N
	node "$1" sh -c 'perl -MSocket -e '"'"'
		unlink "/dev/log";
		socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un("/dev/log")) or die;
		open(F, ">>", "/tmp/log") or die;
		select(F);
		$| = 1;
		print("$m\n") while defined(recv(S, $m, 8192, 0));'"'"' >/dev/null 2>&1 &'
	within 30 node "$1" test -e /tmp/log
}

# How often a node's driver has formatted IMAGE, by its log.
formats() { # N IMAGE
	node "$1" cat /tmp/log | grep -c "formatted image kube/$2 with" || true
}

both_mounted() {
	assert_mounted 1 "$1" >/dev/null && assert_mounted 2 "$1" >/dev/null
}

@test "two nodes race for a fresh image, five times: one wins, it is formatted once, never both have it" {
	local round image dir n wins winner loser tries all all_tries=''
	make_dir 1 "$(pod_dir pod1 "$V-counted")"
	count_calls 1 mount "$(pod_dir pod1 "$V-counted")" "$(options "$V-counted" size=32Mi)"
	all=$caller_calls
	down 1 pod1 "$V-counted"

	for round in 1 2 3 4 5; do
		image=$V-$round dir=$(pod_dir pod1 "$V-$round")
		make_dir 1 "$dir"
		make_dir 2 "$dir"
		# both stop at the same place, a fifth further in each round, and go on together
		between $((fork_calls + (all - fork_calls) * (round - 1) / 5)) $((fork_calls + (all - fork_calls) * round / 5))
		for n in 1 2; do
			hold "$n" "$n" "caller:$between" mount "$dir" "$(options "$image" size=32Mi)"
		done
		held_or_over 1 2
		release 1 2
		wins=''
		for n in 1 2; do
			outcome "$n"
			[[ $status != Success ]] || wins+=$n
		done
		# where both gave way, the kubelet asks again, each on its own
		for ((tries = 1; tries < 6 && ${#wins} == 0; tries++)); do
			for n in 1 2; do
				hold "$n" "$n" caller:1 mount "$dir" "$(options "$image" size=32Mi)"
			done
			held 1 2
			release 1 2
			for n in 1 2; do
				outcome "$n"
				[[ $status != Success ]] || wins+=$n
			done
		done
		all_tries+=" $tries"
		[[ $wins == 1 || $wins == 2 ]] || { echo "round $round: won by '$wins'"; return 1; }
		! both_mounted "$dir" || return 1
		winner=$wins loser=$((3 - wins))
		assert_mounted "$winner" "$dir" rw "$image"
		write_file "$winner" "$dir/data"
		driver_fails "in use by" "$loser" mount "$dir" "$(options "$image" size=32Mi)"
		message_has "10.77.0.1$winner:"
		assert_nothing_left "$loser"
		assert_equal $(($(formats 1 "$image") + $(formats 2 "$image"))) 1 "formats of $image"
		down "$winner" pod1 "$image"
		driver_ok "$loser" mount "$dir" "$(options "$image")"
		assert_file "$loser" "$dir/data" "$sum"
		down "$loser" pod1 "$image"
		assert_sound "$image"
	done
	echo "# calls of each until one had won:$all_tries" >&3
	assert_nothing_left 1
	assert_nothing_left 2
}

pod_up() { driver_ok 1 mount "$(pod_dir "$1" "$V")" "$(options "$V" size=32Mi)"; }
pod_down() { driver_ok 1 unmount "$(pod_dir "$1" "$V")"; }

@test "three pods of one volume at once on one node, made, and again: one mapping, the last unmount unmaps" {
	local round pod MODE=patient
	for pod in a b c; do
		make_dir 1 "$(pod_dir "$pod" "$V")"
	done
	for round in 1 2 3; do
		together pod_up a b c
		assert_mapped 1 "$V" 1
		for pod in a b c; do
			assert_mounted 1 "$(pod_dir "$pod" "$V")" rw "$V"
		done
		if ((round == 1)); then
			write_file 1 "$(pod_dir a "$V")/data"
		fi
		assert_file 1 "$(pod_dir c "$V")/data" "$sum"
		together pod_down a b c
		assert_nothing_left 1
	done
	assert_equal "$(formats 1 "$V")" 1 formats
	assert_sound "$V"
}

@test "a mount of one pod against the unmount of another, 20 rounds: both succeed, nothing leaks" {
	local out
	cat >"$SHARE/1/turns" <<'TURNS'
export RBD_FLEXVOLUME_CONFIG=/share/patient.json
driver=$1 json=$2 here=$3 there=$4
fail() { echo "round $round: $*"; cat /proc/mounts | grep /dev/rbd; ls /sys/bus/rbd/devices; exit 1; }
round=0
[[ $("$driver" mount "$here" "$json") == '{"status":"Success"}' ]] || fail "first mount"
echo data >"$here/data"
for ((round = 1; round <= 20; round++)); do
	"$driver" unmount "$here" >/tmp/down 2>&1 &
	# each third time a little later
	((round % 3)) || read -rt "0.0$((round))" _ <>/tmp/never
	"$driver" mount "$there" "$json" >/tmp/up 2>&1 &
	wait
	[[ $(</tmp/down) == '{"status":"Success"}' && $(</tmp/up) == '{"status":"Success"}' ]] ||
		fail "$(</tmp/down) $(</tmp/up)"
	mountpoint -q "$there" && ! mountpoint -q "$here" || fail "mounts"
	entries=(/sys/bus/rbd/devices/*)
	[[ ${#entries[@]} == 1 && $(<"$there/data") == data ]] || fail "mappings or data"
	swap=$here here=$there there=$swap
done
[[ $("$driver" unmount "$here") == '{"status":"Success"}' ]] || fail "last unmount"
echo "rounds: $((round - 1))"
TURNS
	make_dir 1 "$(pod_dir a "$V")" "$(pod_dir b "$V")"
	node 1 mkfifo /tmp/never
	# each of the 20 is a whole mount and an unmount, about a second where nothing else runs
	out=$(lab run 1 --no-stdin --timeout 600 -- bash /share/turns "$DRIVER" "$(options "$V" size=32Mi)" "$(pod_dir a "$V")" "$(pod_dir b "$V")") ||
		{ echo "$out"; return 1; }
	assert_equal "$out" "rounds: 20"
	assert_nothing_left 1
	assert_sound "$V"
}
