#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs/install.md: what it says to type works, and its table is what deploy/ has.

# each test is a process of its own; jq's $names are none of the shell's
# shellcheck disable=SC2030,SC2031,SC2016,SC2154
# shellcheck source=test/deploy/helpers.bash
load helpers

# The lines of all blocks whose first line's words are WORDS.
blocks() { # WORDS
	awk -v words="$1" '
		/^```/ { inside = !inside && $0 == "```" words; next }
		inside' "$ROOT/docs/install.md"
}

@test "the kustomizations are built as they stand, in a directory beside deploy" {
	local part count=0
	cp -r "$ROOT/deploy" "$BATS_TEST_TMPDIR"
	mkdir "$BATS_TEST_TMPDIR/mine"
	blocks 'yaml kustomization' | csplit -s -z -f "$BATS_TEST_TMPDIR/part" - '/^resources:/' '{*}'
	for part in "$BATS_TEST_TMPDIR"/part*; do
		cp "$part" "$BATS_TEST_TMPDIR/mine/kustomization.yaml"
		kustomize build "$BATS_TEST_TMPDIR/mine" >"$BATS_TEST_TMPDIR/built.yaml"
		validate "$BATS_TEST_TMPDIR/built.yaml" >/dev/null
		grep -q 'image: registry.mine.example/rbd-flexvolume/installer:0.1.0' "$BATS_TEST_TMPDIR/built.yaml"
		! grep -q registry.example.com "$BATS_TEST_TMPDIR/built.yaml" || return 1
		count=$((count + 1))
	done
	assert_equal "$count" 3
}

@test "the table of distributions: each overlay has the directory that stands there" {
	local directory overlay count=0
	while IFS=$'\t' read -r directory overlay; do
		assert_equal "$(kustomize build "$ROOT/deploy/overlays/$overlay" | sed -n '/hostPath:/,/path:/s/.*path: //p')" "$directory" "$overlay" || return 1
		count=$((count + 1))
	done < <(sed -nE 's/^\| [^|]+ \| `(\/[^`]+)` \| `([a-z0-9-]+)` \| (either|mount) \|$/\1\t\2/p' "$ROOT/docs/install.md")
	# all but attach, remove and rest
	assert_equal "$count" "$(($(find "$ROOT/deploy/overlays" -mindepth 1 -maxdepth 1 | wc -l) - 3))"
}

@test "the example of manifest from-rbd answers as it is written there" {
	local folder=$BATS_TEST_TMPDIR/folder line
	mkdir -p "$folder/bin"
	ln -s "$DRIVER" "$folder/bin/rbd-flexvolume"
	blocks 'json pv-wiki.json' >"$folder/pv-wiki.json"
	blocks 'console manifest' >"$BATS_TEST_TMPDIR/expected"
	while IFS= read -r line; do
		printf '%s\n' "$line"
		(cd "$folder" && PATH="$folder/bin:$PATH" bash -c "${line#'# '}" 2>&1)
	done < <(grep '^# ' "$BATS_TEST_TMPDIR/expected") >"$BATS_TEST_TMPDIR/actual"
	assert_equal "$(grep -c '^# ' "$BATS_TEST_TMPDIR/actual")" 2
	diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/actual"
	# what it shows is valid
	grep -v '^# \|^volume' "$BATS_TEST_TMPDIR/actual" | sed '1!s/^apiVersion/---\n&/' >"$BATS_TEST_TMPDIR/shown.yaml"
	validate "$BATS_TEST_TMPDIR/shown.yaml" >/dev/null
}
