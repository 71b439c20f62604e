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
	refused '{"image":"db","datapool":"ec"}' 'the nearest known one is "dataPool"'
	refused '{"image":"db","snapsot":"s"}' 'the nearest known one is "snapshot"'
	refused '{"image":"db","mountoptions":"noatime"}' 'the nearest known one is "mountOptions"'
}

@test "a missing image, and each option that is empty" {
	refused '{"pool":"kube"}' 'image: it is missing: name the RBD image'
	for option in cluster fsid monitors user keyring pool namespace image snapshot readOnly size \
		dataPool parent features mkfsOptions mountOptions mapOptions guard; do
		refused "$(jq -cn --arg key "$option" '{"image": "db"} + {($key): ""}')" \
			"$option: it is empty: give it a value or leave it out"
	done
}

@test "an empty fsType is none" {
	refused '{"image":"db","pool":"","kubernetes.io/fsType":""}' 'pool: it is empty'
}

@test "names that could split the kernel's line or leave their place" {
	for option in pool namespace image snapshot dataPool; do
		for value in 'a b' a,b a/b a@b a=b $'a\nb' $'a\tb' . .. -a 'a"b' "a'b" 'a\b' ä \
			"$(printf 'a%.0s' {1..201})"; do
			refused "$(jq -cn --arg key "$option" --arg value "$value" \
				'{"image": "db"} + {($key): $value}')" "$option: \""
			assert_message 'is not a name of 1 to 200 characters'
		done
		refused "{\"image\":\"db\",\"$option\":\"a\\u0000b\"}" '\u0000, no value may contain it'
	done
}

@test "a parent that is no snapshot of an image" {
	for value in base base@ @v1 a/b/c/d@v ../b@v p//b@v 'a b@v' b@v@w; do
		refused "$(jq -cn --arg value "$value" '{"image": "db", "parent": $value}')" \
			'write [pool/[namespace/]]image@snapshot'
	done
}

@test "a snapshot cannot be made, grown or formatted" {
	refused '{"image":"db","snapshot":"s","size":"1Gi"}' 'size: it cannot be given with a snapshot'
	refused '{"image":"db","snapshot":"s","parent":"a@b"}' 'parent: it cannot be given'
	refused '{"image":"db","snapshot":"s","dataPool":"ec"}' 'dataPool: it cannot be given'
	refused '{"image":"db","snapshot":"s","features":"layering"}' 'features: it cannot be given'
}

@test "lists with an item that could become a word of its own" {
	for option in mkfsOptions mountOptions mapOptions; do
		for value in 'a b' 'a,b c' a=/dev/sda '-d' $'a\nb' 'a=b=c' a= =b; do
			refused "$(jq -cn --arg key "$option" --arg value "$value" \
				'{"image": "db"} + {($key): $value}')" 'is not name or name=value'
		done
		refused "{\"image\":\"db\",\"$option\":\"a,,b\"}" "$option: \"a,,b\" has an empty item"
		refused "{\"image\":\"db\",\"$option\":\"a=1,a=2\"}" "$option: \"a\" is given twice"
	done
	refused '{"image":"db","features":"layering,a b"}' 'is not the name of a feature'
}

@test "another file system is refused with those that can be given" {
	for type in btrfs ext3 EXT4 nfs crypto_LUKS; do
		refused "{\"image\":\"db\",\"kubernetes.io/fsType\":\"$type\"}" \
			"fsType: \"$type\" is not a file system of this driver: ext4 or xfs can be given"
	done
}

@test "a size that rbd and Kubernetes read differently is refused with both" {
	refused '{"image":"db","size":"1024"}' '1024 is 1 KiB; the rbd command counts MiB: 1024Mi or 1Gi'
	refused '{"image":"db","size":"10Gb"}' 'write 10Gi (powers of 1024) or 10G (powers of 1000)'
}

@test "sizes that are none" {
	refused '{"image":"db","size":"0"}' 'size: 0 is 0 bytes; the least is 4Mi'
	refused '{"image":"db","size":"1Mi"}' 'the least is 4Mi'
	for value in -1 -10Gi 1.5Gi large '' ' 1Gi'; do
		refused "{\"image\":\"db\",\"size\":\"$value\"}" 'size: '
	done
	for value in 9223372036854775808 16777216Ti 8192Pi 99999999999999999999999999; do
		refused "{\"image\":\"db\",\"size\":\"$value\"}" "size: $value is too large"
	done
	refused '{"image":"db","size":"5M"}' 'no multiple of 512'
}

taken() { # MONITORS: waitforattach looks at no cluster
	driver waitforattach '' "$(jq -cn --arg value "$1" \
		'{"image": "db", "kubernetes.io/pvOrVolumeName": "v", "monitors": $value}')"
	assert_answer Success
}

@test "monitors in every form of an address, up to the 31 that the kernel takes" {
	taken 10.0.0.1
	taken 10.0.0.1:6789,10.0.0.2
	taken '10.0.0.1 10.0.0.2;10.0.0.3, 10.0.0.4'
	taken fd00::1
	taken '[fd00::1]'
	taken '[fd00::1]:6789'
	taken mon-1.example.com:6789
	taken '[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0],[v2:[fd00::1]:3300,v1:[fd00::1]:6789]'
	taken "$(printf '10.0.0.%d,' {1..30})10.0.0.31"
}

@test "monitors that cannot be" {
	for value in 10.0.0.1,,10.0.0.2 '10.0.0.1,' ',10.0.0.1' ' ' :6789 '[v2:10.0.0.1:3300,]'; do
		refused "{\"image\":\"db\",\"monitors\":\"$value\"}" 'an address is missing'
	done
	for value in 10.0.0.1:0 10.0.0.1:70000 10.0.0.1:ssh '[fd00::1]:'; do
		refused "{\"image\":\"db\",\"monitors\":\"$value\"}" 'a port is not 1 to 65535'
	done
	for value in '[fd00::1' '[v2:10.0.0.1:3300,v1:10.0.0.1:6789'; do
		refused "{\"image\":\"db\",\"monitors\":\"$value\"}" 'a bracket is not closed'
	done
	refused '{"image":"db","monitors":"10.0.0.1|10.0.0.2"}' 'is not a list of monitors'
	refused "{\"image\":\"db\",\"monitors\":\"$(printf '10.0.0.%d,' {1..31})10.0.0.32\"}" \
		'more than 31 addresses'
}

with_key() { # KEY WORDS: as the entry of a Secret, in mount mode
	driver mount /nowhere/pods/x "$(jq -cn --arg key "$(printf %s "$1" | base64 -w0)" \
		'{"image": "db", "kubernetes.io/pvOrVolumeName": "v", "kubernetes.io/secret/key": $key}')"
	assert_answer Failure
	assert_message "$2"
	[[ $out != *"$1"* ]]
	[ ! -e /nowhere ]
}

@test "a key that is none, without a byte of it in the answer" {
	use_config '{"attach": false}'
	with_key 'AQ!BqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g==' 'Secret: the entry key is not a Ceph key (base64'
	with_key AQBqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g 'it is no base64 text'
	with_key AQBqTOxn8wmtBxAAoSPvHQ== 'this one is cut or has more'
	with_key AQBqTOxn 'it is too short to be one'
}

@test "an AES-256 key is refused with the reason and the way out" {
	use_config '{"attach": false}'
	with_key AgAAAABkAAAAACAAMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= \
		"it is of type 2 (AES-256); the kernel's client cannot use it"
	assert_message 'ceph auth get-or-create with --key-type aes'
}

@test "a keyring that others can write, that is missing, or lacks the user" {
	keyring=$BATS_TEST_TMPDIR/keyring
	use_config "{\"attach\": false, \"clusters\": {\"default\": {\"user\": \"kube\", \"keyring\": \"$keyring\"}}}"
	options='{"image":"db","kubernetes.io/pvOrVolumeName":"v"}'
	refused "$options" "open the keyring $keyring: No such file or directory"
	printf '[client.web]\n\tkey = %s\n' "$KEY" >"$keyring"
	chmod 0600 "$keyring"
	refused "$options" "there is no key of client.kube in it"
	printf '[client.kube]\n\tkey = %s\n' "$KEY" >"$keyring"
	for mode in 0602 0666 0646; do
		chmod "$mode" "$keyring"
		refused "$options" "read the keyring $keyring: others can write it (mode $mode)"
	done
	refused '{"image":"db","kubernetes.io/pvOrVolumeName":"v","keyring":"/root/keyring"}' \
		'keyring: "/root/keyring" is not under /etc/ceph'
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
