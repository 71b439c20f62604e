#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The driver is killed, caller and worker together and each alone, at 30 seeded random moments of a
# first mount, a mount and an unmount: the next call finishes, the data is whole, nothing is left.
# kills.bash does it in node 1 and node 2, while in node 3 the case is played that a kill in the middle
# of a map leaves; the tests here look at what was found. All of it is in setup_file, at once, since it
# is mostly waiting.
# shellcheck disable=SC2030,SC2031 # bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

MOMENTS=30

# loop N first|again: on node N. The node's own kernel may die of a kill (User-Mode Linux 6.12 panics where
# one finds it in the middle of a fork): that is a power cut, after which it goes on, twice at most.
loop() {
	local log=$SUITE_DIR/kills.$2 from=() status deaths
	cp "$FAULTS/kills.bash" "$SHARE/$1/kills.bash"
	for deaths in 0 1 2; do
		status=0
		lab run "$1" --timeout 1800 -- bash /share/kills.bash "$2" "$SEED" "$MOMENTS" "$DRIVER" \
			"$(options VOLUME size=32Mi "secret=$(lab key kube)")" "${from[@]}" \
			>>"$log" 2>&1 </dev/null || status=$?
		((status)) || return 0
		echo "# it ended with $status; the end of the node's console:"
		lab log "$1" | tail -n 60 | sed 's/^/# /'
		if ((status != 255 || deaths == 2)) || ! has_panicked "$1" || ! lab reboot "$1"; then
			break
		fi
		from=("$(done_of "$2" "${2/again/mount}")" "$(done_of "$2" unmount)")
	done >>"$log"
	echo "not ok: it ended with $status" >>"$log"
}

has_panicked() { # N
	[[ $(lab log "$1") == *'Kernel panic'* ]]
}

done_of() { # SET KIND: how many of its moments have come
	grep -cE "^(not )?ok $2/" "$SUITE_DIR/kills.$1" || true
}

setup_file() {
	local pids=() pid
	loop 1 first 3>&- &
	pids+=($!)
	loop 2 again 3>&- &
	pids+=($!)
	(
		set +e
		boot 3 && (set -e; own_client)
		echo "ended with $?"
	) >"$SUITE_DIR/own-client" 2>&1 3>&- &
	pids+=($!)
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

teardown_file() {
	lab kill 3 >/dev/null 2>&1 || true
}

teardown() {
	tidy 1 2
}

# judge SET KIND: every moment of KIND came, all went well, each victim had its share.
judge() {
	local log=$SUITE_DIR/kills.$1 victim lines
	grep -v "^ok" "$log" || true
	grep "^# ${2/first/mount}: " "$log" | sed "s/^# /# $2, measured before the kills: /" >&3 || true
	lines=$(grep -c "^ok $2/" "$log") || true
	assert_equal "$lines" "$MOMENTS" "moments"
	lines=$(grep -c "^not ok" "$log") || true
	assert_equal "$lines" 0 "moments that went wrong"
	for victim in both caller worker; do
		lines=$(grep -c "^ok $2/[0-9]*: $victim killed at" "$log")
		assert_equal "$lines" $((MOMENTS / 3)) "moments for $victim"
	done
}

# Each answer of the callers that lived was one JSON object, on one line. There are as many at the least
# as there were calls that nobody killed, and calls whose worker alone was killed.
judge_answers() { # N SET LEAST
	local answers=$SHARE/$1/answers.$2
	echo "# $(wc -l <"$answers") answers, $3 at the least"
	jq -e -s --argjson least "$3" 'length >= $least and
		all(type == "object" and (.status == "Success" or .status == "Failure"))' "$answers"
	assert_equal "$(jq -c . "$answers" | wc -l)" "$(wc -l <"$answers")" "answers, one a line"
}

@test "killed in a first mount: the next call formats and mounts, exactly one whole image stays" {
	local image
	judge first first
	# of each moment the mount that is made again and the unmount, of each third one the killed mount
	judge_answers 1 first $((MOMENTS * 7 / 3))
	for image in $(lab rbd ls "$POOL" | grep "^first-$SEED-"); do
		[[ $(image_record "$image" format) =~ ^formatted\ [0-9a-f-]{36}$ ]] ||
			{ echo "the record of $image: $(image_record "$image" format)"; return 1; }
		assert_equal "$(image_features "$image")" exclusive-lock,layering
		assert_equal "$(watchers "$image")" "" "watchers of $image"
	done
	# one for each that was mounted, and no name or header without an image
	assert_equal "$(lab rbd ls "$POOL" | grep -c "^first-$SEED-")" \
		"$(lab rados -p "$POOL" ls | grep -c "^rbd_id.first-$SEED-")"
	assert_equal "$(lab rados -p "$POOL" ls | grep -c "^rbd_id.")" \
		"$(lab rados -p "$POOL" ls | grep -c "^rbd_header.")" "headers"
	assert_nothing_left 1
}

@test "killed in a mount: the next call mounts, with the data that was there" {
	judge again mount
	# of each moment the mount and the unmount that are made again, of each third one both that were killed
	judge_answers 2 again $((MOMENTS * 8 / 3))
	assert_nothing_left 2
	assert_sound "again-$SEED"
}

@test "killed in an unmount: the next call unmounts and unmaps, the data is whole" {
	judge again unmount
	assert_nothing_left 2
}

# Caller and worker die in the kernel's map, after it has begun to watch the image: from the add string on
# each request takes so long that this is seen some requests before the map has ended. 0: the watch has
# stayed, and nothing is mapped.
kill_in_map() { # IMAGE
	hold map 3 'worker:#1' mount "$(pod_dir pod1 "$1")" "$(options "$1")"
	held map || return 1
	node 3 tc qdisc replace dev vec0 root netem delay 1s || return 1
	release map
	within 30 is_watched "$1" || return 1
	node 3 pkill -KILL -x 'rbd-worker|rbd-flexvolume' || return 1
	wait "${HOLDERS[map]}" || true
	unset "HOLDERS[map]"
	node 3 tc qdisc del dev vec0 root || return 1
	assert_mapped 3 "$1" 0 && is_watched "$1"
}

own_client() {
	local MODE=mount BATS_TEST_TMPDIR=$SUITE_DIR address
	up 3 pod1 other "$(options other size=32Mi)"
	write_file 3 "$(pod_dir pod1 other)/before"
	address=$(mapping 3 other address)
	up 3 pod1 own "$(options own size=32Mi)"
	down 3 pod1 own

	# the kernel may have sent the end of the watch before it heard of the kill; and what a kill that came
	# too late has left goes first, or its watch would be taken for the next one's
	if ! kill_in_map own; then
		release_all
		node 3 tc qdisc del dev vec0 root 2>/dev/null || true
		driver_ok 3 unmount "$(pod_dir pod1 own)"
		kill_in_map own
	fi
	assert_equal "$(watchers own)" "$address" "the watcher, this node's client"
	driver_ok 3 mount "$(pod_dir pod1 own)" "$(options own)"
	echo "the dead watch was awaited for $milliseconds ms"
	assert_mounted 3 "$(pod_dir pod1 own)" rw own
	# a fenced client could neither read nor write any more
	not_blocklisted "$address"
	node 3 sh -c 'echo 3 >/proc/sys/vm/drop_caches'
	assert_file 3 "$(pod_dir pod1 other)/before" "$sum"
	write_file 3 "$(pod_dir pod1 other)/after"
	down 3 pod1 own
	down 3 pod1 other
	assert_nothing_left 3
	assert_sound other
}

@test "a watch that a kill has left is awaited, and the node's client that serves other volumes not fenced" {
	cat "$SUITE_DIR/own-client"
	assert_equal "$(tail -n 1 "$SUITE_DIR/own-client")" "ended with 0"
}
