# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What every folder of bats needs that brings up a lab. To be sourced; ROOT is the tree.

lab() { "$ROOT/test/lab/lab" "$@"; }

# The topmost process of this run of bats: when it is killed, its helpers go on for a while.
bats_process() {
	local pid=$$ top=$$ line
	while ((pid > 1)); do
		line=$(tr '\0' ' ' <"/proc/$pid/cmdline") || break
		[[ $line == *bats* ]] || break
		top=$pid
		line=$(<"/proc/$pid/stat")
		read -r _ pid _ <<<"${line##*) }"
	done
	echo "$top"
}

# A placement group whose lease ran out while its only OSD was paused (16 s, renewed every 8) keeps the
# requests that wait for it until it peers anew (Ceph 16, size 1): "waiting for readable".
resume_osd() {
	lab osd resume 0
	lab ceph osd down 0 2>/dev/null
	within 60 osd_is_back
}

osd_is_back() {
	# one that is scrubbed is clean, too
	lab ceph pg ls --format json 2>/dev/null | jq -se '.[0] | (.pg_stats? // .) |
		length >= 8 and all(.[]; .state | startswith("active+clean"))' >/dev/null &&
		[[ $(lab ceph osd stat 2>/dev/null) == *'1 up'* ]]
}
