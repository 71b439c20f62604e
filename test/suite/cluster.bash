# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The state of the cluster: images and the blocklist. Sourced by helpers.bash.

# image_of_file IMAGE FILE: an image of the file's size and bytes.
image_of_file() {
	lab rbd import --no-progress "$2" "$POOL/$1"
}

# image_of IMAGE MIB AT: standard input at byte AT of an image that is otherwise never written.
image_of() {
	local file=$BATS_TEST_TMPDIR/made.$1
	truncate -s "$2M" "$file"
	dd of="$file" bs=64K oflag=seek_bytes seek="$3" conv=notrunc status=none
	image_of_file "$1" "$file" || return 1
	rm -f "$file"
}

image_exists() { lab rbd info "$POOL/$1" >/dev/null 2>&1; } # IMAGE

assert_no_image() { # IMAGE
	local all
	all=$(lab rbd ls "$POOL") || return 1
	grep -qxF -- "$1" <<<"$all" || return 0
	printf 'expected: no image %s\nactual:   %s\n' "$1" "$(lab rbd info "$POOL/$1" 2>&1)"
	return 1
}

image_features() { lab rbd info "$POOL/$1" --format json | jq -r '.features | sort | join(",")'; } # IMAGE
image_size() { lab rbd info "$POOL/$1" --format json | jq -r .size; }                                   # IMAGE
image_id() { lab rbd info "$POOL/$1" --format json | jq -r .id; }                                       # IMAGE

# What these two print where it cannot be told is not nothing: who expects nothing must see it.

# The addresses that have IMAGE open, a line each.
watchers() { # IMAGE
	local all
	all=$(lab rbd status "$POOL/$1" --format json) ||
		{ echo "the watchers of $1 cannot be told"; return 1; }
	jq -r '.watchers[].address' <<<"$all"
}

is_watched() { # IMAGE
	local all
	all=$(watchers "$1") && [[ -n $all ]]
}

no_watcher() { # IMAGE
	local all
	all=$(watchers "$1") || return 1
	[[ -z $all ]] || { echo "$all"; return 1; }
}

# The record WHAT (format, holder) of IMAGE; empty where it has none.
image_record() { # IMAGE WHAT
	local id said=$BATS_TEST_TMPDIR/image_record.$BASHPID
	id=$(image_id "$1")
	lab rados -p "$POOL" getxattr "rbd_header.$id" "rbd-flexvolume.$2" 2>"$said" && return 0
	[[ -z $id ]] || ! grep -q 'No data available' "$said" || return 0
	echo "the record $2 of $1 cannot be told: $(cat "$said")"
	return 1
}

# The checksum of all bytes of IMAGE (or image@snapshot).
image_sum() {
	local all
	all=$(set -o pipefail; lab rbd export --no-progress "$POOL/$1" - | sha256sum) || return 1
	echo "${all%% *}"
}

blocklisted() { # ADDRESS
	local all
	all=$(lab ceph osd blocklist ls 2>/dev/null) || return 1
	grep -qF -- "$1 " <<<"$all" && return 0
	printf 'expected: %s in the blocklist\nactual:   %s\n' "$1" "${all:-none}"
	return 1
}

not_blocklisted() { # ADDRESS
	local all
	all=$(lab ceph osd blocklist ls 2>/dev/null) || return 1
	grep -qF -- "$1 " <<<"$all" || return 0
	printf 'expected: no %s in the blocklist\nactual:   %s\n' "$1" "$all"
	return 1
}

# The file system of IMAGE, as it lies in the cluster, has no fault.
assert_sound() { # IMAGE
	local copy=$BATS_TEST_TMPDIR/image.$1 words code=0 check=(e2fsck -fn)
	lab rbd export --no-progress "$POOL/$1" "$copy" || return 1
	[[ $(blkid -p -o value -s TYPE "$copy") != xfs ]] || check=(xfs_repair -n -f)
	words=$("${check[@]}" "$copy" 2>&1) || code=$?
	rm -f "$copy"
	((code == 0)) && return 0
	printf 'expected: %s of %s finds nothing\nactual:   exit %s\n%s\n' "${check[*]}" "$1" "$code" \
		"$words"
	return 1
}
