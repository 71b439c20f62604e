# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# From what was measured to a record, and from the record to a table. To be sourced.
# Needs: work, rounds, size.

# What is in the table: the row's words; which measurement; of the driver, of the floor (those
# that are added), of the peers; the budgets: times the floor, times the peers, KiB, programs.
ROWS='
{"what":"init","place":"node","driver":"init.driver","floor":["empty.floor"],"budget":2,"memory":3072,"budget_programs":0,"count":"init"}
{"what":"unmount of nothing","place":"node","driver":"nothing.driver","floor":["empty.floor"],"budget":2,"memory":3072,"budget_programs":0,"count":"nothing"}
{"what":"a refusal","place":"node","driver":"refusal.driver","floor":["empty.floor"],"budget":2,"memory":3072}
{"what":"repeated mount","place":"node","driver":"again.driver","floor":["empty.floor"],"budget":2,"memory":3072,"budget_programs":0,"count":"again"}
{"what":"a further pod","place":"node","driver":"further.driver","memory":3072,"budget_programs":0,"count":"further"}
{"what":"mount, existing ext4","place":"node","driver":"mount.driver","floor":["guard.floor","map.floor"],"peers":"mount.peers","budget":1.15,"budget_peers":0.5,"memory":40960,"budget_programs":0,"count":"mount"}
{"what":"unmount","place":"node","driver":"unmount.driver","floor":["unmount.floor"],"peers":"unmount.peers","budget":1.3,"budget_peers":0.25,"memory":3072,"budget_programs":0,"count":"unmount"}
{"what":"first mount","place":"node","driver":"first.driver","floor":["first.floor"],"peers":"first.peers","budget_peers":0.5,"memory":40960,"budget_programs":1,"count":"first"}
{"what":"init","place":"machine","driver":"init.driver","floor":["empty.floor"],"budget":2,"memory":3072}
{"what":"the look for others","place":"machine","driver":"guard.driver","floor":["guard.floor"],"budget":1.15,"memory":40960}
{"what":"create (by attach)","place":"machine","driver":"create.driver","floor":["create.floor"],"budget":1.15,"memory":40960}'

# Lines "NAME ROUND MICROSECONDS KIB" to {NAME: {all, median, least, kib}}; round 0 warms up.
measurements() # FILE
{
	jq -Rn '
		def median: sort | if length % 2 == 1 then .[length / 2 | floor]
			else (.[length / 2 - 1] + .[length / 2]) / 2 end;
		[inputs / " " | select(.[1] != "0")] | group_by(.[0]) | map({key: .[0][0], value: {
			all: map(.[2] | tonumber / 1000),
			median: (map(.[2] | tonumber / 1000) | median),
			least: (map(.[2] | tonumber / 1000) | min),
			kib: (map(.[3] | tonumber) | max)}}) | from_entries' "$1"
}

counts() # FILE
{
	jq -Rn '[inputs / " " | {key: .[0], value: {programs: (.[1] | tonumber),
		forks: (.[2] | tonumber)}}] | from_entries' "$1"
}

summary() # KERNEL RELEASE
{
	jq -n --arg kernel "$1" --arg release "$2" --argjson rounds "$rounds" --argjson size "$size" \
		--argjson node "$(measurements "$work/node.$1")" \
		--argjson machine "$(measurements "$work/here.$1")" \
		--argjson counts "$(counts "$work/programs.$1")" --slurpfile rows <(printf '%s' "$ROWS") '
		{kernel: $kernel, release: $release, rounds: $rounds, gib: $size, milliseconds: {node: $node, machine: $machine},
		rows: ($rows | map(
			{node: $node, machine: $machine}[.place] as $all |
			. + {ms: $all[.driver].median, kib: $all[.driver].kib,
				ms_floor: (if .floor then .floor | map($all[.].median) | add else null end),
				ms_peers: (if .peers then $all[.peers].median else null end),
				least_floor: (if .floor then $all[.driver].least /
					(.floor | map($all[.].least) | add) else null end),
				least_peers: (if .peers then $all[.driver].least / $all[.peers].least else null end)} + ($counts[.count // ""] // {}) |
			. + {times_floor: (if .ms_floor then .ms / .ms_floor else null end),
				times_peers: (if .ms_peers then .ms / .ms_peers else null end)} |
			. + {held: ([.budget == null or .times_floor <= .budget,
				.budget_peers == null or .times_peers <= .budget_peers,
				.kib <= .memory, .forks == null or
				(.programs <= .budget_programs and .forks - .programs <= 1)] | all)}))}'
}

# "1.23 <=1.15 OVER"; "1.23 (1.10) <=1.15 OVER" with a second value
cell() # VALUE BUDGET [OTHER]
{
	local verdict=''
	[[ ${3:--} == - ]] || printf -v verdict ' (%.2f)' "$3"
	[[ $1 != - ]] || { printf -- '-' && return; }
	if [[ $2 != - ]]; then
		verdict+=$(awk -v value="$1" -v budget="$2" \
			'BEGIN { printf " <=%s %s", budget, value <= budget ? "ok" : "OVER" }')
	fi
	printf '%.2f%s' "$1" "$verdict"
}

table_of() # SUMMARY
{
	local what place ms floor peers times budget times_peers budget_peers kib memory programs forks
	local may least least_peers
	jq -r '"\nkernel \(.release) in User-Mode Linux, \(.rounds) rounds, medians in milliseconds; first mounts of \(.gib) GiB
(in brackets the ratio of the least times, which a busy machine disturbs less)"' "$1"
	printf '%-22s %8s %8s %8s  %-24s %-24s %-18s %s\n' 'in the node' driver floor peers \
		'x floor' 'x peers' 'peak MiB' 'programs+forks'
	while IFS=$'\t' read -r what place ms floor peers times budget times_peers budget_peers kib \
		memory programs forks may least least_peers; do
		[[ $place == node || $what != init ]] || printf 'on the machine itself\n'
		printf '%-22s %8.1f %8s %8s  %-24s %-24s %-18s %s\n' "$what" "$ms" \
			"$(number "$floor")" "$(number "$peers")" "$(cell "$times" "$budget" "$least")" \
			"$(cell "$times_peers" "$budget_peers" "$least_peers")" \
			"$(cell "$(mib "$kib")" "$(mib "$memory")")" "$(ran "$programs" "$forks" "$may")"
	done < <(jq -r '.rows[] | [.what, .place, .ms, .ms_floor, .ms_peers, .times_floor, .budget,
		.times_peers, .budget_peers, .kib, .memory, .programs, .forks, .budget_programs,
		.least_floor, .least_peers] |
		map(. // "-") | @tsv' "$1")
}

# Programs, and processes forked besides them, of which there may be one.
ran() # PROGRAMS FORKS BUDGET
{
	[[ $1 != - ]] || { printf -- '-' && return; }
	printf '%d+%d %s' "$1" $(($2 - $1)) "$( (($1 <= $3 && $2 - $1 <= 1)) && echo ok || echo OVER)"
}

number()
{
	[[ $1 != - ]] || { printf -- '-' && return; }
	printf '%.1f' "$1"
}

mib()
{
	awk -v kib="$1" 'BEGIN { printf "%.4g", kib / 1024 }'
}
