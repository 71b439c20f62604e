# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One lab with one node for the whole folder. KERNEL (6.12) and DRIVER choose what is tested.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	suite_up docs 1
	node 1 ln -s "$DRIVER" /usr/local/bin/rbd-flexvolume
}

teardown_suite() {
	suite_down
}
