# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Commands in a node and in the lab's namespace, and the small programs of the lab.

# Prints the path of the built agent, client or init. Its name has the sources' hash, so that
# versions live side by side.
program() { echo "$LAB_CACHE/bin/$1-$(sources_hash)"; }

sources_hash() {
	local sum
	sum=$(cat "$SELF"/{agent.c,client.c,command.[ch],init.c,frame.h} | sha256sum)
	echo "${sum:0:16}"
}

build_programs() {
	local name target sources
	mkdir -p "$LAB_CACHE/bin"
	for name in agent client init; do
		target=$(program "$name")
		[[ ! -x $target ]] || continue
		sources=("$SELF/$name.c")
		[[ $name != agent ]] || sources+=("$SELF/command.c" -pthread)
		gcc -std=c17 -Wall -Wextra -O2 -static -o "$target.$$" "${sources[@]}"
		mv "$target.$$" "$target"
	done
}

# lab run N [--timeout S] [--eof] [--no-stdin] [--] [NAME=VALUE...] COMMAND [ARGUMENT...]
lab_run() {
	use_node "${1:-}"
	shift
	local options=()
	while (($# > 0)); do
		case $1 in
		--timeout) options+=(-t "${2:?}"); shift ;;
		--eof) options+=(-e) ;;
		--no-stdin) options+=(-n) ;;
		--) shift; break ;;
		-*) usage_die "lab run: unknown option '$1'" ;;
		*) break ;;
		esac
		shift
	done
	(($# > 0)) || usage_die "lab run N [--] [NAME=VALUE...] COMMAND [ARGUMENT...]"
	alive "$NODE_PID" || { say "node $NODE of lab $LAB_NAME is not running"; exit 255; }
	exec "$NODE_DIR/client" "${options[@]}" "$NETNS" "$NODE_CONTROL" "$PID" "$@"
}

# A host's command where the cluster can be reached.
lab_exec() {
	need_lab
	[[ ${1:-} != -- ]] || shift
	(($# > 0)) || usage_die "lab exec [--] COMMAND [ARGUMENT...]"
	export CEPH_CONF=$LAB_DIR/ceph.conf
	exec nsenter --net="$NETNS" -- "$@"
}

lab_key() { # USER
	local file=$LAB_DIR/ceph.client.${1#client.}.keyring
	need_lab
	if [[ -e $file ]]; then
		ceph-authtool -p -n "client.${1#client.}" "$file"
	else
		in_lab ceph auth print-key "client.${1#client.}"
		echo
	fi
}
