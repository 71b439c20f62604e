# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The lines of docs/image.md, run as they are printed: what differs here is what the commands do, by
# functions of their names. No engine, no registry, no user namespace.

# buildah, with all that it keeps in our directory
storage() {
	TMPDIR=$IMAGE_DIR/tmp command buildah --root "$IMAGE_DIR/storage" --runroot "$IMAGE_DIR/run" \
		--storage-driver vfs "$@"
}

# The place of the registry: the directory of an image that was pushed.
pushed() { # IMAGE
	echo "$IMAGE_DIR/pushed/$1"
}

buildah() {
	case $1 in
	bud) build "${@:2}" ;;
	push) mkdir -p "$(pushed "$2")" && storage push --quiet "$2" "dir:$(pushed "$2")" ;;
	*) storage "$@" ;;
	esac
}

docker() {
	case $1 in
	build) build "${@:2}" ;;
	*) buildah "$@" ;;
	esac
}

# What was built once is not built again; where the line itself names no base, it is that of the page.
build() {
	storage bud --layers --isolation chroot --pull-never --build-arg BASE=localhost/base \
		--build-arg REVISION="${REVISION:-unknown}" "$@"
}

# A bare tree of the machine's own Debian release, from the mirror that it uses.
mmdebstrap() {
	local option
	local -a options=() words=("${@/#bookworm/$(codename)}")
	while read -r option; do options+=("--aptopt=$option"); done < <(reach)
	command mmdebstrap --quiet --components=main "${options[@]}" \
		--aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io "${words[@]/#http:*/$(mirror)}"
}

codename() {
	# shellcheck disable=SC1091
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

mirror() {
	# shellcheck disable=SC2016 # apt's
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$(codename)" '$1 == release && $2 == "main" { print $3; exit }'
}

# How this machine reaches it (a proxy, clocks that are not looked at), an option a line.
reach() {
	apt-config dump --format '%f "%v";%n' Acquire |
		grep -E '^Acquire::(http|https|Check-[A-Za-z-]+|ForceIPv[46])\b.* "..*";$' || true
}

# The directory in which the page's reader stands: the files of the tree that a build may see.
sources() {
	local path
	mkdir "$IMAGE_DIR/source"
	(
		cd "$ROOT" || exit
		for path in Dockerfile .dockerignore $(sed -n 's/^!//p' .dockerignore); do
			cp -r --parents "$path" "$IMAGE_DIR/source"
		done
	)
}

# as_printed WORD [FIRST [LAST]]: runs these lines of the page's block `sh WORD` in that directory.
as_printed() {
	local line lines
	mapfile -t lines < <(pages blocks docs/image.md "sh $1" | cut -f 2- | sed -n "${2:-1},${3:-$}p")
	((${#lines[@]})) || { echo "docs/image.md has no such lines: sh $1"; return 1; }
	(
		cd "$IMAGE_DIR/source" || exit
		# one after the other in one shell, and each has to succeed, whoever asks for it
		for line in "${lines[@]}"; do
			printf '# %s\n' "$line"
			eval "$line" || { echo "docs/image.md: this line failed: $line"; exit 1; }
		done
	)
}
