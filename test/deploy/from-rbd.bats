#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# manifest from-rbd: an in-tree rbd volume becomes one of this driver, and what cannot go along is said.

# each test is a process of its own; jq's $names are none of the shell's
# shellcheck disable=SC2030,SC2031,SC2016,SC2154
# shellcheck source=test/deploy/helpers.bash
load helpers

# As `kubectl get pv ceph-rbd-pv -o json` prints one that is bound.
VOLUME='{
	"apiVersion": "v1", "kind": "PersistentVolume",
	"metadata": {
		"name": "ceph-rbd-pv", "uid": "9d3c1a52-0f65-4f0e-8a35-4dbd6a0e9c11", "resourceVersion": "812", "generation": 1,
		"creationTimestamp": "2021-03-04T05:06:07Z", "finalizers": ["kubernetes.io/pv-protection"],
		"labels": {"app": "wiki", "on": "yes"},
		"annotations": {"pv.kubernetes.io/bound-by-controller": "yes", "team/note": "kept: as\nit \"is\", ünd € 🐙"},
		"managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]
	},
	"spec": {
		"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "2Gi"},
		"claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "ceph-rbd-claim", "namespace": "shop", "resourceVersion": "810", "uid": "u"},
		"persistentVolumeReclaimPolicy": "Recycle", "storageClassName": "slow", "volumeMode": "Filesystem",
		"rbd": {"fsType": "ext4", "image": "ceph-image", "keyring": "/etc/ceph/keyring", "monitors": ["10.16.154.78:6789", "10.16.154.82:6789"],
			"pool": "kube", "readOnly": true, "secretRef": {"name": "ceph-secret"}, "user": "admin"}
	},
	"status": {"phase": "Bound"}
}'

moved() { # JQ-FILTER ARGS...: sets $out, $err, $code, and $json where it went well
	local filter=$1
	shift
	code=0
	jq "$filter" <<<"$VOLUME" >"$BATS_TEST_TMPDIR/volume.json"
	"$DRIVER" manifest from-rbd "$@" <"$BATS_TEST_TMPDIR/volume.json" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	out=$(cat "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
	printf '%s | from-rbd %s\n  exit %s\n  stderr: %s\n' "$filter" "$*" "$code" "$err"
	((code)) || json=$(validate "$BATS_TEST_TMPDIR/out")
}

refused() { # WORDS JQ-FILTER ARGS...
	local words=$1
	shift
	moved "$@"
	assert_equal "$code" 1 || return 1
	assert_equal "$out" '' || return 1
	assert_contains "$err" "$words"
}

@test "the image, the cluster and what people gave it go along" {
	moved . --secret ceph-kube/shop --keep-claim
	assert_equal "$code" 0
	assert_json "$json" 'length == 1'
	assert_json "$json" '.[0].metadata == {name: "ceph-rbd-pv", labels: {app: "wiki", on: "yes"},
		annotations: {"team/note": "kept: as\nit \"is\", ünd € 🐙"}}'
	assert_json "$json" '.[0].spec == {capacity: {storage: "2Gi"}, accessModes: ["ReadWriteOnce"], storageClassName: "slow",
		persistentVolumeReclaimPolicy: "Retain", claimRef: {namespace: "shop", name: "ceph-rbd-claim"},
		flexVolume: {driver: "ceph/rbd", fsType: "ext4", secretRef: {name: "ceph-kube", namespace: "shop"},
			options: {monitors: "10.16.154.78:6789,10.16.154.82:6789", pool: "kube", image: "ceph-image", user: "admin", readOnly: "true"}}}'
	assert_equal "$(driver_takes "$json")" 1
}

@test "what is left out or changed is said, on stderr" {
	moved . --secret ceph-kube/shop
	assert_equal "$code" 0
	assert_contains "$err" 'left out: the annotation pv.kubernetes.io/bound-by-controller'
	assert_contains "$err" 'its claim shop/ceph-rbd-claim is left out'
	assert_contains "$err" 'its reclaim policy is Retain now, it was Recycle'
	assert_contains "$err" 'since it has a Secret: the keyring /etc/ceph/keyring'
	assert_json "$json" '.[0].spec | has("claimRef") | not'
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 4
	moved '.metadata.finalizers += ["example.com/backup"]' --secret s
	assert_contains "$err" 'the finalizer example.com/backup'
}

@test "a size is never said: the image is there, and must not be made anew" {
	moved . --secret ceph-kube
	assert_json "$json" '.[0].spec.flexVolume.options | has("size") | not'
}

@test "without a Secret the keyring goes along, also the in-tree plug-in's default" {
	moved 'del(.spec.rbd.secretRef) | .spec.rbd.keyring = "/etc/ceph/kube.keyring"'
	assert_json "$json" '.[0].spec.flexVolume.options.keyring == "/etc/ceph/kube.keyring"'
	moved 'del(.spec.rbd.secretRef, .spec.rbd.keyring, .spec.rbd.user)'
	assert_json "$json" '.[0].spec.flexVolume.options | .keyring == "/etc/ceph/keyring" and .user == "admin"'
	moved 'del(.spec.rbd.secretRef)' --secret new/shop
	assert_json "$json" '.[0].spec.flexVolume | .secretRef.name == "new" and (.options | has("keyring") | not)'
}

@test "--cluster stands for monitors and keyring, --option overrides, --suffix makes another name" {
	moved 'del(.spec.rbd.secretRef)' --cluster west --suffix -flex --option guard=none
	assert_json "$json" '.[0] | .metadata.name == "ceph-rbd-pv-flex" and
		.spec.flexVolume.options == {cluster: "west", guard: "none", image: "ceph-image", pool: "kube", user: "admin", readOnly: "true"}'
	assert_contains "$err" "since the cluster's entry has one: the keyring /etc/ceph/keyring"
	assert_equal "$(driver_takes "$json")" 1
}

@test "mountOptions become the driver's option, nodeAffinity stays" {
	moved '.spec.mountOptions = ["noatime", "discard"] |
		.spec.nodeAffinity = {required: {nodeSelectorTerms: [{matchExpressions: [{key: "zone", operator: "In", values: ["no"]}]}]}}' --secret s
	assert_json "$json" '.[0].spec | .flexVolume.options.mountOptions == "noatime,discard" and has("mountOptions") == false and
		.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values == ["no"]'
	refused 'mountOptions' '.spec.mountOptions = ["_netdev"]' --secret s
}

@test "a list: its rbd volumes, and the others are named" {
	moved '{apiVersion: "v1", kind: "List", items: [., (.metadata.name = "second"),
		{apiVersion: "v1", kind: "PersistentVolume", metadata: {name: "other"}, spec: {nfs: {}}}]}' --secret s
	assert_json "$json" '[.[].metadata.name] == ["ceph-rbd-pv", "second"]'
	assert_contains "$err" 'other: left out, it is no volume of the rbd plug-in'
	refused 'no volume of the rbd plug-in is in the list' '{kind: "List", items: []}'
}

@test "a file is read as well as stdin" {
	jq 'del(.spec.rbd.secretRef)' <<<"$VOLUME" >"$BATS_TEST_TMPDIR/pv.json"
	(cd "$BATS_TEST_TMPDIR" && "$DRIVER" manifest from-rbd pv.json >pv.yaml 2>/dev/null)
	validate "$BATS_TEST_TMPDIR/pv.yaml" >/dev/null
	run "$DRIVER" manifest from-rbd "$BATS_TEST_TMPDIR/none.json"
	assert_equal "$status" 1
	assert_contains "$output" 'No such file'
}

@test "what is not known or cannot be is refused, and nothing is printed" {
	refused 'is of type kubernetes.io/rbd' . || return 1
	refused 'spec.rbd.imageFormat is not known here' '.spec.rbd.imageFormat = "2"' --secret s || return 1
	refused 'spec.volumeAttributesClassName is not known' '.spec.volumeAttributesClassName = "x"' --secret s || return 1
	refused 'metadata.ownerReferences is not known' '.metadata.ownerReferences = []' --secret s || return 1
	refused 'the volume.extra is not known' '.extra = 1' --secret s || return 1
	refused 'no volumeMode Block' '.spec.volumeMode = "Block"' --secret s || return 1
	refused 'it is being deleted' '.metadata.deletionTimestamp = "2021-03-04T05:06:07Z"' --secret s || return 1
	refused 'ReadWriteMany' '.spec.accessModes = ["ReadWriteMany"]' --secret s || return 1
	refused 'fsType' '.spec.rbd.fsType = "ext3"' --secret s || return 1
	refused 'image: it is missing' 'del(.spec.rbd.image)' --secret s || return 1
	refused 'is not a name' '.spec.rbd.image = "a b"' --secret s || return 1
	refused 'rbd.monitors' '.spec.rbd.monitors = ["10.0.0.1:99999"]' --secret s || return 1
	refused 'a number, a string was expected' '.spec.rbd.pool = 3' --secret s || return 1
	refused 'rbd.readOnly is a string' '.spec.rbd.readOnly = "yes"' --secret s || return 1
	refused 'a volume has no name' 'del(.metadata.name)' --secret s || return 1
	refused 'no PersistentVolume of the rbd plug-in' '.spec.csi = {} | del(.spec.rbd)' || return 1
	refused 'no PersistentVolume of the rbd plug-in' '{}' || return 1
	refused 'no name of Kubernetes' . --secret s --suffix _x || return 1
	# one of a list: none comes out
	refused 'is not known here' '{kind: "List", items: [., (.spec.rbd.new = 1)]}' --secret s || return 1
	code=0
	echo '{' | "$DRIVER" manifest from-rbd >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	assert_equal "$code" 1
	assert_contains "$(<"$BATS_TEST_TMPDIR/err")" 'stdin: not valid JSON'
}
