# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The nodes' kernels: Debian's user-mode-linux of four releases, unpacked into the cache, never
# installed.

kernel_suite() {
	case $1 in
	5.10) echo bullseye ;;
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7.2) echo sid ;;
	*) usage_die "no kernel $1; there are 5.10, 6.1, 6.12 and 7.2" ;;
	esac
}

# The mirror this machine already uses, in whatever format its sources are written.
debian_mirror() {
	local codename release component uri
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
	# shellcheck disable=SC2016 # apt's own variables
	while read -r release component uri; do
		[[ $release == "$codename" && $component == main ]] || continue
		echo "${uri%/}"
		return 0
	done < <(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		'Created-By: Packages')
	die "no source of $codename main among this machine's apt sources"
}

# private_apt DIR ARGUMENT...: apt-get with sources, lists and caches of its own under DIR.
private_apt() {
	local dir=$1
	shift
	apt-get -q -o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=- \
		-o "Dir::State=$dir/state" -o "Dir::State::status=$dir/status" \
		-o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3 \
		-o Acquire::Languages=none "$@"
}

download_debs() { # DIR SUITE PACKAGE...
	local dir=$1 suite=$2 mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	shift 2
	mkdir -p "$dir"/{state/lists/partial,cache/archives/partial,debs}
	: >"$dir/status"
	mirror=$(debian_mirror)
	echo "deb [signed-by=$keyring] $mirror $suite main" >"$dir/sources.list"
	private_apt "$dir" -o APT::Update::Error-Mode=any update
	(cd "$dir/debs" && private_apt "$dir" download "$@")
}

# A kernel of a newer release gets the libc of that release. Starting it through ld.so does not do:
# it executes itself again.
give_libc() { # DIR SUITE FINALDIR
	local dir=$1 deb ld lib
	! "$dir/linux" --version >/dev/null 2>&1 || return 0
	download_debs "$dir/apt" "$2" libc6
	for deb in "$dir"/apt/debs/libc6_*.deb; do dpkg-deb -x "$deb" "$dir/libc"; done
	ld=$(find "$dir/libc" -name 'ld-linux-x86-64.so.2' -type f -print -quit)
	lib=$(dirname "$(find "$dir/libc" -name 'libc.so.6' -print -quit)")
	# The place it will have in the end.
	patchelf --set-interpreter "${ld/#"$dir"/"$3"}" --set-rpath "${lib/#"$dir"/"$3"}" \
		"$dir/linux"
}

# In a shell of its own (see kernel_dir), since each step needs the one before.
unpack_kernel() { # VERSION TMPDIR FINALDIR
	local suite
	suite=$(kernel_suite "$1")
	download_debs "$2/apt" "$suite" user-mode-linux
	dpkg-deb -x "$2"/apt/debs/user-mode-linux_*.deb "$2/deb"
	mkdir -p "$2/tree/lib"
	mv "$2/deb/usr/bin/linux.uml" "$2/linux"
	mv "$2/deb/usr/lib/uml/modules" "$2/tree/lib/modules"
	depmod -b "$2/tree" "$(ls "$2/tree/lib/modules")"
	give_libc "$2" "$suite" "$3"
	rm -rf "$2/apt" "$2/deb"
}

# Prints the directory of kernel $1: linux, tree/lib/modules. Fetched at the first use.
kernel_dir() {
	local dir=$LAB_CACHE/kernels/$1
	kernel_suite "$1" >/dev/null
	[[ ! -d $dir ]] || { echo "$dir"; return; }
	fetch_kernel "$1" "$dir"
	echo "$dir"
}

# A subshell and no "||" after it: errexit must hold in it, or half a kernel would be kept.
fetch_kernel() ( # VERSION DIR
	log=$LAB_CACHE/kernels/$1.log
	hold_lock "$LAB_CACHE/kernels/$1.lock"
	[[ ! -d $2 ]] || exit 0
	say "fetching kernel $1 ($(kernel_suite "$1"))"
	rm -rf "$2.tmp" # perhaps the remains of one that was killed
	mkdir "$2.tmp"
	trap 'fetch_failed "$1" "$2.tmp" "$log"' EXIT
	unpack_kernel "$1" "$2.tmp" "$2" >"$log" 2>&1
	mv "$2.tmp" "$2"
	trap - EXIT
	"$2/linux" --version >>"$log" 2>&1
)

fetch_failed() { # VERSION TMPDIR LOG
	tail -n 20 "$3" >&2
	say "cannot fetch kernel $1: $3"
	rm -rf "$2"
	exit 1
}

# Prints the module tree of kernel directory $1 for --rbd=$2: a node of "absent" has no rbd.ko
# anywhere.
kernel_modules() {
	local tree=$1/tree
	if [[ $2 == absent ]]; then
		tree=$1/tree-norbd
		(
			hold_lock "$1/norbd.lock"
			[[ ! -d $tree ]] || exit 0
			rm -rf "$tree.tmp"
			cp -a "$1/tree" "$tree.tmp"
			find "$tree.tmp" -name 'rbd.ko*' -delete
			depmod -b "$tree.tmp" "$(ls "$tree.tmp/lib/modules")"
			mv "$tree.tmp" "$tree"
		)
	fi
	echo "$tree/lib/modules"
}
