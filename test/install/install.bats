#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install: what it puts where, what it refuses, what it writes beside the driver.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the last: for eval, or another shell
load helpers

@test "the first install makes the driver's directory, whole, and it answers" {
	install "$N"
	assert_installed "$N" "$N_NAME"
	assert_equal "$(stat -c '%a %u' "$home" "$home/rbd" "$home/$N_NAME" | sort -u)" "755 0"
	[[ $out == *"copied $plugins/.ceph~rbd/$N_NAME"*"starts $N_NAME now, in attach mode"* ]]
}

@test "a second install changes nothing, not even the launcher's inode" {
	install "$N"
	before=$(state; stat -c '%n %i %z' "$home/rbd" "$home/$N_NAME"/.*.json)
	install "$N"
	assert_equal "$(state; stat -c '%n %i %z' "$home/rbd" "$home/$N_NAME"/.*.json)" "$before"
	[[ $out == *"is this driver already"* ]]
}

@test "without options the policy is closed, and there is no keyring" {
	install "$N"
	assert_equal "$(jq -cS . "$home/$N_NAME/.config.json")" '{"attach":true,"policy":{}}'
	assert_equal "$(answer_of .capabilities.requiresFSResize)" false
	[ ! -e "$home/$N_NAME/.keyring" ]
	driver=$home/rbd
	out=$("$driver" mountdevice /nonexistent/db /dev/rbd0 '{"kubernetes.io/pvOrVolumeName":"db","pool":"other","image":"db"}')
	[[ $(jq -r .message <<<"$out") == *"pool"*"policy"* ]]
}

@test "a Secret becomes the keyring, 0600, and the cluster default; its names are both kinds" {
	secret_with key "$KEY" user kube monitors 10.0.0.1,10.0.0.2:6789 fsid 12F0C1AA-7b1e-4f7b-8b8f-0c1d2e3f4a5b
	install "$N" --secret "$secret"
	assert_equal "$(jq -cS .clusters "$home/$N_NAME/.config.json")" \
		'{"default":{"fsid":"12F0C1AA-7b1e-4f7b-8b8f-0c1d2e3f4a5b","keyring":".keyring","monitors":"10.0.0.1,10.0.0.2:6789","user":"kube"}}'
	assert_equal "$(jq -c .policy "$home/$N_NAME/.config.json")" '{}'
	assert_equal "$(stat -c '%a %u %g' "$home/$N_NAME/.keyring")" "600 0 0"
	assert_equal "$(cat "$home/$N_NAME/.keyring")" "[client.kube]"$'\n\t'"key = $KEY"
	assert_equal "$(answer_of .capabilities.requiresFSResize)" true
	refute_secret "$out$err"

	secret_with userKey "$KEY" userID csi
	rm "$secret"/{key,user,monitors,fsid}
	install "$N" --secret "$secret"
	assert_equal "$(cat "$home/$N_NAME/.keyring")" "[client.csi]"$'\n\t'"key = $KEY"
	assert_equal "$(jq -cS .clusters.default "$home/$N_NAME/.config.json")" '{"keyring":".keyring","user":"csi"}'
}

@test "a Secret without a user is admin's; a newline at the end of an entry is passed over" {
	secret_with key "$KEY"$'\n'
	install "$N" --secret "$secret"
	assert_equal "$(cat "$home/$N_NAME/.keyring")" "[client.admin]"$'\n\t'"key = $KEY"
}

@test "the driver reads that keyring beside its configuration, wherever the directory is seen" {
	secret_with key "$KEY" user kube monitors 127.0.0.1:1
	install "$N" --secret "$secret"
	mv "$plugins" "$plugins.elsewhere"
	out=$("$plugins.elsewhere/ceph~rbd/rbd" doctor) || :
	grep -q "keyring .*$plugins.elsewhere/ceph~rbd/$N_NAME/.keyring has a key of client.kube" <<<"$out"
}

@test "an empty Secret is none, and the keyring of before goes" {
	secret_with key "$KEY"
	install "$N" --secret "$secret"
	rm -r "$secret"
	secret_with
	install "$N" --secret "$secret"
	[ ! -e "$home/$N_NAME/.keyring" ]
	assert_equal "$(jq -cS . "$home/$N_NAME/.config.json")" '{"attach":true,"policy":{}}'
	assert_equal "$(answer_of .capabilities.requiresFSResize)" false
}

@test "a Secret that cannot be right is refused, never repeated" {
	install "$N"
	secret_with key "$KEY" userKey "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ=="
	refused "$N" --secret "$secret"
	assert_said 'different values'
	swap_secret key 'no key'
	refused "$N" --secret "$secret"
	assert_said 'the entry key is not'
	swap_secret key ''
	refused "$N" --secret "$secret"
	assert_said 'the entry key is empty'
	swap_secret key "$KEY" user 'a b'
	refused "$N" --secret "$secret"
	assert_said 'the entry user is not'
	swap_secret key "$KEY" monitors '10.0.0.1,name=evil'
	refused "$N" --secret "$secret"
	assert_said 'monitors'
	swap_secret key "$KEY" fsid 'x'
	refused "$N" --secret "$secret"
	assert_said 'fsid'
	refused "$N" --secret "$secret/none"
	assert_said "No such file"
	refute_secret "$err"
}

@test "a configuration is taken as it is, with a closed policy and the mode where it has none" {
	echo '{"log":{"level":"debug"},"clusters":{"far":{"user":"kube","keyring":"/etc/ceph/k"}}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N" --config "$BATS_TEST_TMPDIR/c.json" --mode mount
	assert_equal "$(jq -cS . "$home/$N_NAME/.config.json")" \
		'{"attach":false,"clusters":{"far":{"keyring":"/etc/ceph/k","user":"kube"}},"log":{"level":"debug"},"policy":{}}'
	assert_equal "$(answer_of)" false
	assert_equal "$(answer_of .capabilities.requiresFSResize)" true

	echo '{"attach":true,"capabilities":{"fsGroup":false},"policy":{"pool":["kube"]}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N" --config "$BATS_TEST_TMPDIR/c.json"
	assert_equal "$(jq -cS . "$home/$N_NAME/.config.json")" \
		'{"attach":true,"capabilities":{"fsGroup":false},"policy":{"pool":["kube"]}}'
	assert_equal "$(answer_of '.capabilities | [.attach, .fsGroup, .requiresFSResize] | tostring')" '[true,false,false]'
}

@test "configuration and Secret together: what the file says stands, the Secret fills in the rest" {
	secret_with key "$KEY" monitors 10.9.9.9
	echo '{"clusters":{"default":{"user":"kube","monitors":"10.0.0.1","exclusivePools":["fast"]}}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N" --config "$BATS_TEST_TMPDIR/c.json" --secret "$secret"
	assert_equal "$(jq -cS .clusters.default "$home/$N_NAME/.config.json")" \
		'{"exclusivePools":["fast"],"keyring":".keyring","monitors":"10.0.0.1","user":"kube"}'
	assert_equal "$(head -1 "$home/$N_NAME/.keyring")" "[client.kube]"
	swap_secret key "$KEY" user other
	refused "$N" --config "$BATS_TEST_TMPDIR/c.json" --secret "$secret"
	assert_said 'user kube, the Secret is of other'
}

@test "a configuration that the new driver would refuse is not installed" {
	install "$N"
	echo '{"polcy":{}}' >"$BATS_TEST_TMPDIR/c.json"
	refused "$N" --config "$BATS_TEST_TMPDIR/c.json"
	assert_said 'unknown key "polcy"'
	echo '{"novelty":{}}' >"$BATS_TEST_TMPDIR/c.json"
	refused "$N" --config "$BATS_TEST_TMPDIR/c.json"
	assert_said 'unknown key "novelty"'
	echo '{"clusters":{"a":{"keyring":".other"}}}' >"$BATS_TEST_TMPDIR/c.json"
	refused "$N" --config "$BATS_TEST_TMPDIR/c.json"
	assert_said 'there is none'
	for name in ../k ..; do
		echo '{"clusters":{"a":{"keyring":"'"$name"'"}}}' >"$BATS_TEST_TMPDIR/c.json"
		refused "$N" --config "$BATS_TEST_TMPDIR/c.json"
		assert_said 'keyring'
	done
	echo '{}' >"$BATS_TEST_TMPDIR/c.json"
	chmod 0666 "$BATS_TEST_TMPDIR/c.json"
	refused "$N" --config "$BATS_TEST_TMPDIR/c.json"
	assert_said 'others can write it'
	refused "$N" --config "$BATS_TEST_TMPDIR/none.json"
	assert_said 'No such file'
}

@test "the mode: what is said, else the configuration's, else what is installed, else attach" {
	install "$N"
	assert_equal "$(answer_of)" true
	install "$N" --mode mount
	assert_equal "$(answer_of)" false
	install "$N"
	assert_equal "$(answer_of)" false
	install "$NEXT"
	assert_equal "$(answer_of)" false
	rm "$home/rbd"
	install "$NEXT"
	assert_equal "$(answer_of)" false
	# also where the driver cannot say it, and the version before had the other one
	install "$N" --mode attach
	for harm in 'rm "$home/rbd"' 'rm "$home/$N_NAME/rbd-flexvolume"'; do
		eval "$harm"
		install "$N"
		assert_equal "$(answer_of)" true
	done
	install "$NEXT" --mode mount
	for harm in 'rm "$home/rbd"' 'rm "$home/$NEXT_NAME/rbd-flexvolume"'; do
		eval "$harm"
		install "$NEXT"
		assert_equal "$(answer_of)" false
	done
	echo '{"attach":true}' >"$BATS_TEST_TMPDIR/c.json"
	install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json"
	assert_equal "$(answer_of)" true
	assert_equal "$(jq .attach "$home/$NEXT_NAME/.config.json")" true
	install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json" --mode mount
	assert_equal "$(jq .attach "$home/$NEXT_NAME/.config.json")" false
}

@test "another mode of the same version is told to the kubelet: the launcher is renamed anew" {
	install "$N"
	before=$(stat -c %i "$home/rbd")
	install "$N" --mode mount
	[ "$(stat -c %i "$home/rbd")" != "$before" ]
	# killed after .init.json, before the launcher
	"$N/rbd" install --plugin-dir "$plugins" >/dev/null
	touch "$home/$N_NAME/.init.json"
	before=$(stat -c %i "$home/rbd")
	install "$N"
	[ "$(stat -c %i "$home/rbd")" != "$before" ]
}

@test "what could not run or be trusted there is refused before anything is written" {
	installer "$N" install --plugin-dir "$plugins/none"
	assert_equal "$code" 1
	assert_said "No such file"
	: >"$BATS_TEST_TMPDIR/file"
	installer "$N" install --plugin-dir "$BATS_TEST_TMPDIR/file"
	assert_equal "$code" 1
	assert_said "Not a directory"
	chmod 0775 "$plugins"
	refused "$N"
	assert_said "others than root can write to it (mode 0775)"
	chmod 0755 "$plugins"
	chown 1000 "$plugins"
	refused "$N"
	assert_said "it belongs to user 1000"
	chown 0 "$plugins"
	mkdir -m 0777 "$home"
	chmod 0777 "$home"
	refused "$N"
	assert_said "others than root can write to it (mode 0777)"
	rmdir "$home"
	ln -s /tmp "$home"
	refused "$N"
	assert_said "ceph~rbd"
	rm "$home"
	install "$N"
}

# on a file system of its own, mounted with OPTIONS
mounted() { # OPTIONS SCRIPT
	export N plugins
	own_mounts bash -c 'mount -t tmpfs -o "mode=0755,$1" none "$plugins" && eval "$2"' - "$1" "$2"
}

@test "a directory that is mounted read-only or noexec, or is full, is refused, and says so" {
	out=$(mounted ro '"$N/rbd" install --plugin-dir "$plugins" 2>&1; echo "exit $?"')
	[[ $out == *"it is mounted read-only"*"exit 1" ]]
	out=$(mounted noexec '"$N/rbd" install --plugin-dir "$plugins" 2>&1; echo "exit $?"; ls -A "$plugins"')
	[[ $out == *"it is mounted noexec"*"exit 1" ]]
	out=$(mounted size=15m '"$N/rbd" install --plugin-dir "$plugins" 2>&1; echo "exit $?"; ls -A "$plugins"')
	[[ $out == *"are free there, the driver needs"*"exit 1" ]]
	out=$(mounted size=64m '"$N/rbd" install --plugin-dir "$plugins" 2>&1; echo "exit $?"')
	[[ $out == *"starts "*"exit 0" ]]
}

@test "an immutable directory is refused, and says so" {
	truncate -s 8M "$BATS_TEST_TMPDIR/disk"
	mkfs.ext4 -q "$BATS_TEST_TMPDIR/disk"
	export N plugins disk=$BATS_TEST_TMPDIR/disk
	# shellcheck disable=SC2016 # for that shell
	out=$(own_mounts bash -c 'mount -o loop "$disk" "$plugins" && chattr +i "$plugins" &&
		"$N/rbd" install --plugin-dir "$plugins" 2>&1; echo "exit $?"')
	[[ $out == *"it has the attribute immutable"*"exit 1" ]]
}

@test "without a name, the first of the distributions' directories that exists is taken" {
	export N
	# shellcheck disable=SC2016 # for that shell
	out=$(own_mounts bash -c '
		mkdir -p /usr/libexec /home /etc/kubernetes /var/lib/kubelet /opt
		for at in /usr/libexec /home /etc/kubernetes /var/lib/kubelet /opt; do mount -t tmpfs none $at; done
		"$N/rbd" install 2>&1; echo "exit $?"
		mkdir -p /usr/libexec/kubernetes/kubelet-plugins/volume/exec
		"$N/rbd" install; echo "exit $?"
		mkdir -p /etc/kubernetes/volumeplugins
		"$N/rbd" install; echo "exit $?"
		ls /usr/libexec/kubernetes/kubelet-plugins/volume/exec /etc/kubernetes/volumeplugins')
	assert_equal "$(grep -c '^exit 1' <<<"$out")" 1
	grep -q "there is none of /home/kubernetes/flexvolume (GKE), .*/usr/libexec/kubernetes/kubelet-plugins/volume/exec (" <<<"$out"
	assert_equal "$(grep -c '^exit 0' <<<"$out")" 2
	grep -q '^/usr/libexec/kubernetes/kubelet-plugins/volume/exec/ceph~rbd/rbd starts' <<<"$out" ||
		grep -q '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/ceph~rbd/rbd starts' <<<"$out"
	assert_equal "$(grep -c '^ceph~rbd$' <<<"$out")" 2
}

@test "install --help prints the options and the distributions' directories; wrong use is exit 2" {
	installer "$N" install --help
	assert_equal "$code" 0
	for word in --plugin-dir --mode --secret --config --wait --check --here \
		/home/kubernetes/flexvolume /etc/kubernetes/volumeplugins /var/lib/kubelet/volumeplugins \
		/var/lib/kubelet/volume-plugins /usr/libexec/kubernetes/kubelet-plugins/volume/exec; do
		grep -q -e " $word " <<<"$out"
	done
	for words in "--plugin-dir" "--mode both" "here" "--wait --check" \
		"--check --here" "--plugin-dir /a --plugin-dir /b"; do
		# shellcheck disable=SC2086 # words on purpose
		installer "$N" install $words
		assert_equal "$code" 2
		assert_said "use: install"
	done
	installer "$N" uninstall --wait
	assert_equal "$code" 2
	assert_said "use: uninstall"
}

@test "a driver without a bundle says how to get one; --here writes .init.json and nothing else" {
	mkdir "$BATS_TEST_TMPDIR/by hand"
	cp "$DRIVER" "$BATS_TEST_TMPDIR/by hand/rbd"
	installer "$BATS_TEST_TMPDIR/by hand" install --plugin-dir "$plugins"
	assert_equal "$code" 1
	assert_said 'belongs to no bundle'
	assert_said 'install --here'
	assert_equal "$(names "$plugins")" ''
	installer "$BATS_TEST_TMPDIR/by hand" install --here --mode mount
	assert_equal "$code" 0
	assert_equal "$(names "$BATS_TEST_TMPDIR/by hand")" '.init.json rbd '
	assert_equal "$("$BATS_TEST_TMPDIR/by hand/rbd" init)" "$(cat "$BATS_TEST_TMPDIR/by hand/.init.json")"
	assert_equal "$("$BATS_TEST_TMPDIR/by hand/rbd" init | jq .capabilities.attach)" false
	installer "$BATS_TEST_TMPDIR/by hand" install --here
	assert_equal "$("$BATS_TEST_TMPDIR/by hand/rbd" init | jq .capabilities.attach)" false
	installer "$BATS_TEST_TMPDIR/by hand" install --here --mode attach
	assert_equal "$("$BATS_TEST_TMPDIR/by hand/rbd" init | jq .capabilities.attach)" true
}

@test "a new driver that does not work here does not take the name" {
	install "$N"
	cp -a "$NEXT" "$BATS_TEST_TMPDIR/broken"
	for bad in ': >' 'printf "#!/bin/sh\necho {}\n" >' 'printf "#!/bin/sh\nexit 1\n" >'; do
		eval "$bad \"\$BATS_TEST_TMPDIR/broken/rbd\""
		DRIVER=$NEXT/$NEXT_NAME/rbd-flexvolume
		code=0
		err=$("$BATS_TEST_TMPDIR/broken/$NEXT_NAME/rbd-flexvolume" install --plugin-dir "$plugins" 2>&1 >/dev/null) || code=$?
		assert_equal "$code" 1
		assert_said 'the new driver does not work here, nothing was switched to it'
		cmp "$N/rbd" "$home/rbd"
		assert_equal "$(answer_of .status)" Success
	done
	install "$NEXT"
	assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME"
}

@test "a version that is there but broken is made whole" {
	install "$N"
	for harm in 'rm "$home/$N_NAME/lib/libnumber1.so"' ': >"$home/$N_NAME/lib/libnumber2.so.2"' \
		'printf X | dd of="$home/$N_NAME/lib/libnumber3.so.3" conv=notrunc status=none' \
		'chmod 0777 "$home/$N_NAME/rbd-flexvolume"' 'rm -r "$home/$N_NAME"' \
		'rm -r "$home/$N_NAME"; : >"$home/$N_NAME"' 'chmod 0777 "$home/$N_NAME"'; do
		eval "$harm"
		install "$N"
		assert_installed "$N" "$N_NAME"
	done
}

# A process that stays, of the installed driver: sets $pid. Its own install, from the version that it runs
# and with children, is over; and nothing in its directory, which nobody else knows, makes it begin again.
stay() {
	local elsewhere
	elsewhere=$(mktemp -d "$BATS_TEST_TMPDIR/elsewhere.XXXXXX")
	"$home/rbd" install --wait --plugin-dir "$elsewhere" >"$elsewhere.log" 2>&1 3>&- &
	pid=$!
	wait_until grep -q 'waiting for changes' "$elsewhere.log"
}

@test "broken versions that processes run stay for them, each under a name of its own, and go later" {
	local first pid
	install "$N"
	stay
	first=$pid
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	install "$N"
	assert_equal "$(names "$home")" "$N_NAME .rbd-flexvolume.old-1 rbd "
	[[ $(readlink /proc/$first/exe) == "$home/.rbd-flexvolume.old-1/rbd-flexvolume" ]] || return 1
	stay
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	install "$N"
	assert_equal "$(names "$home")" "$N_NAME .rbd-flexvolume.old-1 .rbd-flexvolume.old-2 rbd "
	[ -e "/proc/$first/exe" ]
	[ -e "/proc/$pid/exe" ]
	kill "$first"
	wait "$first" || :
	install "$N"
	assert_equal "$(names "$home")" "$N_NAME .rbd-flexvolume.old-2 rbd "
	kill "$pid"
	wait "$pid" || :
	install "$N"
	assert_installed "$N" "$N_NAME"
}

@test "a broken version is made whole also where the file system cannot exchange two directories" {
	install "$N" --mode mount
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	strace -f -qq -e trace=renameat2 -e inject=renameat2:error=EINVAL -o "$BATS_TEST_TMPDIR/calls" \
		"$N/rbd" install --plugin-dir "$plugins"
	grep -q 'RENAME_EXCHANGE.*INJECTED' "$BATS_TEST_TMPDIR/calls"
	assert_installed "$N" "$N_NAME"
	assert_equal "$(answer_of)" false
}

@test "--check: 0 for this bundle, whole, with what the options say; else 1 with the reason; changes nothing" {
	checked() { # CODE WORDS ARG...
		local before want=$1 words=$2
		shift 2
		before=$(state)
		installer "$N" install --check --plugin-dir "$plugins" "$@"
		assert_equal "$code" "$want" || return 1
		assert_said "$words" || return 1
		assert_equal "$(state)" "$before"
	}
	checked 1 'is not installed'
	install "$N" --mode mount
	checked 0 ''
	checked 0 '' --mode mount
	checked 1 'are not as they are to be' --mode attach
	secret_with key "$KEY"
	checked 1 'are not as they are to be' --secret "$secret"
	install "$N" --secret "$secret"
	checked 0 '' --secret "$secret"
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	checked 1 'is not whole'
	install "$N"
	mv "$home/rbd" "$home/.aside"
	checked 1 'is not the one of'
	mv "$home/.aside" "$home/rbd"
	install "$NEXT"
	checked 1 'is not the one of'
	rm "$home/$N_NAME/.init.json"
	checked 1 'is not the one of'
}

@test "the version before loses its keyring with the next install, unless a process runs in it" {
	local old=".rbd-flexvolume-0.1.0-dddd$RUN"
	bundle_with "dddd$RUN"
	d=$BATS_TEST_TMPDIR/dddd$RUN
	secret_with key "$KEY"
	install "$d" --secret "$secret"
	stay
	install "$NEXT" --secret "$secret"
	swap_secret key "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ=="
	install "$NEXT" --secret "$secret"
	grep -qF "$KEY" "$home/$old/.keyring"
	kill "$pid"
	wait "$pid" || :
	# a launcher of another test that was replaced while it ran may start any version
	forgets() {
		install "$NEXT" --secret "$secret"
		[[ $out == *"removed $home/$old/.keyring"* ]]
	}
	wait_until forgets
	[ ! -e "$home/$old/.keyring" ]
	assert_installed "$NEXT" "$NEXT_NAME" "$old"
	# back: with the key of now; what was there until now still has its own
	install "$d" --secret "$secret"
	grep -q 'key = QVFC' "$home/$old/.keyring"
	grep -q 'key = QVFC' "$home/$NEXT_NAME/.keyring"
}

@test "upgrade and the way back are one rename, each version with its own configuration" {
	secret_with key "$KEY" user kube
	install "$N" --secret "$secret"
	echo '{"novelty":{"of":"0.2.0"}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json"
	assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME"
	assert_equal "$("$home/rbd" version)" "rbd-flexvolume 0.2.0"
	assert_equal "$(jq -r .novelty.of "$home/$NEXT_NAME/.config.json")" 0.2.0
	assert_equal "$(jq -r .clusters.default.user "$home/$N_NAME/.config.json")" kube
	[ -e "$home/$N_NAME/.keyring" ]
	[ ! -e "$home/$NEXT_NAME/.keyring" ]
	install "$N" --secret "$secret"
	assert_installed "$N" "$N_NAME" "$NEXT_NAME"
	assert_equal "$("$home/rbd" version)" "rbd-flexvolume 0.1.0"
}

@test "the one before is kept, older ones go, but not while a process runs one" {
	install "$N"
	bundle_with "aaaa$RUN"
	bundle_with "bbbb$RUN"
	bundle_with "cccc$RUN"
	a=$BATS_TEST_TMPDIR/aaaa$RUN b=$BATS_TEST_TMPDIR/bbbb$RUN c=$BATS_TEST_TMPDIR/cccc$RUN
	install "$a"
	assert_installed "$a" ".rbd-flexvolume-0.1.0-aaaa$RUN" "$N_NAME"
	# again: still the way back
	install "$a"
	assert_installed "$a" ".rbd-flexvolume-0.1.0-aaaa$RUN" "$N_NAME"
	stay
	install "$b"
	assert_installed "$b" ".rbd-flexvolume-0.1.0-bbbb$RUN" ".rbd-flexvolume-0.1.0-aaaa$RUN"
	[[ $out == *"removed $home/$N_NAME"* ]]
	install "$c"
	assert_installed "$c" ".rbd-flexvolume-0.1.0-cccc$RUN" ".rbd-flexvolume-0.1.0-bbbb$RUN" ".rbd-flexvolume-0.1.0-aaaa$RUN"
	[[ $out == *"aaaa$RUN stays: a process may be using it"* ]]
	kill "$pid"
	wait "$pid" || :
	install "$c"
	assert_installed "$c" ".rbd-flexvolume-0.1.0-cccc$RUN" ".rbd-flexvolume-0.1.0-bbbb$RUN"
}

@test "in a container, which sees no process of the host, no version is removed" {
	install "$N"
	export home NEXT plugins
	mkdir "$home/.rbd-flexvolume-0.0.1-000000000000"
	# as its process 1, and as another one
	for command in exec ''; do
		# shellcheck disable=SC2016 # for that shell
		unshare --pid --fork --mount-proc bash -c "$command"' "$NEXT/rbd" install --plugin-dir "$plugins"; exit $?'
		assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME" .rbd-flexvolume-0.0.1-000000000000
	done
	install "$NEXT"
	assert_equal "$(find "$home" -maxdepth 1 -name '.rbd-flexvolume-*' | wc -l)" 2
}

@test "uninstall takes all of it away, says when there is nothing, and leaves what is not ours" {
	install "$N"
	install "$NEXT"
	mkdir "$plugins/vendor~other"
	installer "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	assert_equal "$(names "$plugins")" 'vendor~other '
	installer "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	[[ $out == "nothing is installed in $plugins" ]]
	install "$N"
	: >"$home/.notes"
	installer "$home" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	assert_equal "$(names "$home")" '.notes '
	[[ $out == *"there are files in it that are not ours"* ]]
}
