#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The driver is killed, caller and worker together and each alone, at 30 seeded random moments of a
# first mount, a mount and an unmount: the next call finishes, the data is whole, nothing is left.
# kills.bash does it, in both nodes at once, before the tests here look at what it has found.
source "${BATS_TEST_DIRNAME:?}/faults.bash"

MOMENTS=30

loop() { # N KIND...
	local n=$1 kind
	shift
	cp "$FAULTS/kills.bash" "$SHARE/$n/kills.bash"
	for kind in "$@"; do
		lab run "$n" --timeout 900 -- bash /share/kills.bash "$kind" "$SEED" "$MOMENTS" "$DRIVER" \
			"$(options VOLUME size=32Mi "secret=$(lab key kube)")" \
			>"$SUITE_DIR/kills.$kind" 2>&1 </dev/null || echo "not ok: it ended with $?" >>"$SUITE_DIR/kills.$kind"
	done
}

setup_file() {
	local pid
	loop 1 first 3>&- &
	pid=$!
	loop 2 unmount mount 3>&-
	wait "$pid"
	date +%s >"$SUITE_DIR/kills.end"
}

teardown() {
	tidy 1 2
}

# judge KIND NODE: every moment came, all went well, each victim had its share, and each answer was one JSON
# object.
judge() {
	local log=$SUITE_DIR/kills.$1 answers=$SHARE/$2/answers.$1 victim words
	cat "$log"
	grep '^# ' "$log" | sed 's/$/; each moment is a line of the log/' >&3 || true
	assert_equal "$(grep -c '^ok ' "$log")" "$MOMENTS" "moments"
	assert_equal "$(grep -c '^not ok' "$log")" 0 "moments that went wrong"
	for victim in both caller worker; do
		words=$(grep -c " $victim killed at" "$log")
		assert_equal "$words" $((MOMENTS / 3)) "moments for $victim"
	done
	jq -e -s --argjson least "$MOMENTS" 'length > $least and
		all(type == "object" and (.status == "Success" or .status == "Failure"))' "$answers"
	assert_equal "$(jq -c . "$answers" | wc -l)" "$(wc -l <"$answers")" "answers, one a line"
}

@test "killed in a first mount: the next call formats and mounts, exactly one whole image stays" {
	local image
	judge first 1
	for image in $(lab rbd ls "$POOL" | grep "^first-$SEED-"); do
		[[ $(image_record "$image" format) =~ ^formatted\ [0-9a-f-]{36}$ ]] ||
			{ echo "the record of $image: $(image_record "$image" format)"; return 1; }
		assert_equal "$(image_features "$image")" exclusive-lock,layering
		assert_equal "$(watchers "$image")" "" "watchers of $image"
	done
	# one for each that was mounted, and no header without an image
	assert_equal "$(lab rbd ls "$POOL" | grep -c "^first-$SEED-")" \
		"$(lab rados -p "$POOL" ls | grep -c "^rbd_id.first-$SEED-")"
	assert_nothing_left 1
}

@test "killed in a mount: the next call mounts, with the data that was there" {
	judge mount 2
	assert_nothing_left 2
	assert_sound "mount-$SEED"
}

@test "killed in an unmount: the next call unmounts and unmaps, the data is whole" {
	judge unmount 2
	assert_nothing_left 2
	assert_sound "unmount-$SEED"
}
