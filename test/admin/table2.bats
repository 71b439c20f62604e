#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/admin.md, the article's table 2: each row is run with both commands on two images, theirs and
# ours, and what the cluster says then is compared.
# $out and $code are set by admin() and in_node_1()
# shellcheck disable=SC2154
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	node 1 rbd unmap -o noudev rbd/theirs >/dev/null 2>&1 || :
	tidy 1
	clean_pools
}

# row WHAT: its two commands as $left and $right, the images named.
row() {
	local what=$1
	IFS=$'\t' read -r _ left right < <(table docs/admin.md '## From the rbd command' | awk -F '\t' -v what="$what" '$1 == what')
	[[ -n $left && -n $right ]] || { echo "docs/admin.md has no row $what"; return 1; }
	left=${left/volume001/theirs} right=${right/volume001/ours}
}

# both WHAT: their output in $theirs, ours in $ours.
both() {
	local left='' right=''
	row "$1" || return 1
	# shellcheck disable=SC2086 # words on purpose
	theirs=$(lab rbd ${left#rbd }) || { echo "$left: $theirs"; return 1; }
	# shellcheck disable=SC2086 # words on purpose
	admin ${right#rbd-flexvolume }
	assert_equal "$code" 0 "$right" || return 1
	ours=$out
}

alike_now() {
	assert_equal "$(image_state rbd/ours)" "$(image_state rbd/theirs)" "$1" || return 1
	[[ $(image_state rbd/ours) == '{'* ]]
}

@test "the rows are these, and no others" {
	assert_equal "$(table docs/admin.md '## From the rbd command' | cut -f 1 | paste -sd,)" \
		"create,ls,info,diff,feature disable,resize,map,unmap,remove"
}

@test "every row does the same to the cluster as the rbd command" {
	local theirs='' ours='' left='' right='' image
	both create
	alike_now create

	both ls
	assert_equal "$theirs" $'ours\ntheirs'
	assert_equal "$ours" "$theirs"

	both info
	grep -qE "^size +$(lab rbd info --format json theirs | jq .size)$" <<<"$ours"
	grep -qE "^objects +$(lab rbd info --format json theirs | jq .objects) of 4194304$" <<<"$ours"
	grep -qE "^features +$(lab rbd info --format json theirs | jq -r '.features | join(",")')$" <<<"$ours"
	alike_now info

	# five MiB: a whole object and a part of one
	for image in theirs ours; do
		lab rbd bench --io-type write --io-size 5M --io-total 5M --io-threads 1 "rbd/$image" >/dev/null
	done
	both diff
	assert_equal "$(awk 'NR > 1 { print $1, $2 }' <<<"$ours")" "$(awk 'NR > 1 { print $1, $2 }' <<<"$theirs")"
	(($(wc -l <<<"$ours") > 1))

	both 'feature disable'
	alike_now 'feature disable'
	assert_equal "$(image_state rbd/ours | jq -c .features)" '["layering"]'

	both resize
	alike_now resize
	assert_equal "$(image_state rbd/ours | jq .size)" 2147483648

	row map
	# shellcheck disable=SC2086 # words on purpose
	theirs=$(node 1 $left -o noudev)
	# shellcheck disable=SC2086 # words on purpose
	in_node_1 ${right#rbd-flexvolume }
	assert_equal "$code" 0
	[[ $theirs =~ ^/dev/rbd[0-9]+$ && $out =~ ^/dev/rbd[0-9]+$ && $out != "$theirs" ]]
	assert_equal "$(node 1 blockdev --getsize64 "$out")" "$(node 1 blockdev --getsize64 "$theirs")"
	assert_equal "$(mappings 1 | awk '{ print $2, $3, $6 }' | sort)" \
		"rbd/ours - rbd-flexvolume.manual/ours
rbd/theirs - client.admin"

	row unmap
	# shellcheck disable=SC2086 # words on purpose
	node 1 $left -o noudev
	# shellcheck disable=SC2086 # words on purpose
	in_node_1 ${right#rbd-flexvolume }
	assert_equal "$code" 0
	assert_equal "$(mappings 1)" ""

	both remove
	assert_equal "$(lab rbd ls)" ""
}
