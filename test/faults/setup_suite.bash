# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One lab with two nodes for the whole folder. KERNEL, DRIVER choose what is tested, SEED the moments.
source "${BASH_SOURCE[0]%/*}/faults.bash"

setup_suite() {
	local tool n
	suite_up faults
	for tool in killer sampler; do
		"${CC:-cc}" -std=gnu17 -O2 -Wall -Wextra -Werror -static -o "$SUITE_DIR/$tool" \
			"$FAULTS/$tool.c" || return 1
		for n in 1 2 3; do
			cp "$SUITE_DIR/$tool" "$SHARE/$n/"
		done
	done
	export SEED=${SEED:-$((10#${EPOCHREALTIME#*[.,]} % 32768))}
	echo "# seed $SEED (SEED=$SEED plays it again), kernel $KERNEL" >&3
}

teardown_suite() {
	suite_down
}
