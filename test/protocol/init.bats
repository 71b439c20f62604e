#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# init: the kubelet holds up all volumes of the node while it runs, and a failure makes the driver
# vanish. And the two modes that follow from what it says.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

capabilities() { # ATTACH FSGROUP SELINUX METRICS RESIZE
	driver init
	assert_answer Success
	assert_json '.capabilities | [.attach, .fsGroup, .selinuxRelabel, .supportsMetrics,
		.requiresFSResize] | map(tostring) | join(" ")' "$*"
	assert_json '.capabilities | length' 5
}

@test "init says all five capabilities" {
	capabilities true true true true false
}

@test "init says what the configuration says" {
	use_config '{"attach":false,"capabilities":{"fsGroup":false}}'
	capabilities false false true true false
	use_config '{"clusters":{"default":{"user":"kube","keyring":"/etc/ceph/k"}}}'
	capabilities true true true true true
}

@test "init answers with a configuration that is broken" {
	for text in '' '{' '[]' 'x' '{"attach":"no"}' '{"attach":true,"attach":false}'; do
		use_config "$text"
		capabilities true true true true false
	done
	use_config '{}' 0666
	capabilities true true true true false
	export RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/nothing
	capabilities true true true true false
	export RBD_FLEXVOLUME_CONFIG=/proc
	capabilities true true true true false
}

@test "a configuration that is refused for another key does not change what init says" {
	use_config '{"attach":false,"typo":1}'
	capabilities false true true true false
	driver mount /nowhere/a '{"image":"db"}'
	assert_answer Failure
	assert_message 'unknown key "typo"'
}

@test "what stands in .init.json beside the executable is answered" {
	cp "$DRIVER" "$BATS_TEST_TMPDIR/rbd"
	DRIVER=$BATS_TEST_TMPDIR/rbd
	cat >"$BATS_TEST_TMPDIR/.init.json" <<-'JSON'
	{"status":"Success","capabilities":{"attach":false,"fsGroup":false,"selinuxRelabel":true,
	 "supportsMetrics":false,"requiresFSResize":true}}
	JSON
	use_config '{"attach":true}'
	capabilities false false true false true
	driver attach '{"image":"db"}' node
	assert_answer "Not supported"
	echo '{"status":"Success"}' >"$BATS_TEST_TMPDIR/.init.json"
	capabilities true true true true false
}

@test "the configuration beside the executable is found" {
	cp "$DRIVER" "$BATS_TEST_TMPDIR/rbd"
	DRIVER=$BATS_TEST_TMPDIR/rbd
	unset RBD_FLEXVOLUME_CONFIG
	echo '{"attach":false}' >"$BATS_TEST_TMPDIR/.config.json"
	chmod 0644 "$BATS_TEST_TMPDIR/.config.json"
	capabilities false true true true false
}

@test "in mount mode the verbs of attach mode are not supported, whatever they are given" {
	use_config '{"attach":false}'
	for verb in attach waitforattach isattached mountdevice unmountdevice detach; do
		driver "$verb"
		assert_answer "Not supported"
		assert_message "$verb"
		driver "$verb" 'bad' 'arguments'
		assert_answer "Not supported"
	done
	use_config '{"attach":false,"typo":1}'
	driver attach '{"image":"db"}' node
	assert_answer "Not supported"
}

@test "in attach mode they are supported" {
	driver isattached '{"image":"db"}' node
	assert_answer Success
	assert_json .attached true
}

@test "a configuration that others can write is refused by all that bring up" {
	use_config '{"attach":true}' 0666
	driver mount /nowhere/a '{"image":"db"}'
	assert_answer Failure
	assert_message "others can write it"
	assert_message "chmod"
}

@test "init opens no library of Ceph and no file but its own two" {
	export LD_DEBUG=files LD_DEBUG_OUTPUT=$BATS_TEST_TMPDIR/loaded
	"$DRIVER" init >/dev/null
	unset LD_DEBUG LD_DEBUG_OUTPUT
	cat "$BATS_TEST_TMPDIR"/loaded.* >"$BATS_TEST_TMPDIR/loaded"
	grep -q libcjson "$BATS_TEST_TMPDIR/loaded"
	if grep -E 'rados|rbd\.so|ceph' "$BATS_TEST_TMPDIR/loaded"; then return 1; fi
	if sanitized; then return 0; fi

	strace -f -o "$BATS_TEST_TMPDIR/calls" \
		-e trace=open,openat,creat,mkdir,unlink,rename,%process,%network "$DRIVER" init
	if grep -vE 'execve\(|exit|arch_prctl|/etc/ld\.so|\.so\.[0-9]|/dev/null|\.init\.json|config\.json' \
		"$BATS_TEST_TMPDIR/calls"; then return 1; fi
}
