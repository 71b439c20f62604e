#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The pages of options, of what goes wrong, and the manual say what the driver has in its tables.
# shellcheck source=test/docs/helpers.bash
load helpers

setup() {
	echo '{}' >"$BATS_TEST_TMPDIR/empty.json"
}

# The options that the driver knows, a line each.
known_options() {
	answer_to '{"image":"db","nothing":"x"}' |
		jq -r .message | sed 's/.*options that can be given: //; s/, /\n/g' | sort
}

@test "docs/options.md: the options are those that the driver knows" {
	diff <(table docs/options.md '## All of them' | cut -f 1 | sort) <(known_options)
}

@test "docs/options.md: who may set what under a policy is what the driver's policy says" {
	diff <(table docs/options.md '## All of them' | awk -F '\t' '{
			sub(/,.*/, "", $4)
			print $1, $4 }' | sort) \
		<(sed -nE 's/^\t\{"([A-Za-z]+)", POLICY_[A-Z]+, [a-z]+, [a-z_]+, ([A-Za-z_]+)\},$/\1 \2/p' \
			"$ROOT/driver/kubelet/policy_keys.c" |
			sed "s/NULL\$/free/; s/nothing\$/not given/; s/default_pool\$/the default/
				s/own_user\$/the cluster's entry's/" |
			{ cat; echo 'size free'; } | sort)
}

# The rules of a table in C, a line each: file system, name, and the value as the page writes it.
# EXT4(...), XFS(...), FEATURE(...), FLAG(...), WORD(...), RANGE(...) and plain ones.
rules_of() { # FILE
	python3 - "$ROOT/$1" <<'PYTHON'
import re, sys

def value(kind, low, high):
    if kind == "OPTION_LABEL":
        return f"at most {high} letters, digits, . _ -"
    if kind == "OPTION_SIZE":
        return f"{int(low) // 1024}k to {int(high) // 1024}k, a power of two"
    return f"{low} to {high}" + (", a power of two" if kind == "OPTION_POWER" else "")

text = open(sys.argv[1]).read().replace("UINT32_MAX", "4294967295")
text = text[text.index("rules[] = {"):]
text = re.sub(r"\s+", " ", text[:text.index("\n};")])
count = 0
rule = re.compile(r"(EXT4|XFS|FEATURE|FLAG|WORD|RANGE)\(([^()]*)\)|\{([^{}]*)\}")
for match in rule.finditer(text[text.index("{") + 1:]):
    macro, inside = match.group(1) or "", match.group(2) or match.group(3)
    part = [p.strip().strip('"') for p in inside.split(",")]
    if macro in ("EXT4", "XFS"):
        part.insert(0, macro.lower())
    fs, name = part[0] or "all", part[1]
    if macro == "FLAG":
        words = ""
    elif macro in ("FEATURE", "WORD"):
        words = part[2].replace(" ", ", ")
    elif macro:
        words = value(*part[2:5])
    else: # as struct option_rule has them: words, target, low, high, kind
        words = value(part[6], part[4], part[5])
    print(fs, name, words, sep="\t")
    count += 1
if not count:
    sys.exit("no rules found")
PYTHON
}

@test "docs/options.md: mkfsOptions are those of the driver's table, with their values" {
	diff <(table docs/options.md '## mkfsOptions' | cut -f 1-3) <(rules_of driver/fs/mkfs_options.c)
}

@test "docs/options.md: mountOptions are those of the driver's table, with their values" {
	diff <(table docs/options.md '## mountOptions' | cut -f 1-3) <(rules_of driver/fs/mount_options.c)
}

@test "docs/options.md: mapOptions are those of the driver's table, with the kernels that have them" {
	diff <(table docs/options.md '## mapOptions' | awk -F '\t' '{ print $1, $3 }') \
		<(sed -nE 's/^\t\{"([a-z_]+)", ([0-9]+), ([0-9]+), [a-zA-Z0-9_]+, NULL\},$/\1 \2.\3/p' \
			"$ROOT/driver/kernel/map_options.c" | sed 's/ 0\.0$/ any/')
}

@test "docs/options.md: a kernel option with a value says which, one without says none" {
	local name value kernel words
	while IFS='|' read -r name value kernel; do
		words=$(sed -nE "s/^\t\{\"$name\", [0-9]+, [0-9]+, ([a-zA-Z0-9_]+), NULL\},$/\1/p" \
			"$ROOT/driver/kernel/map_options.c")
		if [[ $words == NULL ]]; then
			assert_equal "$value" "" "$name"
		else
			[[ -n $words && -n $value && -n $kernel ]] || { echo "$name: $words"; return 1; }
		fi
	done < <(table docs/options.md '## mapOptions' | tr '\t' '|')
}

# The first column of all tables of the page.
# shellcheck disable=SC2016 # Markdown's backquotes
rows_of_trouble() {
	sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' "$ROOT/docs/troubleshooting.md"
}

tests_of_trouble() {
	sed -n 's/^@test "\([a-z0-9-]*\): .*/\1/p' "$ROOT"/test/suite/troubleshooting-*.bats
}

@test "docs/troubleshooting.md: each row is played by a test, each test plays a row, none twice" {
	diff <(rows_of_trouble | sort) <(tests_of_trouble | sort)
	assert_equal "$(rows_of_trouble | sort | uniq -d)" ""
	(($(rows_of_trouble | wc -l) > 90))
}

@test "docs/troubleshooting.md: each row has a message and a cure" {
	local bad
	bad=$(awk -F ' *[|] *' '/^[|] `/ && (NF != 6 || $3 !~ /^`.+`$/ || $5 == "")' "$ROOT/docs/troubleshooting.md")
	assert_equal "$bad" ""
}

@test "the manual pages have no fault" {
	mandoc -Tlint -Wwarning "$ROOT"/docs/{rbd-flexvolume,rbd-rest}.8
}

# The items of the manual's section, without marks of the language.
manual_items() { # SECTION
	awk -v section=".Ss $1" '
		/^\.S[sh] / { inside = $0 == section; next }
		inside && /^\.It Cm/ { sub(/^\.It Cm /, ""); gsub(/ (Ar|Op|Fl) /, " "); gsub(/\\/, ""); print }' \
		"$ROOT/docs/rbd-flexvolume.8"
}

@test "the manual page: the verbs and their arguments are those of help, the options the driver's" {
	diff <(manual_items 'Verbs of the kubelet') \
		<("$DRIVER" help | sed -nE '/^For the kubelet/,$s/^  (.{46}) .*/\1/p' | sed 's/ *$//')
	diff <(manual_items 'Verbs for people' | cut -d ' ' -f 1) \
		<("$DRIVER" help | sed -n '/^For people/,/^$/s/^  \([a-z]*\).*/\1/p')
	diff <(manual_items 'Options of a volume' | sort) <(known_options)
}

@test "the manual page of rbd-rest: its options are those of --help, its use that of the page" {
	local help
	help=$("$ROOT/build/rbd-rest" --help)
	diff <(sed -nE '/^\.Ss Options$/,/^\.Ss passwd$/s/^\.It (Fl .*)/\1/p' "$ROOT/docs/rbd-rest.8" |
		sed -E 's/Fl \\-/--/g; s/\\-/-/g; s/ Ar / /; s/ ,/,/') \
		<(sed -nE 's/^  (--[a-z-]+( [A-Z.:]+\b|, --[a-z]+)?).*/\1/p' <<<"$help")
	# without the marks of overstriking, a line for each word: where a page breaks its lines is its own
	diff <(mandoc -Tascii "$ROOT/docs/rbd-rest.8" | sed 's/.\x08//g' | sed -n '/^SYNOPSIS$/,/^DESCRIPTION$/p' |
		sed '1d; $d' | xargs -n 1) \
		<(blocks docs/rest.md text | cut -f 2- | xargs -n 1)
	[[ $help == *"$(blocks docs/rest.md text | cut -f 2- | tail -n 1)"* ]]
}
