# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the troubleshooting-*.bats share. Each row of docs/troubleshooting.md is one test, whose name
# begins with the row's id and a colon; it makes the driver say the message that stands there.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

PAGE=$ROOT/docs/troubleshooting.md
# The row that the running test plays, and whether its message was heard.
ROW='' PLAYED=''

setup() {
	ROW=${BATS_TEST_DESCRIPTION%%:*}
	V=row$BATS_SUITE_TEST_NUMBER
	MODE=mount
	DIR=$(pod_dir pod1 "$V")
	make_dir 1 "$DIR"
}

# A row that fails may leave the node without a program, a library, or /sys: it boots anew.
teardown() {
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || reboot 1
	[[ -z ${BATS_TEST_COMPLETED:-} || -n $PLAYED ]] ||
		{ echo "the row $ROW was not played"; return 1; }
}

# The message of the running test's row, without the marks of code.
row_message() {
	local text
	text=$(awk -F ' *[|] *' -v id="\`$ROW\`" '$2 == id { gsub(/`/, "", $3); print $3 }' "$PAGE")
	[[ -n $text ]] || { echo "$PAGE has no row $ROW" >&2; return 1; }
	echo "$text"
}

# The row's message stands in the last answer's: its parts, between the dots that stand for what
# differs, in their order.
says() {
	local expected part parts rest=$message
	expected=$(row_message) || return 1
	mapfile -t parts < <(printf '%s\n' "$expected" | sed 's/ *… */\n/g')
	for part in "${parts[@]}"; do
		[[ -z $part || $rest == *"$part"* ]] ||
			{ printf 'expected: %s\nactual:   %s\n' "$expected" "$message"; return 1; }
		rest=${rest#*"$part"}
	done
	PLAYED=yes
}

# refused VERB ARG...: by node 1, in the row's words, with what to do, and nothing is left.
refused() {
	driver_fails . 1 "$@" || return 1
	says || return 1
	assert_nothing_left 1
}

# bad OPTION...: a mount with these options, beside a size, is refused.
bad() {
	refused mount "$DIR" "$(options "$V" size=64Mi "$@")"
}

# new_user NAME CAP...: a user of this test's; his key is kept for `as`.
new_user() {
	local name=$1
	shift
	lab ceph auth get-or-create-key "client.$name" "$@" >"$BATS_TEST_TMPDIR/key.$name"
}

as() { # NAME: sets $who, the words for options
	who=("user=$1" "secret=$(<"$BATS_TEST_TMPDIR/key.$1")")
}

no_image_left() { # of this test's
	local all
	all=$(lab rbd ls "$POOL") || return 1
	grep -q "^$V" <<<"$all" || return 0
	printf 'expected: no image %s\nactual:   %s\n' "$V" "$all"
	return 1
}
