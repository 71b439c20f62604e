#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The unit, by a real systemd on a kernel of its own: the server works in its sandbox.
# shellcheck disable=SC2016 # what a node's shell expands
# shellcheck source=test/rest/helpers.bash
load helpers
# shellcheck source=test/suite/helpers.bash
source "$ROOT/test/suite/helpers.bash"

setup_file() {
	export SHARE=/run/rbd-lab/$LAB/share KERNEL
	boot 2 --systemd --timeout 180
	node 2 install -m 0755 "$SERVER" /usr/bin/rbd-rest
	node 2 install -m 0644 "$ROOT/deploy/systemd/rbd-rest.service" /lib/systemd/system/rbd-rest.service
	node 2 mkdir -p /etc/rbd-flexvolume
	node 2 sh -c 'echo RBD_REST_OPTIONS=--id admin >/etc/default/rbd-rest'
	node 2 systemctl daemon-reload
}

teardown_file() { lab kill 2; }

# One property of the unit.
shows() { # PROPERTY
	node 2 systemctl show --value -p "$1" rbd-rest
}

get() { # PATH
	node 2 curl -s --max-time 30 -u root:root "http://127.0.0.1:8080$1"
}

names_pools() {
	jq -e '.pools[] | select(.name == "kube")' <<<"$(get /v1/pool)"
}

@test "without users and a key it is not started, and no failure" {
	node 2 systemctl start rbd-rest
	assert_equal "$(shows ActiveState) $(shows ConditionResult)" "inactive no"
}

@test "it answers in its sandbox: its own user, no capability, no new rights, system calls filtered" {
	local pid
	echo root | lab run 2 -- rbd-rest passwd --auth /etc/rbd-flexvolume/rest.auth root
	lab run 2 -- sh -c 'umask 077; cat >/etc/rbd-flexvolume/rest.keyring' <"/run/rbd-lab/$LAB/ceph.client.admin.keyring"
	# returns when the server has said that it is ready
	node 2 systemctl start rbd-rest
	assert_equal "$(shows ActiveState)" active
	names_pools
	pid=$(shows MainPID)
	assert_equal "$(node 2 awk '/^(CapEff|NoNewPrivs|Seccomp):/ { printf "%s%s ", $1, $2 }' "/proc/$pid/status")" \
		"CapEff:0000000000000000 NoNewPrivs:1 Seccomp:2 "
	(($(node 2 stat -c %u "/proc/$pid") >= 61184)) # a user of systemd's, made for this run
	# not even root can write where it is
	run -1 node 2 nsenter --mount --target "$pid" touch /etc/written
	assert_contains "$output" "Read-only file system"
}

@test "it changes the cluster, and its access log is the journal" {
	run -0 node 2 curl -s --max-time 60 -u root:root -o /dev/null -w '%{http_code}' -d poolName=kube -d imageName=by-unit \
		-d size=16Mi http://127.0.0.1:8080/v1/image
	assert_equal "$output" 201
	lab rbd info kube/by-unit
	within 30 node 2 sh -c 'journalctl -o cat -u rbd-rest | grep -q "\"image\":\"by-unit\",\"status\":201"'
	run -0 node 2 curl -s --max-time 60 -u root:root -o /dev/null -w '%{http_code}' -X DELETE \
		'http://127.0.0.1:8080/v1/image?poolName=kube&imageName=by-unit'
	assert_equal "$output" 204
}

restarted() { [[ $(shows NRestarts) == 1 ]]; }

@test "one that dies is started again, one that is stopped ends well" {
	local before
	before=$(shows MainPID)
	node 2 kill -KILL "$before"
	within 60 restarted
	within 60 names_pools
	[[ $(shows MainPID) != "$before" ]]
	node 2 systemctl stop rbd-rest
	assert_equal "$(shows ActiveState) $(shows Result)" "inactive success"
}
