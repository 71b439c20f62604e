# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The state of a node: mappings, mounts, processes, and what is left of volumes. Sourced by
# helpers.bash.

# shellcheck disable=SC2016 # for the node's shell
MAPPINGS='
for d in /sys/bus/rbd/devices/*; do
	[ -e "$d/pool" ] || continue
	read -r pool <"$d/pool"; read -r image <"$d/name"; read -r snap <"$d/current_snap"
	read -r address <"$d/client_addr"; read -r info <"$d/config_info"
	read -r major <"$d/major"; read -r minor <"$d/minor"
	label=-
	case $info in *key=*) label=${info##*key=}; label=${label%%[, ]*} ;; esac
	echo "${prefix:-}${d##*/} $pool/$image $snap $address $major:$minor $label"
done'

# One line per mapping: id pool/image snapshot client-address major:minor label ("-": none).
mappings() { # N
	node "$1" sh -c "$MAPPINGS"
}

# Of /proc/devices and mountinfo, the mounts of mappings.
# shellcheck disable=SC2016 # for awk
MOUNTS='
	NF == 2 && $2 ~ /^rbd/ { rbd[$1] = 1 }
	NF > 9 && $1 ~ /^[0-9]+$/ {
		split($3, device, ":")
		if (device[1] in rbd)
			print "mount: " $3, $5, substr($6, 1, 2), $6
	}'

# One line per mount of a mapping in PID 1's namespace: major:minor directory ro|rw options.
mounts() ( # N
	set -o pipefail
	node "$1" cat /proc/devices /proc/1/mountinfo | awk "$MOUNTS" | sed 's/^mount: //'
)

# shellcheck disable=SC2016 # for the node's shell
PROCESSES='
for p in /proc/[0-9]*; do
	comm=; read -r comm <"$p/comm" || continue
	case $comm in rbd-flexvolume* | mke2fs | mkfs* | e2fsck | fsck* | xfs_logprint | resize2fs | modprobe) echo "${prefix:-}${p#/proc/} $comm" ;; esac
done 2>/dev/null; :'

# One line per process of the driver and of the programs that it starts: pid name.
processes() { # N
	node "$1" sh -c "$PROCESSES"
}

# The field WHAT (id, snapshot, address, device, label) of the mapping of IMAGE; fails unless there
# is exactly one.
mapping() { # N IMAGE WHAT
	local line
	line=$(mappings "$1" | awk -v image="$POOL/$2" '$2 == image')
	if [[ -z $line || $line == *$'\n'* ]]; then
		printf 'expected: one mapping of %s on node%s\nactual:   %s\n' "$2" "$1" "${line:-none}" >&2
		return 1
	fi
	case $3 in
	id) set -- 1 ;; snapshot) set -- 3 ;; address) set -- 4 ;; device) set -- 5 ;; label) set -- 6 ;;
	*) echo "mapping: no field '$3'" >&2; return 1 ;;
	esac
	awk -v field="$1" '{ print $field }' <<<"$line"
}

assert_mapped() { # N IMAGE COUNT
	local all count
	all=$(mappings "$1") || return 1
	count=$(awk -v image="$POOL/$2" '$2 == image' <<<"$all" | grep -c . || true)
	((count == $3)) && return 0
	printf 'expected: %s mapping(s) of %s on node%s\nactual:   %s\n%s\n' "$3" "$2" "$1" "$count" "$all"
	return 1
}

# assert_mounted N DIR [ro|rw [IMAGE]]: exactly one mount at DIR, of a mapping, and of IMAGE's.
assert_mounted() {
	local all line device
	all=$(mounts "$1") || return 1
	line=$(awk -v dir="$2" '$2 == dir' <<<"$all")
	if [[ -z $line || $line == *$'\n'* || ( -n ${3:-} && $(cut -d' ' -f3 <<<"$line") != "$3" ) ]]; then
		printf 'expected: one mount at %s on node%s %s\nactual:   %s\n' "$2" "$1" "${3:-}" "${all:-none}"
		return 1
	fi
	[[ -n ${4:-} ]] || return 0
	device=$(mapping "$1" "$4" device) || return 1
	[[ ${line%% *} == "$device" ]] && return 0
	printf 'expected: device %s of image %s at %s\nactual:   %s\n' "$device" "$4" "$2" "$line"
	return 1
}

# The options of the mount at DIR and of its file system.
shown() { # N DIR
	node "$1" cat /proc/1/mountinfo | awk -v dir="$2" '$5 == dir { print $6 "," $NF }'
}

assert_shown() { # N DIR OPTION...
	local n=$1 dir=$2 all option
	shift 2
	all=$(shown "$n" "$dir")
	for option in "$@"; do
		[[ ,$all, == *",$option,"* ]] && continue
		printf 'expected: %s on the mount at %s\nactual:   %s\n' "$option" "$dir" "$all"
		return 1
	done
}

# Nothing at all is mounted there.
assert_not_mounted() { # N DIR
	local line
	line=$(node "$1" cat /proc/1/mountinfo) || return 1
	line=$(awk -v dir="$2" '$5 == dir' <<<"$line")
	[[ -z $line ]] && return 0
	printf 'expected: no mount at %s on node%s\nactual:   %s\n' "$2" "$1" "$line"
	return 1
}

# shellcheck disable=SC2016 # for the node's shell
LINKS='for i in /dev/rbd-flexvolume/*; do [ ! -L "$i" ] || echo "link: $i"; done'

# What is left of volumes on a node, a line each; nothing where all is gone. One command, and in it one
# program: each one in a node takes its time.
left() ( # N
	set -o pipefail # a node that is dead has left nothing, but shows nothing either
	node "$1" sh -c "prefix='mapping: '; $MAPPINGS
		prefix='process: '; $PROCESSES
		$LINKS; exec cat /proc/devices /proc/1/mountinfo" | awk "$MOUNTS"'
		/^(mapping|process|link): / { print }'
)

gone() { # N
	local all
	all=$(left "$1") || return 1
	[[ -z $all ]] || { echo "$all"; return 1; }
}

# assert_nothing_left N [SECONDS]: no mapping, mount, device link at once; a process that is just
# ending may take 30 s, on a busy machine. With SECONDS all of it may take that long.
assert_nothing_left() {
	local all
	all=$(left "$1") || return 1
	[[ -n $all ]] || return 0
	if [[ -z ${2:-} ]] && grep -qv '^process: ' <<<"$all"; then
		printf 'expected: nothing left on node%s\nactual:\n%s\n' "$1" "$all"
		return 1
	fi
	within "${2:-30}" gone "$1"
}

# tidy N...: for teardown: a node that a failed test has left in disorder is booted anew.
tidy() {
	local n
	[[ -z ${BATS_TEST_COMPLETED:-} ]] || return 0
	for n in "$@"; do
		if running "$n"; then
			lab heal "$n"
			gone "$n" >/dev/null 2>&1 && continue
		fi
		reboot "$n" || echo "node$n does not boot"
	done
}
