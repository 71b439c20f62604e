# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# One volume in attach mode, and in mount mode on another node. To be sourced.
# Needs: place.bash; pool, image, user; base (where the kubelet's directories are).

# What the kubelet makes of a PV, for the volume $1 and more options $2; two lines, for people.
options()
{
	printf '%s\n  %s' \
		"{\"kubernetes.io/pvOrVolumeName\":\"$1\",\"kubernetes.io/fsType\":\"ext4\",\"kubernetes.io/readwrite\":\"rw\"," \
		"\"pool\":\"$pool\",\"image\":\"$1\"${2:+,$2},\"user\":\"$user\"}"
}

# The same with what only mount gets: the pod, and the Secret.
mount_options()
{
	local secret=${3:-}
	printf '%s\n  %s\n  %s' "$(options "$1" "$2" | head -n 1)" \
		"\"kubernetes.io/pod.name\":\"demo\",\"kubernetes.io/pod.namespace\":\"default\",\"kubernetes.io/pod.uid\":\"$pod_uid\"," \
		"${secret:+\"kubernetes.io/secret/key\":\"$SECRET\",}$(options "$1" "$2" | tail -n 1 | sed 's/^ *//')"
}

directories() # VOLUME: sets $global and $pod
{
	global=$base/plugins/kubernetes.io/flexvolume/ceph/rbd/mounts/$1
	pod=$base/pods/$pod_uid/volumes/ceph~rbd/$1
}

show_directories() # PLACE
{
	printf '%s%s# GLOBAL=%s POD=%s%s\n' "$bold" "$(prompt "$1")" "$global" "$pod" "$plain"
}

# attach, waitforattach, mountdevice, mount: the volume is in the pod's directory.
bring_up_attached() # PLACE VOLUME OPTIONS
{
	local place=$1 volume=$2 more=$3 node device
	node=$(on "$place" hostname)
	say 'The controller reserves the volume for the node: the missing image is made, nothing is mapped.'
	driver_call "$place" 'attaching' attach "$(options "$volume" "$more")" "$node"
	device=$(jq -r .device <<<"$answer")
	look_image "$volume"
	proof "attach made the image $pool/$volume and mapped nothing" nothing_left "$place" "$volume"
	driver_call "$place" 'waiting' waitforattach "$device" "$(options "$volume" "$more")"

	say 'The volume comes to the node: mapped by the kernel, formatted (it was proven empty), mounted.'
	on "$place" mkdir -p "$global" "$pod"
	show_directories "$place"
	driver_call "$place" 'mapping, formatting, mounting' \
		mountdevice "$global" "$device" "$(options "$volume" "$more")"
	show_mapping "$place" "$volume"
	show_mount "$place" "$global"
	contains_one_mount "$place" "$global" || die "nothing is mounted at $global"

	say "And to the pod's directory."
	driver_call "$place" 'mounting' mount "$pod" "$(mount_options "$volume" "$more")"
	show_mount "$place" "$pod"
	proof "$volume is an ext4 file system of /dev/rbd in the pod's directory" \
		contains "$seen" ' ext4 /dev/rbd'
}

contains_one_mount()
{
	[[ $(mounts "$1" "$2" | wc -l) == 1 ]]
}

look_image()
{
	if [[ $where == here ]]; then
		look here rbd --id "$user" info "$pool/$1"
	else
		look cluster rbd info "$pool/$1"
	fi
}

take_down_attached() # PLACE VOLUME
{
	local place=$1 volume=$2
	say 'The pod ends.'
	driver_call "$place" 'unmounting' unmount "$pod"
	driver_call "$place" 'unmounting, unmapping' unmountdevice "$global"
	driver_call "$place" 'detaching' detach "$volume" "$(on "$place" hostname)"
	proof "after unmount, unmountdevice and detach nothing is mounted or mapped" \
		nothing_left "$place" "$volume" "$global" "$pod"
}

# A file that cannot be right by chance.
write_data() # PLACE
{
	say 'The pod writes.'
	look_sh "$1" "seq 1 200000 >$pod/numbers && sync -f $pod && sha256sum <$pod/numbers"
	written=$seen
	proof 'the pod has written 200000 lines and synced them' \
		equals "$written" "$(seq 1 200000 | sha256sum)"
}

play_attach_mode() # PLACE VOLUME
{
	local place=$1 volume=$2
	directories "$volume"
	say 'The kubelet asks once what the driver can do.'
	driver_call "$place" 'asking' init
	proof 'init answers attach mode' equals "$(jq .capabilities.attach <<<"$answer")" true
	bring_up_attached "$place" "$volume" '"size":"1Gi"'
	write_data "$place"
	take_down_attached "$place" "$volume"
}

# A node without a keyring and without ceph.conf: monitors and key come with the call.
play_mount_mode() # PLACE VOLUME
{
	local place=$1 volume=$2 file=/etc/rbd-flexvolume/config.json
	directories "$volume"
	say 'This node knows nothing of the cluster, and its administrator wants no attach.'
	look_sh "$place" "rm -r /etc/ceph && mkdir -p ${file%/*} && echo '{\"attach\": false}' >$file"
	driver_call "$place" 'asking' init
	proof 'init answers mount mode' equals "$(jq .capabilities.attach <<<"$answer")" false

	say 'All comes with mount: the monitors, and the key from the Secret.'
	on "$place" mkdir -p "$pod"
	typed_line "$(prompt "$place")" "POD=$pod"
	driver_call "$place" 'mounting' mount "$pod" "$(mount_options "$volume" "$monitors" secret)"
	show_mapping "$place" "$volume"
	proof "the key is not in sysfs, in no command line of the node, not in its kernel's log" \
		key_is_nowhere "$place" "$volume"
	look_sh "$place" "sha256sum <$pod/numbers"
	proof "node $place, kernel $(on "$place" uname -r), reads what node 1 wrote" \
		equals "$seen" "$written"

	driver_call "$place" 'unmounting, unmapping' unmount "$pod"
	proof 'after unmount nothing is mounted or mapped' nothing_left "$place" "$volume" "$pod"
}

# Compared in this shell, so that it is in no command line here either.
key_is_nowhere() # PLACE VOLUME
{
	local places encoded
	encoded=$(printf '%s' "$key" | base64 -w 0)
	places=$(on "$1" bash -c 'cat /sys/bus/rbd/devices/*/config_info /proc/[0-9]*/cmdline
		dmesg' </dev/null | tr '\0' ' ')
	contains "$places" "key=rbd-flexvolume/$2" &&
		! contains "$places" "$key" && ! contains "$places" "$encoded"
}
