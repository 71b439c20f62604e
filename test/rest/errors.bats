#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each way to be refused, on each route that has it: zz-openapi.bats counts them.
# shellcheck source=test/rest/helpers.bash
load helpers

# What each route needs, so that nothing else is wrong.
CLUSTER_ROUTES=('GET /v1/pool' 'POST /v1/pool?name=kube' 'DELETE /v1/pool?name=kube'
	'GET /v1/image?poolName=kube' 'POST /v1/image?poolName=kube&imageName=e&size=4Mi'
	'PUT /v1/image?poolName=kube&imageName=e&size=4Mi' 'DELETE /v1/image?poolName=kube&imageName=gone'
	'GET /v1/image/allocation?poolName=kube&imageName=e' 'GET /v1/image/info?poolName=kube&imageName=e')
OTHER_ROUTES=('GET /v1/openapi.json' 'GET /metrics')
OPEN_ROUTES=('GET /healthz' 'GET /readyz')

# each STATUS ROUTE... -- CURL OPTION...
each() {
	local wanted=$1 route routes=()
	shift
	while [[ $1 != -- ]]; do
		routes+=("$1")
		shift
	done
	shift
	for route in "${routes[@]}"; do
		call "${route% *}" "${route#* }" "$@" && expect "$wanted" || return 1
	done
}

setup_file() {
	lab rbd create kube/e --size 4M
}

teardown() { restore; }

@test "400: an unknown parameter, with the nearest; one twice; one missing; a body that is none" {
	each 400 "${CLUSTER_ROUTES[@]}" "${OTHER_ROUTES[@]}" "${OPEN_ROUTES[@]}" -- -d nothing=x
	call POST '/v1/image?poolname=kube&imageName=a&size=4Mi'
	expect 400
	assert_contains "$body" 'nearest known one is \"poolName\"'
	call POST '/v1/image?poolName=kube&imageName=a&imageName=a&size=4Mi'
	expect 400
	assert_contains "$body" 'twice'
	call POST '/v1/image?poolName=kube' -d 'imageName=a&size=4Mi&poolName=kube'
	expect 400
	call POST '/v1/image?poolName=kube&imageName=a'
	expect 400
	assert_contains "$body" 'needs the parameter \"size\"'
	call POST /v1/pool -H 'Content-Type: application/json' -d '{"name":'
	expect 400
	call GET '/v1/image?poolName=%zz'
	expect 400
}

@test "401: no user, a wrong password, a user that is none; with the challenge" {
	local route
	for route in "${CLUSTER_ROUTES[@]}" "${OTHER_ROUTES[@]}"; do
		as '' "${route% *}" "${route#* }"
		expect 401
	done
	assert_header 'WWW-Authenticate: Basic realm="rbd-rest".*'
	as root:wrong GET /v1/pool
	expect 401
	as none:root GET /v1/pool
	expect 401
	as '' GET /healthz
	expect 200
	as '' GET /readyz
	expect 200
}

@test "403: a reader who writes; a web page that writes" {
	local route
	for route in "${CLUSTER_ROUTES[@]}"; do
		as reader:reader "${route% *}" "${route#* }"
		case $route in
		GET*) expect 200 ;;
		*) expect 403 ;;
		esac
	done
	call POST '/v1/pool?name=page' -H 'Origin: http://example.com'
	expect 403
	no_pool page
}

@test "404 and 405: no such path; no such method, with those that there are" {
	call GET /v1/pools
	expect 404
	call GET /v1/pool/
	expect 404
	call PATCH /v1/image
	expect 405
	assert_header 'Allow: GET, POST, PUT, DELETE'
	call POST /healthz
	expect 405
	assert_header 'Allow: GET'
	each 404 'DELETE /v1/pool?name=none' 'GET /v1/image?poolName=none' \
		'POST /v1/image?poolName=none&imageName=a&size=4Mi' 'PUT /v1/image?poolName=kube&imageName=none&size=4Mi' \
		'DELETE /v1/image?poolName=kube&imageName=none' 'GET /v1/image/allocation?poolName=kube&imageName=none' \
		'GET /v1/image/info?poolName=kube&imageName=none' --
}

@test "413: a body that is too large, announced or not" {
	head -c 20000 /dev/zero | tr '\0' a >"$BATS_TEST_TMPDIR/large"
	each 413 "${CLUSTER_ROUTES[@]}" "${OTHER_ROUTES[@]}" "${OPEN_ROUTES[@]}" -- -H 'Expect:' --data-binary "@$BATS_TEST_TMPDIR/large"
	each 413 'POST /v1/pool' -- -H 'Expect:' -H 'Transfer-Encoding: chunked' --data-binary "@$BATS_TEST_TMPDIR/large"
}

@test "415: a body of another kind" {
	each 415 "${CLUSTER_ROUTES[@]}" "${OTHER_ROUTES[@]}" "${OPEN_ROUTES[@]}" -- -H 'Content-Type: text/plain' -d a=b
}

@test "422: a name or a size outside its grammar" {
	each 422 'POST /v1/pool?name=a/b' 'DELETE /v1/pool?name=' 'GET /v1/image?poolName=kube&limit=0' \
		'POST /v1/image?poolName=kube&imageName=a&size=1024' 'PUT /v1/image?poolName=kube&imageName=e&size=x' \
		'DELETE /v1/image?poolName=kube&imageName=a@b' 'GET /v1/image/allocation?poolName=-&imageName=a' \
		'GET /v1/image/info?poolName=kube&imageName=%20' --
	call POST '/v1/image?poolName=kube&imageName=a&size=1024'
	assert_contains "$body" '1024Mi or 1Gi'
	no_image kube/a
}

@test "an answer is UTF-8: a value that is cut within a character, a name of other bytes that somebody made" {
	local route long
	long=$(printf 'a%.0s' {1..119})%C3%A4
	for route in "GET /v1/image?poolName=$long" "GET /v1/image?poolName=kube&details=$long" \
		"GET /v1/image?poolName=kube&limit=$long" "POST /v1/image?poolName=kube&imageName=a&size=$long" \
		"DELETE /v1/image?poolName=kube&imageName=$long"; do
		call "${route% *}" "${route#* }"
		expect 422
		strict
	done
	lab rbd create $'kube/f\xff\xe2\x82' --size 4M
	call GET '/v1/image?poolName=kube&prefix=f'
	lab rbd rm --no-progress $'kube/f\xff\xe2\x82'
	expect 200
	strict
	assert_json .images[0].imageName 'f???'
}

# fire ROUTE...: all at once; their statuses in $BATS_TEST_TMPDIR/fired.
fire() {
	local route pids=()
	: >"$BATS_TEST_TMPDIR/fired"
	for route in "$@"; do
		ip netns exec "rbdlab-$LAB" curl -s --max-time 90 -u root:root -X "${route% *}" -o /dev/null \
			-w "%{http_code} $route\n" "$BASE${route#* }" >>"$BATS_TEST_TMPDIR/fired" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" || true
	cat "$BATS_TEST_TMPDIR/fired"
}

# A server that gives up early, with main's rights; it knows root's password already.
impatient() {
	CONNECT=4 configure other '{"allowPoolDelete": true}' # less than a look at the monitors has
	BASE=http://127.0.0.1:8082
	start_server other --listen 127.0.0.1:8082 --auth "$SUITE_DIR/users"
	call GET /v1/pool
	expect 200
}

@test "504: an OSD that is silent holds up its own requests only, and what it did not do is done later" {
	impatient
	lab osd pause 0
	fire "${CLUSTER_ROUTES[@]:3}" &
	local firing=$!
	sleep 1
	# the pools are the monitors' to tell, while all images hang
	call GET /healthz
	assert_equal "$status" 200
	call GET /metrics
	assert_equal "$status" 200
	wait "$firing"
	resume_osd
	assert_equal "$(cut -d ' ' -f 1 "$BATS_TEST_TMPDIR/fired" | sort -u)" 504
	within 60 answers 200 GET '/v1/image/info?poolName=kube&imageName=e'
}

@test "504 and 503: monitors that are silent: what was asked ends, then it is said at once, and it heals" {
	impatient
	lab mon pause a
	fire "${CLUSTER_ROUTES[@]:0:3}"
	within 20 answers 503 GET /readyz
	each 503 "${CLUSTER_ROUTES[@]}" --
	assert_header 'Retry-After: [0-9]*'
	lab mon resume a
	[[ $(grep -c '^504' "$BATS_TEST_TMPDIR/fired") == 3 ]] || { cat "$BATS_TEST_TMPDIR/fired"; return 1; }
	within 60 answers 200 GET /readyz
	within 60 answers 200 GET /v1/pool
}

# rests NAME SECONDS: for so long its process is no busier than its clock and its looks at the cluster are.
rests() {
	local pid before
	pid=$(pid_of "$1")
	before=$(ticks "$pid")
	sleep "$2"
	echo "$(($(ticks "$pid") - before)) ticks in $2 s"
	(($(ticks "$pid") - before < $2 * 10))
}

# user and system time, in hundredths of a second
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

@test "monitors that are silent cost no processor, also where an answer may take long" {
	CONNECT=10 configure other '{}'
	BASE=http://127.0.0.1:8082
	start_server other --listen 127.0.0.1:8082
	lab mon pause a
	as '' GET /v1/pool
	expect 504
	within 20 answers 503 GET /readyz
	rests other 11 # longer than one question to the monitors takes to be given up
	lab mon resume a
	stop_server other
	BASE=http://127.0.0.1:8080
	within 60 answers 200 GET /v1/pool
}
