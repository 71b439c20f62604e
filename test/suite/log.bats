#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# One volume's whole story in the log, and a node whose log is gone.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=log$BATS_SUITE_TEST_NUMBER
}

teardown() {
	node 1 sh -c '[ ! -e /dev/log.away ] || mv /dev/log.away /dev/log' || true
	tidy 1
}

# The volume's lines on node 1 in their order, from the verb on.
story() {
	grep -F " volume=$V " "$SHARE/1/log" | sed -E 's/^<[0-9]+>rbd-flexvolume\[[0-9]+\]: //'
}

# The phases' names of the one line of VERB, and that they add up to its milliseconds.
phases_of() { # VERB
	local line ms phases sum=0 entry
	line=$(story | grep -E "^$1 .* phases=")
	assert_count 1 "$line" >&2 || return 1
	ms=$(sed -E 's/.* ms=([0-9]+) .*/\1/' <<<"$line")
	phases=$(sed -E 's/.* phases=([^ ]*) .*/\1/' <<<"$line")
	for entry in ${phases//,/ }; do
		sum=$((sum + ${entry#*:}))
	done
	assert_equal "$sum" "$ms" "milliseconds of $line" >&2 || return 1
	sed -E 's/:[0-9]+//g' <<<"$phases"
}

assert_phases() { # VERB NAME...: they come in that order, others may stand between them
	local verb=$1 all rest name
	shift
	all=$(phases_of "$verb") || return 1
	rest=,$all,
	for name in "$@"; do
		if [[ $rest != *",$name,"* ]]; then
			printf 'expected: phase %s of %s, in the order %s\nactual:   %s\n' "$name" "$verb" "$*" "$all"
			return 1
		fi
		rest=,${rest#*",$name,"}
	done
}

assert_story() { # PATTERN...: the lines, one for each pattern
	local expected actual line
	actual=$(story)
	assert_count $# "$actual" || { echo "$actual"; return 1; }
	while IFS= read -r line; do
		expected=$1
		shift
		[[ $line =~ $expected ]] && continue
		printf 'expected: %s\nactual:   %s\n' "$expected" "$line"
		return 1
	done <<<"$actual"
}

@test "attach mode: each call and each thing done has its line, in order, with its phases" {
	local wanted device
	wanted=$(options "$V" size=64Mi)
	driver_ok 1 attach "$wanted" node1
	up 1 pod1 "$V" "$wanted"
	device=/dev/rbd$(mapping 1 "$V" id)
	down 1 pod1 "$V"
	driver_ok 1 detach "$V" node1

	within 30 assert_story "^attach volume=$V created image $POOL/$V with 67108864 bytes and layering,exclusive-lock$" \
		"^attach volume=$V image=$POOL/$V .* device=/dev/rbd-flexvolume/$V ms=.* Success$" \
		"^mountdevice volume=$V mapped image $POOL/$V as $device; no policy is in force" \
		"^mountdevice volume=$V formatted image $POOL/$V with ext4, uuid [0-9a-f-]{36}$" \
		"^mountdevice volume=$V image=$POOL/$V directory=$(global_dir "$V") .* device=$device ms=.* Success$" \
		"^mount volume=$V image=$POOL/$V directory=$(pod_dir pod1 "$V") .* device=$device ms=.* Success$" \
		"^unmount volume=$V image=$POOL/$V directory=$(pod_dir pod1 "$V") .* device=$device ms=.* Success$" \
		"^unmountdevice volume=$V image=$POOL/$V directory=$(global_dir "$V") .* device=$device ms=.* Success$" \
		"^detach volume=$V .* ms=.* Success$"
	assert_phases attach start cluster create
	assert_phases mountdevice start lock cluster guard map look empty record format mount
	assert_phases mount start lock survey bind
	assert_phases unmount start lock unmount
	assert_phases unmountdevice start lock unmount unmap
}

@test "mount mode: made, mapped, formatted and mounted by one call, which says where its time went" {
	local wanted key
	MODE=mount
	key=$(lab key kube)
	wanted=$(options "$V" size=64Mi pod=pod1 "secret=$key")
	up 1 pod1 "$V" "$wanted"
	down 1 pod1 "$V"

	within 30 assert_story "^mount volume=$V created image " \
		"^mount volume=$V mapped image .* no policy is in force" \
		"^mount volume=$V formatted image " \
		"^mount volume=$V image=$POOL/$V directory=$(pod_dir pod1 "$V") .* Success$" \
		"^unmount volume=$V image=$POOL/$V .* Success$"
	assert_phases mount start lock cluster create guard map look empty record format mount
	assert_phases unmount start lock unmount unmap
	if grep -F -- "$key" "$SHARE/1/log"; then return 1; fi
}

@test "a Failure is in the story, with its message, as an error" {
	make_dir 1 "$(global_dir "$V")"
	driver_fails "does not exist" 1 mountdevice "$(global_dir "$V")" "" "$(options "$V")"
	within 30 assert_story "^mountdevice volume=$V image=$POOL/$V .* Failure: .*$POOL/$V does not exist"
	grep -F " volume=$V " "$SHARE/1/log" | grep -q '^<27>'
}

@test "a node without any log brings a volume up and down as ever" {
	local wanted file
	MODE=mount
	wanted=$(options "$V" size=64Mi)
	node 1 mv /dev/log /dev/log.away
	up 1 pod1 "$V" "$wanted"
	file=$(node 1 cat /var/log/rbd-flexvolume.log)
	assert_count 1 "$(grep -F " mount volume=$V image=" <<<"$file")"
	assert_equal "$(node 1 stat -c %a /var/log/rbd-flexvolume.log)" 600

	# and a disk that is full, at the way down and up again
	node 1 sh -c 'mount -t tmpfs -o size=4k none /var/log && ! head -c 8k /dev/zero >/var/log/full'
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$wanted"
	down 1 pod1 "$V"
	node 1 umount /var/log
	assert_nothing_left 1
	assert_count 0 "$(story)"
}
