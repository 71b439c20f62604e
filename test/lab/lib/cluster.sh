# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A Ceph cluster of Debian's daemons in the lab's namespace: its configuration, its keys, its birth.

mon_ids() { local all=(a b c); printf '%s\n' "${all[@]:0:$1}"; }

mon_address() { # ID -> the address: a is .1, b .2, c .3
	local number
	printf -v number '%d' "'$1"
	echo "10.77.0.$((number - 96))"
}

mon_addrvec() { local a; a=$(mon_address "$1"); echo "[v2:$a:3300,v1:$a:6789]"; }

mon_host() { # MONS
	local id hosts=()
	for id in $(mon_ids "$1"); do hosts+=("$(mon_addrvec "$id")"); done
	(IFS=,; echo "${hosts[*]}")
}

# "admin socket" only for daemons: every client would try to bind it. The watch timeout stays at its
# default (30 s).
write_conf() { # MONS OBJECTSTORE
	FSID=$(cat /proc/sys/kernel/random/uuid)
	cat >"$LAB_DIR/ceph.conf" <<CONF
[global]
fsid = $FSID
mon host = $(mon_host "$1")
keyring = $LAB_DIR/ceph.\$name.keyring
mon allow pool size one = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
run dir = $LAB_DIR/ceph
crash dir = $LAB_DIR/ceph
log file = $LAB_DIR/log/\$name.log
[mon]
keyring = $LAB_DIR/ceph.mon.keyring
admin socket = $LAB_DIR/ceph/\$name.asok
mon data = $LAB_DIR/ceph/\$name
mon cluster log file = $LAB_DIR/log/cluster.log
mon data avail crit = 1
mon data avail warn = 2
mon warn on pool no redundancy = false
mon warn on insecure global id reclaim = false
mon warn on insecure global id reclaim allowed = false
# One second between proposals is for big clusters.
paxos propose interval = 0.1
paxos min wait = 0.01
mgr initial modules =
[osd]
admin socket = $LAB_DIR/ceph/\$name.asok
osd data = $LAB_DIR/ceph/\$name
public addr = 10.77.0.1
cluster addr = 10.77.0.1
osd objectstore = $2
memstore device bytes = 8589934592
bluestore block size = 8589934592
bluestore block db size = 0
bluestore block wal size = 0
osd memory target = 939524096
# A stop must save what memstore holds.
osd fast shutdown = false
[mgr]
public addr = 10.77.0.1
mgr data = $LAB_DIR/ceph/\$name
admin socket = $LAB_DIR/ceph/\$name.asok
CONF
	printf '%s\n' '[global]' "fsid = $FSID" "mon host = $(mon_host "$1")" >"$LAB_DIR/node.conf"
}

# make_key FILE ENTITY [CAP VALUE]...: no key ever on a command line.
make_key() {
	local file=$1 entity=$2 caps=()
	shift 2
	while (($# > 0)); do
		caps+=(--cap "$1" "$2")
		shift 2
	done
	ceph-authtool --create-keyring "$file" --gen-key -n "$entity" "${caps[@]}" >/dev/null
	cat "$file" >>"$LAB_DIR/seed.keyring"
}

make_keys() { # OSDS
	local i
	umask 077
	make_key "$LAB_DIR/ceph.mon.keyring" mon. mon 'allow *'
	make_key "$LAB_DIR/ceph.client.admin.keyring" client.admin \
		mon 'allow *' osd 'allow *' mgr 'allow *' mds 'allow *'
	make_key "$LAB_DIR/ceph.client.kube.keyring" client.kube \
		mon 'profile rbd' osd 'profile rbd pool=kube' mgr 'profile rbd pool=kube'
	make_key "$LAB_DIR/ceph.mgr.x.keyring" mgr.x \
		mon 'allow profile mgr' osd 'allow *' mds 'allow *'
	for ((i = 0; i < $1; i++)); do
		make_key "$LAB_DIR/ceph.osd.$i.keyring" "osd.$i" \
			mon 'allow profile osd' mgr 'allow profile osd' osd 'allow *'
	done
	umask 022
}

make_mons() { # MONS
	local id add=()
	for id in $(mon_ids "$1"); do add+=(--addv "$id" "$(mon_addrvec "$id")"); done
	monmaptool --create --fsid "$FSID" "${add[@]}" "$LAB_DIR/monmap" >/dev/null
	for id in $(mon_ids "$1"); do
		mkdir -p "$LAB_DIR/ceph/mon.$id"
		ceph-mon -c "$LAB_DIR/ceph.conf" --mkfs -i "$id" --monmap "$LAB_DIR/monmap" \
			--keyring "$LAB_DIR/seed.keyring"
	done
	# Together, after the last is made: who waits for a peer waits for seconds.
	for id in $(mon_ids "$1"); do start_daemon mon "$id"; done
	rm -f "$LAB_DIR/seed.keyring" "$LAB_DIR/monmap"
}

# The uuid told to "osd new" must be the one it is made with, or the OSD stays down without an
# error.
make_osds() { # OSDS
	local i uuid commands='' mkfs=()
	for ((i = 0; i < $1; i++)); do
		uuid=$(cat /proc/sys/kernel/random/uuid)
		commands+="osd new $uuid $i"$'\n'
		mkdir -p "$LAB_DIR/ceph/osd.$i"
		in_lab ceph-osd -i "$i" --mkfs --osd-uuid "$uuid" --no-mon-config \
			>>"$LAB_DIR/log/osd.$i.out" 2>&1 &
		mkfs+=($!)
	done
	commands+=$'config set mgr mgr/devicehealth/enable_monitoring false --force\n'
	commands+=$'osd pool create kube 8\nosd pool application enable kube rbd\n'
	# One process for all commands: it is Python, half a second each.
	in_lab timeout 120 ceph <<<"$commands" >"$LAB_DIR/log/setup.out" 2>&1 ||
		die "the monitors do not answer: $LAB_DIR/log"
	wait "${mkfs[@]}"
	for ((i = 0; i < $1; i++)); do start_daemon osd "$i"; done
}

make_mgr() {
	mkdir -p "$LAB_DIR/ceph/mgr.x"
	start_daemon mgr x
}

# A client that asks before the OSD is up asks again after 5 s only, so look at the OSD's own word
# first. The pool's initialisation is also the proof that it works: it writes an object.
make_pool() { # OSDS
	local i
	for ((i = 0; i < $1; i++)); do
		try_until 60 grep -qs 'state: booting -> active' "$LAB_DIR/log/osd.$i.log" ||
			say "osd.$i is slow"
	done
	in_lab timeout 60 rbd pool init kube || die "no OSD came up: $LAB_DIR/log"
}

# Two of three answer all that was asked up to here; who asked for three gets three.
await_quorum() { # MONS
	(($1 == 1)) || try_until 60 all_in_quorum "$1" ||
		die "the monitors do not come together: $LAB_DIR/log"
}

all_in_quorum() { # MONS
	local names
	names=$(in_lab timeout 20 ceph quorum_status --format json 2>/dev/null |
		grep -o '"quorum_names":\[[^]]*\]') || return 1
	[[ $(grep -o '"[a-z]"' <<<"${names#*:}" | wc -l) == "$1" ]]
}

create_cluster() { # MONS OSDS OBJECTSTORE
	mkdir -p "$LAB_DIR/ceph" "$LAB_DIR/log"
	write_conf "$1" "$3"
	make_keys "$2"
	say "$1 monitor(s)"
	make_mons "$1"
	say "$2 OSD(s), $3"
	make_osds "$2"
	make_mgr
	say "pool kube"
	make_pool "$2"
	await_quorum "$1"
}
