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
