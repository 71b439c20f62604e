# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bash completion for rbd-flexvolume: /usr/share/bash-completion/completions/rbd-flexvolume, or
# source it. What there is, the driver says itself (`help`), so that it is never out of date; pools
# and images are asked of the cluster, for two seconds at most.

_rbd_flexvolume_verbs() { # [GROUP]: the first words of its lines in help, a second one too
	"$_rbd_flexvolume_driver" help "$@" 2>/dev/null |
		sed -nE '/^For the kubelet/q; s/^  ([a-z]+( (enable|disable|show|clear|ls|create|rm|protect|unprotect|rollback))?)( .*|$)/\1/p'
}

_rbd_flexvolume_flags() { # GROUP VERB...
	"$_rbd_flexvolume_driver" help "$@" 2>/dev/null |
		sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p'
}

# The flags of the line that say which cluster is meant.
_rbd_flexvolume_where() {
	local i word
	where=()
	for ((i = 1; i < ${#COMP_WORDS[@]} - 1; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-m | -k | -c | --monitors | --keyring | --id | --conf | --cluster)
			((i + 1 < COMP_CWORD)) && where+=("$word" "${COMP_WORDS[i + 1]}")
			;;
		esac
	done
}

_rbd_flexvolume_ask() {
	timeout 2 "$_rbd_flexvolume_driver" "$@" "${where[@]}" 2>/dev/null </dev/null
}

# Only names that mean nothing to a shell are offered: anybody who may write to a pool chooses them.
_rbd_flexvolume_plain() {
	LC_ALL=C grep -axE '[A-Za-z0-9._][A-Za-z0-9._-]*'
}

_rbd_flexvolume_pools() {
	_rbd_flexvolume_ask pool ls | sed -n '2,$s/ .*//p' | _rbd_flexvolume_plain
}

# Images of the pool that is begun ("kube/d"), else those of rbd and all pools with a slash.
_rbd_flexvolume_images() { # WORD
	local pool
	if [[ $1 == */* ]]; then
		pool=${1%/*}
		_rbd_flexvolume_ask image ls "$pool" | _rbd_flexvolume_plain | sed "s|^|$pool/|"
	else
		_rbd_flexvolume_ask image ls | _rbd_flexvolume_plain
		_rbd_flexvolume_pools | sed 's|$|/|'
	fi
}

# Not by compgen -W, which expands its words as a command line.
_rbd_flexvolume_reply() { # WORDS: those that begin as the current word
	local all one
	COMPREPLY=()
	IFS=$' \n' read -r -d '' -a all <<<"$1"
	for one in "${all[@]}"; do
		[[ $one != "$word"* ]] || COMPREPLY+=("$one")
	done
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace 2>/dev/null
}

_rbd_flexvolume() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local group='' verb='' operands=0 words=() where i
	local _rbd_flexvolume_driver=${COMP_WORDS[0]}
	COMPREPLY=()
	case $before in
	-k | --keyring | -c | --conf | --config)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--guard)
		_rbd_flexvolume_reply none
		return
		;;
	esac
	# what has been said up to here, without flags
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-m | -k | -c | -s | -o | --monitors | --keyring | --id | --conf | --cluster | --size | --features | --data-pool | --prefix | --guard | --options | --image)
			i=$((i + 1))
			;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	if [[ ${words[0]:-} == help ]]; then
		words=("${words[@]:1}")
	fi
	group=${words[0]:-}
	if [[ -z $group ]]; then
		_rbd_flexvolume_reply "$(_rbd_flexvolume_verbs)"
		return
	fi
	case $group in
	image | pool | trash) ;;
	doctor)
		_rbd_flexvolume_where
		if [[ $word == -* ]]; then
			_rbd_flexvolume_reply "--monitors --keyring --id --conf --cluster --json --help"
		else
			_rbd_flexvolume_reply "$(_rbd_flexvolume_pools)"
		fi
		return
		;;
	*) # of a verb without verbs of its own its line in help says the flags
		_rbd_flexvolume_reply "$("$_rbd_flexvolume_driver" help "$group" 2>/dev/null |
			grep -oE -- '--[a-z-]+' | sort -u)"
		return
		;;
	esac
	# the verb: one word or two
	verb=${words[1]:-}
	case $group:$verb in
	image:snap | image:features | image:record)
		if [[ -z ${words[2]:-} ]]; then
			_rbd_flexvolume_reply "$(_rbd_flexvolume_verbs "$group" "$verb" |
				sed -n "s/^$verb //p")"
			return
		fi
		verb+=" ${words[2]}"
		operands=$((${#words[@]} - 3))
		;;
	*:)
		_rbd_flexvolume_reply "$(_rbd_flexvolume_verbs "$group" | sed 's/ .*//' | sort -u)"
		return
		;;
	*) operands=$((${#words[@]} - 2)) ;;
	esac
	if [[ $word == -* ]]; then
		# shellcheck disable=SC2086 # one word or two
		_rbd_flexvolume_reply "$(_rbd_flexvolume_flags "$group" $verb)"
		return
	fi
	_rbd_flexvolume_where
	case $group:$verb:$operands in
	image:ls:0 | trash:ls:0 | pool:rm:0) _rbd_flexvolume_reply "$(_rbd_flexvolume_pools)" ;;
	image:features\ *:0 | image:clone:[01] | image:*:0) _rbd_flexvolume_reply "$(_rbd_flexvolume_images "$word")" ;;
	image:features\ *) _rbd_flexvolume_reply 'layering exclusive-lock object-map fast-diff deep-flatten journaling' ;;
	esac
}

complete -F _rbd_flexvolume rbd-flexvolume
