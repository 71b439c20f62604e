# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What the person sees: headings, commands as typed, what they answered, time going by, proofs.
# To be sourced. Needs: work (a folder of our own), and global and pod (the kubelet's directories).

job='' # the running one, for whoever has to end it
proofs=()

colours_choose()
{
	bold='' dim='' green='' red='' plain='' clear=$'\r'
	[[ -t 1 && ${TERM:-dumb} != dumb && -z ${NO_COLOR:-} ]] || return 0
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m' clear=$'\r\e[K'
}

heading()
{
	printf '\n%s=== %s%s\n' "$bold" "$*" "$plain"
}

# What happens now, in a person's words.
say()
{
	printf '\n%s\n' "$*"
}

# The two long directories by their names, as they were set.
shortened()
{
	local text=$1
	[[ -z ${global:-} ]] || text=${text//"$global"/\$GLOBAL}
	[[ -z ${pod:-} ]] || text=${text//"$pod"/\$POD}
	printf '%s' "$text"
}

# A command line; arguments are quoted only where they need it.
quoted()
{
	local word short
	for word in "$@"; do
		short=$(shortened "$word")
		case $short in
		"$word") ;;
		*) printf ' "%s"' "$short" && continue ;;
		esac
		case $word in
		'') printf ' ""' ;;
		*[!A-Za-z0-9_./:=@%+,-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
}

# "node1# LINE"
typed_line()
{
	printf '%s%s# %s%s\n' "$bold" "$1" "$2" "$plain"
}

typed()
{
	local where=$1 line
	shift
	line=$(quoted "$@")
	typed_line "$where" "${line# }"
}

# stdin, indented and as it came
answered()
{
	local line
	while IFS= read -r line || [[ -n $line ]]; do
		printf '    %s%s%s\n' "$1" "$line" "$plain"
	done
}

progress_line()
{
	local what=$1 seconds=$2
	if [[ -t 1 ]]; then
		printf '%s    %s... %d s%s' "$clear$dim" "$what" "$seconds" "$plain"
	elif ((seconds % 10 == 0)); then
		printf '    ... %s, %d s\n' "$what" "$seconds"
	fi
}

# patiently WHAT COMMAND...: its stdout goes to $work/out, its stderr to $work/err; as long as it
# runs, it is shown that time goes by. Returns its status. The time it took is in $took, in
# tenths of a second.
patiently()
{
	local what=$1 status=0 shown=0 seconds start=${EPOCHREALTIME/./}
	shift
	"$@" >"$work/out" 2>"$work/err" &
	job=$!
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.05
		seconds=$(((${EPOCHREALTIME/./} - start) / 1000000))
		((seconds > shown)) || continue
		shown=$seconds
		progress_line "$what" "$seconds"
	done
	wait "$job" || status=$?
	job=
	took=$(((${EPOCHREALTIME/./} - start) / 100000))
	[[ ! -t 1 || $shown == 0 ]] || printf '%s' "$clear"
	return "$status"
}

# patiently, for what has no answer of its own to show; the end of what it said where it failed.
step()
{
	local what=$1
	patiently "$@" || {
		cat "$work/out" "$work/err" | tail -n 30 >&2
		die "$what: failed"
	}
	printf '    %s: %d.%d s\n' "$what" $((took / 10)) $((took % 10))
}

# proof TEXT COMMAND...: what has been shown. One that does not hold ends the demo.
proof()
{
	local text=$1
	shift
	if "$@" >/dev/null; then
		proofs+=("yes|$text")
		printf '    %sproven: %s%s\n' "$green" "$text" "$plain"
		return
	fi
	proofs+=("NO|$text")
	printf '    %sNOT SO: %s%s\n' "$red" "$text" "$plain"
	die "a proof did not hold: $text"
}

contains()
{
	[[ $1 == *"$2"* ]]
}

equals()
{
	[[ $1 == "$2" ]] && return
	printf '    expected: %s\n    found:    %s\n' "$2" "$1" >&2
	return 1
}

table()
{
	local row colour
	((${#proofs[@]})) || return 0
	heading "What was proven, in ${SECONDS} s"
	for row in "${proofs[@]}"; do
		colour=$green
		[[ $row == yes* ]] || colour=$red
		printf '%s%4s%s  %s\n' "$colour" "${row%%|*}" "$plain" "${row#*|}"
	done
}

die()
{
	printf '%s%s: %s%s\n' "$red" "${0##*/}" "$*" "$plain" >&2
	exit 1
}
