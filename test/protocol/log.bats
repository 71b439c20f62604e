#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The log of a call: where it goes on a machine with a journal, with a syslog, with neither; and
# that whatever becomes of it changes neither the answer nor its time.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the last: for another shell
load helpers

OPTIONS='{"kubernetes.io/pvOrVolumeName":"mysql","image":"db","kubernetes.io/pod.name":"mysql-0",
 "kubernetes.io/pod.namespace":"shop","kubernetes.io/secret/key":"'$KEY_SENT'"}'

# with WHAT SCRIPT: SCRIPT in a mount namespace of its own, whose /dev/log, journal and /var/log are
# its own too. WHAT: journal, syslog (a socket whose datagrams come into $BATS_TEST_TMPDIR/log),
# silent (a journal that nobody reads, full), none.
with() {
	rm -rf "${BATS_TEST_TMPDIR:?}/dev"
	WHAT=$1 SCRIPT=$2 DRIVER=$DRIVER T=$BATS_TEST_TMPDIR OPTIONS=$OPTIONS own_mounts bash -c '
		set -euo pipefail
		mount -t tmpfs none /run
		mount -t tmpfs none /var/log
		mkdir -p /run/systemd/journal
		mkdir "$T/dev"
		mount -t tmpfs none "$T/dev"
		for i in null full; do
			touch "$T/dev/$i"
			mount --bind "/dev/$i" "$T/dev/$i"
		done
		mount --rbind "$T/dev" /dev
		case $WHAT in
		journal) socket=/run/systemd/journal/socket ;;
		syslog) socket=/dev/log ;;
		silent) socket=/run/systemd/journal/socket ;;
		none) socket= ;;
		esac
		: >"$T/log"
		if [[ $socket ]]; then
			perl -MSocket -e "
				my \$in;
				socket(\$in, AF_UNIX, SOCK_DGRAM, 0) && bind(\$in, sockaddr_un(\$ARGV[0])) or die;
				open(my \$to, q(>>), \$ARGV[1]) or die;
				print(qq(ready\n)); close(STDOUT);
				if (\$ARGV[2] eq q(silent)) {
					my \$out;
					socket(\$out, AF_UNIX, SOCK_DGRAM, 0);
					fcntl(\$out, 4, 2048);
					1 while send(\$out, q(x), 0, sockaddr_un(\$ARGV[0]));
					syswrite(\$to, qq(full\n));
					sleep(60);
				}
				my \$line;
				while (defined(recv(\$in, \$line, 65536, 0)) && \$line ne q(end)) {
					syswrite(\$to, \$line . qq(\n));
				}
			" "$socket" "$T/log" "$WHAT" >"$T/ready" 3>&- &
			reader=$!
			trap "kill $reader 2>/dev/null || :" EXIT
			until grep -q ready "$T/ready" && { [[ $WHAT != silent ]] || grep -q full "$T/log"; }; do
				sleep 0.01
			done
		fi
		eval "$SCRIPT"
		if [[ $WHAT == journal || $WHAT == syslog ]]; then
			# behind all that was said: with it the reader ends, and has written the rest
			perl -MSocket -e "
				socket(my \$out, AF_UNIX, SOCK_DGRAM, 0);
				defined(send(\$out, q(end), 0, sockaddr_un(\$ARGV[0]))) or die;
			" "$socket"
			wait "$reader"
		fi
		head -c 1M /var/log/rbd-flexvolume.log >"$T/file" 2>/dev/null || :'
}

# Milliseconds of 20 calls; each answers Success.
TWENTY='
	start=${EPOCHREALTIME/./}
	for ((i = 0; i < 20; i++)); do
		"$DRIVER" isattached "$OPTIONS" node
	done >"$T/answers" 2>&1
	echo $(((${EPOCHREALTIME/./} - start) / 1000)) >"$T/time"'

answers_are_right() {
	assert_equal "$(sort -u "$BATS_TEST_TMPDIR/answers")" '{"status":"Success","attached":true}'
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/answers")" 20
}

logged() { # FILE WORDS...
	local file=$BATS_TEST_TMPDIR/$1 words
	shift
	for words in "$@"; do
		grep -qaF -- "$words" "$file" || { echo "not in it: $words"; cat "$file"; return 1; }
	done
}

# Each of the twenty is in the log, as PATTERN; the file has those that the reader was too slow for.
all_are_logged() {
	local taken left
	taken=$(grep -acE -- "$1" "$BATS_TEST_TMPDIR/log" || :)
	left=$(grep -c ' info: isattached volume=mysql .* Success$' "$BATS_TEST_TMPDIR/file" || :)
	assert_equal $((taken + left)) 20
	((taken > 0))
	refute_secret "$(tr '\0' ' ' <"$BATS_TEST_TMPDIR/log")"
	refute_secret "$(cat "$BATS_TEST_TMPDIR/file")"
}

@test "the journal gets a call's fields by name" {
	with journal "$TWENTY"
	answers_are_right
	logged log 'SYSLOG_IDENTIFIER=rbd-flexvolume' 'RBD_VERB=isattached' 'RBD_VOLUME=mysql' \
		'RBD_IMAGE=rbd/db' 'RBD_POD=shop/mysql-0' 'RBD_RESULT=Success' 'RBD_PHASES=start:'
	all_are_logged '^RBD_MS='
}

@test "without a journal /dev/log gets its line" {
	with syslog "$TWENTY"
	answers_are_right
	all_are_logged '^<30>rbd-flexvolume\[[0-9]+\]: isattached volume=mysql image=rbd/db directory= pod=shop/mysql-0 device= ms=[0-9]+ phases=start:[0-9]+ Success$'
}

@test "without both a file has them, that only root can read" {
	with none "$TWENTY"'
		stat -c %a /var/log/rbd-flexvolume.log >"$T/mode"'
	answers_are_right
	assert_equal "$(cat "$BATS_TEST_TMPDIR/mode")" 600
	assert_equal "$(grep -c ' info: isattached volume=mysql .* Success$' "$BATS_TEST_TMPDIR/file")" 20
	refute_secret "$(cat "$BATS_TEST_TMPDIR/file")"
}

@test "a Failure is logged with its message, as an error; bad arguments too" {
	with none '
		"$DRIVER" mount /nowhere/mysql "{\"kubernetes.io/pvOrVolumeName\":\"mysql\",\"image\":\"db\",\"imge\":\"x\"}"
		"$DRIVER" unmount ""'
	logged file ' error: mount ' 'Failure: ' 'unknown option "imge"' ' error: unmount '
}

@test "init and getvolumename log nothing" {
	with none '"$DRIVER" init; "$DRIVER" getvolumename "$OPTIONS"; ls /var/log >"$T/all"'
	[ ! -s "$BATS_TEST_TMPDIR/all" ]
}

@test "no log, a dead one, a full one, a full disk, a limit on files: same answer, no delay" {
	local time=$BATS_TEST_TMPDIR/time taken case reference
	# Other work on the machine only slows down: of each the fastest so far counts. Who waited for a log would
	# wait much longer than the 5 ms that are allowed to each of the twenty calls, some of which go through a pipe.
	faster() { # MILLISECONDS: or what has just been taken
		local now
		now=$(cat "$time")
		echo $((now < $1 ? now : $1))
	}
	for case in \
		"none true" \
		"silent true" \
		"none mount -t tmpfs -o size=4k none /var/log; head -c 8k /dev/zero >/var/log/x 2>&1 || :" \
		"none mount -o remount,ro /var/log" \
		"none mount --bind /proc/self/task /var/log" \
		"none ln -s /var/log/other /var/log/rbd-flexvolume.log" \
		"none TWENTY_LIMIT=1"; do
		taken=100000 reference=100000
		for _ in {1..20}; do
			with syslog "$TWENTY"
			reference=$(faster "$reference")
			with "${case%% *}" "${case#* }
				$(limited "$case")"
			answers_are_right
			taken=$(faster "$taken")
			echo "$case: $taken ms, a log that is read: $reference ms"
			((taken < 2 * reference + 100)) && break
		done
		((taken < 2 * reference + 100))
	done
}

# A file cannot grow at all: the calls' own output goes through a pipe.
limited() {
	if [[ $1 == *TWENTY_LIMIT* ]]; then
		sed 's|for ((|{ ulimit -f 0; for ((|; s|done >"$T/answers" 2>&1|done; } 2>\&1 \| cat >"$T/answers"|' <<<"$TWENTY"
	else
		echo "$TWENTY"
	fi
}

@test "the configuration names the file and the level" {
	use_config '{"log":{"target":"file","level":"error"}}'
	with journal "$TWENTY"'
		"$DRIVER" unmount ""'
	answers_are_right
	[ ! -s "$BATS_TEST_TMPDIR/log" ]
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/file")" 1
	logged file ' error: unmount '
}
