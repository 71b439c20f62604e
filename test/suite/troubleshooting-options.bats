#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats runs each test in a process of its own
# shellcheck disable=SC2030,SC2031
# docs/troubleshooting.md, the rows of what is written wrong: refused before anything is touched.
source "${BATS_TEST_DIRNAME:?}/troubleshooting.bash"

# Said without a cluster: whoever would ask one gets no answer from these monitors.
NOWHERE=monitors=10.77.0.99

@test "image-missing-option: no image is named" {
	bad "$NOWHERE" -image
}

@test "option-empty: an option without a value" {
	local option
	for option in pool image size monitors user keyring guard; do
		bad "$NOWHERE" "$option="
	done
}

@test "option-unknown: the nearest known option is named" {
	bad "$NOWHERE" sise=1Gi
	message_has 'the nearest known one is "size"'
}

@test "option-kind: a value that is no string" {
	refused mount "$DIR" "$(jq -c '.size = 64' <<<"$(options "$V")")"
}

@test "option-twice: a key that is given twice" {
	refused mount "$DIR" "$(options "$V" | sed 's/{/{"pool":"kube",/')"
}

@test "name-characters: names with a space, a comma, a slash, an at sign, a newline, or of dots" {
	local value option
	for option in pool image; do
		for value in 'a b' a,b a/b a@b $'a\nb' .. -a "$(printf 'a%.0s' {1..201})"; do
			bad "$NOWHERE" "$option=$value"
		done
	done
}

@test "name-zero: a name with a zero byte" {
	refused mount "$DIR" "$(options "$V" | sed 's/"image":"/&a\\u0000/')"
}

@test "name-control: a name with a raw control character" {
	refused mount "$DIR" "$(options "$V" | sed 's/"image":"/&a\x01/')"
}

@test "size-small: 1024 has two meanings, both are said" {
	bad "$NOWHERE" size=1024
	message_has "1024Mi or 1Gi"
}

@test "size-least: no size at all, and one below 4 MiB" {
	bad "$NOWHERE" size=0
	bad "$NOWHERE" size=1Mi
}

@test "size-unit: a unit that is none" {
	bad "$NOWHERE" size=10Gb
	bad "$NOWHERE" "size=10 GiB"
}

@test "size-number: a negative one, a fraction, a word" {
	bad "$NOWHERE" size=-1
	bad "$NOWHERE" size=-10Gi
	bad "$NOWHERE" size=1.5Gi
	bad "$NOWHERE" size=large
}

@test "size-large: more than 2^63 bytes" {
	bad "$NOWHERE" size=9223372036854775808
	bad "$NOWHERE" size=16777216Ti
	bad "$NOWHERE" size=99999999999999999999999999
}

@test "size-sector: no multiple of 512 bytes" {
	bad "$NOWHERE" size=5M
}

@test "fstype-unknown: a file system that the driver does not know" {
	bad "$NOWHERE" fsType=ntfs
}

@test "readonly-value: neither true nor false" {
	bad "$NOWHERE" readOnly=yes
}

@test "guard-value: none of those that there are" {
	bad "$NOWHERE" guard=locks
}

@test "fsid-value: no uuid" {
	bad "$NOWHERE" fsid=b0c1
}

@test "monitors-value: characters that no address has" {
	bad "monitors=10.0.0.1|10.0.0.2"
}

@test "monitors-entry: an empty entry" {
	bad monitors=10.0.0.1,,10.0.0.2
	bad monitors=10.0.0.1,
}

@test "monitors-bracket: a bracket is not closed" {
	bad "monitors=[fd00::1"
}

@test "monitors-port: no port" {
	bad monitors=10.0.0.1:70000
}

@test "monitors-name: a name that does not resolve" {
	bad monitors=mon1.invalid
}

@test "monitors-many: 32 addresses" {
	bad "monitors=$(printf '10.0.0.%d,' {1..31})10.0.0.32"
}

@test "monitors-silent: every form of an address is taken, from one to 31" {
	config impatient '{"attach": false, "deadlines": {"connect": 1}}'
	MODE=impatient
	node 1 sh -c 'echo 10.77.0.98 mon9 >>/etc/hosts'
	bad 'monitors=10.77.0.99 10.77.0.97:6790;[fd00::1]:6789,fd00::2,mon9,[v2:10.77.0.96:3300,v1:10.77.0.96:6789]'
	message_has '10.77.0.99 10.77.0.97:6790;[fd00::1]:6789'
	bad "monitors=$(printf '10.77.1.%d,' {1..30})10.77.1.31"
	no_image_left
}

@test "cluster-unknown: the configuration has no such cluster" {
	bad cluster=second
}

@test "keyring-place: a pod names a keyring that is not under /etc/ceph" {
	bad keyring=/root/keyring
}

@test "key-text: the Secret's key is no base64" {
	bad "secret=nonsense!"
}

@test "key-short: the Secret's key is too short" {
	bad "secret=nonsense"
}

@test "key-twice: two keys in one Secret" {
	bad "secret=$(lab key kube)" \
		"kubernetes.io/secret/userKey=$(ceph-authtool --gen-print-key | base64)"
}

@test "key-aes256: a key that this driver does not know" {
	bad "secret=$(printf '\2\0%010d\40\0%032d' 0 0 | base64)"
}

@test "directory-value: a path that is none" {
	refused mount relative/path "$(options "$V" size=64Mi)"
}

@test "arguments: not as many as the verb has" {
	refused mount "$DIR"
}

@test "config-key: an unknown key of the configuration" {
	config typo '{"attach": false, "deadline": {"call": 5}}'
	MODE=typo
	bad "$NOWHERE"
	driver_ok 1 unmount "$DIR"
}

@test "config-writable: a configuration that others can write" {
	node 1 sh -c 'echo {} >/root/config.json; chmod 0666 /root/config.json'
	ENVIRONMENT=(RBD_FLEXVOLUME_CONFIG=/root/config.json)
	refused mount "$DIR" "$(options "$V" size=64Mi)"
}

@test "mode: a call of attach mode in mount mode" {
	call 1 mountdevice "$DIR" "" "$(options "$V" size=64Mi)"
	assert_equal "$status" "Not supported"
	says
	assert_nothing_left 1
}
