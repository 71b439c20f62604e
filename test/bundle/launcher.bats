#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats runs each test in a process of its own
# shellcheck disable=SC2030,SC2031
# The launcher: where the bundle is broken it says so itself, as the driver would; where it is whole,
# nothing of the caller's changes what is run.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

# What init needs, in a folder of the test's own, so that it can be broken; sets $AT and $IN, the
# bundle's directory.
setup() {
	local from name
	from=$(echo "$BUNDLE"/.rbd-flexvolume-*)
	AT=$BATS_TEST_TMPDIR/ceph~rbd
	IN=$AT/${from##*/}
	mkdir -p "$IN/lib"
	cp "$BUNDLE/rbd" "$AT/"
	cp "$from/ld.so" "$from/rbd-flexvolume" "$IN/"
	# of the libraries, those that are opened before its first line
	while read -r name; do
		cp "$name" "$IN/lib/"
	done < <("$from/ld.so" --inhibit-cache --library-path "$from/lib" --list "$from/rbd-flexvolume" |
		grep -oE "=> $from/lib/[^ ]*" | cut -c 4-)
}

launched() { # as it should be
	answer "$AT/rbd" init || return 1
	assert_equal "$status" Success
}

# broken WORDS...: a call-out is answered by a Failure that has these words, what is missing, and
# what to do; a person gets a sentence and exit status 1. VERBS and MANUAL: other ones.
broken() {
	local verb words part code
	for verb in "${VERBS[@]:-init}"; do
		answer "$AT/rbd" "$verb" /a '{"kubernetes.io/secret/key": "c2VjcmV0"}' || return 1
		assert_equal "$status" Failure || return 1
		message_has "start rbd-flexvolume: " "$@" "install rbd-flexvolume on this node again" || return 1
		[[ $json != *c2VjcmV0* ]] || return 1
	done
	for verb in "${MANUAL[@]:-version}"; do
		code=0
		words=$("$AT/rbd" "$verb" 2>&1 >"$BATS_TEST_TMPDIR/out") || code=$?
		if ((code != 1)) || [[ -s $BATS_TEST_TMPDIR/out || $words != "start rbd-flexvolume: "* ]]; then
			echo "$verb: exit $code, $words"
			return 1
		fi
		for part in "$@"; do
			[[ $words == *"$part"* ]] || { echo "$verb: $words"; return 1; }
		done
	done
}

# The bytes from AT on of FILE become others: printf's escapes.
overwrite() { # FILE AT BYTES
	# shellcheck disable=SC2059 # escapes
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "whole, it answers as the driver does" {
	launched
	assert_equal "$("$AT/rbd" version)" "$("$ROOT/build/rbd-flexvolume" version)"
	answer "$AT/rbd" getvolumename '{}'
	assert_equal "$status" "Not supported"
}

@test "no directory of the bundle: each call-out is answered by a Failure that names it, a person by a sentence" {
	mapfile -t VERBS < <("$ROOT/build/rbd-flexvolume" help |
		awk '/^For the kubelet/ { on = 1; next } on && /^  [a-z]/ { print $1 }')
	((${#VERBS[@]} == 12)) || return 1
	MANUAL=(help version status doctor gc install nonsense --help '')
	rm -r "$IN"
	broken "$IN/ld.so: No such file or directory"
}

@test "the bundle of another version is not taken" {
	mv "$IN" "$AT/.rbd-flexvolume-9.9.9-0123456789ab"
	broken "$IN/ld.so: No such file or directory"
}

@test "no loader: a Failure that names it" {
	rm "$IN/ld.so"
	broken "$IN/ld.so: No such file or directory"
}

@test "a loader that may not be executed: a Failure that says so" {
	chmod 0644 "$IN/ld.so"
	broken "$IN/ld.so: Permission denied"
}

@test "a loader, driver or library that is no program, or empty: a Failure that says so" {
	local name
	for name in ld.so rbd-flexvolume lib/libc.so.6; do
		cp -p "$IN/$name" "$BATS_TEST_TMPDIR/kept"
		overwrite "$IN/$name" 0 '#!/bin/sh\n'
		broken "$IN/$name: it is no program"
		: >"$IN/$name"
		broken "$IN/$name: it is no program"
		cp -p "$BATS_TEST_TMPDIR/kept" "$IN/$name"
	done
	launched
}

@test "a loader, driver or library of another processor: a Failure that says so" {
	local name
	for name in ld.so rbd-flexvolume lib/libcjson.so.1; do
		cp -p "$IN/$name" "$BATS_TEST_TMPDIR/kept"
		# elf.h: e_machine is at 18; 22 is s390
		overwrite "$IN/$name" 18 '\x16\x00'
		broken "$IN/$name: it is for another kind of processor"
		cp -p "$BATS_TEST_TMPDIR/kept" "$IN/$name"
		# e_ident[EI_CLASS]: of 32 bits
		overwrite "$IN/$name" 4 '\x01'
		broken "$IN/$name: it is for another kind of processor"
		cp -p "$BATS_TEST_TMPDIR/kept" "$IN/$name"
	done
	launched
}

@test "a file that a copy has cut off: a Failure that says so" {
	local name size
	for name in ld.so rbd-flexvolume lib/libc.so.6; do
		cp -p "$IN/$name" "$BATS_TEST_TMPDIR/kept"
		size=$(stat -c %s "$IN/$name")
		truncate -s $((size - 1)) "$IN/$name"
		broken "$IN/$name: it is cut off"
		truncate -s 4096 "$IN/$name"
		broken "$IN/$name: it is cut off"
		cp -p "$BATS_TEST_TMPDIR/kept" "$IN/$name"
	done
	launched
}

@test "every library that the loader opens at the start is looked at; a directory is no library" {
	local name count=0
	for name in "$IN"/lib/*; do
		mv "$name" "$BATS_TEST_TMPDIR/kept"
		broken "$name: No such file or directory"
		mkdir "$name"
		broken "$name: Is a directory"
		rmdir "$name"
		mv "$BATS_TEST_TMPDIR/kept" "$name"
		count=$((count + 1))
	done
	# and these are all: with no other one it starts
	((count >= 2)) || return 1
	launched
}

@test "a directory with a quote, a backslash, a control character and a letter that is no ASCII: it is JSON" {
	local odd=$BATS_TEST_TMPDIR/$'a"b\\c\td\xc3\xa4\xff/ceph~rbd'
	mkdir -p "${odd%/*}"
	mv "$AT" "$odd"
	AT=$odd
	launched
	rm -r "$odd"/.rbd*
	broken 'a"b\c?d???/ceph~rbd/'
}

@test "a directory with what the loader takes for a separator or a variable: a Failure that says so" {
	local name
	for name in a:b 'a;b' a\$b; do
		mv "$AT" "$BATS_TEST_TMPDIR/$name"
		AT=$BATS_TEST_TMPDIR/$name
		broken "$name" "no colon, semicolon or dollar sign"
		mv "$AT" "$BATS_TEST_TMPDIR/ceph~rbd"
		AT=$BATS_TEST_TMPDIR/ceph~rbd
	done
}

@test "called by a link, from another directory, by a relative name: it finds its own" {
	ln -s "$AT/rbd" "$BATS_TEST_TMPDIR/link"
	answer "$BATS_TEST_TMPDIR/link" init
	assert_equal "$status" Success
	cd "$BATS_TEST_TMPDIR"
	answer 'ceph~rbd/rbd' init
	assert_equal "$status" Success
	PATH=$AT:$PATH answer rbd init
	assert_equal "$status" Success
}

@test "one that an upgrade has replaced meanwhile still starts its own version" {
	local file
	# not in a ceph~rbd: of one that has gone from there an installer takes it that it may start any
	# version, and those of test/install, which runs beside this, would leave theirs as they are
	mv "$AT" "$BATS_TEST_TMPDIR/plugin"
	AT=$BATS_TEST_TMPDIR/plugin
	exec {file}<"$AT/rbd"
	: >"$AT/new"
	mv "$AT/new" "$AT/rbd"
	answer "/proc/$BASHPID/fd/$file" init
	assert_equal "$status" Success
}

@test "where /proc is not mounted, a call by a path is served and one without is told why" {
	local tree=$BATS_TEST_TMPDIR/tree words
	mkdir -p "$tree"/{proc,sys,dev,run,bin}
	cp -r "$AT" "$tree/"
	cp "$(command -v busybox)" "$tree/bin/"
	export NO_PROC=1
	answer "$BATS_TEST_DIRNAME/in-root" "$tree" '/ceph~rbd/rbd' init
	assert_equal "$status" Success
	# what was called is "rbd", which says nothing
	answer "$BATS_TEST_DIRNAME/in-root" "$tree" /bin/busybox sh -c 'exec -a rbd /ceph~rbd/rbd init'
	assert_equal "$status" Failure
	message_has "/proc is not mounted"
}

@test "with stdin, stdout and stderr closed, or stdout alone, it starts, and says what is broken to whoever is there" {
	local all
	"$AT/rbd" init <&- >&- 2>&-
	all=$("$AT/rbd" init <&- 2>&1 >&-)
	assert_equal "$(jq -r .status <<<"$all")" Success
	rm -r "$IN"
	"$AT/rbd" init <&- >&- 2>&-
	all=$("$AT/rbd" init <&- 2>&1 >&-)
	assert_equal "$(jq -r .status <<<"$all")" Failure
	all=$("$AT/rbd" init <&- 2>&-)
	assert_equal "$(jq -r .status <<<"$all")" Failure
	# nobody reads
	"$AT/rbd" init | :
	assert_equal "${PIPESTATUS[0]}" 0
}

# A program in the loader's place that says how it was called.
watch_loader() {
	cat >"$BATS_TEST_TMPDIR/main.c" <<-'C'
		#include <stdio.h>
		int main(int argc, char *argv[], char *environment[])
		{
			printf("%d\n", argc);
			for (int i = 0; i < argc; i++)
				printf("<%s>\n", argv[i]);
			for (; *environment; environment++)
				printf("%s\n", *environment);
			return 0;
		}
	C
	gcc -o "$IN/ld.so" "$BATS_TEST_TMPDIR/main.c"
}

@test "the arguments are passed on as they are, the environment without what changes the code" {
	watch_loader
	assert_equal "$(env -i "$AT/rbd" mount '/a b' '' '{"a": "\n"}')" "$(printf '%s\n' 9 "<$IN/ld.so>" \
		'<--inhibit-cache>' '<--library-path>' "<$IN/lib>" "<$IN/rbd-flexvolume>" \
		'<mount>' '</a b>' '<>' '<{"a": "\n"}>')"
	assert_equal "$(env -i "$AT/rbd")" "$(printf '%s\n' 5 "<$IN/ld.so>" \
		'<--inhibit-cache>' '<--library-path>' "<$IN/lib>" "<$IN/rbd-flexvolume>")"
	assert_equal "$(env -i A=1 LD_PRELOAD=a LD_LIBRARY_PATH=b RBD_FLEXVOLUME_CONFIG=c LD_AUDIT=d \
		LD_DEBUG=all LD_ANYTHING= GLIBC_TUNABLES=e OPENSSL_CONF=f OPENSSL_MODULES=g OPENSSL_ENGINES=h \
		GCONV_PATH=i LOCPATH=j NLSPATH=k CEPH_LIB=l XLD_PRELOAD=m GLIBC_TUNABLES_NOT=n LD=o PATH=p \
		"$AT/rbd" init | tail -n +8)" \
		"$(printf '%s\n' A=1 RBD_FLEXVOLUME_CONFIG=c XLD_PRELOAD=m GLIBC_TUNABLES_NOT=n LD=o PATH=p)"
}

@test "a library in LD_PRELOAD, LD_AUDIT or LD_LIBRARY_PATH is not loaded" {
	local evil=$BATS_TEST_TMPDIR/evil name
	printf '#include <stdlib.h>\n__attribute__((constructor)) static void loaded(void) { _Exit(7); }\n' \
		>"$evil.c"
	mkdir "$evil"
	gcc -shared -fPIC -o "$evil/libcjson.so.1" "$evil.c"
	# on the driver alone each of them works
	for name in LD_PRELOAD="$evil/libcjson.so.1" LD_AUDIT="$evil/libcjson.so.1" LD_LIBRARY_PATH="$evil"; do
		run ! env "$name" "$ROOT/build/rbd-flexvolume" init
		answer env "$name" "$AT/rbd" init
		assert_equal "$status" Success
	done
}

@test "thousands of arguments are passed on" {
	watch_loader
	mapfile -t many < <(seq 1 20000)
	assert_equal "$("$AT/rbd" "${many[@]}" | head -n 20006 | tail -n 1)" "<20000>"
}

@test "the launcher's cost is small beside an empty program and the driver alone" {
	local name words
	gcc -O2 -o "$BATS_TEST_TMPDIR/empty" "$ROOT/test/bench.d/floor_empty.c"
	gcc -O2 -D_GNU_SOURCE -o "$BATS_TEST_TMPDIR/timer" "$ROOT/test/bench.d/timer.c"
	printf 'begin %s\nrun %s %s\nend\n' empty "$BATS_TEST_TMPDIR/empty" '' \
		loader "$IN/ld.so" "--inhibit-cache --library-path $IN/lib $IN/rbd-flexvolume init" \
		launcher "$AT/rbd" init >"$BATS_TEST_TMPDIR/plan"
	# the fastest of many: what else the machine does only slows down
	"$BATS_TEST_TMPDIR/timer" 40 <"$BATS_TEST_TMPDIR/plan" >"$BATS_TEST_TMPDIR/times"
	words=$(sort -k3,3n "$BATS_TEST_TMPDIR/times" | awk '
		!($1 in least) { least[$1] = $3 }
		END {
			added = least["launcher"] - least["loader"]
			ratio = least["launcher"] / least["empty"]
			printf "launcher: %d us more than the driver alone, %.1f times an empty program", added, ratio
			exit !(added < 3000 && ratio < 8)
		}') || { echo "$words"; return 1; }
	echo "# $words" >&3
}
