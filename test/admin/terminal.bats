#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a person at a terminal sees: questions, tables, units, bars. And what a program gets instead.
# $out, $err, $code are set by admin() and terminal()
# shellcheck disable=SC2154
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	clean_pools
}

# The terminal's text without what moves the cursor, the last state of each line.
shown() {
	sed -E 's/\r$//; s/.*\r\x1b\[K//' <<<"$out"
}

shows() { # WORDS
	shown | grep -qF -- "$1" && return 0
	printf 'expected on the terminal: %s\nactual:\n%s\n' "$1" "$(shown)"
	return 1
}

@test "what destroys asks first: no is no" {
	local verb question
	admin_ok image create kube/db --size 128Mi
	admin_ok image snap create kube/db@a
	while IFS='|' read -r verb question; do
		# shellcheck disable=SC2086 # words on purpose
		terminal no $verb
		assert_equal "$code" 1 "$verb" || return 1
		shows "$question (yes or no)" || return 1
		shows 'the answer was not yes: nothing was changed' || return 1
	done <<-'VERBS'
		image snap rm kube/db@a|remove snapshot kube/db@a for good?
		image snap rollback kube/db@a|make the image what it was at kube/db@a, and lose all that is newer?
		image resize kube/db --size 64Mi --allow-shrink|make image kube/db smaller, from 128 MiB to 64 MiB, and lose what is behind?
		image record clear kube/db|Clear the record of image kube/db?
	VERBS
	admin_ok image snap rm kube/db@a --yes
	terminal '' image rm kube/db
	assert_equal "$code" 1
	shows 'remove image kube/db (128 MiB) for good? (yes or no)'
	assert_equal "$(image_state kube/db | jq .size)" 134217728
}

@test "a name that somebody else chose moves no cursor, and is one line" {
	local name=$'e\x1b[2Jv\nil' id
	lab rbd create "kube/$name" --size 4M
	lab rbd snap create --no-progress "kube/$name@s"
	lab rbd clone --rbd-default-clone-format 2 "kube/$name@s" kube/child
	admin_ok image ls kube
	assert_equal "$out" $'child\ne [2Jv il'
	admin_ok image info kube/child
	grep -qE '^parent +kube/e \[2Jv il@s' <<<"$out"
	admin_ok image ls kube --json
	assert_equal "$(jq -r '.images[1].imageName' <<<"$out")" "$name"
	lab rbd rm --no-progress kube/child
	lab rbd snap rm --no-progress "kube/$name@s"
	lab rbd trash mv "kube/$name"
	id=$(lab rbd trash ls --format json kube | jq -r '.[0].id')
	terminal no trash rm "kube/$id"
	shows "remove image e [2Jv il (id $id) from the trash of pool kube for good? (yes or no)"
	admin_ok trash rm "kube/$id" --yes
	assert_equal "$out" "e [2Jv il (id $id): removed"
}

@test "yes is yes, and the removal shows how far it is" {
	admin_ok image create kube/db --size 256Mi
	terminal yes image rm kube/db
	assert_equal "$code" 0
	grep -qE '\[#{25,} *\] +(9[0-9]|100) %' <<<"$out"
	shows 'kube/db: removed'
	! image_exists kube/db || return 1
}

@test "resize and flatten, and du of an image, show a bar on a terminal, and none elsewhere" {
	lab rbd create kube/golden --size 1G
	lab rbd bench --io-type write --io-size 16M --io-total 16M --io-threads 1 kube/golden >/dev/null
	lab rbd snap create --no-progress kube/golden@v1
	lab rbd snap protect kube/golden@v1
	lab rbd clone kube/golden@v1 kube/copy
	for verb in 'resize kube/golden --size 512Mi --allow-shrink --yes' 'flatten kube/copy' 'du kube/golden'; do
		# shellcheck disable=SC2086 # words on purpose
		terminal no image $verb
		assert_equal "$code" 0 "$verb" || return 1
		grep -qE '\[#* *\] +[0-9]+ %' <<<"$out" || { echo "no bar: $verb"; return 1; }
	done
	admin_ok image resize kube/golden --size 256Mi --allow-shrink --yes
	assert_equal "$err" ""
	admin_ok image du kube/golden
	assert_equal "$err" ""
}

@test "a table: aligned, sizes in units for a person and in bytes for a program" {
	admin_ok image create a --size 64Mi
	admin_ok image create a-longer-name --size 1536Mi
	terminal no image ls -l
	assert_equal "$(shown)" 'IMAGE             SIZE  WATCHERS  FEATURES
a               64 MiB         0  layering,exclusive-lock
a-longer-name  1.5 GiB         0  layering,exclusive-lock'
	admin_ok image ls -l
	assert_equal "$out" 'IMAGE                SIZE  WATCHERS  FEATURES
a                67108864         0  layering,exclusive-lock
a-longer-name  1610612736         0  layering,exclusive-lock'
	terminal no image info a
	grep -qE '^size +64 MiB$' <(shown)
}

@test "an answer from a pipe is no answer" {
	admin_ok image create kube/db --size 64Mi
	code=0
	yes | timeout 60 "$ROOT/test/lab/lab" exec -- "$DRIVER" image rm kube/db 2>"$BATS_TEST_TMPDIR/err" || code=$?
	assert_equal "$code" 1
	grep -q 'Nobody is at a terminal to be asked' "$BATS_TEST_TMPDIR/err"
	image_exists kube/db
}
