# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the lab needs of the machine, by package name; installs only what is missing.

LAB_PACKAGES=(
    ceph-mon ceph-osd ceph-mgr ceph-common
    iproute2 util-linux procps kmod findutils patchelf
    gcc libc6-dev ca-certificates debian-archive-keyring
    e2fsprogs xfsprogs strace
)

missing_packages() {
    local package
    for package in "${LAB_PACKAGES[@]}"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
    done
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} > 0)) || return 0
    mkdir -p "$LAB_CACHE"
    say "installing ${missing[*]}"
    (
        hold_lock "$LAB_CACHE/apt.lock"
        export DEBIAN_FRONTEND=noninteractive
        apt_install "${missing[@]}" || { apt-get -q update && apt_install "${missing[@]}"; }
    ) >"$LAB_CACHE/apt.log" 2>&1 || {
        tail -n 20 "$LAB_CACHE/apt.log" >&2
        die "cannot install ${missing[*]}: $LAB_CACHE/apt.log"
    }
}

apt_install() {
    # No service may start: the lab runs its own daemons, and the machine's are not ours.
    RUNLEVEL=1 apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
}
