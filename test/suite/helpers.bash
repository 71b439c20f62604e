# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the suites in the lab share (test/suite, test/faults): calls of the driver as the kubelet
# makes them, and looks at the world afterwards. Nodes are numbers; images are in pool kube.
# An assertion that fails prints what was expected and what is, and returns 1.

bats_require_minimum_version 1.5.0

ROOT=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
ROOT=$(realpath "$ROOT")
DRIVER=$(realpath -m "${DRIVER:-$ROOT/build/rbd-flexvolume}")
KERNEL=${KERNEL:-6.12}
POOL=kube

# The configuration of a call is /share/$MODE.json in the node (see config): attach or mount.
MODE=attach
# Longest time that one call may take, in seconds.
LIMIT=120
# What the last call answered, and the checksum that write_file has last made.
json='' status='' message='' milliseconds=0 sum=''

# shellcheck source=test/lab/bats.bash
source "$ROOT/test/lab/bats.bash"

# --- a run of a folder: one lab, for setup_suite and teardown_suite ---

# suite_up PREFIX [NODES [BOOT OPTION...]]: a lab of this run's own, which goes when bats goes, with
# nodes 1 to NODES (2). More words for `lab up` can be in LAB_UP.
suite_up() {
	local prefix=$1 nodes=${2:-2} n pids=()
	shift $(($# < 2 ? $# : 2))
	[[ -x $DRIVER ]] || { echo "no driver at $DRIVER: build it, or set DRIVER" >&2; return 1; }
	export LAB=$prefix-${KERNEL//./-}-$$ DRIVER KERNEL
	export SUITE_DIR=$BATS_SUITE_TMPDIR SHARE=/run/rbd-lab/$LAB/share
	# shellcheck disable=SC2086 # words on purpose
	lab up ${LAB_UP:-} --owner "$(bats_process)" >"$SUITE_DIR/lab.log" 2>&1 ||
		{ cat "$SUITE_DIR/lab.log" >&2; return 1; }
	config attach '{}'
	config mount '{"attach": false}'
	for ((n = 1; n <= nodes; n++)); do
		boot "$n" "$@" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || return 1
	done
}

suite_down() {
	[[ -z ${LAB:-} ]] || lab down
}

# boot N [OPTION...]: with this run's kernel.
boot() {
	local n=$1
	shift
	lab boot "$n" --kernel "$KERNEL" "$@" >"$SUITE_DIR/boot.$n.log" 2>&1 ||
		{ cat "$SUITE_DIR/boot.$n.log" >&2; return 1; }
	start_log "$n"
}

# Power cut and start, with what its kernel has said kept for zz-secrets.bats.
reboot() { # N
	node "$1" dmesg >>"$SUITE_DIR/dmesg" 2>/dev/null || true
	lab reboot "$1" >/dev/null 2>&1 && start_log "$1"
}

# Stands in for the node's syslog: what the driver logs is in $SHARE/N/log.
start_log() { # N
	# shellcheck disable=SC2016 # for perl
	node "$1" setsid -f perl -MSocket -e '
		my $in;
		socket($in, AF_UNIX, SOCK_DGRAM, 0) && bind($in, sockaddr_un("/dev/log")) or die;
		open(my $to, ">>", "/share/log") or die;
		open(STDOUT, ">/dev/null"); open(STDERR, ">/dev/null");
		while (defined(recv($in, my $line, 65536, 0))) { syswrite($to, "$line\n"); }'
	within 5 node "$1" test -S /dev/log
}

running() { # N
	lab status | grep -q "node$1 .*running"
}

# config NAME JSON: a configuration for the calls after MODE=NAME, on each node. A node caches what
# it has read: a name has one content.
config() {
	local n
	for n in 1 2 3 4 5; do
		mkdir -p "$SHARE/$n"
		printf '%s\n' "$2" >"$SHARE/$n/$1.json"
	done
}

# --- time ---

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# within SECONDS COMMAND...: asked again until it succeeds; at the end its last words.
within() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000)) last='' seconds=$1
	shift
	until last=$("$@" 2>&1); do
		if ((${EPOCHREALTIME/[.,]/} > end)); then
			printf 'not within %s s: %s\n%s\n' "$seconds" "$*" "$last"
			return 1
		fi
		sleep 0.1
	done
}

# --- a node ---

# node N COMMAND...: as root, nothing on its stdin.
node() {
	local n=$1
	shift
	lab run "$n" --timeout 120 -- "$@" </dev/null
}

global_dir() { echo "/var/lib/kubelet/plugins/kubernetes.io/flexvolume/ceph/rbd/mounts/$1"; } # VOLUME
pod_dir() { echo "/var/lib/kubelet/pods/$1/volumes/ceph~rbd/$2"; }                           # POD VOLUME

# The kubelet makes a directory before it calls.
make_dir() { # N DIR...
	local n=$1
	shift
	node "$n" mkdir -p -m 0750 "$@"
}

# --- the driver ---

# options VOLUME [KEY=VALUE | -KEY]...: the JSON that the kubelet sends. Image VOLUME in pool kube as
# user kube unless said otherwise; fsType, readwrite, pod (its uid) and secret (the key's text) are
# the kubelet's own; -KEY takes one out.
options() {
	jq -cn --args '
		reduce $ARGS.positional[1:][] as $word (
			{"kubernetes.io/fsType": "ext4",
			 "kubernetes.io/readwrite": "rw",
			 "kubernetes.io/pvOrVolumeName": $ARGS.positional[0],
			 "pool": "kube", "image": $ARGS.positional[0], "user": "kube"};
			if $word[:1] == "-" then del(.[$word[1:]])
			else ($word | index("=")) as $at | $word[:$at] as $key | $word[$at + 1:] as $value |
				if $key == "fsType" or $key == "readwrite" then .["kubernetes.io/" + $key] = $value
				elif $key == "pod" then .["kubernetes.io/pod.uid"] = $value
				elif $key == "secret" then .["kubernetes.io/secret/key"] = ($value | @base64)
				else .[$key] = $value
				end
			end)' -- "$@"
}

# call N VERB ARG...: as the kubelet calls: ends when nobody holds stdout and stderr any more. Sets
# $json, $status, $message, $milliseconds; one JSON object on stdout, nothing on stderr, exit 0.
# MODE: the configuration; ENVIRONMENT (an array): more of it.
call() {
	local n=$1 files start code=0 environment=("RBD_FLEXVOLUME_CONFIG=/share/$MODE.json")
	shift
	[[ -z ${ENVIRONMENT[*]:-} ]] || environment+=("${ENVIRONMENT[@]}")
	files=$(mktemp "$BATS_TEST_TMPDIR/call.XXXXXX")
	start=$(now_ms)
	lab run "$n" --eof --timeout "$LIMIT" -- env "${environment[@]}" "$DRIVER" "$@" \
		>"$files" 2>"$files.err" </dev/null || code=$?
	milliseconds=$(($(now_ms) - start))
	json=$(<"$files")
	{
		printf 'node%s %s ' "$n" "$1"
		cat "$files" "$files.err"
		printf '\n'
	} >>"$SUITE_DIR/answers"
	status='' message=''
	if ((code != 0)) || [[ -s $files.err ]] ||
		[[ $(jq -s 'length == 1 and (.[0] | type == "object")' "$files" 2>&1) != true ]]; then
		printf 'node%s %s: expected exit 0, one JSON object, nothing on stderr\n' "$n" "$1"
		printf 'exit %s\nstdout: %s\nstderr: %s\n' "$code" "$json" "$(<"$files.err")"
		return 1
	fi
	{
		IFS= read -r status
		IFS= read -r message
	} < <(jq -r '.status, (.message // "" | gsub("\n"; " "))' "$files")
	printf 'node%s %s (%s ms): %s\n' "$n" "$1" "$milliseconds" "$json"
}

driver_ok() { # N VERB ARG...
	call "$@" || return 1
	[[ $status == Success ]] && return 0
	printf 'expected: Success of node%s %s\nactual:   %s\n' "$1" "$2" "$json"
	return 1
}

# driver_fails REGEX N VERB ARG...: a Failure whose message matches; more with message_has.
driver_fails() {
	local regex=$1
	shift
	call "$@" || return 1
	if [[ $status == Failure && $message =~ $regex ]]; then return 0; fi
	printf 'expected: Failure of node%s %s with /%s/\nactual:   %s\n' "$1" "$2" "$regex" "$json"
	return 1
}

message_has() { # WORDS...: each stands in the last answer's message
	local words
	for words in "$@"; do
		[[ $message == *"$words"* ]] && continue
		printf 'expected in the message: %s\nactual:                  %s\n' "$words" "$message"
		return 1
	done
}

# together FUNCTION ARG...: FUNCTION ARG for each ARG, all at once; all must succeed.
together() {
	local function=$1 arg bad=0
	local -A jobs=()
	shift
	for arg in "$@"; do
		"$function" "$arg" >"$BATS_TEST_TMPDIR/together.$arg" 2>&1 &
		jobs[$arg]=$!
	done
	for arg in "$@"; do
		wait "${jobs[$arg]}" && continue
		printf '%s %s failed:\n' "$function" "$arg"
		cat "$BATS_TEST_TMPDIR/together.$arg"
		bad=1
	done
	return "$bad"
}

assert_faster() { # MILLISECONDS: the last call
	((milliseconds <= $1)) && return 0
	printf 'expected: at most %s ms\nactual:   %s ms\n' "$1" "$milliseconds"
	return 1
}

# All the way to a pod's directory and back, in the mode that MODE says (mount: the kubelet makes
# one call, attach: two). up N POD VOLUME JSON; down N POD VOLUME.
up() {
	local n=$1 pod=$2 volume=$3 text=$4
	make_dir "$n" "$(pod_dir "$pod" "$volume")" "$(global_dir "$volume")"
	if [[ $MODE == attach ]]; then
		driver_ok "$n" mountdevice "$(global_dir "$volume")" "" "$text" || return 1
	fi
	driver_ok "$n" mount "$(pod_dir "$pod" "$volume")" "$text"
}

down() {
	local n=$1 pod=$2 volume=$3
	driver_ok "$n" unmount "$(pod_dir "$pod" "$volume")" || return 1
	[[ $MODE == attach ]] || return 0
	driver_ok "$n" unmountdevice "$(global_dir "$volume")"
}

# --- the world: a node ---

# shellcheck disable=SC2016 # for the node's shell
MAPPINGS='
for d in /sys/bus/rbd/devices/*; do
	[ -e "$d/pool" ] || continue
	read -r pool <"$d/pool"; read -r image <"$d/name"; read -r snap <"$d/current_snap"
	read -r address <"$d/client_addr"; read -r info <"$d/config_info"
	read -r major <"$d/major"; read -r minor <"$d/minor"
	label=-
	case $info in *key=*) label=${info##*key=}; label=${label%%[, ]*} ;; esac
	echo "${d##*/} $pool/$image $snap $address $major:$minor $label"
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
mounts() { # N
	node "$1" cat /proc/devices /proc/1/mountinfo | awk "$MOUNTS" | sed 's/^mount: //'
}

# shellcheck disable=SC2016 # for the node's shell
PROCESSES='
for p in /proc/[0-9]*; do
	comm=; read -r comm <"$p/comm" || continue
	case $comm in rbd-flexvolume* | mke2fs | mkfs* | e2fsck | fsck* | xfs_logprint | resize2fs | modprobe) echo "${p#/proc/} $comm" ;; esac
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

# What is left of volumes on a node, a line each; nothing where all is gone. One command: each one
# in a node takes its time.
left() { # N
	node "$1" sh -c "{ $MAPPINGS
	} | sed 's/^/mapping: /'; { $PROCESSES
	} | sed 's/^/process: /'; $LINKS; cat /proc/devices /proc/1/mountinfo" | awk "$MOUNTS"'
		/^(mapping|process|link): / { print }'
}

gone() { # N
	local all
	all=$(left "$1") || return 1
	[[ -z $all ]] || { echo "$all"; return 1; }
}

# assert_nothing_left N [SECONDS]: no mapping, mount, device link at once, and no process within 5 s.
# With SECONDS all of it may take that long.
assert_nothing_left() {
	local all
	all=$(left "$1") || return 1
	[[ -n $all ]] || return 0
	if [[ -z ${2:-} ]] && grep -qv '^process: ' <<<"$all"; then
		printf 'expected: nothing left on node%s\nactual:\n%s\n' "$1" "$all"
		return 1
	fi
	within "${2:-5}" gone "$1"
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

# write_file N FILE [MIB]: random bytes, written through to the device; sets $sum. Then
# assert_file N FILE SUM.
write_file() {
	# shellcheck disable=SC2016 # for the node's shell
	sum=$(node "$1" sh -c 'head -c "$2" /dev/urandom >"$1" && sync "$1" && sha256sum <"$1"' - \
		"$2" $((${3:-1} * 1048576))) || return 1
	[[ $sum =~ ^[0-9a-f]{64} ]] || { echo "no checksum of $2 on node$1: $sum"; return 1; }
	sum=${sum%% *}
}

assert_file() {
	local actual
	actual=$(node "$1" sha256sum "$2") || return 1
	[[ ${actual%% *} == "$3" ]] && return 0
	printf 'expected: %s of %s on node%s\nactual:   %s\n' "$3" "$2" "$1" "$actual"
	return 1
}

# --- the world: the cluster ---

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

# The addresses that have IMAGE open, a line each.
watchers() { lab rbd status "$POOL/$1" --format json | jq -r '.watchers[].address'; }

# The record WHAT (format, holder) of IMAGE; empty where it has none.
image_record() {
	lab rados -p "$POOL" getxattr "rbd_header.$(image_id "$1")" "rbd-flexvolume.$2" 2>/dev/null || true
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

assert_count() { # NUMBER [TEXT]: lines of TEXT
	local count=0
	[[ -z ${2:-} ]] || count=$(wc -l <<<"$2")
	((count == $1)) && return 0
	printf 'expected: %s line(s)\nactual:   %s\n' "$1" "${2:-none}"
	return 1
}

assert_equal() { # ACTUAL EXPECTED [WHAT]
	[[ $1 == "$2" ]] && return 0
	printf 'expected: %s %s\nactual:   %s\n' "${3:-}" "$2" "$1"
	return 1
}
