# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The validators, by package-lock.json alone and without any script of theirs. What is there of the
# same lock stays.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	local here=$ROOT/test/deploy new tries=0
	cmp -s "$here/package-lock.json" "$NPM_DIR/installed" && return
	mkdir -p "$(dirname "$NPM_DIR")"
	new=$(mktemp -d "$NPM_DIR.XXXXXX")
	cp "$here/package.json" "$here/package-lock.json" "$new"
	# npm tries each fetch again by itself, but not one that hangs
	until (cd "$new" && timeout 240 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2; do
		((++tries < 3)) || { rm -rf "$new"; return 1; }
		sleep 5
	done
	cp "$here/package-lock.json" "$new/installed"
	rm -rf "$NPM_DIR"
	mv "$new" "$NPM_DIR"
}
