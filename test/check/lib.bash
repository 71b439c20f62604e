# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the checks share. To be sourced by each of them; the work directory is then the tree that
# is checked: this one, or the one in CHECK_ROOT (selftest.bats plants violations there).

export LC_ALL=C.UTF-8
JOBS=${JOBS:-$(nproc)}
cd "${CHECK_ROOT:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..}" || exit 2

# The build script beside us, on the tree that is checked.
build()
{
	CHECK_ROOT=$PWD JOBS=$JOBS \
		"$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../build" "$@"
}

# files FIND-EXPRESSION...: the tree's own files, sorted, one a line.
files()
{
	find . \( -name .git -o -path './build' -o -path './build-*' -o -name vendor \
		-o -path './test/*/build' \) -prune -o -type f \( "$@" \) -print |
		sed 's|^\./||' | sort
}

c_files()
{
	files -name '*.c' -o -name '*.h'
}

# Files that a shell runs: by their name or by their first line.
shell_files()
{
	files -name '*.bash' -o -name '*.bats' -o -name '*.sh'
	files ! -name '*.*' -o -path './.ci/*' | while read -r file; do
		head -n 1 "$file" | grep -qaE '^#!.*\b(bash|sh|dash|bats)\b' && printf '%s\n' "$file"
	done || true
}

# done_checking NAME WHAT NUMBER FOUND: the last line of a check, and its status. Where there was
# nothing to look at, the check has shown nothing.
done_checking()
{
	local name=$1 what=$2 number=$3 found=$4
	if ((found)); then
		printf '%s: %d finding(s) in %d %s\n' "$name" "$found" "$number" "$what"
		exit 1
	fi
	if ((number == 0)); then
		printf '%s: there are no %s to check\n' "$name" "$what"
		exit 1
	fi
	printf '%s: %d %s, nothing found\n' "$name" "$number" "$what"
	exit 0
}
