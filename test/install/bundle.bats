#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The bundle as it is built, with its own loader and libraries, installed over another version.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

@test "the built bundle installs itself over another version, answers, checks itself, and goes" {
	local built=$BUILD/bundle/ceph~rbd name
	cmake --build "$BUILD" --target bundle
	name=$(basename "$built"/.rbd-flexvolume-*)
	# by this the installer finds which version a launcher starts
	grep -qF "$name" "$built/rbd"
	secret_with key "$KEY" user kube

	install "$N"
	install "$built" --secret "$secret" --mode mount
	assert_installed "$built" "$name" "$N_NAME"
	assert_equal "$(answer_of)" false
	assert_equal "$(stat -c %a "$home/$name/.keyring")" 600
	installer "$built" install --check --plugin-dir "$plugins" --secret "$secret"
	assert_equal "$code" 0
	# the installed one is its own bundle
	installer "$home" install --check --plugin-dir "$plugins"
	assert_equal "$code" 0

	"$built/rbd" install --wait --plugin-dir "$plugins" --secret "$secret" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	wait_until grep -q 'waiting for changes' "$BATS_TEST_TMPDIR/log"
	kill "$!"
	wait "$!"
	: >"$home/$name/ld.so"
	[[ $("$home/rbd" init) == *'"status":"Failure"'* ]]
	install "$built" --secret "$secret"
	assert_installed "$built" "$name" "$N_NAME"
	assert_equal "$(answer_of)" false
	installer "$home" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	assert_equal "$(names "$plugins")" ''
}
