# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the pages share. A page's example is a fenced block that begins with
# ```console and says where it runs: `bare` (this machine, no cluster), `node` (a lab node; `node
# last`: after all others of the page), or `admin` (this machine, as who runs the cluster, with
# `ssh node1` into the node). A line that begins with "# " is a command, the lines behind it are
# what it answers. All blocks of a page that run in one place are one shell.

# shellcheck source=test/suite/helpers.bash
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../suite/helpers.bash"

# The lines of all blocks whose first line's words are WORDS, each with its number and a tab.
blocks() { # PAGE WORDS
	awk -v words="$2" '
		/^```/ { inside = !inside && $0 == "```" words; next }
		inside { print FNR "\t" $0 }' "$ROOT/$1"
}

examples() { # PAGE PLACE: in the order in which they run
	blocks "$1" "console $2"
	blocks "$1" "console $2 last"
}

# The commands as a script; before the answer of each stands a line with its number. What librados has to say
# of a connection now and then ("get_auth_request but no auth handler is set up") is no part of an answer.
script_of() { # PAGE PLACE
	printf 'exec 2>&1 </dev/null\nexport CEPH_ARGS="--log-to-stderr=false --err-to-stderr=false"\n'
	examples "$1" "$2" | awk -F '\t' '
		$2 ~ /^# / { printf "printf \"\\036%s\\n\"\n%s\n", $1, substr($0, length($1) + 4) }'
}

# What the page says: the same shape as the script's output.
expected_of() { # PAGE PLACE
	examples "$1" "$2" | awk -F '\t' '
		$2 ~ /^# / { printf "\036%s\n", $1; next }
		{ print substr($0, length($1) + 2) }'
}

# What differs from run to run. An image's id is as long as its two numbers are, from 5 to 14 digits, and its
# column is as wide as it.
alike() {
	sed -E -e "s|$BATS_TEST_TMPDIR|\$PWD|g" \
		-e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' \
		-e 's/^(id +|.*\(id |.*with the id )[0-9a-f]{5,14}\b/\1ID/' \
		-e 's/^ID +IMAGE/ID  IMAGE/' -e 's/^[0-9a-f]{5,14} +([^ ]+ +[0-9]{4}-[0-9]{2}-[0-9]{2} )/ID  \1/' \
		-e 's/client [0-9]+ at/client N at/g' -e 's/libceph: client[0-9]+/libceph: clientN/g' -e 's/:0\/[0-9]+/:0\/NONCE/g' \
		-e 's/\b[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}/DATE/g' -e 's/\b[0-9a-f]{10,14}\b/ID/g' -e 's/with the id [0-9]+/with the id N/' \
		-e 's/#[0-9a-f]{8}\b/#HASH/g' -e 's/\bpid [0-9]+/pid N/g' \
		-e 's/^25[0-9]:[0-9]+ /MAJOR:MINOR /' -e 's/\b(AQ[A-Za-z0-9+\/]{37}=)/KEY/g'
}

# compare PAGE PLACE ACTUAL: the output of its script.
compare() {
	local page=$1 place=$2 actual=$3 count
	expected_of "$page" "$place" | alike >"$BATS_TEST_TMPDIR/expected"
	alike <"$actual" >"$BATS_TEST_TMPDIR/actual"
	count=$(grep -c $'^\036' "$BATS_TEST_TMPDIR/expected" || true)
	if diff -U 3 --label "$page" --label 'what it answered' "$BATS_TEST_TMPDIR/expected" \
		"$BATS_TEST_TMPDIR/actual" >"$BATS_TEST_TMPDIR/difference"; then
		((count > 0)) && return
		echo "$page has no example for: $place"
	fi
	sed 's/\x1e/line /' "$BATS_TEST_TMPDIR/difference"
	return 1
}

# The rows of the table that follows the line HEADING, up to the next heading: the cells, without
# the marks of code, separated by tabs; without the head.
table() { # PAGE HEADING
	awk -v heading="$2" '
		/^#+ / { inside = $0 == heading; row = 0; next }
		inside && /^\|/ && ++row > 2 {
			gsub(/`/, "")
			gsub(/^\| *| *\|$/, "")
			gsub(/ *\| */, "\t")
			print
		}' "$ROOT/$1"
}

# bare PAGE: runs the page's examples of that place in a folder of the test's own.
bare() {
	local folder=$BATS_TEST_TMPDIR/bare
	mkdir -p "$folder/bin"
	ln -s "$DRIVER" "$folder/bin/rbd-flexvolume"
	script_of "$1" bare >"$folder/script"
	# an empty variable is none: the driver then looks for the machine's own configuration
	(cd "$BATS_TEST_TMPDIR" && env -u RBD_FLEXVOLUME_CONFIG PATH="$folder/bin:$PATH" \
		bash "$folder/script" >"$folder/output" 2>&1)
	compare "$1" bare "$folder/output"
}

# in_node PAGE: in node 1, in a folder where a block `json node` of the page is the file config.json.
# The node has no configuration before and after, and nothing is left there.
in_node() {
	local folder
	folder=$(mktemp -d "$SHARE/1/page.XXXXXX")
	script_of "$1" node >"$folder/script"
	blocks "$1" 'json node' | cut -f 2- >"$folder/config.json"
	node 1 rm -rf /etc/rbd-flexvolume
	# shellcheck disable=SC2016 # for the node's shell
	node 1 sh -c 'cd "/share/$1" && exec bash script' - "${folder##*/}" >"$BATS_TEST_TMPDIR/output"
	compare "$1" node "$BATS_TEST_TMPDIR/output" || return 1
	node 1 rm -rf /etc/rbd-flexvolume
	assert_nothing_left 1
}

# What the examples of an administrator's machine call: the lab's cluster and its node.
# shellcheck disable=SC2016 # for the script's shell
ADMIN='
ceph() { "$LAB_PROGRAM" ceph "$@"; }
rbd() { "$LAB_PROGRAM" rbd "$@"; }
rados() { "$LAB_PROGRAM" rados "$@"; }
rbd-flexvolume() { "$LAB_PROGRAM" exec -- "$DRIVER" "$@"; }
ssh() { local n=${1#node}; shift; "$LAB_PROGRAM" run "$n" --timeout 120 -- sh -c "$*"; }
'

# as_admin PAGE: in a folder of the test's own, where a block `json admin` of the page is the file
# config.json.
as_admin() {
	local folder=$BATS_TEST_TMPDIR/admin
	mkdir -p "$folder"
	blocks "$1" 'json admin' | cut -f 2- >"$folder/config.json"
	{
		echo "$ADMIN"
		script_of "$1" admin
	} >"$folder/script"
	(cd "$folder" && LAB_PROGRAM=$ROOT/test/lab/lab bash script >output 2>&1)
	compare "$1" admin "$folder/output"
}

# answer_to JSON: what the driver says of these options, without any cluster.
answer_to() {
	RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/empty.json "$DRIVER" isattached "$1" node1
}
