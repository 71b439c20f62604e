#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bash completion, by bash's own compgen and with the cluster's pools and images.
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	clean_pools
}

# completed WORD...: what is offered for the last word. The cluster has a minute for its answer, which a busy
# machine may need; with IMPATIENT the two seconds that a person waits.
completed() {
	# shellcheck disable=SC2016 # for the other shell
	lab exec -- bash -c '
		source "$1"; shift
		[[ -n ${IMPATIENT:-} ]] || timeout() { shift; command timeout 60 "$@"; }
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_rbd_flexvolume
		printf "%s\n" "${COMPREPLY[@]}"' - "$ROOT/completion/rbd-flexvolume.bash" "$DRIVER" "$@" | paste -sd' '
}

@test "verbs, their verbs, and flags are those of help" {
	assert_equal "$(completed i | tr ' ' '\n' | grep -x image)" image
	assert_equal "$(completed image cl)" clone
	assert_equal "$(completed image snap r)" "rm rollback"
	assert_equal "$(completed image features '')" "enable disable"
	assert_equal "$(completed image record s)" show
	assert_equal "$(completed image create x --s)" --size
	assert_equal "$(completed image rm --)" "--yes --trash --monitors --keyring --id --conf --cluster --json --help"
	assert_equal "$(completed status --)" "--json --prometheus"
	assert_equal "$(completed doctor --c)" "--conf --cluster"
	assert_equal "$(completed help image fl)" flatten
	assert_equal "$(completed trash '')" "ls restore rm"
}

@test "every verb of help is offered" {
	local group
	for group in image pool trash; do
		assert_equal "$(completed "$group" '' | tr ' ' '\n')" \
			"$("$DRIVER" help "$group" | sed -nE 's/^  ([a-z]+).*/\1/p' | sort -u)"
	done
}

@test "pools and images are the cluster's" {
	lab rbd create kube/mysql --size 64
	lab rbd create volume001 --size 64
	assert_equal "$(completed image info vol)" volume001
	assert_equal "$(completed image info ku)" kube/
	assert_equal "$(completed image rm --yes kube/my)" kube/mysql
	assert_equal "$(completed image ls k)" kube
	assert_equal "$(completed image -c "/run/rbd-lab/$LAB/ceph.conf" info kube/)" kube/mysql
	assert_equal "$(completed image features disable kube/mysql dee)" deep-flatten
}

@test "a name that a shell would run is not offered, and runs nothing" {
	local name
	mkdir "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here"
	# shellcheck disable=SC2016 # for a shell that must not see it
	for name in 'a$(touch planted)' 'a`touch planted`' 'a;touch planted' 'a b' 'a*' "a'"; do
		lab rbd create "kube/$name" --size 8 || return 1
	done
	lab rbd create kube/after --size 8
	assert_equal "$(lab rbd ls kube | grep -c ^a)" 7
	assert_equal "$(completed image info kube/a)" kube/after
	assert_equal "$(completed image info kube/)" kube/after
	assert_equal "$(ls)" ""
}

@test "a cluster that does not answer delays nobody for longer than its two seconds" {
	local start
	start=$(now_ms)
	assert_equal "$(IMPATIENT=yes completed image -m 10.77.0.99 info kube/)" ""
	(($(now_ms) - start < 15000))
}
