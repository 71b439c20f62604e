#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The administrator's policy through the built driver, from the position of a pod author who wants
# more. No cluster, no kernel: waitforattach answers at once where the policy lets it.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

DIRECTORY=/nowhere/pods/x

setup() {
	CLUSTERS='"clusters": {"default": {"user": "kube", "monitors": "10.0.0.1",
		"fsid": "11111111-1111-4111-8111-111111111111", "exclusivePools": ["kube"]},
		"east": {"user": "east", "monitors": "10.1.0.1"}}'
}

policy() { # JSON: of the policy's inside
	use_config "{$CLUSTERS, \"policy\": {$1}}"
}

call() { # VERB JSON: one of those that take the volume up
	case $1 in
	mount) driver mount "$DIRECTORY" "$2" ;;
	attach) driver attach "$2" node ;;
	waitforattach) driver waitforattach '' "$2" ;;
	mountdevice) driver mountdevice "$DIRECTORY" '' "$2" ;;
	expandfs) driver expandfs "$2" '' "$DIRECTORY" 2147483648 1073741824 ;;
	expandvolume) driver expandvolume "$2" "$DIRECTORY" 2147483648 1073741824 ;;
	esac
}

options() { # JQ: of a pod with a key, in namespace shop
	jq -cn --arg key "$KEY_SENT" '{"image": "db", "pool": "kube", "kubernetes.io/pvOrVolumeName": "v",
		"kubernetes.io/pod.namespace": "shop", "kubernetes.io/secret/key": $key} + '"$1"
}

refused() { # JQ WORDS
	driver mount "$DIRECTORY" "$(options "$1")"
	assert_answer Failure
	assert_message "$2"
	assert_message "is refused by the administrator's policy in $BATS_TEST_TMPDIR/config.json"
	assert_message 'have the administrator of the nodes list it in "policy"'
	[ ! -e /nowhere ]
}

allowed() { # JQ
	driver waitforattach '' "$(options "$1")"
	assert_answer Success
}

@test "no policy: everything within its grammar" {
	use_config '{}'
	allowed '{"pool": "secret", "namespace": "x", "mapOptions": "queue_depth=16", "guard": "none"}'
}

@test "an empty policy closes all that reaches further" {
	policy ''
	allowed '{"pool": "rbd"}'
	refused '{}' 'pool: "kube"'
	refused '{"pool": "rbd", "namespace": "other"}' 'namespace: "other"'
	refused '{"pool": "rbd", "dataPool": "fast"}' 'dataPool: "fast"'
	refused '{"pool": "rbd", "parent": "golden/base@v1"}' 'parent: "golden/base@v1"'
	refused '{"pool": "rbd", "monitors": "10.0.0.1"}' 'monitors: "10.0.0.1"'
	refused '{"pool": "rbd", "keyring": "/etc/ceph/ceph.client.admin.keyring"}' 'keyring: '
	refused '{"pool": "rbd", "mapOptions": "noshare"}' 'mapOptions: "noshare"'
	refused '{"pool": "rbd", "features": "layering"}' 'features: "layering"'
	refused '{"pool": "rbd", "guard": "none"}' 'guard: "none"'
}

@test "another user, by the option or by the Secret" {
	policy '"pool": ["kube"]'
	allowed '{}'
	allowed '{"user": "kube"}'
	refused '{"user": "admin"}' 'user: "admin"'
	refused "{\"kubernetes.io/secret/user\": \"$(printf admin | base64)\"}" 'user: "admin"'
	refused "{\"kubernetes.io/secret/userID\": \"$(printf admin | base64)\"}" 'user: "admin"'
	refused '{"cluster": "east", "user": "kube"}' 'which allows only "east"'
}

@test "neither an fsid nor monitors of nobody lead to client.admin" {
	policy '"pool": ["kube"], "monitors": ["*"]'
	for more in '{"fsid": "22222222-2222-4222-8222-222222222222"}' '{"monitors": "6.6.6.6"}'; do
		driver mount "$DIRECTORY" "$(options "$more")"
		assert_answer Failure
		assert_message 'the volume is in none of the clusters of'
		assert_message 'client.admin'
	done
}

@test "patterns: the whole name, nothing beside it" {
	policy '"pool": ["kube*"], "mountOptions": ["noatime", "commit=?"], "namespace": ["", "{podNamespace}"]'
	allowed '{"pool": "kube-2", "mountOptions": "noatime,commit=5"}'
	refused '{"pool": "xkube"}' 'which allows "kube*"'
	refused '{"mountOptions": "noatime,commit=50"}' 'mountOptions: "commit=50"'
	refused '{"mountOptions": "noatime,discard"}' 'mountOptions: "discard"'
	driver mount "$DIRECTORY" "$(options '{"pool": "kube/../x"}')"
	assert_answer Failure
	assert_message 'pool: "kube/../x" is not a name'
}

@test "a pod's own namespace only, and not the default one" {
	policy '"pool": ["kube"], "namespace": ["{podNamespace}"]'
	allowed '{"namespace": "shop"}'
	refused '{"namespace": "other"}' '({podNamespace} is shop)'
	refused '{"namespace": "sho"}' 'namespace: "sho"'
	refused '{}' 'namespace: ""'
	refused '{"namespace": "shop", "kubernetes.io/pod.namespace": ""}' '{podNamespace} is nothing here'
}

@test "sizes above maxSize" {
	policy '"pool": ["kube"], "maxSize": "1Gi"'
	allowed '{"size": "1Gi"}'
	driver mount "$DIRECTORY" "$(options '{"size": "1025Mi"}')"
	assert_answer Failure
	assert_message 'which allows at most 1Gi ("maxSize")'
}

@test "every verb on the way up is held to it, none on the way down" {
	policy ''
	for verb in attach waitforattach mountdevice mount expandvolume; do
		call "$verb" '{"image":"db","pool":"secret","kubernetes.io/pvOrVolumeName":"v"}'
		assert_answer Failure
		assert_message 'pool: "secret" is refused'
	done
	# what is up came up under it, and no pod is told here: what is not up does not grow
	call expandfs '{"image":"db","pool":"secret","kubernetes.io/pvOrVolumeName":"v"}'
	assert_answer Failure
	assert_message 'nothing is mounted at'
	driver isattached '{"image":"db","pool":"secret","kubernetes.io/pvOrVolumeName":"v"}' node
	assert_answer Success
	driver unmountdevice "$DIRECTORY"
	assert_answer Success
	driver detach v another-node
	assert_answer Success
}

@test "a policy that is not right closes everything that goes up" {
	for inside in '"pools": ["kube"]' '"pool": "kube"' '"pool": ["a b"]' '"image": ["{podNamespace}*"]' \
		'"maxSize": "1TB"' '"create": "no"' '"namespace": ["{podname}"]'; do
		policy "$inside"
		driver mount "$DIRECTORY" "$(options '{}')"
		assert_answer Failure
		assert_message "configuration $BATS_TEST_TMPDIR/config.json: policy: "
		driver unmount /nowhere
		assert_answer Success
	done
}

@test "a policy that others can write is refused, and is not none" {
	for mode in 0666 0664 0646; do
		use_config '{"policy": {}}' "$mode"
		driver mount "$DIRECTORY" "$(options '{}')"
		assert_answer Failure
		assert_message 'others can write it'
	done
	RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/gone driver mount "$DIRECTORY" "$(options '{}')"
	assert_answer Failure
	assert_message 'No such file or directory'
}

@test "doctor says whether one is in force" {
	policy ''
	driver doctor
	[[ $out == *"good   policy         in force, from $BATS_TEST_TMPDIR/config.json"* ]]
	use_config '{}'
	driver doctor
	[[ $out == *"note   policy         none in force"* ]]
	use_config '{"policy": []}'
	driver doctor
	[[ $out != *"note   policy"* && $out != *"good   policy"* ]]
	[[ $out == *"WRONG  configuration"*"policy: a list"* ]]
}
