# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A lab comes up, is watched by its guardian, and goes without a trace.

lab_up() {
	local mons=1 osds=1 store=memstore owner='' name=$LAB_NAME
	while (($# > 0)); do
		case $1 in
		--name) name=${2:?}; shift ;;
		--mons) mons=${2:?}; shift ;;
		--osds) osds=${2:?}; shift ;;
		--owner) owner=${2:?}; shift ;;
		--bluestore) store=bluestore ;;
		*) usage_die "lab up: unknown option '$1'" ;;
		esac
		shift
	done
	[[ $mons == [13] ]] || usage_die "--mons 1 or 3"
	[[ $osds == [123] ]] || usage_die "--osds 1, 2 or 3"
	use_lab "$name"
	claim_lab
	record_pid "$LAB_DIR/up.pid" $$
	exec {UP_STDERR}>&2
	trap up_failed EXIT
	trap 'exit 1' INT TERM HUP
	[[ -z $owner ]] || start_guardian "$owner"
	install_packages
	build_programs
	create_netns
	create_cluster "$mons" "$osds" "$store"
	: >"$LAB_DIR/ready"
	rm -f "$LAB_DIR/up.pid"
	trap - EXIT INT TERM HUP
	say "lab $LAB_NAME is up (${SECONDS}s): lab --lab $LAB_NAME boot 1"
	echo "$LAB_NAME"
}

# The logs go with the lab, so their ends are shown. A trap runs with the redirections of what it
# interrupts.
up_failed() {
	exec 2>&"$UP_STDERR"
	tail -n 5 "$LAB_DIR"/log/* >&2 2>/dev/null || true
	say "taking lab $LAB_NAME down again"
	take_down
}

# mkdir decides between two that come at the same time.
claim_lab() {
	mkdir -p "$LAB_ROOT"
	mkdir "$LAB_DIR" 2>/dev/null && return
	[[ -e $LAB_DIR/ready ]] && die "lab $LAB_NAME is up already"
	die "lab $LAB_NAME is coming up, or its remains are there: lab --lab $LAB_NAME down"
}

start_guardian() { # PID of the owner
	record_pid "$LAB_DIR/owner" "$1" || die "owner $1 is not there"
	spawn "$LAB_DIR/guardian.pid" "$LAB_DIR/guardian.log" "$SELF/lab" --lab "$LAB_NAME" guard
}

# Runs detached: waits for the owner's end, however it comes, then takes the lab down. Polls without
# starting a process.
lab_guard() {
	local never
	exec {never}<> <(:)
	while alive "$LAB_DIR/owner"; do
		read -r -t 0.5 -u "$never" || true
	done
	take_down
}

take_down() {
	[[ -d $LAB_DIR ]] || return 0
	rm -f "$LAB_DIR/ready"
	end_others
	end_processes
	! mountpoint -q "$LAB_DIR/memory" || umount "$LAB_DIR/memory"
	rm -rf --one-file-system "$LAB_DIR"
	rmdir "$LAB_ROOT" 2>/dev/null || true
}

# The lab's other commands at work: guardian, `lab up`, `lab boot`. We may be one of them.
end_others() {
	local file
	for file in "$LAB_DIR"/*.pid "$LAB_DIR"/nodes/*/boot.pid; do
		! alive "$file" || [[ $PID == "$$" ]] || end KILL "$file"
	done
}

end_processes() {
	local file
	for file in "$LAB_DIR"/nodes/*/pid; do
		[[ ! -e $file ]] || end KILL "$file"
	done
	for file in "$LAB_DIR"/ceph/*.pid; do
		! alive "$file" || kill -KILL "$PID" || true
	done
	for file in "$LAB_DIR"/ceph/*.pid; do
		[[ ! -e $file ]] || end KILL "$file"
	done
	remove_netns
}

lab_down() {
	local all='' dir
	case ${1:-} in
	--all) all=1 ;;
	'') ;;
	*) usage_die "lab down [--all]" ;;
	esac
	if [[ -z $all ]]; then
		[[ -d $LAB_DIR ]] || die "there is no lab $LAB_NAME"
		take_down
		return
	fi
	for dir in "$LAB_ROOT"/*/; do
		[[ -d $dir ]] || continue
		use_lab "$(basename "$dir")"
		take_down
	done
}
