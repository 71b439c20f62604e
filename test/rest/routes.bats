#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The article's table 4, row by row, against what the cluster then says; and what goes beyond it.
# shellcheck source=test/rest/helpers.bash
load helpers

@test "GET /v1/pool lists the pools as ceph does" {
	call GET /v1/pool
	expect 200
	assert_equal "$(jq -c '[.pools[] | [.name, .id]] | sort' <<<"$body")" \
		"$(lab ceph osd pool ls detail --format json 2>/dev/null | jq -c '[.[] | [.pool_name, .pool_id]] | sort')"
	assert_json '.pools[] | select(.name == "kube") | .applications | tojson' '["rbd"]'
}

@test "POST /v1/pool makes a pool for images, and once more says that it is there" {
	call POST '/v1/pool?name=rbd'
	expect 201
	assert_json '[.name, .applications] | tojson' '["rbd",["rbd"]]'
	assert_json .id "$(lab ceph osd pool ls detail --format json 2>/dev/null | jq '.[] | select(.pool_name == "rbd").pool_id')"
	assert_equal "$(lab ceph osd pool application get rbd 2>/dev/null | jq -c keys)" '["rbd"]'
	call POST '/v1/pool?name=rbd'
	expect 200
}

@test "POST /v1/image: the article's own call works as typed" {
	# listing 19 on one line, with the port of listing 10
	run -0 inside bash -c 'curl -s -X POST "http://root:root@127.0.0.1:8080/v1/image?" -d "poolName=rbd&imageName=ceph-rbd&size=1073741824"'
	assert_equal "$output" '{"poolName":"rbd","imageName":"ceph-rbd","size":1073741824,"features":["layering","exclusive-lock"]}'
	assert_equal "$(info rbd/ceph-rbd | jq -c '[.size, .features]')" '[1073741824,["layering","exclusive-lock"]]'
	assert_equal "$(watchers rbd/ceph-rbd)" 0
}

@test "POST /v1/image: there with this size is 200, with another 409" {
	call POST '/v1/image?poolName=rbd&imageName=ceph-rbd&size=1Gi'
	expect 200
	call POST '/v1/image?poolName=rbd&imageName=ceph-rbd&size=2Gi'
	expect 409
	assert_json '[.poolName, .imageName] | tojson' '["rbd","ceph-rbd"]'
	assert_equal "$(info rbd/ceph-rbd | jq .size)" 1073741824
	call POST /v1/image -H 'Content-Type: application/json' -d '{"poolName":"rbd","imageName":"json","size":8388608}'
	expect 201
	assert_equal "$(info rbd/json | jq .size)" 8388608
}

@test "GET /v1/image lists images without opening them, in pages, by prefix" {
	call GET '/v1/image?poolName=rbd'
	expect 200
	assert_equal "$body" '{"poolName":"rbd","images":[{"imageName":"ceph-rbd"},{"imageName":"json"}],"next":null}'
	call GET '/v1/image?poolName=rbd&limit=1'
	assert_json '[.images[].imageName, .next] | tojson' '["ceph-rbd","ceph-rbd"]'
	call GET '/v1/image?poolName=rbd&limit=1&after=ceph-rbd'
	assert_json '[.images[].imageName, .next] | tojson' '["json",null]'
	call GET '/v1/image?poolName=rbd&prefix=js'
	assert_json '[.images[].imageName] | tojson' '["json"]'
	call GET '/v1/image?poolName=rbd&details=true&prefix=ceph'
	assert_json '.images[0] | tojson' \
		'{"imageName":"ceph-rbd","size":1073741824,"features":["layering","exclusive-lock"],"watchers":0}'
}

@test "GET /v1/image goes on behind each name: the longest, one that is no UTF-8, those that nobody can open" {
	local long next='' seen='' image
	long=$(printf 'b%.0s' {1..255})
	lab rbd namespace create kube/pages
	lab rbd create kube/pages/a --size 4M
	lab rbd create "kube/pages/$long" --size 4M
	lab rados -p kube -N pages setomapval rbd_directory "name_${long}b" x
	lab rbd create $'kube/pages/c\xff' --size 4M
	lab rbd create kube/pages/d --size 4M
	while :; do
		call GET "/v1/image?poolName=kube&namespace=pages&limit=1${next:+&after=$next}"
		expect 200
		seen+=" $(jq -r '.images[].imageName' <<<"$body")"
		next=$(jq -r '.next // empty | @uri' <<<"$body")
		[[ $next ]] || break
	done
	for image in a "$long" $'c\xff' d; do
		lab rbd rm --no-progress "kube/pages/$image"
	done
	assert_equal "$seen" " a $long c? d"
}

@test "GET /v1/image/allocation is the sum of the extents that rbd diff shows" {
	inside rbd -c "/run/rbd-lab/$LAB/ceph.conf" bench --io-type write --io-size 8K --io-total 80K --io-pattern rand rbd/ceph-rbd >/dev/null 2>&1
	call GET '/v1/image/allocation?poolName=rbd&imageName=ceph-rbd'
	expect 200
	local sum
	sum=$(lab rbd diff rbd/ceph-rbd --format json 2>/dev/null | jq '[.[] | .length] | add')
	((sum > 0))
	assert_json '[.size, .allocation, has("exact")] | tojson' "[1073741824,$sum,false]"
	call GET '/v1/image/allocation?poolName=rbd&imageName=ceph-rbd&exact=false'
	sum=$(lab rbd diff --whole-object rbd/ceph-rbd --format json 2>/dev/null | jq '[.[] | .length] | add')
	assert_json '[.allocation, .exact] | tojson' "[$sum,false]"
}

@test "GET /v1/image/info says what rbd info says, and who has it open" {
	call GET '/v1/image/info?poolName=rbd&imageName=ceph-rbd'
	expect 200
	assert_equal "$(jq -c '[.size, .id, .objects, .objectSize, .format, .parent, .snapshots]' <<<"$body")" \
		"$(info rbd/ceph-rbd | jq -c '[.size, .id, .objects, .object_size, .format, null, .snapshot_count]')"
	assert_json '.watchers | tojson' '[]'
}

@test "PUT /v1/image grows, and shrinks only if that is said" {
	call PUT '/v1/image?poolName=rbd&imageName=json&size=16Mi'
	expect 200
	assert_json .size 16777216
	assert_equal "$(info rbd/json | jq .size)" 16777216
	call PUT '/v1/image?poolName=rbd&imageName=json&size=8Mi'
	expect 409
	assert_contains "$body" 'shrink=true'
	assert_equal "$(info rbd/json | jq .size)" 16777216
	call PUT '/v1/image?poolName=rbd&imageName=json&size=8Mi&shrink=true'
	expect 200
	assert_equal "$(info rbd/json | jq .size)" 8388608
}

@test "namespaces are places of their own" {
	lab rbd namespace create kube/shop
	call POST '/v1/image?poolName=kube&namespace=shop&imageName=db&size=4Mi'
	expect 201
	assert_json .namespace shop
	assert_equal "$(lab rbd ls kube/shop)" db
	no_image kube/db
	call GET '/v1/image?poolName=kube&namespace=shop'
	assert_json '[.images[].imageName] | tojson' '["db"]'
	call DELETE '/v1/image?poolName=kube&namespace=shop&imageName=db'
	expect 204
	call GET '/v1/image?poolName=kube&namespace=none'
	expect 404
}

@test "DELETE /v1/image: 409 while it has snapshots, children or watchers, then 204, then 404" {
	lab rbd snap create rbd/json@s 2>/dev/null
	lab rbd snap protect rbd/json@s
	lab rbd clone rbd/json@s rbd/child
	call DELETE '/v1/image?poolName=rbd&imageName=json'
	expect 409
	lab rbd rm rbd/child >/dev/null 2>&1
	call DELETE '/v1/image?poolName=rbd&imageName=json'
	expect 409
	assert_equal "$(info rbd/json | jq .size)" 8388608
	lab rbd snap unprotect rbd/json@s
	lab rbd snap rm rbd/json@s 2>/dev/null
	# somebody who has it open: a long bench, until it is killed
	ip netns exec "rbdlab-$LAB" timeout 180 rbd -c "/run/rbd-lab/$LAB/ceph.conf" bench \
		--io-type write --io-size 4K --io-total 40G rbd/json >/dev/null 2>&1 3>&- &
	local bench=$!
	within 60 has_watchers rbd/json 1
	call DELETE '/v1/image?poolName=rbd&imageName=json'
	kill "$bench"
	wait "$bench" || true
	expect 409
	assert_contains "$body" 10.77.
	within 120 answers 204 DELETE '/v1/image?poolName=rbd&imageName=json' # its watch ends after 30 s
	no_image rbd/json
	call DELETE '/v1/image?poolName=rbd&imageName=json'
	expect 404
	assert_json '[.poolName, .imageName] | tojson' '["rbd","json"]'
}

@test "DELETE /v1/pool: 409 while it holds something, 403 while the monitors forbid it, then 204, then 404" {
	call DELETE '/v1/pool?name=rbd'
	expect 409
	assert_contains "$body" '1 image'
	call DELETE '/v1/image?poolName=rbd&imageName=ceph-rbd'
	expect 204
	lab rbd create rbd/old --size 4M
	lab rbd trash mv rbd/old
	call DELETE '/v1/pool?name=rbd'
	expect 409
	lab rbd trash purge rbd >/dev/null 2>&1
	lab ceph config set mon mon_allow_pool_delete false
	call DELETE '/v1/pool?name=rbd'
	expect 403
	assert_contains "$body" mon_allow_pool_delete
	lab ceph config set mon mon_allow_pool_delete true
	within 30 answers 204 DELETE '/v1/pool?name=rbd'
	no_pool rbd
	call DELETE '/v1/pool?name=rbd'
	expect 404
}

@test "DELETE /v1/pool: never a pool of other applications, never unless the configuration allows it" {
	lab ceph osd pool create files 1 >/dev/null 2>&1
	lab ceph osd pool application enable files cephfs >/dev/null 2>&1
	call DELETE '/v1/pool?name=files'
	expect 409
	call POST '/v1/pool?name=files'
	expect 409
	configure strict '{}'
	BASE=http://127.0.0.1:8081
	start_server strict --listen 127.0.0.1:8081
	as '' DELETE '/v1/pool?name=kube'
	stop_server strict
	expect 403
	assert_contains "$body" allowPoolDelete
	[[ $(lab ceph osd pool ls 2>/dev/null) == *files* ]] || return 1
	[[ $(lab ceph osd pool ls 2>/dev/null) == *kube* ]] || return 1
}

has_watchers() { assert_equal "$(watchers "$1")" "$2"; }
