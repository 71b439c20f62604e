# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The bundles, and the program that kills, once for the whole folder.

setup_suite() {
	ROOT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
	DRIVER=$(realpath "${DRIVER:-$ROOT/build/rbd-flexvolume}")
	BUILD=$(dirname "$DRIVER")
	BUNDLES=$BATS_SUITE_TMPDIR/bundles
	export ROOT DRIVER BUILD BUNDLES
	# shellcheck source=test/install/bundles.bash
	source "$ROOT/test/install/bundles.bash"
	make_bundles
	gcc -O -o "$BUNDLES/killer" "$ROOT/test/faults/killer.c"
}
