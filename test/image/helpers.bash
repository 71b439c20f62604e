# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of images and packages share: one directory, in which everything is made.

ROOT=$(realpath "${BATS_TEST_DIRNAME:-${BASH_SOURCE[0]%/*}}/../..")
# shellcheck source=test/protocol/helpers.bash
source "$ROOT/test/protocol/helpers.bash"

# shellcheck source=test/image/page.bash
source "$ROOT/test/image/page.bash"

# --- images ---

# The name that the page gives to the image of a target.
image() { # TARGET
	echo "registry.example.com/rbd-flexvolume/$1:0.1.0"
}

inspect() { # TARGET FILTER
	storage inspect --type image "$(image "$1")" | jq -r ".OCIv1.config | $2"
}

# The container of a target's image, by its name, ready to be run.
container() { # TARGET NAME
	storage from --pull-never --name "$2" "$(image "$1")" >/dev/null
}

# --- a node that has only what apt installs ---

# node_run COMMAND...: in the tree $NODE, with mounts of its own that nothing is left of. SYS is
# what it sees as /sys: an empty directory where it is not said. With NET it has a network of its own.
node_run() {
	# shellcheck disable=SC2016 # for that shell
	own_mounts unshare ${NET:+--net} --pid --fork --kill-child bash -c '
		node=$1 sys=$2 net=$3
		shift 3
		[[ -z $net ]] || ip link set lo up
		mount -t proc proc "$node/proc"
		mount --rbind /dev "$node/dev"
		mount -t tmpfs -o mode=0755 run "$node/run"
		[[ -z $sys ]] || mount --bind "$sys" "$node/sys"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
			DEBIAN_FRONTEND=noninteractive chroot "$node" "$@"' - "$NODE" "${SYS:-}" "${NET:-}" "$@"
}

# healthy PROGRAM ARGUMENT...: starts the server, asks whether it is well on 127.0.0.1:8080, and ends
# it. Where no other process is, so that a kill reaches only it. To be run where the server is.
healthy() {
	local answer i
	"$@" &
	for ((i = 0; i < 300; i++)); do
		answer=$(bash -c 'exec 9<>/dev/tcp/127.0.0.1/8080 && printf "GET /healthz HTTP/1.0\r\n\r\n" >&9 &&
			timeout 30 cat <&9' 2>/dev/null) && break
		kill -0 $! || return 1
		sleep 0.1
	done
	kill $! && wait $! || return 1
	printf '%s\n' "$answer"
	[[ $answer == HTTP/1.?' 200 '* ]]
}

# pages COMMAND...: one of the functions with which the pages' examples are run (test/docs).
pages() {
	# shellcheck disable=SC2016 # for that shell
	bash -c 'bats_require_minimum_version() { :; }
		source "$1/test/docs/helpers.bash" && shift && "$@"' - "$ROOT" "$@"
}
