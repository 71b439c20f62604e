#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The verbs for people: text, and exit 0, 1 (failed) or 2 (wrong use).

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the last: for another shell
load helpers

@test "help lists the verbs, version says one" {
	driver help
	assert_equal "$code" 0
	for verb in init mount unmount status doctor gc; do
		grep -q "^  $verb" <<<"$out"
	done
	driver version
	assert_equal "$code" 0
	[[ $out =~ ^rbd-flexvolume\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	driver --version
	assert_equal "$code" 0
	driver --help
	assert_equal "$code" 0
}

@test "version and gc say in JSON what they say in words" {
	driver version
	local version=${out#rbd-flexvolume }
	driver version --json
	assert_equal "$code $out" "0 {\"version\":\"$version\"}"
	driver gc --json
	assert_equal "$code" 0
	assert_equal "$(jq -c '[.left, (.orphans | type)]' <<<"$out")" '[0,"array"]'
	driver gc --all
	assert_equal "$code" 2
}

@test "wrong use is exit 2, said on stderr" {
	driver version now
	assert_equal "$code" 2
	assert_equal "$out" ""
	[[ $err == "rbd-flexvolume: version: "* ]]
}

@test "output that cannot be written is no success" {
	code=0
	"$DRIVER" help >/dev/full || code=$?
	assert_equal "$code" 1
}

@test "doctor says what there is, what is wrong and what to do, as text and as JSON" {
	local verdict what
	driver doctor
	((code == 0 || code == 1))
	assert_equal "$err" ""
	for what in configuration policy module mke2fs mkfs.xfs clock namespace ceph ceph.conf; do
		grep -qE "^(good|note|WRONG) +$what +[^ ]" <<<"$out"
	done
	driver doctor --json
	assert_equal "$(jq '[.findings[] | select(.verdict == "WRONG")] | length' <<<"$out")" "$(jq .wrong <<<"$out")"
	verdict=$(jq -r '.findings[] | select(.what == "configuration") | .verdict' <<<"$out")
	assert_equal "$verdict" good

	use_config '{"polcy":{}}'
	driver doctor --json
	assert_equal "$code" 1
	[[ $(jq -r '.findings[] | select(.what == "configuration") | .verdict + " " + .words' <<<"$out") == \
		"WRONG "*'unknown key "polcy"'* ]]
}

@test "doctor takes one pool and the flags that say which cluster is meant, and nothing else" {
	local words
	for words in "--text|doctor has no flag --text" "kube other|doctor takes one pool's name" "--json --all|doctor has no flag --all" \
		"-z|doctor has no flag -z" "--id|--id lacks its value"; do
		# shellcheck disable=SC2086 # words on purpose
		driver doctor ${words%|*}
		assert_equal "$code" 2
		assert_equal "$out" ""
		[[ $err == *"${words#*|}"* ]] || return 1
	done
	driver doctor --help
	assert_equal "$code" 0
	grep -q -- '--keyring FILE' <<<"$out"
}

@test "doctor looks at the cluster that is named, and at no other" {
	use_config '{"clusters":{"mine":{"monitors":"127.0.0.1:1","user":"kube","keyring":"/nowhere/kube"},"other":{"monitors":"127.0.0.2:1"}}}'
	driver doctor --cluster mine --json
	assert_equal "$code" 1
	assert_equal "$(jq -r '[.findings[].what | select(. == "mine" or . == "other")] | join(" ")' <<<"$out")" mine
	[[ $(jq -r '.findings[] | select(.what == "keyring").words' <<<"$out") == */nowhere/kube* ]] || return 1
	driver doctor -m 127.0.0.2:1 -k /nowhere/k --id else --json
	assert_equal "$(jq -r '[.findings[].what | select(. == "mine" or . == "other")] | join(" ")' <<<"$out")" other
	[[ $(jq -r '.findings[] | select(.what == "keyring").words' <<<"$out") == */nowhere/k* ]] || return 1
	driver doctor --cluster none --json
	[[ $(jq -r '.findings[] | select(.what == "cluster").words' <<<"$out") == *'neither does the configuration know it'* ]] || return 1
}

@test "doctor looks for the key where volumes do, and knows that their Secrets may bring it" {
	[[ ! -e /etc/ceph/ceph.client.nobody-here.keyring && ! -e /etc/ceph/ceph.client.admin.keyring ]]
	key_line() { jq -r '.findings[] | select(.what == "keyring") | .verdict + " " + .words' <<<"$out"; }
	use_config '{"attach":false,"clusters":{"default":{"monitors":"127.0.0.1:1","user":"nobody-here"}}}'
	driver doctor --json
	assert_equal "$(key_line)" "note no /etc/ceph/ceph.client.nobody-here.keyring: each volume must bring its key"
	use_config '{"attach":true,"clusters":{"default":{"monitors":"127.0.0.1:1","user":"nobody-here"}}}'
	driver doctor --json
	[[ $(key_line) == 'WRONG '*/etc/ceph/ceph.client.nobody-here.keyring* ]] || return 1
	use_config '{"clusters":{"default":{"monitors":"127.0.0.1:1"}}}'
	driver doctor --json
	assert_equal "$(key_line)" "note no /etc/ceph/ceph.client.admin.keyring: each volume must bring its key"
}

@test "doctor names each program that is not installed, and which package has it" {
	export DRIVER
	out=$(own_mounts bash -c '
		mount -t tmpfs none /usr/sbin
		"$DRIVER" doctor || :')
	echo "$out"
	if [ ! -e /usr/bin/mkfs.xfs ]; then
		grep -qE "^note +mkfs.xfs .*not installed: volumes of fsType xfs .*install xfsprogs" <<<"$out"
	fi
	grep -qE "^WRONG +mke2fs .*not installed; install e2fsprogs" <<<"$out"
	grep -qE "^WRONG +modprobe .*not installed; install kmod" <<<"$out"
}
