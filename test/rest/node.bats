#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A node beside the server: who polls the images that pods have mounted is in nobody's way.
# shellcheck disable=SC2016,SC2030,SC2031 # what a node's shell expands; bats runs each test in a process of its own
# shellcheck source=test/rest/helpers.bash
load helpers
# calls of the driver, and looks at the node; its call, gone and within are these from here on
# shellcheck source=test/suite/helpers.bash
source "$ROOT/test/suite/helpers.bash"

COUNT=50
CLIENTS=20
BATCH=10 # at once

setup_file() {
	export SHARE=/run/rbd-lab/$LAB/share KERNEL
	# a kubelet asks again what did not come in time; here each call has to succeed
	config polled '{"attach": false, "deadlines": {"call": 60, "connect": 60}}'
	boot 1 --mem 1G # each caller and each worker has some megabytes of it
}

teardown_file() { lab kill 1; }

setup() {
	MODE=polled
	POLLED=$BATS_TEST_TMPDIR/polled
}

teardown() {
	[[ ! -s $POLLED.pid ]] || kill -KILL "$(<"$POLLED.pid")" 2>/dev/null || true
	tidy 1
}

come() { driver_ok 1 mount "$(pod_dir "pod$1" "polled-$1")" "$(options "polled-$1" size=16Mi)"; }
leave() { driver_ok 1 unmount "$(pod_dir "pod$1" "polled-$1")"; }

batches() { # FUNCTION FROM TO
	local i numbers
	for ((i = $2; i <= $3; i += BATCH)); do
		mapfile -t numbers < <(seq "$i" $((i + BATCH - 1)))
		together "$1" "${numbers[@]}"
	done
}

start_polling() {
	local paths
	mapfile -t paths < <(for ((i = 1; i <= COUNT; i++)); do
		printf '/v1/image/%s?poolName=kube&imageName=polled-%d\n' allocation "$i" info "$i"
	done)
	# no function: the process is to be the clients' own
	ip netns exec "rbdlab-$LAB" python3 "$ROOT/test/rest/clients.py" poll $CLIENTS "$POLLED" "${paths[@]}" 3>&- &
	echo $! >"$POLLED.pid"
	within 60 test -s "$POLLED"
}

stop_polling() {
	kill -TERM "$(<"$POLLED.pid")"
	wait "$(<"$POLLED.pid")"
	rm "$POLLED.pid"
}

# In all that follows a line counts once it is whole: it may be seen while it is written.

# all_polled SINCE: each image has been asked for both, and answered, by requests that began after that.
all_polled() {
	local paths
	paths=$(awk -F '\t' -v since="$1" 'NF == 5 && $1 > since && $3 == 200 { print $2 }' "$POLLED" | sort -u | wc -l)
	assert_equal "$paths" $((2 * COUNT)) 'paths that were asked for'
}

# Of each image "NAME WATCHERS", as Ceph's own command sees them.
watchers_of_all() {
	local i
	for ((i = 1; i <= COUNT; i++)); do
		lab rbd status "kube/polled-$i" --format json 2>/dev/null |
			jq -r --arg name "polled-$i" '[$name] + [.watchers[].address | split(":")[0]] | join(" ")'
	done
}

expected_watchers() { # ADDRESS: for each of them
	seq -f "polled-%.0f${1:+ $1}" "$COUNT"
}

# bodies ROUTE SINCE [UNTIL]: the answers to requests that began and ended meanwhile.
bodies() {
	awk -F '\t' -v route="/$1?" -v since="$2" -v until="${3:-$EPOCHREALTIME}" \
		'NF == 5 && index($2, route) && $3 == 200 && $1 > since && $5 < until { print $4 }' "$POLLED"
}

# seen_watchers SINCE UNTIL: who the clients themselves were told has any image open, a line for each kind of answer.
seen_watchers() {
	bodies info "$@" | jq -r '[.watchers[].address | split(":")[0]] | join(" ")' | sort -u
}

# Of some images: what the clients were last told is what Ceph's own command counts.
assert_allocation() { # SINCE
	local i
	for i in 1 23 "$COUNT"; do
		assert_equal "$(bodies allocation "$1" | jq --arg name "polled-$i" 'select(.imageName == $name) | .allocation' | sort -u)" \
			"$(lab rbd diff "kube/polled-$i" --format json 2>/dev/null | jq 'map(select(.exists == "true") | .length) | add')" \
			"allocation of polled-$i"
	done
}

# Prints each answer but 200, and 404 for an image that was neither mounted nor shown to anybody when it was asked for.
refusals() { # MOUNTED
	awk -F '\t' -v mounted="$1" '
		{ image = $2; sub(/.*=/, "", image) }
		NR == FNR { if ($3 == 200 && (!(image in shown) || $5 < shown[image])) shown[image] = $5; next }
		$3 != 200 && ($3 != 404 || $1 > mounted || (image in shown && $1 > shown[image]))' "$POLLED" "$POLLED"
}

@test "20 clients poll allocation and info while 50 volumes are made, mounted and unmounted: no refusal, no watcher" {
	local mounted gone_since
	node 1 sh -c 'for i in $(seq "$1"); do mkdir -p "/var/lib/kubelet/pods/pod$i/volumes/ceph~rbd/polled-$i"; done' - "$COUNT"
	start_polling

	# each call is a Success, or this fails
	batches come 1 "$COUNT"
	assert_count "$COUNT" "$(mounts 1)"
	assert_count "$COUNT" "$(mappings 1 | cut -d' ' -f2 | sort -u)"
	mounted=$EPOCHREALTIME
	diff <(expected_watchers 10.77.0.11) <(watchers_of_all)
	within 60 all_polled "$mounted"
	# what an empty file system takes, of each
	awk -F '\t' -v since="$mounted" 'NF == 5 && $1 > since && $2 ~ /allocation/ { print $4 }' "$POLLED" |
		jq -se --argjson count "$COUNT" '(map(.imageName) | unique | length == $count) and all(.allocation > 0 and .size == 16777216)'
	assert_equal "$(seen_watchers "$mounted" "$EPOCHREALTIME")" 10.77.0.11

	# and again, with images that are there
	batches leave 1 "$COUNT"
	gone_since=$EPOCHREALTIME
	assert_nothing_left 1
	diff <(expected_watchers '') <(watchers_of_all)
	within 60 all_polled "$gone_since"
	assert_equal "$(seen_watchers "$gone_since" "$EPOCHREALTIME")" ''
	assert_allocation "$gone_since"
	batches come 1 $BATCH
	batches leave 1 $BATCH
	assert_nothing_left 1
	stop_polling

	echo "# requests meanwhile: $(wc -l <"$POLLED")" >&3
	(($(wc -l <"$POLLED") >= 1000))
	assert_equal "$(refusals "$mounted" | head -n 5)" ''
}
