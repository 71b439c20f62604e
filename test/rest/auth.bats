#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who may ask, how the server starts and ends, and what it gives away.
# shellcheck disable=SC2016,SC2030,SC2031
# shellcheck source=test/rest/helpers.bash
load helpers

setup() {
	configure other '{}'
	BASE=http://127.0.0.1:8082
}

teardown() { restore; }

@test "on any address but loopback it starts only with users" {
	local address
	for address in 0.0.0.0:8082 '[::]:8082' '*:8082' 10.77.0.254:8082; do
		run -1 inside timeout 20 "$SERVER" --config "$SUITE_DIR/other.json" --listen "$address"
		assert_contains "$output" 'without users only on loopback'
	done
	: >"$BATS_TEST_TMPDIR/empty"
	run -1 inside timeout 20 "$SERVER" --config "$SUITE_DIR/other.json" --listen 0.0.0.0:8082 --auth "$BATS_TEST_TMPDIR/empty"
	assert_contains "$output" 'without users only on loopback'
	start_server other --listen 0.0.0.0:8082 --auth "$SUITE_DIR/users"
	as '' GET /v1/pool
	expect 401
	call GET /v1/pool
	expect 200
}

@test "the configuration's section rest is in force, and refused where it is wrong" {
	configure other "$(jq -n --arg auth "$SUITE_DIR/users" '{listen: "127.0.0.1:8082", auth: $auth}')"
	start_server other
	as '' GET /v1/pool
	expect 401
	stop_server other
	configure other '{"allowPoolDeletes": true}'
	run -1 inside timeout 20 "$SERVER" --config "$SUITE_DIR/other.json"
	assert_contains "$output" 'the nearest known one is "allowPoolDelete"'
}

@test "IPv6" {
	BASE='http://[::1]:8082'
	start_server other --listen '[::1]:8082'
	as '' GET /v1/pool
	expect 200
	assert_contains "$(tail -n 2 "$SUITE_DIR/access.log")" '"client":"::1"'
}

@test "users of htpasswd -B are read, and a new password is in force without a restart" {
	local users=/run/rbd-lab/$LAB/users # where nobody can read it
	# as `htpasswd -nbB root secret` prints it
	printf '%s\n' 'root:$2y$05$KBtjn5gAsoBvvUr7V7Sko.OL/.RKIQrD0axHUPJZpzWZtfr0cvdc6' >"$users"
	chmod 0644 "$users"
	start_server other --listen 127.0.0.1:8082 --auth "$users"
	as root:secret GET /v1/pool
	expect 200
	printf 'another\n' | "$SERVER" passwd --auth "$users" root
	within 10 answers_as root:another 200 GET /v1/pool
	as root:secret GET /v1/pool
	expect 401
	[[ $(<"$users") == 'root:$y$'* ]] || return 1
}

@test "wrong passwords, however many, hold up nobody whose password is known" {
	local i pids=() start
	call GET /v1/pool
	BASE=http://127.0.0.1:8080
	call GET /v1/pool
	expect 200
	for ((i = 0; i < 30; i++)); do
		ip netns exec "rbdlab-$LAB" curl -s --max-time 60 -o /dev/null -u "root:wrong$i" "$BASE/v1/pool" 3>&- &
		pids+=($!)
	done
	start=$SECONDS
	for ((i = 0; i < 10; i++)); do
		call GET /v1/pool
		expect 200
	done
	((SECONDS - start < 30))
	wait "${pids[@]}"
}

@test "TLS: https with a certificate, nothing older than TLS 1.2, no plain http on that port" {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=rbd-rest -addext subjectAltName=IP:127.0.0.1 \
		-keyout "$BATS_TEST_TMPDIR/key" -out "$BATS_TEST_TMPDIR/cert" 2>/dev/null
	chmod 0600 "$BATS_TEST_TMPDIR/key"
	BASE=https://127.0.0.1:8082
	start_server other --listen 127.0.0.1:8082 --auth "$SUITE_DIR/users" \
		--tls-cert "$BATS_TEST_TMPDIR/cert" --tls-key "$BATS_TEST_TMPDIR/key"
	call GET /v1/pool --cacert "$BATS_TEST_TMPDIR/cert"
	expect 200
	run -0 inside curl -s --cacert "$BATS_TEST_TMPDIR/cert" "$BASE/healthz"
	run inside curl -sk --tls-max 1.1 "$BASE/healthz"
	((status != 0))
	run inside curl -s http://127.0.0.1:8082/healthz
	((status != 0))
	stop_server other
	run -1 inside timeout 20 "$SERVER" --config "$SUITE_DIR/other.json" --listen 127.0.0.1:8082 \
		--tls-cert "$BATS_TEST_TMPDIR/cert" --tls-key "$BATS_TEST_TMPDIR/cert"
	assert_contains "$output" 'libmicrohttpd refuses'
}

@test "root is given up: nobody, no capability, no new privileges; the key is read all the same" {
	local pid
	pid=$(pid_of main)
	assert_equal "$(sed -n 's/^Uid:\s*//p' "/proc/$pid/status" | tr '\t' ' ')" "$(id -u nobody) $(id -u nobody) $(id -u nobody) $(id -u nobody)"
	assert_equal "$(sed -n 's/^Groups:\s*//p' "/proc/$pid/status" | tr -d ' ')" ''
	assert_equal "$(awk '/^Cap(Prm|Eff)/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000
	assert_equal "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$pid/status")" 1
}

@test "it says READY, and on SIGTERM STOPPING; a request in work is answered first" {
	local socket=/run/rbd-lab/$LAB/notify notes=$BATS_TEST_TMPDIR/notes pid
	python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
s.settimeout(300)
with open(sys.argv[2], "w") as f:
    for _ in range(2):
        f.write(s.recv(100).decode())
        f.flush()
' "$socket" "$notes" 3>&- &
	local listener=$!
	within 30 test -S "$socket"
	CONNECT=60 configure other '{}' # what hangs goes on when the OSD does
	NOTIFY_SOCKET=$socket start_server other --listen 127.0.0.1:8082
	within 10 grep -qx READY=1 "$notes" # who listens has to come to its turn
	assert_equal "$(<"$notes")" READY=1
	lab osd pause 0
	ip netns exec "rbdlab-$LAB" curl -s --max-time 60 -o /dev/null -w '%{http_code}' "$BASE/v1/image?poolName=kube" >"$BATS_TEST_TMPDIR/code" 3>&- &
	local asking=$!
	within 20 in_work 2
	pid=$(pid_of other)
	kill "$pid"
	within 20 refuses
	kill -0 "$pid"
	lab osd resume 0
	wait "$asking"
	assert_equal "$(<"$BATS_TEST_TMPDIR/code")" 200
	local code=0
	wait "$pid" || code=$?
	rm -f "$SUITE_DIR/other.pid"
	assert_equal "$code" 0
	wait "$listener"
	assert_equal "$(tail -n 1 "$notes")" STOPPING=1
}

@test "SIGTERM while clients keep their connections and ask on: it ends, and well" {
	local round asking code=0
	for round in 1 2 3; do
		start_server other --listen 127.0.0.1:8082
		PORT=8082 ip netns exec "rbdlab-$LAB" timeout 180 python3 "$ROOT/test/rest/clients.py" keep 50 120 /v1/pool \
			>"$BATS_TEST_TMPDIR/kept" 3>&- &
		asking=$!
		within 60 connected 40
		stop_server other || code=$?
		assert_equal "round $round: $code" "round $round: 0"
		wait "$asking"
		assert_contains "$(<"$BATS_TEST_TMPDIR/kept")" 200
	done
}

connected() { (($(inside curl -s --max-time 5 "$BASE/metrics" | awk '$1 == "rbd_rest_connections" { print $2 }') >= $1)); }

@test "100 clients with one password that nobody remembers yet: none is sent away" {
	start_server other --listen 127.0.0.1:8082 --auth "$SUITE_DIR/users"
	PORT=8082 run -0 inside timeout 120 python3 "$ROOT/test/rest/clients.py" many 100 1 GET /v1/openapi.json
	assert_equal "${lines[0]}" '200 100'
}

@test "the keyring beside a ceph.conf of another name is read by root, before it is nobody" {
	local place
	place=$(mktemp -d "/run/rbd-lab/$LAB/place.XXXXXX")
	chmod 0755 "$place"
	install -m 0644 "/run/rbd-lab/$LAB/ceph.conf" "$place/other.conf"
	install -m 0600 "/run/rbd-lab/$LAB/ceph.client.admin.keyring" "$place/other.client.admin.keyring"
	start_server_with other --listen 127.0.0.1:8082 --conf "$place/other.conf"
	stop_server other
	run -1 inside timeout 20 "$SERVER" --config "$SUITE_DIR/other.json" --listen 127.0.0.1:8082 \
		--conf "$place/other.conf" --keyring "$place/none"
	assert_contains "$output" "open $place/none"
	rm -r "$place"
}

in_work() { inside curl -s --max-time 5 "$BASE/metrics" | grep -q "^rbd_rest_requests_in_work $1\$"; }
refuses() { # who is only slow does not
	local code=0
	inside curl -s --max-time 2 -o /dev/null "$BASE/healthz" || code=$?
	((code == 7))
}
more_lines() { (($(wc -l <"$SUITE_DIR/access.log") >= $1)); }

@test "no name is too long for the log" {
	BASE=http://127.0.0.1:8080
	call GET "/v1/image/info?poolName=kube&imageName=$(printf 'x%.0s' {1..5000})"
	expect 422
	within 5 grep -q '"user":"root".*"image":"'"$(printf 'x%.0s' {1..200})"'","status":422' "$SUITE_DIR/access.log"
}

@test "neither log nor messages have a password or a key in them" {
	local key lines
	key=$(lab key admin)
	BASE=http://127.0.0.1:8080
	lines=$(wc -l <"$SUITE_DIR/access.log")
	as root:hunter2 GET '/v1/pool?password=hunter3'
	expect 401
	call GET '/v1/pool?password=hunter3'
	expect 400
	within 30 more_lines $((lines + 2))
	grep -q '"path":"/v1/pool"' "$SUITE_DIR/access.log"
	run -1 grep -e hunter -e 'root:' -e "$key" "$SUITE_DIR/access.log" "$SUITE_DIR"/*.err
	# each line is JSON
	jq -e .status "$SUITE_DIR/access.log" >/dev/null
}
