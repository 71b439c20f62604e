# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of install and uninstall share: two bundles, of this driver and of the next one,
# which knows a key more, and a plug-in directory for each test. Made once by setup_suite.bash.

# shellcheck source=test/protocol/helpers.bash
source "$BATS_TEST_DIRNAME/../protocol/helpers.bash"
# shellcheck source=test/install/bundles.bash
source "$BATS_TEST_DIRNAME/bundles.bash"

N=$BUNDLES/n NEXT=$BUNDLES/next

setup() {
	unset RBD_FLEXVOLUME_CONFIG
	plugins=$BATS_TEST_TMPDIR/plugins
	home=$plugins/ceph~rbd
	mkdir "$plugins"
	chmod 0755 "$plugins"
}

teardown() {
	end_jobs
}

# What the test has started and not waited for, also where an assertion before that has failed.
end_jobs() {
	local pid
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# A further bundle of this driver, in $BATS_TEST_TMPDIR/HASH.
bundle_with() { # HASH
	local made=$BATS_TEST_TMPDIR/$1
	cp -a "$N" "$made"
	mv "$made/$N_NAME" "$made/.rbd-flexvolume-0.1.0-$1"
	make_launcher ".rbd-flexvolume-0.1.0-$1" "$made/rbd"
}

# installer BUNDLE ARG...: sets $out, $err, $code, as driver() does
installer() {
	local bundle=$1
	shift
	DRIVER=$bundle/rbd driver "$@"
}

# install BUNDLE ARG...: must succeed
install() {
	local bundle=$1
	shift
	installer "$bundle" install --plugin-dir "$plugins" "$@"
	assert_equal "$code" 0
	assert_equal "$err" ""
}

# refused BUNDLE ARG... : install must fail with exit code 1 and change nothing in the directory
refused() {
	local before bundle=$1
	shift
	before=$(state)
	installer "$bundle" install --plugin-dir "$plugins" "$@"
	assert_equal "$code" 1
	assert_equal "$(state)" "$before"
}

assert_said() { # WORDS: stand in stderr
	[[ $err == *"$1"* ]] || { printf 'not said: %s\n' "$1" >&2; return 1; }
}

# What is in the plug-in directory, with content and mode.
state() {
	(cd "$plugins" && find . -printf '%P %y %m %s\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

names() { # of a directory
	find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' '
}

# What init of the installed driver answers.
answer_of() { # [FILTER]
	"$home/rbd" init | jq -r "${1:-.capabilities.attach}"
}

# The installed launcher starts that bundle's version, whole, and nothing else lies around.
assert_installed() { # BUNDLE NAME [OTHER-NAME...]
	local bundle=$1 name=$2
	shift 2
	cmp "$bundle/rbd" "$home/rbd" || return 1
	diff -r --no-dereference --exclude='.init.json' --exclude='.config.json' --exclude='.keyring' \
		"$bundle/$name" "$home/$name" || return 1
	assert_equal "$(names "$home")" "$(printf '%s\n' "$name" "$@" rbd | sort | tr '\n' ' ')" || return 1
	assert_equal "$(names "$plugins")" 'ceph~rbd ' || return 1
	assert_equal "$(answer_of .status)" Success
}

secret_with() { # NAME VALUE ...: as Kubernetes mounts one
	secret=$BATS_TEST_TMPDIR/secret
	swap_secret "$@"
}

swap_secret() { # NAME VALUE ...
	local data
	mkdir -p "$secret"
	data=$(mktemp -d "$secret/..XXXXXX")
	chmod 0755 "$data"
	while (($#)); do
		printf %s "$2" >"$data/$1"
		ln -sfn "..data/$1" "$secret/$1"
		shift 2
	done
	ln -s "${data##*/}" "$secret/..new"
	mv -T "$secret/..new" "$secret/..data"
}

# wait_until COMMAND...: 30 s at most
wait_until() {
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || { echo "did not come: $*" >&2; return 1; }
		sleep 0.05
	done
}

# As the kubelet watches: the plug-in directory and every directory below it when it starts, names
# with a dot are passed over. Prints one event a line.
watch_as_kubelet() {
	exec python3 "$ROOT/test/install/kubelet_events" "$plugins"
}

events_of() { # COMMAND...: while that runs
	local pid
	: >"$BATS_TEST_TMPDIR/events"
	watch_as_kubelet >"$BATS_TEST_TMPDIR/events" 3>&- &
	pid=$!
	wait_until grep -q '^watching' "$BATS_TEST_TMPDIR/events"
	"$@"
	touch "$plugins/end"
	wait_until grep -q '^end' "$BATS_TEST_TMPDIR/events"
	kill "$pid"
	wait "$pid" || :
	rm "$plugins/end"
	sed -i '/^watching/d; /^end/d' "$BATS_TEST_TMPDIR/events"
	cat "$BATS_TEST_TMPDIR/events"
}

# Those of the last events_of that are of the driver's directory or its executable. Of the files of
# a version that was there when it started, a kubelet also sees that they go; to it that is one
# change of the driver more, and it asks init.
driver_events() {
	grep -E '^ceph~rbd(/rbd)? ' "$BATS_TEST_TMPDIR/events" || :
}
