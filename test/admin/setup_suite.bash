# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One cluster and one node for the whole folder, with a pool rbd beside kube.
# shellcheck source=test/admin/helpers.bash
source "${BASH_SOURCE[0]%/*}/helpers.bash"

setup_suite() {
	suite_up admin 1 --admin
	lab ceph osd pool create rbd 8
	lab rbd pool init rbd
	node 1 modprobe rbd
	node 1 ln -s "$DRIVER" /usr/local/bin/rbd-flexvolume
}

teardown_suite() {
	suite_down
}
