#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cluster goes away in the middle of calls: every call is answered within its deadlines, and when
# the cluster is back the next one finishes.
# shellcheck disable=SC2030,SC2031 # bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

# What the configuration promises a call whose cluster is gone (docs/protocol.md): the bound of the
# step that hangs (the longest: watchers), and of what is undone after it: mount, mapping (map each),
# image (connect + 30 s).
DEADLINES='{"call":5,"connect":8,"map":5,"watchers":10,"empty":10,"mkfs":20,"fsck":20}'
BOUND_MOUNT=$(((10 + 5 + 5 + 8 + 30) * 1000))
BOUND_UNMOUNT=$(((5 + 5 + 2) * 1000))
ADD_WRITE='worker:#1' # its only write(2): the add string

setup_file() {
	config short "{\"attach\":false,\"deadlines\":$DEADLINES}"
}

setup() {
	V=lost$BATS_SUITE_TEST_NUMBER
	MODE=short
	RANDOM=$((SEED + BATS_SUITE_TEST_NUMBER))
}

teardown() {
	release_all
	lab mon resume a >/dev/null 2>&1 || true
	lab mon start a >/dev/null 2>&1 || true
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || resume_osd >/dev/null 2>&1 || true
	tidy 1 2
}

mount_args() { # VOLUME
	arguments=(mount "$(pod_dir pod1 "$1")" "$(options "$1" size=32Mi)")
}

# Eight calls stop at seeded moments: first mounts, mounts and unmounts, four on each node.
CALLS=(first-early first-late first-map unmount-early mount-early mount-map mount-late unmount-late)
node_of() { # NAME: sets n
	n=2
	case $1 in first-* | unmount-early) n=1 ;; esac
}

hold_all() {
	local name volume moment n
	declare -gA FILES=()
	make_dir 1 "$(pod_dir pod1 "$V-counted")"
	mount_args "$V-counted"
	count_calls 1 "${arguments[@]}"
	local first=$caller_calls first_mapped=$mapped_calls
	count_calls 1 unmount "$(pod_dir pod1 "$V-counted")"
	local unmount_fork=$fork_calls unmount_worker=$worker_calls
	count_calls 1 "${arguments[@]}"
	local mount_mapped=$mapped_calls mount_worker=$worker_calls
	driver_ok 1 unmount "$(pod_dir pod1 "$V-counted")"

	for name in "${CALLS[@]}"; do
		volume=$V-$name
		node_of "$name"
		make_dir "$n" "$(pod_dir pod1 "$volume")"
		[[ $name != first-* ]] || continue
		up "$n" pod1 "$volume" "$(options "$volume" size=32Mi)"
		write_file "$n" "$(pod_dir pod1 "$volume")/data"
		FILES[$name]=$sum
		[[ $name == unmount-* ]] || down "$n" pod1 "$volume"
	done
	# early is before the map, with some air, since no two runs are equally long; of an unmount before
	# its worker is there: where that has done its work, nothing that is lost can hinder it any more
	for name in "${CALLS[@]}"; do
		case $name in
		first-early) between 100 $((first_mapped / 2)) && moment=caller:$between ;;
		first-late) between $((first / 2)) $((first * 4 / 5)) && moment=caller:$between ;;
		mount-early) between 100 $((mount_mapped * 4 / 5)) && moment=caller:$between ;;
		mount-late) between $((mount_worker / 2)) $((mount_worker * 9 / 10)) && moment=worker:$between ;;
		*-map) moment=$ADD_WRITE ;;
		unmount-early) between 1 "$unmount_fork" && moment=caller:$between ;;
		unmount-late) between 2 $((unmount_worker - 2)) && moment=worker:$between ;;
		esac
		echo "$name is held at $moment"
		node_of "$name"
		case $name in
		unmount-*) hold "$name" "$n" "$moment" unmount "$(pod_dir pod1 "$V-$name")" ;;
		*)
			mount_args "$V-$name"
			hold "$name" "$n" "$moment" "${arguments[@]}"
			;;
		esac
	done
	held "${CALLS[@]}"
}

# Each has answered in time. One that failed says what did not answer, and what is to do about it.
answered() { # REGEX
	local name bound failed=0
	for name in "${CALLS[@]}"; do
		outcome "$name"
		bound=$BOUND_MOUNT
		[[ $name == unmount-* ]] && bound=$BOUND_UNMOUNT
		assert_faster "$bound"
		[[ $status != Success ]] || continue
		failed=$((failed + 1))
		[[ $status == Failure && $message =~ $1 ]] ||
			{ printf 'expected: a Failure with /%s/\nactual:   %s\n' "$1" "$json"; return 1; }
		message_has "$(pod_dir pod1 "$V-$name")" "; "
	done
	# those that were held before or in their map (first- and mount-, -early and -map) had no way through
	((failed >= 4)) || { echo "only $failed of the calls have failed"; return 1; }
}

# Every call is made again, until it succeeds; then all is as it should be, and goes.
all_finish() {
	local name n
	for name in "${CALLS[@]}"; do
		node_of "$name"
		case $name in
		unmount-*) repeat 40 "$n" unmount "$(pod_dir pod1 "$V-$name")" ;;
		*)
			mount_args "$V-$name"
			repeat 40 "$n" "${arguments[@]}"
			assert_mounted "$n" "$(pod_dir pod1 "$V-$name")" rw "$V-$name"
			[[ $name == first-* ]] ||
				assert_file "$n" "$(pod_dir pod1 "$V-$name")/data" "${FILES[$name]}"
			[[ $name != first-* ]] || [[ $(image_record "$V-$name" format) == formatted* ]]
			driver_ok "$n" unmount "$(pod_dir pod1 "$V-$name")"
			;;
		esac
	done
	# a late umount goes on to the unmap
	assert_nothing_left 1 60
	assert_nothing_left 2 60
	for name in "${CALLS[@]}"; do
		assert_sound "$V-$name"
	done
}

@test "monitors that stop answering in the middle of mounts and unmounts" {
	hold_all
	lab mon pause a
	release "${CALLS[@]}"
	answered 'monitor|answer|in time|still at it'
	lab mon resume a
	all_finish
}

@test "monitors that die in the middle of mounts and unmounts" {
	hold_all
	lab mon stop a
	release "${CALLS[@]}"
	answered 'monitor|answer|in time|still at it'
	lab mon start a
	all_finish
}

@test "an OSD that stops answering in the middle of mounts and unmounts" {
	hold_all
	lab osd pause 0
	release "${CALLS[@]}"
	answered 'OSD|answer|in time|still at it|still at work'
	mount_args "$V-unmount-early"
	# it goes on alone, with the lock: who asks meanwhile learns by its pid who is at what
	driver_fails 'pid [0-9]+ \(rbd-worker\): unmounting .* is still at work' 1 \
		"${arguments[@]}"
	assert_faster $BOUND_UNMOUNT
	[[ $message =~ pid\ ([0-9]+) ]]
	assert_equal "$(node 1 cat "/proc/${BASH_REMATCH[1]}/comm")" rbd-worker
	resume_osd
	all_finish
}
