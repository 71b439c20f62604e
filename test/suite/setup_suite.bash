# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One lab with two nodes for the whole folder. KERNEL and DRIVER choose what is tested.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	suite_up suite
}

teardown_suite() {
	suite_down
}
