#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/rest.md: every example is run and answers as it is written there; its tables are the server's.
# shellcheck disable=SC2154
# shellcheck source=test/docs/helpers.bash
load ../docs/helpers
# shellcheck source=test/rest/helpers.bash
load helpers

# shellcheck disable=SC2016 # for the script's shell
COMMANDS='
curl() { ip netns exec "rbdlab-$LAB" curl "$@"; }
rbd() { "$LAB_PROGRAM" rbd "$@"; }
rbd-rest() { "$SERVER" "$@"; }
'

@test "docs/rest.md: the examples" {
	lab ceph config set mon mon_allow_pool_delete true
	{
		echo "$COMMANDS"
		script_of docs/rest.md rest
	} >"$BATS_TEST_TMPDIR/script"
	(cd "$BATS_TEST_TMPDIR" && SERVER=$SERVER LAB_PROGRAM=$ROOT/test/lab/lab bash script >output 2>&1)
	compare docs/rest.md rest "$BATS_TEST_TMPDIR/output"
}

@test "docs/rest.md: the routes are those of the OpenAPI document, the statuses of failures too" {
	call GET /v1/openapi.json >/dev/null
	diff <(table docs/rest.md '## Routes' | cut -f 1 | sed 's/?.*//' | sort) \
		<(jq -r '.paths | to_entries[] | .key as $path | .value | keys[] | "\(ascii_upcase) \($path)"' <<<"$body" | sort)
	diff <(table docs/rest.md '## Failures' | cut -f 1 | tr -d ' ' | tr , '\n' | sort) \
		<(jq -r '.paths[][].responses | keys[] | select(. > "3" and . != "default")' <<<"$body" | { cat; printf '404\n405\n'; } | sort -u)
}

@test "docs/rest.md: the use is that of --help" {
	local option
	for option in $(blocks docs/rest.md text | grep -o -- '--[a-z-]*' | sort -u); do
		"$SERVER" --help | grep -qE -- "$option\b" || { echo "help has no $option"; return 1; }
	done
	run -0 "$SERVER" --version
	assert_contains "$output" 'rbd-rest '
	run -2 "$SERVER" --lisen 127.0.0.1:80
	assert_contains "$output" 'the nearest is --listen'
}

# shellcheck disable=SC2016 # for the script's shell
@test "docs/rbd-rest.8: the example" {
	cd "$BATS_TEST_TMPDIR"
	{
		echo "$COMMANDS"
		# the lab's cluster is not the one of /etc/ceph
		echo 'rbd-rest() {
			[[ $1 == passwd ]] && { "$SERVER" "$@"; return; }
			exec ip netns exec "rbdlab-$LAB" "$SERVER" --conf "/run/rbd-lab/$LAB/ceph.conf" \
				--keyring "/run/rbd-lab/$LAB/ceph.client.admin.keyring" "$@" >/dev/null 2>server 3>&-
		}'
		sed -n '/^\.Sh EXAMPLES$/,/^\.Ed$/p' "$ROOT/docs/rbd-rest.8" | grep -v '^\.\|^A user'
		echo 'kill $! && wait $!'
	} >script
	run -0 env SERVER="$SERVER" LAB_PROGRAM="$ROOT/test/lab/lab" bash script
	echo "$output"
	assert_equal "$(jq -r '.pools[].name' <<<"$output")" "$(lab ceph osd pool ls)"
}
