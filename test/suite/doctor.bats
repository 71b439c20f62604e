#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# doctor on a node: what is well, and each thing that is not.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

teardown() {
	node 1 sh -c 'rm -rf /etc/rbd-flexvolume; umount /usr/sbin/mkfs.xfs 2>/dev/null || :'
	tidy 1
}

# The configuration of an administrator: one cluster, by the monitors of ceph.conf.
administer() { # USER [KEYRING]
	node 1 sh -c 'mkdir -p /etc/rbd-flexvolume
		monitors=$(sed -n "s/^mon.host *= *//p" /etc/ceph/ceph.conf)
		printf "{\"clusters\":{\"default\":{\"monitors\":\"%s\",\"user\":\"%s\",\"keyring\":\"%s\"}}}\n" \
			"$monitors" "$1" "${2:-/etc/ceph/ceph.client.$1.keyring}" >/etc/rbd-flexvolume/config.json' \
		- "$@"
}

new_user() { # NAME CAPS...
	lab ceph auth get-or-create "client.$1" "${@:2}" >"$SHARE/1/$1.keyring" 2>/dev/null
	chmod 600 "$SHARE/1/$1.keyring"
}

doctor() { # ARG...: sets $said and $code
	code=0
	said=$(node 1 "$DRIVER" doctor "$@") || code=$?
	echo "$said"
}

finds() { # VERDICT WHAT WORDS: a line of text
	grep -qE "^$1 +$2 +.*$3" <<<"$said"
}

@test "all is well on a node that is, with --json too" {
	node 1 modprobe rbd || true
	administer kube
	doctor "$POOL"
	finds good module 'it serves layering'
	finds good default 'monitors answer'
	finds good keyring 'has a key of client.kube'
	finds good key "client.kube is let into cluster $(lab ceph fsid 2>/dev/null)"
	finds good caps "client.kube may read pool $POOL"
	finds good namespace .
	finds '(good|note)' clock '20[0-9]{2}-'
	finds note policy 'none in force'
	assert_equal "$code" 0
	[[ $said != *"$(lab key kube)"* ]]

	doctor "$POOL" --json
	assert_equal "$code" 0
	assert_equal "$(jq -r '.findings[] | select(.what == "caps") | .verdict' <<<"$said")" good
	assert_equal "$(jq -r .wrong <<<"$said")" 0
}

@test "a user who may not read the pool, and a pool that is not there" {
	new_user doctor-less mon 'profile rbd'
	administer doctor-less /share/doctor-less.keyring
	doctor "$POOL"
	assert_equal "$code" 1
	finds good key 'client.doctor-less is let into'
	finds WRONG caps "client.doctor-less is not allowed to: its caps lack .*ceph auth caps client.doctor-less .*pool=$POOL"

	administer kube
	doctor nowhere
	assert_equal "$code" 1
	finds WRONG caps 'there is no such pool.*ceph osd pool create nowhere'
}

@test "a key that is not the user's, and a keyring that is not there" {
	new_user doctor-old mon 'profile rbd'
	lab ceph auth rm client.doctor-old >/dev/null 2>&1
	administer doctor-old /share/doctor-old.keyring
	doctor "$POOL"
	assert_equal "$code" 1
	finds WRONG key 'client.doctor-old'
	administer kube /etc/ceph/none
	doctor "$POOL"
	assert_equal "$code" 1
	finds WRONG keyring /etc/ceph/none
}

@test "a clock of long ago is wrong" {
	local now
	now=$(node 1 date +%s)
	administer kube
	node 1 date -s 2001-01-01 >/dev/null
	doctor "$POOL"
	node 1 date -s "@$((now + 5))" >/dev/null
	assert_equal "$code" 1
	finds WRONG clock 'it is 2001-01-01.*set it'
}
