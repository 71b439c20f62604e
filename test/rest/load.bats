#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Many, slow and broken clients; a cluster that restarts under load; what is left of it all.
# shellcheck source=test/rest/helpers.bash
load helpers

clients() { inside timeout 240 python3 "$ROOT/test/rest/clients.py" "$@"; }

# Memory and descriptors of the main server: "KiB fds".
figures() {
	local pid
	pid=$(pid_of main)
	printf '%s %s\n' "$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")" "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
}

# All objects of the pool, sorted; it is never without any.
objects() {
	local all
	all=$(lab rados -p kube ls) || return 1
	[[ $all ]] || return 1
	sort <<<"$all"
}

setup_file() {
	local i
	for i in 1 2 3 4 5; do
		lab rbd create "kube/load-$i" --size 8M
	done
}

teardown() { restore; }

ALLOCATION='/v1/image/allocation?poolName=kube&imageName=load-1'
INFO='/v1/image/info?poolName=kube&imageName=load-2'

@test "200 clients at once: each request is answered" {
	run -0 clients many 200 5 GET /v1/pool '/v1/image?poolName=kube' "$ALLOCATION" "$INFO"
	echo "$output"
	assert_equal "${lines[0]}" '200 1000'
	assert_contains "${lines[1]}" median
}

@test "200 clients at once make images, look at them, double and delete them: nothing is lost, nothing left" {
	call POST '/v1/image?poolName=kube&imageName=first&size=4Mi'
	call DELETE '/v1/image?poolName=kube&imageName=first' # what the first one leaves to the pool (rbd_trash) is there
	expect 204
	objects >"$BATS_TEST_TMPDIR/before"

	run -0 clients life 200
	echo "$output"
	assert_equal "$output" $'DELETE 204 100\nGET 200 400\nPOST 201 200\nPUT 200 200'
	# those of the odd numbers are there, and whole
	diff <(seq -f 'life-%.0f' 1 2 199 | sort) \
		<(lab rbd ls -l kube --format json 2>/dev/null | jq -r '.[] | select(.size == 8388608) | .image' | grep '^life-' | sort)
	run -0 clients many 200 1 DELETE '/v1/image?poolName=kube&imageName=life-{n}'
	echo "$output"
	assert_equal "${lines[0]} ${lines[1]}" '204 100 404 100'
	objects >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "one image made by 40 clients at once is made once" {
	run -0 clients many 40 1 POST '/v1/image?poolName=kube&imageName=one&size=4Mi'
	echo "$output"
	assert_contains "$output" '201 1'
	assert_contains "$output" '200 39'
	call DELETE '/v1/image?poolName=kube&imageName=one'
	expect 204
}

@test "one image made, resized and deleted by 30 clients at once: none finds what another has half done" {
	run -0 clients many 30 4 - 'POST /v1/image?poolName=kube&imageName=torn&size=8Mi' \
		'DELETE /v1/image?poolName=kube&imageName=torn' 'PUT /v1/image?poolName=kube&imageName=torn&size=8Mi'
	echo "$output"
	assert_equal "$(printf '%s\n' "${lines[@]}" | grep -vE '^(20[014]|404|median) ')" ''
	assert_contains "$output" '201 '
	# what is left is whole
	call POST '/v1/image?poolName=kube&imageName=torn&size=8Mi'
	[[ $status == 20[01] ]] || return 1
	info kube/torn
	call DELETE '/v1/image?poolName=kube&imageName=torn'
	expect 204
	run -0 objects
	[[ $output != *torn* ]] || return 1
}

@test "slow clients hold up nobody, and are closed after ten seconds" {
	ip netns exec "rbdlab-$LAB" timeout 120 python3 "$ROOT/test/rest/clients.py" slow 300 25 >"$BATS_TEST_TMPDIR/open" 3>&- &
	local slow=$! i
	for ((i = 0; i < 10; i++)); do
		call GET /v1/pool --max-time 9 # whom they held up would wait until they are closed
		expect 200
	done
	wait "$slow"
	assert_equal "$(<"$BATS_TEST_TMPDIR/open")" 0
	call GET /metrics >/dev/null
	(($(awk '$1 == "rbd_rest_slow_connections_closed_total" { print $2 }' <<<"$body") >= 300))
}

@test "one address cannot have all connections: another one is answered" {
	run -0 clients hold 1200 /v1/pool
	assert_equal "$output" '500 200'
	# and those that said nothing are closed, so that the one that had them is answered again
	within 30 answers 200 GET /v1/pool
}

@test "broken requests are refused, and the server goes on" {
	run -0 clients broken
	assert_equal "$output" ok
	call GET /v1/pool
	expect 200
}

@test "who polls is never seen as a watcher" {
	ip netns exec "rbdlab-$LAB" timeout 120 python3 "$ROOT/test/rest/clients.py" many 20 5s GET "$ALLOCATION" \
		'/v1/image/info?poolName=kube&imageName=load-1' '/v1/image?poolName=kube&details=true' >"$BATS_TEST_TMPDIR/polled" 3>&- &
	local polling=$! looks=0
	while kill -0 "$polling" 2>/dev/null; do
		assert_equal "$(watchers kube/load-1)" 0
		looks=$((looks + 1))
	done
	wait "$polling"
	cat "$BATS_TEST_TMPDIR/polled"
	((looks >= 1))
	assert_equal "$(grep -vE '^(200|median) ' "$BATS_TEST_TMPDIR/polled")" ''
	assert_contains "$(<"$BATS_TEST_TMPDIR/polled")" '200 '
}

@test "the cluster restarts under load: it is told, it heals by itself, and what was promised is there" {
	local made paths
	ip netns exec "rbdlab-$LAB" timeout 240 python3 "$ROOT/test/rest/clients.py" many 10 100 POST \
		'/v1/image?poolName=kube&imageName=restart-{}&size=4Mi' >"$BATS_TEST_TMPDIR/load" 3>&- &
	local load=$!
	within 60 begun
	lab mon stop a
	lab osd stop 0
	sleep 1
	lab mon start a
	lab osd start 0
	wait "$load"
	cat "$BATS_TEST_TMPDIR/load"
	within 60 answers 200 GET /readyz
	within 60 answers 200 GET "$INFO"
	objects >/dev/null # which takes all placement groups
	# each that was answered 201 is there and whole: 200 and not 201, once more
	made=$(jq -r 'select(.method == "POST" and .status == 201 and (.image // "" | startswith("restart-"))) | .image' "$SUITE_DIR/access.log")
	[[ $made ]]
	diff <(sort <<<"$made") <(lab rbd ls kube 2>/dev/null | grep -xF "$made" | sort)
	# shellcheck disable=SC2086 # one for each name
	mapfile -t paths < <(printf '/v1/image?poolName=kube&imageName=%s&size=4Mi\n' $made)
	run -0 clients many 1 "${#paths[@]}" POST "${paths[@]}"
	assert_equal "${lines[0]}" "200 ${#paths[@]}"
}

# What a burst takes of the heap once, it takes once; a leak grows with each.
@test "nothing leaks: memory and descriptors after 4,000 more requests are what they were" {
	local before after round
	crowd 20
	before=$(figures)
	for round in 1 2 3; do
		crowd 80
		after=$(figures)
		echo "# memory and descriptors before: $before, after: $after (KiB, number; $round)" >&3
		((${after#* } > ${before#* } + 5 || ${after% *} > ${before% *} + 2048)) || return 0
		before=$after
	done
	return 1
}

# crowd EACH: so many requests of 50 clients each. After ten idle seconds threads go, and the last one gives back
# what is free.
crowd() {
	run -0 clients many 50 "$1" GET /v1/pool '/v1/image?poolName=kube' "$ALLOCATION" "$INFO" '/v1/image?poolName=none' '/v1/pool?a=b'
	sleep 15
}

begun() { [[ $(lab rbd ls kube 2>/dev/null) == *restart-* ]]; }
