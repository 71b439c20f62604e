# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the lab needs of the machine, by package name. ../packages.bash reads the list from here.

LAB_PACKAGES=(
	ceph-mon ceph-osd ceph-mgr ceph-common
	iproute2 util-linux procps kmod findutils patchelf
	gcc libc6-dev debian-archive-keyring
	e2fsprogs xfsprogs libmount1 systemd strace
)

packages_are_there() {
	local states
	# shellcheck disable=SC2016 # dpkg-query's own variable
	states=$(dpkg-query -W -f '${db:Status-Abbrev}\n' "${LAB_PACKAGES[@]}" 2>/dev/null) || return 1
	! grep -qv '^.i' <<<"$states"
}

install_packages() {
	packages_are_there && return
	# shellcheck source-path=SCRIPTDIR source=../../packages.bash
	. "$SELF/../packages.bash"
	packages_need lab || die "cannot install what the lab needs"
}
