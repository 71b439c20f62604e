#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# After everything else: no key of the cluster is anywhere but where it was given.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=secret$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}

# Every key of the cluster as text, as base64 of the text (as the kubelet sends it), and the bytes
# that it stands for, without type and time; one a line, in hex.
needles() {
	local key
	lab ceph auth ls --format json 2>/dev/null | jq -r '.auth_dump[].key' | while read -r key; do
		printf '%s' "$key" | od -An -v -tx1 | tr -d ' \n' && echo
		printf '%s' "$key" | base64 -w0 | od -An -v -tx1 | tr -d ' \n' && echo
		printf '%s' "$key" | base64 -d | tail -c +13 | od -An -v -tx1 | tr -d ' \n' && echo
	done
}

# find_needles FILE...: prints the files in which one stands; fails where there is none to look for.
find_needles() {
	[[ -s $BATS_TEST_TMPDIR/needles ]] || needles >"$BATS_TEST_TMPDIR/needles"
	perl -e '
		open(my $list, "<", shift) or die;
		my @needles = map { chomp; pack("H*", $_) } <$list>;
		die "too few needles" if @needles < 6 || grep { length($_) < 16 } @needles;
		for my $file (@ARGV) {
			open(my $in, "<:raw", $file) or die "$file: $!";
			local $/;
			my $text = <$in> // "";
			print "$file\n" if grep { index($text, $_) >= 0 } @needles;
		}' "$BATS_TEST_TMPDIR/needles" "$@"
}

# What node N shows and holds, as files below $BATS_TEST_TMPDIR/N: what was written since it was
# booted, but the keyring, and what /proc and /sys tell.
gather() {
	local to=$BATS_TEST_TMPDIR/$1
	mkdir -p "$to/files"
	node "$1" sh -c 'mkdir -p /var/lib/kubelet && cd / && {
			find run tmp dev var/log var/lib/kubelet etc/ceph -xdev -type f -newer etc/machine-id -print0
			find . etc root var var/tmp -xdev -maxdepth 1 -type f -newer etc/machine-id -print0
		} | grep -vzx "etc/ceph/ceph.client.kube.keyring" | tar -c --null -T - etc/ceph/ceph.conf' |
		tar -x -C "$to/files"
	[[ -e $to/files/etc/ceph/ceph.conf && ! -e $to/files/etc/ceph/ceph.client.kube.keyring ]]
	node "$1" dmesg >"$to/dmesg"
	node "$1" sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /proc/keys 2>/dev/null; :' >"$to/processes"
	node "$1" sh -c 'cat /sys/bus/rbd/devices/*/* 2>/dev/null; cat /proc/mounts' >"$to/sysfs"
	lab log "$1" >"$to/console"
	cp "$SHARE/$1/log" "$to/log"
}

# search N: prints where in the gathered a key stands.
search() {
	local all
	mapfile -t all < <(find "$BATS_TEST_TMPDIR/$1" -type f)
	((${#all[@]} >= 6)) || { echo "too little gathered"; return 1; }
	find_needles "${all[@]}"
}

# While it runs, who is called how: lines "pid program arguments", without the caller of the driver
# (env), which has the kubelet's part.
start_sampling() { # N
	node "$1" bash -c 'setsid bash -c "
		while [[ ! -e /tmp/stop ]]; do
			for p in /proc/[0-9]*; do
				((\${p#/proc/} > \$\$)) || continue
				mapfile -d \"\" words <\$p/cmdline || continue
				[[ \${words[0]:-env} == env ]] || printf \"%s\n\" \"\${p#/proc/} \${words[*]}\"
			done
		done >/tmp/samples 2>/dev/null; touch /tmp/stopped" >/dev/null 2>&1 &'
}

stop_sampling() { # N FILE
	node "$1" touch /tmp/stop
	within 30 node "$1" test -e /tmp/stopped
	node "$1" cat /tmp/samples >"$2"
	node "$1" sh -c 'rm /tmp/samples /tmp/stop /tmp/stopped'
}

@test "no key is in an answer, a log, a file, sysfs, the kernel's messages or a child's arguments" {
	local samples=$BATS_TEST_TMPDIR/samples n wanted pid='' pids
	wanted=$(options "$V" size=64Mi "secret=$(lab key kube)")

	# until the sampling has seen the children, which live for a moment only
	for _ in 1 2 3 4 5 6 7 8; do
		start_sampling 1
		up 1 pod1 "$V" "$wanted"
		stop_sampling 1 "$samples"
		! grep -q ' mke2fs ' "$samples" || break
		down 1 pod1 "$V"
		lab rbd rm --no-progress "$POOL/$V" >/dev/null
	done
	grep -q ' mke2fs ' "$samples" || { cut -c1-80 "$samples"; return 1; }
	# the lab's agent becomes env: read in the middle of that, its words are half of env's
	awk -v driver="$DRIVER" '$2 != driver && $2 != "agent"' "$samples" >"$samples.children"
	assert_equal "$(find_needles "$samples.children")" "" || { cut -c1-60 "$samples.children"; return 1; }
	# the driver was given it, and has wiped it at once
	mapfile -t pids < <(awk -v driver="$DRIVER" '$2 == driver { print $1 }' "$samples" | sort -u)
	for pid in "${pids[@]}"; do
		grep "^$pid " "$samples" | tail -n 1 >"$samples.$pid"
		assert_equal "$(find_needles "$samples.$pid")" ""
	done
	[[ -n $pid ]]
	rm "$samples"*

	# with a mapping that is up, and after wrong calls and right ones of the whole run
	up 2 pod1 "$V-2" "$(options "$V-2" size=64Mi "secret=$(lab key kube)")"
	make_dir 2 "$(pod_dir pod1 "$V-3")"
	driver_fails "." 2 mount "$(pod_dir pod1 "$V-3")" "$(options "$V-3" "secret=$(lab key kube)" "monitors=10.77.0.1,$V")"
	driver_fails "." 2 mount "$(pod_dir pod1 "$V-3")" "$(options "$V-3" "secret=$(lab key kube)" pool=nowhere)"
	driver_fails "." 2 mount "$(pod_dir pod1 "$V-3")" "$(options "$V-3" "kubernetes.io/secret/kay=$(lab key kube | base64 -w0)")"
	for n in 1 2; do
		gather "$n"
		assert_equal "$(search "$n")" ""
	done
	[[ $(grep -c '"status"' "$SUITE_DIR/answers") -gt 4 ]]
	grep -q 'mount volume=.* Success' "$BATS_TEST_TMPDIR/1/log"
	grep -q 'mount volume=.* Failure' "$BATS_TEST_TMPDIR/2/log"
	node 1 dmesg >>"$SUITE_DIR/dmesg"
	assert_equal "$(find_needles "$SUITE_DIR/answers" "$SUITE_DIR/dmesg")" ""
	down 1 pod1 "$V"
	down 2 pod1 "$V-2"
	assert_nothing_left 1
	assert_nothing_left 2
}

@test "the search finds a key wherever one is planted" {
	local key
	key=$(lab key kube)
	lab rbd create "$POOL/$V" --size 16M
	node 2 sh -c 'printf %s "$1" | base64 -d >/tmp/bytes' - "$key"
	node 2 sh -c 'printf %s "$1" | base64 >/var/log/rbd-flexvolume.planted' - "$key"
	node 2 sh -c 'echo "it was $1" >/run/text' - "$key"
	node 2 sh -c 'echo "planted $1" >/dev/kmsg' - "$key"
	node 2 bash -c '(exec -a "$1" sleep 300) >/dev/null 2>&1 &' - "$key"
	node 2 modprobe rbd
	node 2 sh -c 'echo "10.77.0.1:6789 name=kube,secret=$1 kube $2 -" >/sys/bus/rbd/add_single_major' - "$key" "$V"
	gather 2
	assert_equal "$(search 2 | sed "s|^$BATS_TEST_TMPDIR/2/||" | sort | tr '\n' ' ')" \
		"dmesg files/run/text files/tmp/bytes files/var/log/rbd-flexvolume.planted processes sysfs "

	start_sampling 2
	node 2 sh -c 'sleep 2; :' "$key"
	stop_sampling 2 "$BATS_TEST_TMPDIR/samples"
	[[ -n $(find_needles "$BATS_TEST_TMPDIR/samples") ]]
	reboot 2
}
