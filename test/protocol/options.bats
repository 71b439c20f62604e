#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The options JSON through the built driver: what is wrong is refused before anything is touched.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

refused() { # JSON WORDS
	driver mount /nowhere/pods/x "$1"
	assert_answer Failure
	assert_message "$2"
	[ ! -e /nowhere ]
}

@test "bad JSON" {
	for json in '' ' ' '{' '}' '[]' 'null' '"x"' '{"image":}' '{"image":"db",}' '{image:"db"}' \
		'{"image":"db"}}' '{"image":"db"}{}' "{'image':'db'}" $'{"image":"d\nb"}' \
		$'{"image":"\xff"}'; do
		refused "$json" "mount: options: "
	done
}

@test "duplicates" {
	refused '{"image":"a","image":"b"}' '"image" is given twice'
}

@test "wrong types" {
	refused '{"image":1}' 'image: a number, a string was expected'
	refused '{"image":"db","readOnly":true}' 'readOnly: a boolean, a string was expected'
	refused '{"image":"db","size":null}' 'size: null, a string was expected'
	refused '{"image":"db","pool":["rbd"]}' 'flat'
	refused '{"image":"db","pool":{}}' 'flat'
}

@test "\\u0026 is decoded, \\u0000 is refused" {
	refused '{"image":"a\u0026b"}' '"a&b"'
	refused '{"image":"a\u0000b"}' '\u0000'
}

@test "an unknown option is refused with the nearest known one" {
	refused '{"image":"db","sise":"1Gi"}' 'unknown option "sise", the nearest known one is "size"'
}

@test "an empty option is refused, an empty fsType is not" {
	refused '{"image":"db","pool":"","kubernetes.io/fsType":""}' 'pool: it is empty'
}

@test "another file system is refused by name" {
	refused '{"image":"db","kubernetes.io/fsType":"btrfs"}' '"btrfs"'
}

@test "a size that rbd and Kubernetes read differently is refused with both" {
	refused '{"image":"db","size":"1024"}' '1024 is 1 KiB; the rbd command counts MiB: 1024Mi or 1Gi'
	refused '{"image":"db","size":"10Gb"}' 'write 10Gi'
}

@test "one argument of 131071 bytes, the longest that Linux passes" {
	head='{"image":"d b","kubernetes.io/x":"' tail='"}'
	length=$((131071 - ${#head} - ${#tail}))
	json=$head$(head -c "$length" /dev/zero | tr '\0' x)$tail
	assert_equal "${#json}" 131071
	refused "$json" 'image: "d b" is not'
	refused "$(head -c 131071 /dev/zero | tr '\0' '[')" 'options: '
	refused "$(head -c 131071 /dev/zero | tr '\0' '{')" 'options: '
	refused "$(head -c 131071 /dev/zero | tr '\0' '\134')" 'options: '
}

@test "a directory that is none is refused" {
	for directory in '' relative ../x /a/../b /; do
		driver mount "$directory" '{"image":"db"}'
		assert_answer Failure
		assert_message "mount: DIR: "
	done
}

@test "the secret is in no answer, whatever is wrong" {
	secret="\"kubernetes.io/secret/key\":\"$KEY_SENT\""
	for json in "{\"image\":\"a b\",$secret}" "{\"image\":\"db\",$secret,$secret}" \
		"{\"image\":\"db\",$secret" "{\"image\":\"db\",\"key\":\"$KEY\"}" \
		"{\"image\":\"db\",\"kubernetes.io/secret/key\":\"$KEY!\"}" \
		"{\"image\":\"db\",$secret,\"kubernetes.io/secret/userKey\":\"QUJDRA==\"}" \
		"$KEY_SENT" "[\"$KEY_SENT\"]"; do
		driver mount /nowhere/pods/x "$json"
		assert_answer Failure
	done
	driver getvolumename "{$secret}"
	refute_secret "$out$err"
	driver init "{$secret}"
	refute_secret "$out$err"
}
