# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Where a command is played: in node 1 or 2 of the lab, at the cluster, or here. To be sourced.
# Needs: show.bash, work, lab (the lab's name), driver_name (as it is typed), key (the Ceph key).

# It stands where the Secret stands, in all that is shown. What a node is sent has the key in its
# place, and goes there through a pipe: it is in no command line of this machine.
readonly SECRET='<the key of client.kube, in base64>'

lab()
{
	test/lab/lab --lab "$lab" "$@"
}

# on PLACE COMMAND...
on()
{
	local place=$1
	shift
	case $place in
	here) "$@" ;;
	cluster) lab "$@" ;;
	*) lab run "$place" --timeout 180 -- "$@" ;;
	esac
}

prompt()
{
	case $1 in
	here) printf '%s' "$(hostname)" ;;
	cluster) printf 'cluster' ;;
	*) printf 'node%d' "$1" ;;
	esac
}

# look PLACE COMMAND...: shown as typed, with what it answers, which stays in $seen.
look()
{
	local place=$1 status=0
	shift
	typed "$(prompt "$place")" "$@"
	on "$place" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	seen=$(<"$work/out")
	answered "$dim" <"$work/out"
	((status == 0)) || {
		answered "$red" <"$work/err"
		die "$1 ended with status $status"
	}
}

# look_sh PLACE LINE [WAITING]: the same for a line of shell.
look_sh()
{
	local place=$1 line=$2 status=0
	typed_line "$(prompt "$place")" "$(shortened "$line")"
	patiently "${3:-waiting}" on "$place" bash -c "$line" || status=$?
	seen=$(<"$work/out")
	answered "$dim" <"$work/out"
	((status == 0)) || {
		answered "$red" <"$work/err"
		die "ended with status $status: $line"
	}
}

# The kubelet hands over the Secret in an argument; to the node it goes by stdin.
run_driver()
{
	local place=$1 last=${*: -1} encoded
	shift
	if [[ $last != *"$SECRET"* ]]; then
		on "$place" "$@" </dev/null
		return
	fi
	encoded=$(printf '%s' "$key" | base64 -w 0)
	printf '%s' "${last/"$SECRET"/"$encoded"}" |
		on "$place" bash -c 'exec "$@" "$(cat)"' - "${@:1:$#-1}"
}

# driver_call PLACE WAITING VERB ARGUMENT...: the call as typed, what it answered; Success, or the
# demo ends. The answer stays in $answer. WAITING: what to say while it takes long.
driver_call()
{
	local place=$1 waiting=$2 status=0
	shift 2
	typed "$(prompt "$place")" "$driver_name" "$@"
	patiently "$waiting" run_driver "$place" "$driver_name" "$@" || status=$?
	answer=$(<"$work/out")
	if ((status == 0)) && succeeded; then
		answered "$green" <"$work/out"
		printf '    %s(%d.%d s)%s\n' "$dim" $((took / 10)) $((took % 10)) "$plain"
		return
	fi
	answered "$red" <"$work/out"
	answered "$red" <"$work/err"
	die "$1 was not answered with Success (status $status, after $((took / 10)) s)"
}

succeeded()
{
	[[ $(jq -r .status <<<"$answer" 2>/dev/null) == Success ]]
}

# mapped PLACE VOLUME: the directories in sysfs of the mappings that bear this volume's label.
mapped()
{
	local place=$1 label="key=rbd-flexvolume/$2[#, ]"
	on "$place" bash -c 'grep -lsE "$1" /sys/bus/rbd/devices/*/config_info || true' - \
		"$label" </dev/null
}

# mounts PLACE DIRECTORY
mounts()
{
	on "$1" bash -c 'grep -F " $1 " /proc/self/mountinfo || true' - "$2" </dev/null
}

show_mount()
{
	look_sh "$1" "grep -F \" $2 \" /proc/self/mountinfo"
}

# Of this volume's only: another mapping of this machine may have a secret in it.
show_mapping() # PLACE VOLUME
{
	look "$1" cat "$(mapped "$1" "$2")"
}

nothing_left() # PLACE VOLUME DIRECTORY...
{
	local place=$1 volume=$2 directory
	shift 2
	[[ -z $(mapped "$place" "$volume") ]] || return 1
	for directory in "$@"; do
		[[ -z $(mounts "$place" "$directory") ]] || return 1
	done
}
