#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The verb manifest: what it prints is valid for Kubernetes and for the driver, or nothing is printed.

# each test is a process of its own; jq's $names are none of the shell's
# shellcheck disable=SC2030,SC2031,SC2016,SC2154
# shellcheck source=test/deploy/helpers.bash
load helpers

KEY=AQBqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g==

run_manifest() { # ARGS...: sets $out, $err, $code
	code=0
	"$DRIVER" manifest "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	out=$(cat "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
	printf 'manifest %s\n  exit %s\n  stderr: %s\n' "$*" "$code" "$err"
}

made() { # ARGS...: sets $json, the validated documents
	run_manifest "$@" </dev/null
	assert_equal "$code" 0 || return 1
	assert_equal "$err" '' || return 1
	json=$(validate "$BATS_TEST_TMPDIR/out")
}

refused() { # CODE WORDS ARGS...: nothing is printed but why
	local expected=$1 words=$2
	shift 2
	run_manifest "$@" </dev/null
	assert_equal "$code" "$expected" || return 1
	assert_equal "$out" '' || return 1
	assert_contains "$err" "$words"
}

@test "pv: a volume that Kubernetes and the driver take, kept for its claim" {
	made pv mysql --image db --size 10Gi --pool kube --monitors 10.0.0.1,10.0.0.2:6789 --secret ceph-kube/shop --namespace shop
	assert_json "$json" 'length == 1'
	assert_json "$json" '.[0] | .metadata.name == "mysql" and .spec.capacity.storage == "10Gi"'
	assert_json "$json" '.[0].spec | .accessModes == ["ReadWriteOnce"] and .storageClassName == ""'
	assert_json "$json" '.[0].spec.persistentVolumeReclaimPolicy == "Retain"'
	assert_json "$json" '.[0].spec.claimRef == {namespace: "shop", name: "mysql"}'
	assert_json "$json" '.[0].spec.flexVolume == {driver: "ceph/rbd", fsType: "ext4",
		secretRef: {name: "ceph-kube", namespace: "shop"},
		options: {monitors: "10.0.0.1,10.0.0.2:6789", pool: "kube", image: "db", size: "10Gi"}}'
	assert_equal "$(driver_takes "$json")" 1
}

@test "pv, pvc and pod with --count: mysql-0 on db-0, and each claim and pod find theirs" {
	made pv mysql --image db --count 3 --size 10Gi --claim data-mysql
	assert_json "$json" '[.[].metadata.name] == ["mysql-0", "mysql-1", "mysql-2"]'
	assert_json "$json" '[.[].spec.flexVolume.options.image] == ["db-0", "db-1", "db-2"]'
	assert_equal "$(driver_takes "$json")" 3
	local volumes=$json claims
	made pvc mysql --count 3 --size 10Gi --claim data-mysql
	claims=$json
	assert_json "$volumes" '[.[].spec.claimRef.name] == ($claims | map(.metadata.name))' --argjson claims "$claims"
	assert_json "$volumes" '[.[].metadata.name] == ($claims | map(.spec.volumeName))' --argjson claims "$claims"
	assert_json "$claims" 'all(.spec.storageClassName == "" and .metadata.namespace == "default")'
	made pod mysql --count 3 --claim data-mysql
	assert_json "$json" '[.[].spec.volumes[0].persistentVolumeClaim.claimName] ==
		($claims | map(.metadata.name))' --argjson claims "$claims"
	made pv one --count 1 --size 1Gi
	assert_json "$json" '.[0].metadata.name == "one-0"'
}

@test "pv: only a volume that may be made says its size" {
	made pv a --size 1Gi --existing
	assert_json "$json" '.[0].spec.flexVolume.options == {image: "a"}'
	made pv a --size 1Gi --read-only
	assert_json "$json" '.[0].spec | .flexVolume.options == {image: "a", readOnly: "true"} and .accessModes == ["ReadOnlyMany"]'
	made pv a --size 1Gi --option snapshot=v1
	assert_json "$json" '.[0].spec | .flexVolume.options == {snapshot: "v1", image: "a"} and .accessModes == ["ReadOnlyMany"]'
	assert_equal "$(driver_takes "$json")" 1
}

@test "pv: every option of the driver can be given, and is what it was" {
	made pv a --size 2G --fs-type xfs --cluster west --user kube --keyring /etc/ceph/k.keyring --storage-class by-hand \
		--option fsid=b0c1d2e3-f405-4162-8374-95a6b7c8d9e0 --option namespace=on --option=dataPool=1e3 --option parent=golden/base@v1 \
		--option features=layering --option mkfsOptions=inodeSize=512 --option mountOptions=noatime,discard \
		--option mapOptions=queue_depth=128 --option guard=none
	assert_json "$json" '.[0].spec.storageClassName == "by-hand"'
	assert_json "$json" '.[0].spec.flexVolume.options == {cluster: "west", user: "kube", keyring: "/etc/ceph/k.keyring",
		fsid: "b0c1d2e3-f405-4162-8374-95a6b7c8d9e0", namespace: "on", dataPool: "1e3", parent: "golden/base@v1", features: "layering",
		mkfsOptions: "inodeSize=512", mountOptions: "noatime,discard", mapOptions: "queue_depth=128", guard: "none", image: "a", size: "2G"}'
}

@test "what YAML could take for something else comes out as it went in" {
	local word words=(yes no on off y n true false null 1 12 1.5 1e3 0x1f 0o17 010 2020-01-01 nan)
	for word in "${words[@]}"; do
		echo ---
		"$DRIVER" manifest pv "$word" --size 1Gi --image "$word" --claim "$word" --namespace "${word//./-}" \
			--secret "$word/${word//./-}" --user "$word"
	done >"$BATS_TEST_TMPDIR/words"
	json=$(validate "$BATS_TEST_TMPDIR/words")
	assert_json "$json" '[.[].metadata.name] == $ARGS.positional' --args "${words[@]}"
	assert_json "$json" 'all(.metadata.name as $w | .spec.claimRef.name == $w and .spec.flexVolume.secretRef.name == $w and
		.spec.flexVolume.options.image == $w and .spec.flexVolume.options.user == $w)'
	made pv a --size 1Gi --user 'x@y:z+1' --monitors '[fd00::1]:6789, 10.0.0.1;mon.example.com'
	assert_json "$json" '.[0].spec.flexVolume.options.monitors == "[fd00::1]:6789, 10.0.0.1;mon.example.com"'
	made pod a --mount-path /var/lib/x-1 --container-image 'reg.example.com:5000/a/b@sha256:0123'
	assert_json "$json" '.[0].spec.containers[0].image == "reg.example.com:5000/a/b@sha256:0123"'
}

@test "pod: reads the claim of its name, for reading only if it is told so" {
	made pod a --read-only --namespace shop
	assert_json "$json" '.[0] | .metadata.namespace == "shop" and .spec.volumes[0].persistentVolumeClaim == {claimName: "a", readOnly: true} and
		.spec.containers[0].volumeMounts == [{name: "data", mountPath: "/data", readOnly: true}]'
}

@test "secret: the key comes from a file or stdin, and is never an argument" {
	echo "$KEY" >"$BATS_TEST_TMPDIR/key"
	made secret ceph-kube --user kube --namespace shop --key-file "$BATS_TEST_TMPDIR/key"
	assert_json "$json" '.[0] | .type == "ceph/rbd" and .metadata == {name: "ceph-kube", namespace: "shop"} and
		.stringData == {user: "kube", key: $key}' --arg key "$KEY"
	printf %s "$KEY" | "$DRIVER" manifest secret ceph-kube --key-file - >"$BATS_TEST_TMPDIR/piped"
	json=$(validate "$BATS_TEST_TMPDIR/piped")
	assert_json "$json" '.[0].stringData == {key: $key}' --arg key "$KEY"
	(cd "$BATS_TEST_TMPDIR" && "$DRIVER" manifest secret a --key-file key >relative)
	validate "$BATS_TEST_TMPDIR/relative" >/dev/null
	refused 2 '--key-file is missing' secret a
	refused 1 'No such file' secret a --key-file "$BATS_TEST_TMPDIR/none"
}

@test "secret: what is no key is refused and not repeated" {
	local content
	for content in "$KEY x" "$KEY
$KEY" "[client.kube]" ' ' 'geheim!'; do
		printf '%s\n' "$content" >"$BATS_TEST_TMPDIR/key"
		refused 1 'not one line with a Ceph key' secret a --key-file "$BATS_TEST_TMPDIR/key"
		[[ $err != *"$KEY"* && $err != *geheim* ]] || return 1
	done
	: >"$BATS_TEST_TMPDIR/key"
	refused 1 'it is empty' secret a --key-file "$BATS_TEST_TMPDIR/key"
}

@test "wrong use is exit 2, and nothing is printed that could be applied" {
	refused 2 'say pv, pvc' || return 1
	refused 2 '"pvs" is not pv' pvs || return 1
	refused 2 'its NAME is missing' pv --size 1Gi || return 1
	refused 2 'one name too many' pv a b || return 1
	refused 2 'the image is said by --image' pv a --count 2 --size 1Gi --option image=x || return 1
	refused 2 'nearest known one is --size' pv a --siz 1Gi || return 1
	refused 2 'its value is missing' pv a --size || return 1
	refused 2 'it is empty' pv a --size= || return 1
	refused 2 '--size is given twice' pv a --size 1Gi --size 2Gi || return 1
	refused 2 '--size is missing' pv a || return 1
	refused 2 '1024Mi or 1Gi' pv a --size 1024 || return 1
	refused 2 '--pool is nothing for pvc' pvc a --size 1Gi --pool kube || return 1
	refused 2 '--existing takes no value' pv a --size 1Gi --existing=yes || return 1
	refused 2 'not a number from 1' pv a --size 1Gi --count 0 || return 1
	refused 2 'not a number from 1' pv a --size 1Gi --count 1x || return 1
	refused 2 'no name of Kubernetes' pv Mysql --size 1Gi || return 1
	refused 2 'no name of Kubernetes' pv a..b --size 1Gi || return 1
	refused 2 'no name of Kubernetes' pv "$(printf 'a%.0s' {1..252})" --size 1Gi --count 1 --image a || return 1
	refused 2 'no namespace of Kubernetes' pvc a --size 1Gi --namespace a.b || return 1
	refused 2 'behind the slash' pv a --size 1Gi --secret a/B || return 1
	refused 2 'nearest known one is "readOnly"' pv a --size 1Gi --option readonly=true || return 1
	refused 2 'is no option of the driver' pv a --size 1Gi --option kubernetes.io/fsType=xfs || return 1
	refused 2 'is not NAME=VALUE' pv a --size 1Gi --option guard || return 1
	refused 2 'is given twice' pv a --size 1Gi --pool a --option pool=b || return 1
	refused 2 'ext4 has no option' pv a --size 1Gi --option mkfsOptions=foo=1 || return 1
	refused 2 'mountOptions' pv a --size 1Gi --option mountOptions=loop || return 1
	refused 2 'mapOptions' pv a --size 1Gi --option mapOptions=foo || return 1
	refused 2 'features' pv a --size 1Gi --option features=foo || return 1
	refused 2 'fsType' pv a --size 1Gi --fs-type btrfs || return 1
	refused 2 'ReadWriteOnce or ReadOnlyMany' pv a --size 1Gi --access-mode ReadWriteMany || return 1
	refused 2 'say --read-only, too' pv a --size 1Gi --access-mode ReadOnlyMany || return 1
	refused 2 'mount-path' pod a --mount-path ../x || return 1
	# the last of several is wrong: none comes out
	refused 2 'no name of Kubernetes' pv "$(printf 'a%.0s' {1..251})" --size 1Gi --count 11 --image a
}

@test "--help lists the options, and each is known" {
	local option count=0
	"$DRIVER" manifest --help >"$BATS_TEST_TMPDIR/help"
	while read -r option; do
		run_manifest pv a "$option"
		[[ $err != *'unknown option'* ]] || return 1
		count=$((count + 1))
	done < <(sed -n 's/^  \(--[a-z-]*\) .*/\1/p' "$BATS_TEST_TMPDIR/help")
	((count > 10))
}
