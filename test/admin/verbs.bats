#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manual verbs against the cluster: what they change, what they refuse, what their JSON is.
# $out, $err, $code are set by admin()
# shellcheck disable=SC2154,SC2030,SC2031,SC2016
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	writer_end
	clean_pools
	lab ceph config rm mon mon_allow_pool_delete
}

json_is() { # FILTER EXPECTED
	assert_equal "$(jq -c "$1" <<<"$out")" "$2" "$1"
}

@test "the JSON of images has the keys of the REST contract" {
	admin_ok image create kube/db --size 1073741824 --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","size":1073741824,"features":["layering","exclusive-lock"]}'
	admin_ok image ls kube --json
	assert_equal "$out" '{"poolName":"kube","images":[{"imageName":"db"}],"next":null}'
	lab rbd bench --io-type write --io-size 5M --io-total 5M --io-threads 1 kube/db >/dev/null
	admin_ok image du kube/db --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","size":1073741824,"allocation":5242880}'
	admin_ok image diff kube/db --json
	json_is '[.poolName, .imageName, ([.extents[].length] | add), (.extents[0] | keys)]' \
		'["kube","db",5242880,["length","offset"]]'
	admin_ok image ls kube --long --json
	json_is '.images' '[{"imageName":"db","size":1073741824,"features":["layering","exclusive-lock"],"watchers":0}]'
	admin_ok image info kube/db --json
	json_is '[.poolName, .imageName, .size, .objectSize, .objects, .parent, .snapshots, .watchers]' \
		'["kube","db",1073741824,4194304,256,null,0,[]]'
	assert_equal "$(jq -r .id <<<"$out")" "$(lab rbd info --format json kube/db | jq -r .id)"
	admin_ok image resize kube/db --size 2Gi --json
	json_is .size 2147483648
}

@test "an image whose name is no UTF-8 leaves the JSON valid" {
	lab rbd create $'kube/f\xff\xe2\x82' --size 4M
	admin_ok image ls kube --json
	python3 -c 'import json, sys; json.loads(sys.stdin.buffer.read())' <"$BATS_TEST_TMPDIR/out"
	json_is '[.images[].imageName]' '["f???"]'
}

@test "the JSON of pools has the keys of the REST contract" {
	local id
	admin_ok pool ls --json
	id=$(lab ceph osd pool ls detail --format json | jq -c '[.[] | select(.pool_name == "kube") | .pool_id]')
	json_is '[.pools[] | select(.name == "kube") | .id]' "$id"
	json_is '.pools[] | select(.name == "rbd") | [keys, .applications]' '[["applications","id","name"],["rbd"]]'
}

@test "what changes something says with --json what it was" {
	local id
	admin_ok image create kube/db --size 64Mi
	admin_ok image snap create kube/db@a --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","snapshot":"a"}'
	admin_ok image snap protect kube/db@a --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","snapshot":"a"}'
	admin_ok image clone kube/db@a kube/copy
	admin_ok image flatten kube/copy --json
	assert_equal "$out" '{"poolName":"kube","imageName":"copy"}'
	admin_ok image rm kube/copy --yes --json
	assert_equal "$out" '{"poolName":"kube","imageName":"copy"}'
	admin_ok image snap unprotect kube/db@a --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","snapshot":"a"}'
	admin_ok image snap rollback kube/db@a --yes --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","snapshot":"a"}'
	admin_ok image snap rm kube/db@a --yes --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","snapshot":"a"}'
	admin_ok image record clear kube/db --yes --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db"}'
	admin_ok image rm kube/db --trash --json
	id=$(jq -r .id <<<"$out")
	admin_ok trash restore "kube/$id" --image db2 --json
	assert_equal "$out" "{\"poolName\":\"kube\",\"imageName\":\"db2\",\"id\":\"$id\"}"
	admin_ok image rm kube/db2 --trash
	admin_ok trash rm "kube/$id" --yes --json
	assert_equal "$out" "{\"poolName\":\"kube\",\"imageName\":\"db2\",\"id\":\"$id\"}"
}

@test "an image may be in a namespace, and is in the pool rbd where none is named" {
	lab rbd namespace create kube/blue
	admin_ok image create kube/blue/db --size 64Mi
	admin_ok image create volume001 --size 64Mi
	image_exists kube/blue/db
	image_exists rbd/volume001
	admin_ok image ls kube/blue --json
	json_is '[.poolName, .namespace, .images[].imageName]' '["kube","blue","db"]'
	admin_ok image ls kube
	assert_equal "$out" ""
	admin_ok image rm kube/blue/db --yes
	! image_exists kube/blue/db || return 1
}

@test "flags say which cluster is meant, and who asks" {
	local lab_dir=/run/rbd-lab/$LAB
	lab rbd create kube/db --size 64
	admin_ok image ls kube -m 10.77.0.1 -k "$lab_dir/ceph.client.kube.keyring" --id kube
	assert_equal "$out" db
	admin_ok image ls kube -c "$lab_dir/ceph.conf" --id kube
	assert_equal "$out" db
	run_it env -C "$lab_dir" "$ROOT/test/lab/lab" exec -- "$DRIVER" image ls kube --conf=ceph.conf --keyring ceph.client.admin.keyring
	assert_equal "$code $out" "0 db"
	echo "{\"clusters\":{\"mine\":{\"monitors\":\"10.77.0.1\",\"user\":\"kube\",\"keyring\":\"$lab_dir/ceph.client.kube.keyring\"}}}" \
		>"$BATS_TEST_TMPDIR/config.json"
	RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/config.json admin_ok image ls kube --cluster mine
	assert_equal "$out" db
	refused 1 'neither does the configuration know it' image ls kube --cluster other
	refused 1 'client.nobody' image ls kube --id nobody
}

@test "doctor looks at the cluster that flags name, as who asks" {
	local lab_dir=/run/rbd-lab/$LAB
	# what else is found depends on the machine
	admin doctor kube -m 10.77.0.1 -k "$lab_dir/ceph.client.kube.keyring" --id kube --json
	json_is '[.findings[] | select(.what == "cluster" or .what == "keyring" or .what == "key" or .what == "caps").verdict]' \
		'["good","good","good","good"]'
	[[ $(jq -r '.findings[] | select(.what == "caps").words' <<<"$out") == 'client.kube may read pool kube' ]] || return 1
	admin doctor nosuch -c "$lab_dir/ceph.conf"
	grep -qE '^good +key +client.admin is let into' <<<"$out"
	grep -qE '^WRONG +caps .*nosuch' <<<"$out"
}

@test "a configuration that is refused decides nothing, unless flags say which cluster is meant" {
	echo '{"polcy":{}}' >"$BATS_TEST_TMPDIR/bad.json"
	export RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/bad.json
	run_it "$ROOT/test/lab/lab" exec -- env -u CEPH_CONF "$DRIVER" image ls kube
	assert_equal "$code" 1
	[[ $err == *'unknown key "polcy"'*'-m or -c'* ]]
	admin_ok image ls kube -c "/run/rbd-lab/$LAB/ceph.conf"
}

@test "create: an image that is there stays as it is" {
	lab rbd create kube/db --size 64
	refused 1 'it is there, with 67108864 bytes' image create kube/db --size 1Gi
	assert_equal "$(image_state kube/db | jq .size)" 67108864
	refused 1 'nosuch' image create nosuch/db --size 1Gi
}

@test "sizes: bytes and suffixes; 1024 is refused with both meanings" {
	admin_ok image create a --size 67108864
	admin_ok image create b --size=64Mi
	admin_ok image create c -s 1G
	assert_equal "$(for i in a b c; do image_state "rbd/$i" | jq .size; done | paste -sd,)" "67108864,67108864,1000000000"
	refused 2 '1024 is 1 KiB; the rbd command counts MiB: 1024Mi or 1Gi' image create d --size 1024
	refused 2 '1024 is 1 KiB' image resize a --size 1024
}

@test "features: commas, spaces or both, in any order; what is off already is passed over" {
	lab rbd create volume001 --size 64 --image-feature layering,exclusive-lock,object-map,fast-diff,deep-flatten
	admin_ok image features disable volume001 deep-flatten,object-map fast-diff , exclusive-lock
	assert_equal "$(image_state volume001 | jq -c .features)" '["layering"]'
	admin_ok image features disable volume001 exclusive-lock,object-map,fast-diff,deep-flatten
	[[ $out == *'nothing changed'* ]]
	admin_ok image feature enable volume001 fast-diff --json
	json_is .features '["exclusive-lock","object-map","fast-diff"]'
	assert_equal "$(image_state volume001 | jq -c .features)" '["layering","exclusive-lock","object-map","fast-diff"]'
	refused 2 'the nearest' image features disable volume001 object-mop
	refused 1 'layering' image features disable volume001 layering
}

@test "resize: smaller only with --allow-shrink and --yes" {
	admin_ok image create volume001 --size 128Mi
	refused 1 '--allow-shrink' image resize volume001 --size 64Mi
	refused 1 '--yes' image resize volume001 --size 64Mi --allow-shrink
	assert_equal "$(image_state volume001 | jq .size)" 134217728
	admin_ok image resize volume001 --size 64Mi --allow-shrink --yes
	assert_equal "$(image_state volume001 | jq .size)" 67108864
}

@test "an image with snapshots or with a watcher is not removed, and without --yes none is" {
	admin_ok image create volume001 --size 64Mi
	refused 1 'Nobody is at a terminal to be asked; with --yes' image rm volume001
	admin_ok image snap create volume001@a
	refused 1 'it has 1 snapshot' image rm volume001 --yes
	admin_ok image snap rm volume001@a --yes
	# somebody has it open for writing
	writer_start rbd/volume001
	refused 1 'it is in use by 10.77.0.1:0/' image rm volume001 --yes
	refused 1 'in use' image rm volume001 --trash
	refused 1 'it is in use: open by 10.77.0.1:0/' image record clear volume001 --yes
	admin_ok image watchers volume001 --json
	json_is '[.watchers[] | [.kernel, .alive]]' '[[false,true]]'
	image_exists rbd/volume001
	writer_end
	refused 1 'does not exist' image rm nosuch --yes
}

@test "what only reads opens read-only: a user who cannot write, and so cannot watch, may run it" {
	local verb reader=$BATS_TEST_TMPDIR/reader.keyring
	admin_ok image create volume001 --size 64Mi
	admin_ok image snap create volume001@a
	lab ceph auth get-or-create client.reader mon 'profile rbd-read-only' osd 'profile rbd-read-only' >"$reader"
	chmod 600 "$reader"
	for verb in "info volume001" "info volume001@a" "du volume001" "diff volume001" "ls --long" "snap ls volume001" \
		"record show volume001" "watchers volume001"; do
		# shellcheck disable=SC2086 # words on purpose
		admin_ok image $verb --id reader -k "$reader"
	done
	refused 1 'client.reader' image resize volume001 --size 1Gi --id reader -k "$reader"
	assert_equal "$(image_state volume001 | jq .size)" 67108864
	lab ceph auth rm client.reader
}

@test "snapshots: made, listed, protected, rolled back to, removed" {
	admin_ok image create volume001 --size 64Mi
	admin_ok image snap create volume001@a
	refused 1 'a' image snap create volume001@a
	lab rbd bench --io-type write --io-size 4M --io-total 4M --io-threads 1 volume001 >/dev/null
	admin_ok image snap ls volume001 --json
	json_is '.snapshots | map([.snapshot, .size, .protected, .kind])' '[["a",67108864,false,"user"]]'
	admin_ok image snap protect volume001@a
	refused 1 'protected' image snap rm volume001@a --yes
	admin_ok image snap unprotect volume001@a
	refused 1 '--yes' image snap rollback volume001@a
	admin_ok image du volume001 --json
	json_is .allocation 4194304
	admin_ok image snap rollback volume001@a --yes
	assert_equal "$(lab rbd diff volume001 --format json | jq -c '[.[] | select(.exists == "true")] | length')" 0
	admin_ok image snap rm volume001@a --yes
	assert_equal "$(lab rbd snap ls volume001 --format json)" '[]'
}

@test "a clone begins as its parent's snapshot, and stands alone once it is flattened" {
	admin_ok image create kube/golden --size 64Mi
	lab rbd bench --io-type write --io-size 4M --io-total 4M --io-threads 1 kube/golden >/dev/null
	admin_ok image snap create kube/golden@v1
	admin_ok image snap protect kube/golden@v1
	admin_ok image clone kube/golden@v1 kube/copy --size 128Mi
	assert_equal "$(image_state kube/copy | jq -c '[.size, .parent.image, .parent.snapshot]')" '[134217728,"golden","v1"]'
	admin_ok image info kube/copy --json
	json_is '[.parent.imageName, .parent.snapshot, .parent.overlap]' '["golden","v1",67108864]'
	refused 1 'copy' image snap unprotect kube/golden@v1
	admin_ok image flatten kube/copy
	assert_equal "$(image_state kube/copy | jq -c .parent)" null
	admin_ok image snap unprotect kube/golden@v1
	# shellcheck disable=SC2016 # jq's
	cmp <(lab rbd export --no-progress kube/golden@v1 - | head -c 4M) <(lab rbd export --no-progress kube/copy - | head -c 4M)
}

@test "the trash keeps an image until it is restored or removed for good" {
	local id
	admin_ok image create kube/db --size 64Mi
	admin_ok image rm kube/db --trash --json
	id=$(jq -r .id <<<"$out")
	! image_exists kube/db || return 1
	admin_ok trash ls kube --json
	json_is '[.trash[] | [.id, .imageName, .source]]' "[[\"$id\",\"db\",\"user\"]]"
	admin_ok trash restore "kube/$id" --image db2
	image_exists kube/db2
	admin_ok image rm kube/db2 --trash
	admin_ok trash restore kube/db2
	admin_ok image rm kube/db2 --trash
	refused 1 '--yes' trash rm kube/db2
	admin_ok trash rm kube/db2 --yes
	assert_equal "$(lab rbd trash ls kube)" ""
	refused 1 'no image in the trash of pool kube' trash restore kube/db2
}

@test "the driver's records are shown, and cleared only with a word" {
	local id
	admin_ok image create kube/db --size 64Mi
	id=$(lab rbd info --format json kube/db | jq -r .id)
	lab rados -p kube setxattr "rbd_header.$id" rbd-flexvolume.format 'formatted 0a1b'
	lab rados -p kube setxattr "rbd_header.$id" rbd-flexvolume.holder 'node1'
	admin_ok image record show kube/db --json
	json_is .records '{"format":"formatted 0a1b","holder":"node1"}'
	refused 1 'a lost node is not fenced' image record clear kube/db --holder
	admin_ok image record clear kube/db --holder --yes
	assert_equal "$(lab rados -p kube listxattr "rbd_header.$id")" rbd-flexvolume.format
	admin_ok image record clear kube/db --yes
	assert_equal "$(lab rados -p kube listxattr "rbd_header.$id")" ""
}

@test "pools are made for rbd, and removed only when they are empty and the cluster allows it" {
	admin_ok pool create extra
	assert_equal "$(lab ceph osd pool application get extra | jq -c keys)" '["rbd"]'
	admin_ok pool create extra --json
	json_is '[.name, .applications]' '["extra",["rbd"]]'
	admin_ok image create extra/db --size 64Mi
	refused 1 'allowPoolDelete' pool rm extra --yes
	export RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/config.json
	echo '{"rest":{"allowPoolDelete":true}}' >"$RBD_FLEXVOLUME_CONFIG"
	refused 1 '--yes' pool rm extra
	refused 1 'extra' pool rm extra --yes
	admin_ok image rm extra/db --yes
	refused 1 'mon_allow_pool_delete' pool rm extra --yes
	lab ceph config set mon mon_allow_pool_delete true
	admin_ok pool rm extra --yes
	! lab ceph osd pool ls | grep -qx extra || return 1
	refused 1 'nosuch' pool rm nosuch --yes
}
