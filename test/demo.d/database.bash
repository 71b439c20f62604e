# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The article's own proof: a database, its node loses its power, another node has it. To be sourced.
# Needs: volume.bash.

socket=/run/demo-db.sock
server_log=/run/demo-db.log

# Without the second size InnoDB reserves 8 GiB of addresses; User-Mode Linux has no native aio.
server_options()
{
	printf '%s ' --no-defaults --user=root "--datadir=$pod/mysql" --innodb-log-file-size=16M \
		--innodb-buffer-pool-size=64M --loose-innodb-buffer-pool-size-max=64M \
		--innodb-use-native-aio=0
}

# Ready is: it answers a client.
start_server() # PLACE
{
	local line
	line="setsid mariadbd $(server_options)--skip-networking --socket=$socket >$server_log 2>&1 &"
	look_sh "$1" "$line"
	patiently 'MariaDB starts' on "$1" timeout 120 bash -c \
		"until mariadb --no-defaults -S $socket -e ''; do sleep 0.3; done" || {
		on "$1" tail -n 20 "$server_log" >&2
		die 'MariaDB does not start'
	}
	printf '    %s(it answers after %d.%d s)%s\n' "$dim" $((took / 10)) $((took % 10)) "$plain"
}

ask_server() # PLACE SQL
{
	look_sh "$1" "mariadb --no-defaults -S $socket -t -e \"$2\""
}

make_database() # PLACE
{
	local place=$1
	say 'A MariaDB is set up on it.'
	look_sh "$place" "mkdir $pod/mysql && mariadb-install-db $(server_options)\
--skip-test-db --auth-root-authentication-method=normal >/run/install-db.log" 'MariaDB makes its own tables'
	start_server "$place"
	ask_server "$place" 'CREATE DATABASE shop; CREATE TABLE shop.orders (
    id INT AUTO_INCREMENT PRIMARY KEY, item VARCHAR(30), pieces INT) ENGINE=InnoDB;'
	ask_server "$place" "USE shop; START TRANSACTION;
    INSERT INTO orders (item, pieces) SELECT CONCAT('article ', seq), 3 * seq FROM seq_1_to_10000;
    INSERT INTO orders (item, pieces) VALUES ('tea', 2), ('coffee', 7);
    COMMIT;"
	ask_database "$place"
	proof 'a database with 10002 rows was made and committed on a volume made on demand' \
		contains "$seen" ' 10002 '
	before=$seen
}

ask_database()
{
	ask_server "$1" 'SELECT COUNT(*), SUM(pieces) FROM shop.orders; CHECKSUM TABLE shop.orders;
    SELECT * FROM shop.orders ORDER BY id DESC LIMIT 2;'
}

# "10.77.0.11:0/123456", as the cluster sees the one kernel that has the image open
watcher_address()
{
	lab rbd status "$pool/$1" | sed -n 's/.*watcher=\([^ ]*\) .*/\1/p'
}

blocked()
{
	contains "$(lab ceph osd blocklist ls 2>/dev/null)" "$1"
}

lose_power() # PLACE VOLUME
{
	say "node $1 loses its power: no unmount, no goodbye. The cluster still takes it for alive."
	holder=$(watcher_address "$2")
	typed "$(hostname)" test/lab/lab --lab "$lab" kill "$1"
	lab kill "$1"
	look cluster rbd status "$pool/$2"
	# shellcheck disable=SC2016 # for the bash called
	proof "node $1 is gone with the volume mounted and the database running" \
		bash -c '! "$@" 2>/dev/null' - test/lab/lab --lab "$lab" run "$1" true
}

take_over() # PLACE VOLUME
{
	local place=$1 volume=$2
	say "node $place takes over: it waits until the dead one's watch has ended, and locks it out."
	on "$place" mkdir -p "$pod"
	typed_line "$(prompt "$place")" "POD=$pod"
	driver_call "$place" "waiting for the dead owner, about 30 s" \
		mount "$pod" "$(mount_options "$volume" "$monitors" secret)"
	show_mount "$place" "$pod"
	look cluster ceph osd blocklist ls
	proof "the dead node ($holder) is locked out of the cluster" blocked "$holder"
}

# The volume comes up in attach mode on node 1 and in mount mode on node 2: each as it is set up.
play_database() # FROM TO VOLUME
{
	local from=$1 to=$2 volume=$3
	directories "$volume"
	bring_up_attached "$from" "$volume" '"size":"2Gi"'
	make_database "$from"
	lose_power "$from" "$volume"
	take_over "$to" "$volume"
	say 'MariaDB starts there.'
	start_server "$to"
	look_sh "$to" "grep -iE 'crash recovery|ready for connections' $server_log"
	ask_database "$to"
	proof "on node $to the database is whole: the same 10002 rows, the same checksum" \
		equals "$seen" "$before"

	say 'And down again, in good order.'
	ask_server "$to" 'SHUTDOWN'
	look_sh "$to" "while pgrep -x mariadbd >/dev/null; do sleep 0.2; done"
	driver_call "$to" 'unmounting, unmapping' unmount "$pod"
	proof 'after it nothing is mounted or mapped there' nothing_left "$to" "$volume" "$pod"
	[[ -z $(watcher_address "$volume") ]] || die "somebody still watches $pool/$volume"
}
