# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Counting tests in TAP as bats and cmocka write it. To be sourced.

# tap_count FILE STATUS: prints "PASSED FAILED" for the output of a program that ended with STATUS.
# Failed are, besides "not ok": tests that were skipped, tests that the plan promised and that
# never came, and a program that failed with every test passed, or that ran none.
tap_count()
{
	awk -v status="$2" '
		/^\t?1\.\.[0-9]+/ {
			sub(/^\t?1\.\./, "")
			planned += $1 + 0
			plans++
		}
		/^ok / {
			if (toupper($0) ~ /# *(SKIP|TODO)/)
				failed++
			else
				passed++
		}
		/^not ok / { failed++ }
		END {
			missing = planned - passed - failed
			if (missing > 0)
				failed += missing
			if (!failed && (status != 0 || !plans || !passed || missing < 0))
				failed++
			print passed + 0, failed + 0
		}' "$1"
}

# tap_failures FILE STATUS: what tap_count counted as failed, in full: each failed test with the
# lines up to the next test, and the whole end where the program ended early.
tap_failures()
{
	awk -v status="$2" '
		/^\t?1\.\.[0-9]+/ {
			line = $0
			sub(/^\t?1\.\./, "", line)
			planned += line + 0
			plans++
		}
		/^(not )?ok / {
			seen++
			bad = ($0 ~ /^not ok /) || (toupper($0) ~ /# *(SKIP|TODO)/)
			failures += bad
			print_it = bad
			tail = ""
		}
		print_it { print }
		!print_it { tail = tail $0 "\n" }
		END {
			if (seen < planned)
				printf "ended early: %d of %d tests came\n%s", seen, planned, tail
			else if (seen > planned)
				printf "%d tests came, %d were planned\n", seen, planned
			else if (!seen)
				printf "no test came\n%s", tail
			else if (status != 0 && !failures)
				printf "%s", tail
			if (status != 0 && (!failures || seen < planned))
				printf "ended with status %d\n", status
		}' "$1"
}
