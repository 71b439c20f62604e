# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One directory for the whole folder, and a bare tree in it, of which base image and node are made.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	# shellcheck source=test/packages.bash
	source "$ROOT/test/packages.bash"
	packages_need build bundle image
	IMAGE_DIR=$(mktemp -d /var/tmp/rbd-flexvolume-image.XXXXXX)
	export IMAGE_DIR
	mkdir "$IMAGE_DIR/tmp"
	sources
	as_printed base 1 1
}

teardown_suite() {
	[[ ${IMAGE_DIR:-} ]] || return 0
	storage rm --all >/dev/null || true
	# what a killed build has left
	awk -v dir="$IMAGE_DIR/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
		xargs -r -d '\n' umount
	rm -rf --one-file-system "$IMAGE_DIR"
}
