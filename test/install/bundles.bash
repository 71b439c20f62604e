# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Two bundles of the built driver and of one that calls itself 0.2.0 and knows the key "novelty":
# the launcher, the driver, and a few files in folders as a bundle has them. To be sourced; ROOT is
# the tree, BUILD where it was built, BUNDLES where they are made, as n and next.

# compiled_again SOURCE OBJECT SED: with the flags of the build
compiled_again() {
	local command
	command=$(jq -r --arg file "$ROOT/driver/$1" '.[] | select(.file == $file) | .command' \
		"$BUILD/compile_commands.json" | head -n 1)
	sed -E "$3" "$ROOT/driver/$1" >"$BUNDLES/${2%.o}.c"
	command=${command/-DRBD_FLEXVOLUME_VERSION=\\\"0.1.0\\\"/-DRBD_FLEXVOLUME_VERSION=\\\"0.2.0\\\"}
	command=${command%% -o *}
	(cd "$BUILD" && eval "$command -o $BUNDLES/$2 -c $BUNDLES/${2%.o}.c")
}

make_next_driver() { # TO
	local link
	compiled_again kubelet/config.c config.o 's/^(\s*)\{"rest", take_rest, 0, NULL\},/\1{"rest", take_rest, 0, NULL}, {"novelty", take_rest, 0, NULL},/'
	grep -q '"novelty"' "$BUNDLES/config.c"
	compiled_again verbs/help.c help.o ''
	# what the driver was linked by, with these two before the library that has the old ones
	link=$(<"$BUILD/CMakeFiles/rbd-flexvolume.dir/link.txt")
	link=${link/-o rbd-flexvolume/-o $1 $BUNDLES/config.o $BUNDLES/help.o}
	(cd "$BUILD" && eval "$link")
}

make_launcher() { # NAME FILE
	gcc -O -static -DBUNDLE="\"$1\"" -o "$2" "$ROOT/test/install/launcher.c"
}

make_bundle() { # DIRECTORY NAME DRIVER
	local number
	mkdir -p "$1/$2/lib/ceph" "$1/$2/etc"
	cp "$3" "$1/$2/rbd-flexvolume"
	strip "$1/$2/rbd-flexvolume"
	for number in 1 2 3; do
		head -c $((number * 70000)) /dev/urandom >"$1/$2/lib/libnumber$number.so.$number"
	done
	ln -s libnumber1.so.1 "$1/$2/lib/libnumber1.so"
	echo plug-in >"$1/$2/lib/ceph/plugin.so"
	: >"$1/$2/etc/empty.conf"
	make_launcher "$2" "$1/rbd"
	chmod 0755 "$1/rbd" "$1/$2" "$1/$2/rbd-flexvolume"
}

# The names are of this run alone: by its name an installer knows which processes use a version, and
# another checkout may be tested on this machine at the same time.
RUN=$(sha256sum <<<"${BATS_RUN_TMPDIR:?}")
RUN=${RUN:0:8}
N_NAME=.rbd-flexvolume-0.1.0-0123$RUN NEXT_NAME=.rbd-flexvolume-0.2.0-ba98$RUN

make_bundles() {
	mkdir -p "$BUNDLES"
	make_bundle "$BUNDLES/n" "$N_NAME" "$BUILD/rbd-flexvolume"
	make_next_driver "$BUNDLES/driver"
	make_bundle "$BUNDLES/next" "$NEXT_NAME" "$BUNDLES/driver"
}
