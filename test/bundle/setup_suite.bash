# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The bundle, built; the roots it must run in; a lab without nodes.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

build() {
	[[ -e $ROOT/build/Makefile ]] || cmake -S "$ROOT" -B "$ROOT/build" -DTESTS=OFF || return 1
	cmake --build "$ROOT/build" --target bundle
}

setup_suite() {
	local log=$BATS_SUITE_TMPDIR/build.log
	# shellcheck source=test/packages.bash
	source "$ROOT/test/packages.bash"
	packages_need build bundle bundle-test lab >"$log" 2>&1 || { cat "$log" >&2; return 1; }
	build >>"$log" 2>&1 || { cat "$log" >&2; return 1; }
	ROOTS=$(mktemp -d /var/tmp/rbd-flexvolume-bundle.XXXXXX)
	export ROOTS
	make_roots "$ROOTS" || return 1
	DRIVER=$ROOTS/empty$PLUGIN/rbd suite_up bundle 0
}

teardown_suite() {
	suite_down
	rm -rf "${ROOTS:?}"
}
