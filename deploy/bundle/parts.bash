# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How the files of this machine's packages that a program needs are collected, for the bundle and
# for the image of the REST server. To be sourced. The variables:
#   source       the work tree
#   tree         where they are collected, with the directories lib and licences
#   interpreter  the loader's path on this machine
#   sources      the paths on this machine of all that was collected

PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
declare -A have=()

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# loader_of FILE
loader_of()
{
	local path
	path=$(readelf -lW "$1" | sed -n 's/.*program interpreter: \(.*\)]/\1/p')
	[[ -x $path ]] || die "$1 has no loader on this machine: '$path'"
	printf '%s\n' "$path"
}

# libraries FILE [--preload LIST]: the paths of the libraries that FILE needs, all the way down.
libraries()
{
	local file=$1 said line
	shift
	said=$(env -i "$interpreter" "$@" --list "$file" 2>&1) || die "$file: $said"
	while read -r line; do
		case $line in
		*'not found'* | *'cannot be preloaded'*)
			die "$file needs what this machine lacks: $line" ;;
		*' => '*) line=${line#* => } ;;
		esac
		line=${line% (0x*}
		[[ $line == /* && ${line##*/} != "${interpreter##*/}" ]] || continue
		printf '%s\n' "$line"
	done <<<"$said"
}

# add_library PATH
add_library()
{
	local name=${1##*/}
	[[ -z ${have[$name]:-} ]] || return 0
	have[$name]=1
	install -m 0644 "$1" "$tree/lib/$name"
	sources+=("$1")
}

# nothing_else LOADER FILE...: with this loader, no file needs what is not in the tree.
nothing_else()
{
	local loader=$1 file said line path
	shift
	for file in "$@" "$tree"/lib/*; do
		[[ $file != "$loader" ]] || continue
		said=$("$loader" --inhibit-cache --library-path "$tree/lib" --list "$file" 2>&1) ||
			[[ $said == *'statically linked'* ]] || die "$file: $said"
		while read -r line; do
			[[ $line != *'not found'* ]] || die "$file: $line"
			path=${line#* => }
			path=${path% (0x*}
			[[ $path != /* || $path == "$tree"/* || $path == "$interpreter" ]] ||
				die "$file takes $path, which was not collected"
		done <<<"$said"
	done
}

# dpkg knows a file by the path under which its package has it, with or without /usr.
spellings()
{
	local path
	for path in "$@"; do
		path=$(realpath "$path")
		printf '%s\n' "$path" "${path#/usr}"
		[[ $path == /usr/* ]] || printf '/usr%s\n' "$path"
	done
}

# owners: the packages of the sources, one a line.
owners()
{
	local line path name
	local -a spelled=()
	local -A owner=()
	mapfile -t spelled < <(spellings "${sources[@]}")
	while read -r line; do
		[[ $line != 'diversion '* ]] || continue
		owner[${line##*: }]=${line%%[,:]*}
	done < <(dpkg -S "${spelled[@]}" 2>/dev/null)
	for path in "${sources[@]}"; do
		path=$(realpath "$path")
		name=${owner[$path]:-${owner[${path#/usr}]:-${owner[/usr$path]:-}}}
		[[ $name ]] || die "$path is of no package: where is it from, and under which licence?"
		printf '%s\n' "$name"
	done | sort -u
}

# licences WORDS...: of our own and of all packages; the words are said in the README there.
licences()
{
	local name licence path packages
	local -a package=()
	packages=$(owners)
	mapfile -t package <<<"$packages"
	install -m 0644 "$source/LICENSE" "$tree/licences/rbd-flexvolume"
	mkdir -m 0755 "$tree/licences/common-licenses"
	# packages of one source have the same text, which can be long
	for name in "${package[@]}"; do
		[[ -e /usr/share/doc/$name/copyright ]] ||
			die "package $name: no /usr/share/doc/$name/copyright"
		# shellcheck disable=SC2016 # dpkg's
		licence=$tree/licences/$(dpkg-query -W -f '${source:Package}\n' "$name" | head -n 1)
		if [[ -e $licence ]] && ! cmp -s "$licence" "/usr/share/doc/$name/copyright"; then
			licence=$tree/licences/$name
		fi
		install -m 0644 "/usr/share/doc/$name/copyright" "$licence"
	done
	grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$tree/licences" |
		sort -u | while read -r path; do
			[[ ! -e $path ]] ||
				install -m 0644 "$path" "$tree/licences/common-licenses/${path##*/}"
		done
	{
		printf 'The files here are from these packages; their sources are at '
		printf 'https://sources.debian.org/.\n%s\n' "$*"
		# shellcheck disable=SC2016 # dpkg's
		dpkg-query -W -f '${binary:Package} ${Version} (source: ${source:Package} ${source:Version})\n' \
			"${package[@]}" | sort -u
	} >"$tree/licences/README"
	chmod 0644 "$tree/licences/README"
}
