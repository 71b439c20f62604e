#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The tables of the pages say what the driver knows, no more and no less.
# shellcheck source=test/docs/helpers.bash
load helpers

setup() {
	echo '{}' >"$BATS_TEST_TMPDIR/empty.json"
	CONFIG=$BATS_TEST_TMPDIR/config.json
}

# The first column of a table, each name for itself, sorted.
names() { # PAGE HEADING
	table "$1" "$2" | cut -f 1 | tr -d ' ' | tr ',' '\n' | sort
}

@test "README.md: the verbs are those of help, in its words" {
	diff <(table README.md '## Verbs' | grep -v $'^verb\t\|^---' | sort) \
		<("$DRIVER" help | sed -nE 's/^  (.{46}) /\1\t/p' | sed -E 's/ +\t/\t/' | sort)
}

@test "docs/protocol.md: each verb of the kubelet has its chapter, each for people its line" {
	diff <(sed -n '/^## Verbs$/,/^### In mount mode$/s/^### \([a-z]*\)$/\1/p' "$ROOT/docs/protocol.md" | sort) \
		<("$DRIVER" help | sed -n '/^For the kubelet/,$s/^  \([a-z]*\).*/\1/p' | sort)
	diff <(table docs/protocol.md '## Verbs for people' | cut -f 1 | cut -d ' ' -f 1 | sort -u) \
		<("$DRIVER" help | sed -n '/^For people/,/^$/s/^  \([a-z]*\).*/\1/p' | sort)
}

@test "docs/protocol.md: the arguments of each verb are those of help" {
	local verb use
	"$DRIVER" help | sed -nE '/^For the kubelet/,$s/^  (.{46}) .*/\1/p' | sed 's/ *$//' |
		while read -r use; do
			verb=${use%% *}
			case $verb in
			init) ;;
			*) grep -qF "\`$use\`" <(sed -n "/^### $verb\$/,/^###* /p" "$ROOT/docs/protocol.md") ||
				{ echo "### $verb does not say: $use"; return 1; } ;;
			esac
		done
}

@test "the options are those that the driver knows, on both pages" {
	local known
	known=$(answer_to '{"image":"db","nothing":"x"}' |
		jq -r .message | sed 's/.*options that can be given: //; s/, /\n/g' | sort)
	assert_equal "$(names README.md '## Options')" "$known"
	assert_equal "$(names docs/protocol.md '## The options JSON' | grep -v kubernetes.io | grep -v '^pod\.')" "$known"
}

@test "the features that can be asked for are those that the driver names" {
	local known
	echo '{}' >"$CONFIG"
	known=$(RBD_FLEXVOLUME_CONFIG=$CONFIG "$DRIVER" waitforattach '' \
		'{"image":"db","kubernetes.io/pvOrVolumeName":"v","features":"all"}' | jq -r .message)
	[[ $known == *'known are '* ]]
	# shellcheck disable=SC2016 # backquotes of Markdown
	assert_equal "$(sed -nE 's/^`features`: .* Known are (.*)\.$/\1/p' "$ROOT/docs/options.md" | tr -d '` ')" "${known##*known are }"
}

@test "each option is accepted with a value that the page names" {
	local option value
	local -A values=([cluster]=default [fsid]=b0c1d2e3-f405-4162-8374-95a6b7c8d9e0
		[monitors]='10.0.0.1, 10.0.0.1:6789;[fd00::1]:6789,mon1.example.com,[v2:10.0.0.1:3300,v1:10.0.0.1:6789]'
		[user]=kube [keyring]=/etc/ceph/ceph.client.kube.keyring [pool]=kube [image]=db [readOnly]=true
		[size]=10Gi [guard]=none [namespace]=shop [snapshot]=daily-1 [dataPool]=kube-data
		[parent]=golden/base@v1 [features]='layering,exclusive-lock' [mkfsOptions]=inode_size=512
		[mountOptions]='noatime,commit=30' [mapOptions]=queue_depth=128)
	for option in $(names README.md '## Options'); do
		value=${values[$option]}
		assert_equal "$(answer_to "$(jq -cn --arg key "$option" --arg value "$value" \
			'{"image": "db", "kubernetes.io/pvOrVolumeName": "v"} + {($key): $value}')" | jq -r .status)" Success "$option"
	done
	for value in 4Mi 4194304 8M 10G 1Ti 1P 8192Ki; do
		assert_equal "$(answer_to "{\"image\":\"db\",\"size\":\"$value\"}" | jq -r .status)" Success "$value"
	done
}

# config_says JSON: "" where a call goes on with it, else why not.
config_says() {
	printf '%s' "$1" >"$CONFIG"
	RBD_FLEXVOLUME_CONFIG=$CONFIG "$DRIVER" waitforattach '' \
		'{"kubernetes.io/pvOrVolumeName":"v","image":"db"}' | jq -r '.message // ""'
}

@test "the configuration's keys are those that the driver knows" {
	local key
	blocks docs/protocol.md 'json config' | cut -f 2- >"$CONFIG"
	assert_equal "$(RBD_FLEXVOLUME_CONFIG=$CONFIG "$DRIVER" init | jq -c .capabilities)" \
		'{"attach":false,"fsGroup":true,"selinuxRelabel":true,"supportsMetrics":true,"requiresFSResize":true}'
	# in attach mode: the example itself, each key of it
	assert_equal "$(config_says "$(blocks docs/protocol.md 'json config' | cut -f 2- | jq '.attach = true')")" ''
	diff <(blocks docs/protocol.md 'json config' | cut -f 2- |
		jq -r 'paths(type != "object") | select(all(type == "string")) | join(".")' | sed 's/clusters\.default/clusters.NAME/' | sort) \
		<(table docs/protocol.md '## Configuration' | cut -f 1 | awk -F ', ' '{
			parent = $1; sub(/[^.]*$/, "", parent)
			print $1
			for (i = 2; i <= NF; i++) print parent substr($i, 2) }' | sort)
	diff <(names README.md '## Configuration') \
		<(blocks docs/protocol.md 'json config' | cut -f 2- | jq -r 'keys[]' | sort)
	for key in policy log rest; do
		assert_equal "$(config_says "{\"$key\": {}}")" ''
		[[ $(config_says "{\"$key\": []}") == *"$key: a list, an object was expected"* ]]
	done
	[[ $(config_says '{"polcy": {}}') == *'unknown key "polcy"'* ]]
	[[ $(config_says '{"deadlines": {"call": 0}}') == *'from 1 to 86400'* ]]
	assert_equal "$(config_says '{"deadlines": {"fsck": 86400}}')" ''
}

@test "the deadlines' defaults are the driver's" {
	diff <(table docs/protocol.md '## Deadlines' | awk -F '\t' '$1 !~ / / && $2 ~ /^[0-9]+$/ { print $1, $2 }') \
		<(sed -nE '/^static const struct config_deadlines/,/^}/s/^\t\.([a-z]+) = ([0-9]+),$/\1 \2/p' \
			"$ROOT/driver/kubelet/config.c")
}

@test "the sums of the deadlines are right" {
	local count=0 left right
	while IFS='=' read -r left right; do
		assert_equal "$(awk "BEGIN { print $left }")" "$(awk "BEGIN { print $right }")" "$left"
		count=$((count + 1))
	done < <(grep -oE '[0-9.]+( \+ [0-9.]+)+ = [0-9.]+' "$ROOT/docs/protocol.md")
	((count >= 8))
}

@test "the capabilities are those of init, with their defaults" {
	diff <(table docs/protocol.md '## Modes' | awk -F '\t' '{ print $1, $3 }' | sort) \
		<(RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/empty.json "$DRIVER" init |
			jq -r '.capabilities | to_entries[] | "\(.key) \(.value)"' | sort)
}

@test "the README's packages are those of the build, and those that the driver links" {
	local library
	# shellcheck source=test/packages.bash
	source "$ROOT/test/packages.bash"
	assert_equal "$(blocks README.md 'sh build' | sed -n 's/.*apt-get install //p')" "${PACKAGES[build]}"
	while read -r library; do
		[[ $(<"$ROOT/README.md") == *"$(dpkg -S "*/$library" | cut -d : -f 1 | head -n 1)"* ]] ||
			{ echo "README.md does not name the package of $library"; return 1; }
	done < <(objdump -p "$DRIVER" | sed -n 's/ *NEEDED *//p' | grep -v '^libc\.\|^ld-')
}

@test "what the pages name is there: commands, suites, pictures; links lead somewhere" {
	local path
	while read -r path; do
		[[ -e $ROOT/$path ]] || { echo "there is no $path"; return 1; }
	done < <(cat "$ROOT"/{README.md,docs/*.md,docs/decisions/*.md} |
		grep -oE '\b(test|docs|driver|deploy)/[A-Za-z0-9_./-]*[A-Za-z0-9]' | sort -u)
	"$ROOT/test/check/docs"
}
