#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# In the node: kills calls of one kind at COUNT seeded random moments, repeats each as the kubelet
# does, and looks at what is left. All of it in one process of bash: in a node a fork costs 5-20 ms.
#
#   kills.bash first|again SEED COUNT DRIVER OPTIONS [DONE [UNMOUNTED]]
#
# DONE moments are behind us (of "again": so many of the mounts, and UNMOUNTED of the unmounts): the
# node died at the next one, and was booted again.
#
# first: first mounts, each of an image of its own. again: mounts of one image, and between them
# unmounts. OPTIONS is the JSON of a mount with VOLUME where the volume's and the image's name go. One line
# for each moment, "ok" or "not ok" with what was wrong; every answer is in /share/answers.first or
# /share/answers.again.
#
# The moments: one third each by time, by the caller's and by the worker's system calls, each third
# spread evenly over the measured range; the victims take turns: both, the caller alone, the worker
# alone. Half of those by system call let the call be made (up to 20 ms of it), the others do not.
set -u
set=$1
seed=$2
count=$3
driver=$4
options=$5
done_before=${6:-}
unmounted_before=${7:-}

answers=/share/answers.$set
export RBD_FLEXVOLUME_CONFIG=/share/mount.json
killer=/tmp/killer.$set
cp /share/killer "$killer"
key=$(sed -n 's/.*key = //p' /etc/ceph/ceph.client.kube.keyring)
monitor=$(grep 'mon host' /etc/ceph/ceph.conf)
monitor=${monitor#*v1:}
monitor=${monitor%%[],]*}
# for one answer: an OSD forgets a dead watch after 30 s, and the configuration waits 40 for that
LIMIT_MS=50000
# to wait without a process of its own: reading from it
mkfifo "/tmp/never.$set"
# what the next one has to know, if this node dies: which volume it was at, and the data's checksum
note=/share/note.$set
cd /

# Both set a variable: what is in $() is another process, with other random numbers.
now_ms() { now=$((${EPOCHREALTIME/[.,]/} / 1000)); }
random() { random=$(((RANDOM << 15 | RANDOM) % ($1 > 0 ? $1 : 1))); }

# --- one volume ---

name_volume() { # VOLUME
	volume=$1
	directory=/var/lib/kubelet/pods/pod-$volume/volumes/ceph~rbd/$volume
	json=${options//VOLUME/$volume}
	mkdir -p "$directory"
}

complain() {
	problems+="; $*"
}

# killed_call [OPTION...] -- VERB...: sets what the killer measured, and $answer.
killed_call() {
	local before=() out words word
	while [[ $1 != -- ]]; do
		before+=("$1")
		shift
	done
	shift
	killed='' status='' ms='' eof_ms='' caller=0 worker=0 fork=0 us=0 fork_us=0
	out=$("$killer" "${before[@]}" -- "$driver" "$@" 2>&1)
	read -ra words <<<"${out%%$'\n'*}"
	for word in "${words[@]}"; do
		[[ $word =~ ^(killed|status|ms|eof_ms|caller|worker|fork|us|fork_us)=(.*)$ ]] &&
			printf -v "${BASH_REMATCH[1]}" %s "${BASH_REMATCH[2]}"
	done
	[[ -n $killed ]] || complain "the killer said: $out"
	answer=
	[[ $out != *$'\n'* ]] || answer=${out#*$'\n'}
	[[ -z $answer ]] || printf '%s\n' "$answer" >>"$answers"
}

# call VERB...: sets $answer and $took.
call() {
	local start
	now_ms
	start=$now
	answer=$("$driver" "$@" 2>&1)
	now_ms
	took=$((now - start))
	printf '%s\n' "$answer" >>"$answers"
	((took <= LIMIT_MS)) || complain "$1 took $took ms"
}

# The same call again, half a second later, as the kubelet does: it succeeds, unless the killed one
# is still at work.
repeat() {
	local i
	tries=0
	for i in 1 2 3 4 5 6; do
		read -rt 0.5 _ <>"/tmp/never.$set"
		tries=$i
		call "$@"
		[[ $answer == '{"status":"Success"'* ]] && return
		[[ $answer == *'is still at work on it'* ]] && continue
		break
	done
	complain "$1 again, call $tries, answered $answer"
}

# --- the world ---

mapping_ids() {
	local entry
	ids=()
	for entry in /sys/bus/rbd/devices/*; do
		[[ ! -e $entry ]] || ids+=("${entry##*/}")
	done
}

mounts_of_rbd() {
	local id device major minor line words
	rbd_mounts=()
	mapping_ids
	while read -r line; do
		read -ra words <<<"$line"
		[[ $line == *' /dev/rbd'* ]] && rbd_mounts+=("${words[4]}")
		for id in "${ids[@]}"; do
			read -r major <"/sys/bus/rbd/devices/$id/major"
			read -r minor <"/sys/bus/rbd/devices/$id/minor"
			device=$major:$minor
			[[ ${words[2]} != "$device" || $line == *' /dev/rbd'* ]] || rbd_mounts+=("${words[4]}")
		done
	done </proc/1/mountinfo
}

processes() {
	local file name
	running=()
	for file in /proc/[0-9]*/comm; do
		name=
		read -r name 2>/dev/null <"$file" || continue
		case $name in
		rbd-flexvolume* | rbd-worker | mke2fs | e2fsck | modprobe) running+=("$name ${file//[!0-9]/}") ;;
		esac
	done
}

check_up() { # mounted once at its directory, from one mapping
	mounts_of_rbd
	((${#ids[@]} == 1)) || complain "mappings after mount: ${ids[*]:-none}"
	[[ ${rbd_mounts[*]} == "$directory" ]] || complain "mounts after mount: ${rbd_mounts[*]:-none}"
}

check_gone() {
	local i
	mounts_of_rbd
	((${#ids[@]} == 0)) || complain "mappings after unmount: ${ids[*]}"
	((${#rbd_mounts[@]} == 0)) || complain "mounts after unmount: ${rbd_mounts[*]}"
	for i in {1..300}; do
		processes
		((${#running[@]})) || return
		read -rt 0.1 _ <>"/tmp/never.$set"
	done
	complain "processes after unmount: ${running[*]}"
}

# Mapped read-only by hand, which leaves no watch.
check_file_system() {
	local words code=0 id
	mapping_ids
	((${#ids[@]} == 0)) || return
	if ! echo "$monitor name=kube,secret=$key,ro kube $volume -" >/sys/bus/rbd/add_single_major; then
		complain "image $volume cannot be mapped"
		return
	fi
	mapping_ids
	id=${ids[0]}
	words=$(e2fsck -fn "/dev/rbd$id" 2>&1) || code=$?
	echo "$id" >/sys/bus/rbd/remove_single_major || complain "cannot unmap rbd$id"
	((code == 0)) || complain "e2fsck: $code: $words"
}

write_data() {
	head -c 262144 /dev/urandom >"$directory/data" && sync "$directory/data"
	sum=$(sha256sum "$directory/data")
	sum=${sum%% *}
	note
}

note() {
	printf '%s %s\n' "$round" "$sum" >"$note" && sync "$note"
}

check_data() {
	local found
	found=$(sha256sum "$directory/data" 2>&1)
	[[ ${found%% *} == "$sum" ]] || complain "the data has the checksum $found, not $sum"
}

# A fresh file system, nothing in it, and it can be written.
check_empty() {
	local entries=("$directory"/*)
	[[ ${entries[*]} == "$directory/lost+found" ]] || complain "in it are: ${entries[*]}"
	write_data
	[[ $sum =~ ^[0-9a-f]{64}$ ]] || complain "it cannot be written"
}

# --- one moment ---

# The caller lived: one answer in time. It did not: it may have said it all before, or nothing.
# Nobody holds its output, whoever of its children lives on.
has_answered() { [[ $status == 0 && $answer == '{"status":"'*'"}' ]]; }

check_killed_call() {
	case $killed in
	caller*)
		# by the clock of the worker, which goes on after the answer, the caller may have ended
		((status == 137)) || { [[ $clock == worker ]] && has_answered; } ||
			complain "the caller's status is $status"
		;;
	*) has_answered || complain "status $status, answer $answer" ;;
	esac
	((eof_ms >= 0)) || complain "its output was open $eof_ms ms after its end"
	((ms <= LIMIT_MS)) || complain "it took $ms ms"
}

# Somewhere in the PART-th of PARTS equal parts of FROM to TO. No two runs are equally long: where
# the moment did not come, an earlier one is drawn.
draw() { # FROM TO PART PARTS
	local span=$(($2 > $1 ? $2 - $1 : 1))
	random "$span"
	moment=$(($1 + (span * $3 + random) * (5 - draws) / ($4 * 5)))
}

choose() { # KIND I: sets clock, victim, moment, delay
	local way=$(($2 % 3)) part=$(($2 / 3)) parts=$(((count + 2) / 3))
	case $(((part + way) % 3)) in
	0) victim=both ;;
	1) victim=caller ;;
	2) victim=worker ;;
	esac
	delay=0
	if ((way > 0 && part % 2)); then
		random 20000
		delay=$random
	fi
	case $way-$victim in
	0-worker) clock='time' && draw 1 "${measured[$1-worker_us]}" "$part" "$parts" ;;
	0-*) clock='time' && draw 0 "${measured[$1-us]}" "$part" "$parts" ;;
	1-worker) clock=caller && draw "$((measured[$1-fork] + 1))" "${measured[$1-caller]}" "$part" "$parts" ;;
	1-*) clock=caller && draw 1 "${measured[$1-caller]}" "$part" "$parts" ;;
	2-*) clock=worker && draw 1 "${measured[$1-worker]}" "$part" "$parts" ;;
	esac
}

declare -A measured

# measure KIND: how long the call takes and how many system calls it makes, uninterrupted: once for
# the time (the first has cold caches), once for the count.
measure() {
	killed_call -- "${verb[@]}"
	measured[$1-us]=$us
	measured[$1-worker_us]=$((us - fork_us))
}

count_calls() { # KIND
	killed_call --count -- "${verb[@]}"
	measured[$1-caller]=$caller
	measured[$1-worker]=$worker
	measured[$1-fork]=$fork
	echo "# $1: $((measured[$1-us] / 1000)) ms (the worker $((measured[$1-worker_us] / 1000)) ms of it)," \
		"system calls: caller $caller (the worker from $fork), worker $worker"
}

# kill_once KIND I: the call in $verb dies at its I-th moment, and is repeated. 1: the moment did not
# come, the call has ended before; then what the next choice is made from is corrected.
kill_once() {
	choose "$1" "$2"
	killed_call --victim "$victim" --at "$clock:$moment" --delay "$delay" -- "${verb[@]}"
	# a process that is just ending takes no notice of the kill
	[[ $killed == caller* && $clock != worker ]] && has_answered && killed=none
	[[ $killed == none ]] || check_killed_call
	first_answer=$answer
	repeat "${verb[@]}"
	[[ $killed == none ]] || return 0
	((us <= 0 || us >= measured[$1-us])) || measured[$1-us]=$us
	((fork_us <= 0 || us <= fork_us || us - fork_us >= measured[$1-worker_us])) ||
		measured[$1-worker_us]=$((us - fork_us))
	return 1
}

tell() { # KIND I
	[[ $killed != none ]] || complain "the moment $clock:$moment never came"
	now_ms
	printf '%s %s/%s: %s killed at %s %s, delay %s us, after %s ms%s: repeated %s times, %s ms in all%s\n' \
		"$([[ -z $problems ]] && echo ok || echo not ok)" "$1" "$2" "$victim" "$clock" "$moment" \
		"$delay" "$ms" "${first_answer:+, it answered $first_answer}" "$tries" \
		$((now - start)) "${problems:+: ${problems#; }}"
	problems=
	start=$now
}

succeed() { # VERB ARG...
	call "$@"
	[[ $answer == '{"status":"Success"'* ]] || complain "$1 answered $answer"
}

first_volume() {
	name_volume "first-$seed-$((++round))"
	note
	verb=(mount "$directory" "$json")
}

first_after() {
	check_up
	check_empty
	succeed unmount "$directory"
	check_gone
	check_file_system
}

# After a power cut the watch of the node that was is waited for, and the mount's own limit is longer.
recover() {
	local LIMIT_MS=120000
	read -r round sum <"$note"
	case $set in
	first) name_volume "first-$seed-$round" ;;
	again) name_volume "again-$seed" ;;
	esac
	succeed mount "$directory" "$json"
	check_up
	[[ $set == first ]] || check_data
	succeed unmount "$directory"
	check_gone
	check_file_system
}

run_first() {
	local i
	[[ -z $done_before ]] || recover
	for i in 1 2; do
		first_volume
		measure mount
		first_after
	done
	first_volume
	count_calls mount
	first_after
	ready
	for ((i = ${done_before:-0}; i < count; i++)); do
		for ((draws = 0; draws < 5; draws++)); do
			first_volume
			kill_once mount "$i" && break
			first_after
		done
		first_after
		tell first "$i"
	done
}

ready() {
	[[ -n $problems ]] || return 0
	echo "not ok $set, before anything was killed: ${problems#; }"
	exit 1
}

# again: what is mounted and what is not.
to_mount() { verb=(mount "$directory" "$json"); }
to_unmount() { verb=(unmount "$directory"); }

run_again() {
	local i how
	if [[ -n $done_before ]]; then
		recover
	else
		name_volume "again-$seed"
		succeed mount "$directory" "$json"
		write_data
		succeed unmount "$directory"
	fi
	for how in measure count_calls; do
		to_mount
		$how mount
		check_up
		check_data
		to_unmount
		$how unmount
		check_gone
	done
	ready
	for ((i = ${unmounted_before:-0}; i < count; i++)); do
		to_mount
		if ((i < ${done_before:-0})); then
			succeed mount "$directory" "$json"
		else
			for ((draws = 0; draws < 5; draws++)); do
				kill_once mount "$i" && break
				succeed unmount "$directory"
			done
		fi
		check_up
		check_data
		((i < ${done_before:-0})) || tell mount "$i"
		to_unmount
		for ((draws = 0; draws < 5; draws++)); do
			kill_once unmount "$i" && break
			succeed mount "$directory" "$json"
		done
		check_gone
		if ((i % 5 == 4 || i == count - 1)); then
			check_file_system
		fi
		tell unmount "$i"
	done
}

RANDOM=$((seed + ${done_before:-0}))
round=0 sum='' problems='' verb=() draws=0
now_ms
start=$now
"run_$set"
