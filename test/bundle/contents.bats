#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is in the bundle, and that nothing is missing.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	TREE=$(echo "$BUNDLE"/.rbd-flexvolume-*)
}

@test "the bundle is the launcher and one directory, named by version and content" {
	local version
	version=$(sed -n 's/^project(rbd-flexvolume VERSION \([0-9.]*\) .*/\1/p' "$ROOT/CMakeLists.txt")
	assert_equal "$(ls -A "$BUNDLE")" "$(printf '%s\n' "${TREE##*/}" rbd)"
	[[ ${TREE##*/} =~ ^\.rbd-flexvolume-${version//./\\.}-[0-9a-f]{12}$ ]] || return 1
	grep -qaF "${TREE##*/}" "$BUNDLE/rbd"
}

@test "all in it are files and directories that everybody may read and only root write" {
	local all
	all=$(find "$BUNDLE" \( -type f -o -type d \) \( -perm 0755 -o -perm 0644 \) -o -print)
	assert_equal "$all" ""
}

@test "the launcher is static" {
	local segments
	segments=$(readelf -lW "$BUNDLE/rbd")
	run -1 grep -E 'INTERP|DYNAMIC' <<<"$segments"
	grep -q 'GNU_STACK.* RW ' <<<"$segments"
}

@test "driver, programs and libraries need nothing that is not in the bundle" {
	local file said line path count=0
	for file in "$TREE"/rbd-flexvolume "$TREE"/bin/* "$TREE"/lib/*.so*; do
		said=$(env -i "$TREE/ld.so" --inhibit-cache --library-path "$TREE/lib" --list "$file" 2>&1) ||
			{ echo "$file: $said"; return 1; }
		while read -r line; do
			[[ $line != *'not found'* ]] || { echo "$file: $line"; return 1; }
			path=${line#* => }
			path=${path% (0x*}
			[[ $path != /* || $path == "$TREE"/lib/* || $path == "$TREE/ld.so" ]] ||
				{ echo "$file: $line"; return 1; }
		done <<<"$said"
		count=$((count + 1))
	done
	((count > 30))
}

@test "what the driver loads and runs when it needs it is in the bundle" {
	local name
	while read -r name; do
		[[ -s $TREE/lib/$name ]] || { echo "no $name"; return 1; }
	done < <(grep -rhoE '"lib[a-z]+\.so\.[0-9]+"' "$ROOT/driver" | tr -d '"' | sort -u)
	# each array of words for a child begins with its name
	while read -r name; do
		[[ $name == modprobe ]] && continue
		[[ -x $TREE/bin/$name && -x $TREE/ld/$name ]] || { echo "no $name"; return 1; }
	done < <({
		grep -rhoE 'argv\[\] = \{"[a-z0-9_.]+"' "$ROOT/driver"
		grep -rhoE 'arguments_argv\(&arguments, "[a-z0-9_.]+"' "$ROOT/driver"
	} | grep -oE '"[^"]+"' | tr -d '"' | sort -u)
	[[ -s $TREE/etc/mke2fs.conf && -e $TREE/etc/openssl.cnf ]]
}

@test "its loader takes nothing from the host's /etc/ld.so.preload or cache" {
	run -1 grep -qa 'ld\.so\.preload' "$TREE/ld.so"
	local name
	for name in "$TREE"/ld/*; do
		cmp "$name" "$TREE/ld.so" || return 1
	done
}

@test "the licence of each package that is in it is there, and every text that one refers to" {
	local package source name count=0
	while read -r package _ _ source _; do
		[[ -n $source ]] || continue
		[[ -s $TREE/licences/$source || -s $TREE/licences/${package%%:*} ]] ||
			{ echo "no licence of $package"; return 1; }
		count=$((count + 1))
	done < <(tr -d '()' <"$TREE/licences/README" | grep ' source: ')
	((count > 20)) || return 1
	for name in ceph glibc gcc-12 e2fsprogs xfsprogs cjson openssl rbd-flexvolume; do
		compgen -G "$TREE/licences/${name/gcc-12/gcc-*}" >/dev/null || { echo "no $name"; return 1; }
	done
	while read -r name; do
		[[ -s $TREE/licences/common-licenses/$name || ! -e /usr/share/common-licenses/$name ]] ||
			{ echo "no $name"; return 1; }
	done < <(grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$TREE/licences" |
		sed 's|.*/||' | sort -u)
}

@test "the same content gives the same bundle, to the byte; another content another name" {
	local again=$BATS_TEST_TMPDIR/again/ceph~rbd other=$BATS_TEST_TMPDIR/other/ceph~rbd
	"$ROOT/deploy/bundle/collect" "$ROOT/build/rbd-flexvolume" 0.1.0 gcc "$again"
	diff -r "$BUNDLE" "$again"

	# any other program will do
	"$ROOT/deploy/bundle/collect" /usr/bin/env 0.1.0 gcc "$other"
	[[ $(echo "$other"/.rbd-flexvolume-0.1.0-*) != "$other/${TREE##*/}" ]]
	run -1 cmp -s "$other/rbd" "$BUNDLE/rbd"
}

@test "a driver whose libraries this machine lacks makes no bundle, and the old one stays" {
	local made=$BATS_TEST_TMPDIR/made/ceph~rbd words code=0
	printf 'int nothing(void);\nint main(void) { return nothing(); }\n' >"$BATS_TEST_TMPDIR/main.c"
	printf 'int nothing(void);\nint nothing(void) { return 0; }\n' >"$BATS_TEST_TMPDIR/lib.c"
	gcc -shared -o "$BATS_TEST_TMPDIR/libgone.so" "$BATS_TEST_TMPDIR/lib.c"
	gcc -o "$BATS_TEST_TMPDIR/main" "$BATS_TEST_TMPDIR/main.c" -L"$BATS_TEST_TMPDIR" -lgone
	mkdir -p "$made"
	: >"$made/old"
	words=$("$ROOT/deploy/bundle/collect" "$BATS_TEST_TMPDIR/main" 0.1.0 gcc "$made" 2>&1) || code=$?
	((code == 1)) || return 1
	[[ $words == *libgone.so* ]] || { echo "$words"; return 1; }
	assert_equal "$(ls -A "${made%/*}" "$made")" "$(printf '%s:\nceph~rbd\n\n%s:\nold' "${made%/*}" "$made")"
}
