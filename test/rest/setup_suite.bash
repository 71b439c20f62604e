# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One cluster and one server with users for the whole folder.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	export LAB=rest-$$ SUITE_DIR=$BATS_SUITE_TMPDIR
	lab up --owner "$(bats_process)" >"$SUITE_DIR/lab.log" 2>&1 ||
		{ cat "$SUITE_DIR/lab.log" >&2; return 1; }
	chmod 0755 "$SUITE_DIR"
	lab rbd pool init kube
	configure main '{"allowPoolDelete": true}'
	printf 'root\n' | "$SERVER" passwd --auth "$SUITE_DIR/users" root
	printf 'reader\n' | "$SERVER" passwd --auth "$SUITE_DIR/users" reader --read-only
	start_server main --auth "$SUITE_DIR/users"
}

teardown_suite() {
	stop_servers
	[[ -z ${LAB:-} ]] || lab down
}
