#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # words of scripts that are planted
#
# Each check proves itself: on a small clean tree it passes, on the same tree with one violation it
# fails and names the place. And the counting of tests proves that nothing gets lost.

setup_file() {
	CHECKS=$(dirname "$(readlink -f "$BATS_TEST_FILENAME")")
	export CHECKS
}

# A small clean driver with one unit test, which all checks are content with.
setup() {
	export CHECK_ROOT=$BATS_TEST_TMPDIR/tree
	cp -r "$CHECKS/clean" "$CHECK_ROOT"
	cd "$CHECK_ROOT" || return
	mkdir -p driver/{verbs,volume,ceph,kernel,base} deploy
	cp "$CHECKS"/../../{CMakeLists.txt,.clang-format,.clang-tidy,.shellcheckrc,.editorconfig} .
	cp "$CHECKS/../unit/unit.h" "$CHECKS/../unit/run" test/unit/
	cp "$CHECKS"/../../driver/launcher.c driver/
	cp "$CHECKS"/../../deploy/packages.cmake deploy/
	cp "$CHECKS"/../../driver/base/{cleanup.h,{bundle,deadline,error,path,spawn,str}.[ch]} driver/base/
}

# c_file ROOM/NAME LINE...: a C file of the driver with its first line
c_file() {
	local file=driver/$1
	shift
	printf '%s\n' '/* SPDX-License-Identifier: Apache-2.0 */' "$@" >"$file"
}

# Puts lines into main() of the small driver.
plant_in_main() {
	sed -i "s|^\tprintf(.*|&\n$1|" driver/main.c
	! diff -q driver/main.c "$CHECKS/clean/driver/main.c"
}

passes() {
	run "$CHECKS/$1"
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
}

# fails CHECK WORDS...: it fails, and says each of the words
fails() {
	run "$CHECKS/$1"
	printf '%s\n' "$output"
	[ "$status" -ne 0 ] || return 1
	shift
	local words
	for words in "$@"; do
		[[ $output == *"$words"* ]] || {
			printf 'it did not say: %s\n' "$words"
			return 1
		}
	done
}

@test "every check has a test here that sees it fail" {
	for file in "$CHECKS"/*; do
		name=$(basename "$file")
		[[ -f $file && -x $file && $name != run ]] || continue
		grep -qE "^\s+fails $name( |$)" "$BATS_TEST_FILENAME" || {
			echo "there is none for $name"
			return 1
		}
	done
}

@test "every check is content with the small clean tree" {
	for file in "$CHECKS"/*; do
		name=$(basename "$file")
		[[ ! -f $file || ! -x $file || $name == run ]] || passes "$name"
	done
}

@test "a check that finds nothing to look at fails" {
	find . -name '*.md' -delete
	fails docs 'there are no'
	rm -r driver
	fails includes 'there are no'
}

@test "format sees a line that is not formatted" {
	plant_in_main '\tif(argc>5){return  3;}'
	fails format driver/main.c
}

@test "gcc sees an unused variable" {
	plant_in_main '\tint unused_one;'
	fails gcc driver/main.c unused_one
}

@test "clang sees an assignment of a variable to itself" {
	plant_in_main '\targc = argc;'
	fails clang driver/main.c self-assign
}

@test "tidy sees the size of a pointer taken for that of its text" {
	plant_in_main '\tmemset(argv[0], 0, sizeof(argv[0]));'
	fails tidy driver/main.c
}

@test "tidy sees a null pointer that is followed" {
	plant_in_main '\tconst char *none = argc > 7 ? "" : NULL;\n\tif (argc < 3)\n\t\treturn *none;'
	fails tidy driver/main.c clang-analyzer
}

@test "cppcheck sees an index out of bounds" {
	plant_in_main '\tint row[4] = {0};\n\n\tfor (int i = 0; i <= 4; i++)\n\t\trow[i] = i;'
	fails cppcheck driver/main.c arrayIndexOutOfBounds
}

@test "shellcheck sees a word that is split, in a file without a suffix too" {
	printf '#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\nrm -rf $1\n' >script
	fails shellcheck script:3
}

@test "shellcheck looks into bats suites and sourced files" {
	printf '# SPDX-License-Identifier: Apache-2.0\n@test "x" {\n\techo $1\n}\n' >test/x.bats
	fails shellcheck test/x.bats
	rm test/x.bats
	printf '# shellcheck shell=bash\necho $1\n' >test/x.bash
	fails shellcheck test/x.bash
}

@test "shellcheck sees a variable that nobody sets, in a script of its own" {
	printf '#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\necho "$nobodys"\n' >script
	fails shellcheck script:3 SC2154
}

@test "includes sees a step upwards" {
	c_file base/path.h '#include "volume/volume.h"'
	fails includes driver/base/path.h:2 'base may not know volume'
	c_file base/path.h ''
	c_file volume/volume.h '#include "verbs/verbs.h"'
	fails includes driver/volume/volume.h:2
}

@test "includes sees a sibling" {
	c_file fs/mount.c '#include "kernel/krbd.h"'
	fails includes driver/fs/mount.c:2 'fs may not know kernel'
}

@test "includes sees an include that names no room" {
	c_file fs/mount.c '#include "../kernel/krbd.h"'
	fails includes driver/fs/mount.c:2 'name the room'
	c_file fs/mount.c '#include "mount.h"'
	fails includes driver/fs/mount.c:2 'name the room'
	c_file fs/mount.c '#include HEADER'
	fails includes driver/fs/mount.c:2
	c_file fs/mount.c '#include <kernel/krbd.h>'
	fails includes driver/fs/mount.c:2
}

@test "includes sees a foreign library outside its room" {
	local header
	for header in rados/librados.h rbd/librbd.h cjson/cJSON.h microhttpd.h dlfcn.h; do
		c_file volume/x.c "#include <$header>"
		fails includes driver/volume/x.c:2
	done
	rm driver/volume/x.c
	c_file fs/mount.c '#include <blkid/blkid.h>'
	fails includes driver/fs/mount.c:2
}

@test "includes sees a room that the design does not know" {
	mkdir driver/misc
	c_file misc/x.c ''
	fails includes 'no room misc'
}

@test "hardening sees that the executable is no PIE" {
	sed -i 's/PRIVATE -pie/PRIVATE -no-pie/' CMakeLists.txt
	fails hardening 'is not position-independent'
}

@test "hardening sees lazy binding" {
	sed -i 's/ LINKER:-z,now/ LINKER:-z,lazy/' CMakeLists.txt
	fails hardening 'binds lazily'
}

@test "hardening sees a missing RELRO" {
	sed -i 's/ LINKER:-z,relro/ LINKER:-z,norelro/' CMakeLists.txt
	fails hardening 'GNU_RELRO'
}

@test "hardening sees an executable stack" {
	sed -i 's/,noexecstack/,execstack/' CMakeLists.txt
	fails hardening 'executable stack'
}

@test "hardening sees a missing stack protector" {
	sed -i 's/-fstack-protector-strong/-fno-stack-protector/' CMakeLists.txt
	fails hardening 'without stack protector'
}

@test "hardening sees that nothing is fortified" {
	sed -i 's/-D_FORTIFY_SOURCE=2/-U_FORTIFY_SOURCE/' CMakeLists.txt
	fails hardening '_FORTIFY_SOURCE'
}

@test "hardening sees a run path" {
	echo 'set_target_properties(rbd-flexvolume PROPERTIES BUILD_RPATH /opt/lib)' >>CMakeLists.txt
	fails hardening 'run path'
}

@test "hardening sees a Ceph library that is linked" {
	echo 'target_link_libraries(rbd-flexvolume PRIVATE -Wl,--no-as-needed rados)' \
		>>CMakeLists.txt
	fails hardening 'links librados.so.2'
}

@test "sanitize sees a byte behind the end" {
	sed -i 's|assert_true(str_empty(""));|volatile size_t n = 4;\n\tvolatile char *x = malloc(n);\n\tx[n] = 1;\n\tfree((void *)x);|' \
		test/unit/test_str.c
	fails sanitize heap-buffer-overflow test_str.c
}

@test "sanitize sees a leak" {
	sed -i 's|assert_true(str_empty(""));|assert_non_null(strdup("lost"));|' test/unit/test_str.c
	fails sanitize 'detected memory leaks'
}

@test "sanitize sees undefined arithmetic" {
	sed -i 's|assert_true(str_empty(""));|volatile int x = 2147483647;\n\tx++;|' \
		test/unit/test_str.c
	fails sanitize 'signed integer overflow'
}

@test "spdx sees a C file, a script and a dotfile without the line" {
	sed -i 1d driver/base/str.c
	fails spdx driver/base/str.c
	printf '#!/bin/bash\necho\n' >script
	fails spdx 'script:1'
	sed -i /SPDX/d .clang-format
	fails spdx .clang-format
}

@test "no-shell sees a shell, a program found by PATH and a sleep" {
	local call
	for call in 'system("true")' 'popen("true", "r")' 'sleep(1)' 'usleep(1)' \
		'nanosleep(0, 0)' 'clock_nanosleep(0, 0, 0, 0)' 'execlp("true", "true")' \
		'run("/bin/sh")' 'run("bash")'; do
		c_file fs/x.c 'void x(void)' '{' $'\t'"$call;" '}'
		fails no-shell driver/fs/x.c:4 "$call"
	done
}

@test "no-shell passes over comments and other words" {
	c_file fs/x.c '/* never system("true") or sleep(1) */' '// nor popen(x)' \
		'void file_system(void);' 'void x(void)' '{' $'\tfile_system();' '}'
	passes no-shell
}

@test "docs sees a link to nothing and a heading that is not there" {
	printf '[gone](docs/gone.md)\n' >>README.md
	fails docs README.md:6 docs/gone.md
	sed -i '$d' README.md
	printf '[gone](docs/design.md#no-such-way)\n' >>README.md
	fails docs README.md:6 'no such heading'
}

@test "run says not ok of a failed check and ok of a good one" {
	sed -i 1d driver/base/str.c
	run "$CHECKS/run" docs spdx
	[ "$status" -ne 0 ]
	[[ ${lines[0]} == 1..2 ]]
	grep -q '^ok 1 docs' <<<"$output"
	grep -q '^not ok 2 spdx' <<<"$output"
}

# counted PASSED FAILED STATUS: how the TAP on stdin is counted
counted() {
	# shellcheck source=test/tap.bash
	source "$CHECKS/../tap.bash"
	cat >"$BATS_TEST_TMPDIR/tap"
	result=$(tap_count "$BATS_TEST_TMPDIR/tap" "$3")
	echo "counted: $result; wanted: $1 $2"
	[ "$result" = "$1 $2" ]
	if [ "$2" -gt 0 ]; then
		result=$(tap_failures "$BATS_TEST_TMPDIR/tap" "$3")
		[ -n "$result" ]
	fi
}

@test "passed and failed tests are counted" {
	printf '1..3\nok 1 a\nnot ok 2 b\n# why\nok 3 c\n' | counted 2 1 1
	printf '1..2\nok 1 - a\nok 2 - b\n1..1\nok 1 - c\n' | counted 3 0 0
}

@test "a skipped test is a failed one, as bats and as cmocka write it" {
	printf '1..2\nok 1 a # skip no kernel\nok 2 b\n' | counted 1 1 0
	printf '1..2\nok 1 - a\nnot ok 2 # SKIP b\n' | counted 1 1 0
	printf '1..1\nok 1 a # TODO later\n' | counted 0 1 0
}

@test "tests that never came are failed ones" {
	printf '1..5\nok 1 a\nok 2 b\n' | counted 2 3 0
	printf '1..5\nok 1 a\nnot ok 2 b\n' | counted 1 4 137
}

@test "a suite that fails with every test passed has failed" {
	printf '1..1\nok 1 a\n' | counted 1 1 99
}

@test "a suite that says nothing has failed" {
	counted 0 1 0 </dev/null
	printf '1..0\n' | counted 0 1 0
	printf 'command not found\n' | counted 0 1 127
}

@test "more tests than were planned are a failure" {
	printf '1..1\nok 1 a\nok 2 b\n' | counted 2 1 0
}

@test "what failed is kept, to be said again behind the counts" {
	cat >"$BATS_TEST_TMPDIR/played" <<'PLAYED'
set -euo pipefail
logs=$1
source test/jobs.bash
suite first 10 printf '1..2\nok 1 good\nnot ok 2 bad\n# why it is bad\n' >/dev/null
suite second 10 printf '1..1\nok 1 fine\n' >/dev/null
printf '%s' "$failures"
PLAYED
	cd "$CHECKS/../.."
	run bash "$BATS_TEST_TMPDIR/played" "$BATS_TEST_TMPDIR"
	[ "$status" -eq 0 ]
	[ "$output" = $'--- first\nnot ok 2 bad\n# why it is bad' ]
}
