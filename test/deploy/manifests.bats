#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# deploy/: every example and every overlay is valid for Kubernetes, and says what this project means.

# each test is a process of its own; jq's $names are none of the shell's
# shellcheck disable=SC2030,SC2031,SC2016,SC2154
# shellcheck source=test/deploy/helpers.bash
load helpers

OVERLAYS=(mount-only attach remove k3s gke aks openshift rke2 talos kubespray flatcar k0s rest)

# build DIRECTORY: sets $json, the validated documents of a kustomization.
build() {
	kustomize build "$1" >"$BATS_TEST_TMPDIR/built.yaml" || return 1
	json=$(validate "$BATS_TEST_TMPDIR/built.yaml")
}

# Each overlay is built once; built OVERLAY: sets $json.
setup_file() {
	local overlay
	for overlay in "$ROOT"/deploy/overlays/*/; do
		overlay=$(basename "$overlay")
		kustomize build "$ROOT/deploy/overlays/$overlay" >"$BATS_FILE_TMPDIR/$overlay.yaml" || return 1
		validate "$BATS_FILE_TMPDIR/$overlay.yaml" >"$BATS_FILE_TMPDIR/$overlay.json" || return 1
	done
}

built() {
	json=$(<"$BATS_FILE_TMPDIR/$1.json")
}

# The DaemonSet of $json, with what `jq` says of it.
daemonset() {
	jq -c '.[] | select(.kind == "DaemonSet")' <<<"$json"
}

# made_of LINES: a kustomization in a folder of the test's own, beside a copy of deploy/.
made_of() {
	rm -rf "$BATS_TEST_TMPDIR/tree"
	mkdir -p "$BATS_TEST_TMPDIR/tree/mine"
	cp -r "$ROOT/deploy" "$BATS_TEST_TMPDIR/tree"
	printf '%s\n' 'apiVersion: kustomize.config.k8s.io/v1beta1' 'kind: Kustomization' "$1" >"$BATS_TEST_TMPDIR/tree/mine/kustomization.yaml"
}

@test "the overlays are all that there are, and each is valid" {
	local overlay
	diff <(printf '%s\n' "${OVERLAYS[@]}" | sort) <(basename -a "$ROOT"/deploy/overlays/*/ | sort)
	for overlay in "${OVERLAYS[@]}"; do
		built "$overlay"
		assert_json "$json" 'map(.kind) | index("Namespace")'
	done
}

@test "every example is valid, its volumes are ones that the driver takes, its Secrets are of its type" {
	local file count=0 taken
	for file in "$ROOT"/deploy/examples/*.yaml; do
		json=$(validate "$file") || return 1
		taken=$(driver_takes "$json") || return 1
		count=$((count + taken))
		assert_json "$json" 'all(.[]; .kind != "Secret" or (.metadata.namespace == "rbd-rest") or .type == "ceph/rbd")'
		assert_json "$json" 'all(.[]; .kind != "PersistentVolume" or .spec.flexVolume.driver == "ceph/rbd")'
		assert_json "$json" 'all(.[]; .kind != "PersistentVolume" or .spec.persistentVolumeReclaimPolicy == "Retain")'
	done
	((count >= 9)) || { echo "$count volumes"; return 1; }
}

@test "every claim of the examples finds its volume, and every secretRef its Secret" {
	local file
	for file in "$ROOT"/deploy/examples/*.yaml; do
		json=$(validate "$file")
		assert_json "$json" '. as $all |
			[.[] | select(.kind == "PersistentVolumeClaim")] | all(.[]; . as $c |
				any($all[]; .kind == "PersistentVolume" and .metadata.name == $c.spec.volumeName and
					.spec.storageClassName == $c.spec.storageClassName and
					.spec.capacity.storage == $c.spec.resources.requests.storage and
					(.spec.accessModes == $c.spec.accessModes) and
					((.spec.claimRef // {name: $c.metadata.name}).name == $c.metadata.name)))' || return 1
		# a secretRef of a pod names none: it is of the pod's own namespace
		assert_json "$json" '. as $all | [.. | objects | .secretRef? // empty] | all(.[]; . as $r |
			any($all[]; .kind == "Secret" and .metadata.name == $r.name and
				.metadata.namespace == ($r.namespace // "default")))' || return 1
		assert_json "$json" '. as $all | [.[] | select(.kind == "Pod") | .spec.volumes[].persistentVolumeClaim // empty] |
			all(.[]; . as $v | any($all[]; .kind == "PersistentVolumeClaim" and .metadata.name == $v.claimName))' || return 1
	done
}

@test "the StatefulSet's claims are those that its volumes are kept for" {
	json=$(validate "$ROOT/deploy/examples/statefulset.yaml")
	assert_json "$json" '(.[] | select(.kind == "StatefulSet")) as $s |
		[.[] | select(.kind == "PersistentVolume") | .spec.claimRef.name] ==
		[range($s.spec.replicas) | "\($s.spec.volumeClaimTemplates[0].metadata.name)-\($s.metadata.name)-\(.)"]'
	assert_json "$json" '(.[] | select(.kind == "StatefulSet")) as $s | any(.[]; .kind == "Service" and .metadata.name == $s.spec.serviceName and .spec.clusterIP == "None")'
}

@test "the StatefulSet's volumes are those that manifest prints, as its comment says" {
	local words
	words=$(sed -n '/`rbd-flexvolume manifest/,/`/p' "$ROOT/deploy/examples/statefulset.yaml" | tr -d '\n' | sed 's/#//g; s/^[^`]*`rbd-flexvolume //; s/`.*//')
	# shellcheck disable=SC2086 # words
	"$DRIVER" $words >"$BATS_TEST_TMPDIR/made.yaml"
	diff <(validate "$BATS_TEST_TMPDIR/made.yaml" | jq -S .) \
		<(validate "$ROOT/deploy/examples/statefulset.yaml" | jq -S '[.[] | select(.kind == "PersistentVolume")]')
}

@test "the class of volumes made by hand provisions nothing and lets a claim grow" {
	json=$(validate "$ROOT/deploy/examples/storage-class.yaml")
	assert_json "$json" '.[] | select(.kind == "StorageClass") | .provisioner == "kubernetes.io/no-provisioner" and .allowVolumeExpansion'
}

@test "the installer has what it needs and nothing more, on every distribution" {
	local overlay set
	for overlay in "${OVERLAYS[@]}"; do
		[[ $overlay == rest ]] && continue
		built "$overlay"
		set=$(daemonset)
		assert_json "$set" '.metadata.namespace == "rbd-flexvolume"' || return 1
		assert_json "$set" '.spec.updateStrategy.rollingUpdate.maxUnavailable == "10%"' || return 1
		assert_json "$set" '.spec.selector.matchLabels as $l | .spec.template.metadata.labels | contains($l)' || return 1
		assert_json "$set" '.spec.template.spec | .tolerations == [{operator: "Exists"}] and .hostPID and
			(.hostNetwork or .hostIPC | not) and .automountServiceAccountToken == false and
			.priorityClassName == "system-node-critical"' || return 1
		assert_json "$set" '.spec.template.spec | [.containers[], .initContainers[]?] | all(.[];
			.resources.requests.cpu and .resources.requests.memory and .resources.limits.cpu and .resources.limits.memory)' || return 1
		assert_json "$set" '.spec.template.spec | [.containers[], .initContainers[]?] | all(.[].securityContext;
			.readOnlyRootFilesystem and .allowPrivilegeEscalation == false and (.privileged | not) and
			.capabilities.drop == ["ALL"] and ((.capabilities.add // []) - ["SYS_PTRACE"]) == [] and
			.seccompProfile.type == "RuntimeDefault")' || return 1
		assert_json "$json" '.[] | select(.kind == "ServiceAccount") | .automountServiceAccountToken == false' || return 1
		assert_json "$json" '.[] | select(.kind == "Namespace") | .metadata.labels["pod-security.kubernetes.io/enforce"] == "privileged"' || return 1
	done
}

@test "the directory is mounted at its own path, and is what install is told" {
	local overlay set
	for overlay in "${OVERLAYS[@]}"; do
		[[ $overlay == rest ]] && continue
		built "$overlay"
		set=$(daemonset)
		assert_json "$set" '.spec.template.spec | (.initContainers[0] // .containers[0]) as $c |
			.volumes[0].hostPath.path as $d | .volumes[0].name == "plugins" and
			$c.volumeMounts[0] == {name: "plugins", mountPath: $d} and
			($c.env[] | select(.name == "PLUGIN_DIR") | .value) == $d' || return 1
	done
}

@test "what is checked is what is installed: the probes' words are those of install" {
	local overlay set
	for overlay in mount-only attach openshift; do
		built "$overlay"
		set=$(daemonset)
		assert_json "$set" '.spec.template.spec.containers[0] | (.args - ["--wait"]) as $install |
			[.startupProbe, .readinessProbe, .livenessProbe] | all(.[]; .exec.command as $c |
				$c[0] == "/ceph~rbd/rbd" and $c[2] == "--check" and [$c[1]] + $c[3:] == $install)'
	done
}

@test "mount-only and attach differ in the mode and in whether the Secret must be there" {
	built mount-only
	local mount=$json
	built attach
	assert_json "$mount" 'map(.kind) == ($other | map(.kind))' --argjson other "$json"
	# not diff's exit status: two lines are to differ
	diff <(jq -S . <<<"$mount") <(jq -S . <<<"$json") >"$BATS_TEST_TMPDIR/difference" || true
	assert_equal "$(grep -c '^[<>]' "$BATS_TEST_TMPDIR/difference")" 4
	assert_contains "$(<"$BATS_TEST_TMPDIR/difference")" '"value": "attach"'
	assert_contains "$(<"$BATS_TEST_TMPDIR/difference")" '"optional": false'
	json=$(validate "$ROOT/deploy/examples/node-secret.yaml")
	assert_json "$json" '.[0].metadata == {name: "rbd-flexvolume", namespace: "rbd-flexvolume"}'
}

@test "attach mode goes into every directory: the component says it in all places" {
	local component directory
	for component in "$ROOT"/deploy/components/plugin-dir/*/; do
		made_of "resources: [../deploy/overlays/attach]
components: [../deploy/components/plugin-dir/$(basename "$component")]"
		build "$BATS_TEST_TMPDIR/tree/mine"
		directory=$(sed -n 's/^ *value: \(\/.*\)/\1/p' "$component/kustomization.yaml" | uniq)
		assert_json "$(daemonset)" '.spec.template.spec | .containers[0] as $c | .volumes[0].hostPath.path == $d and
			$c.volumeMounts[0].mountPath == $d and ($c.env | map({(.name): .value}) | add) == {PLUGIN_DIR: $d, MODE: "attach"}' \
			--arg d "$directory" || return 1
	done
}

@test "with SELinux the pods have a type that may write the directory, and are else the same" {
	built mount-only
	local plain=$json
	made_of 'resources: [../deploy/overlays/mount-only]
components: [../deploy/components/selinux]'
	build "$BATS_TEST_TMPDIR/tree/mine"
	assert_json "$(daemonset)" '.spec.template.spec.securityContext == {seLinuxOptions: {type: "spc_t"}}'
	assert_json "$json" 'map(del(.spec.template?.spec?.securityContext?)) == $plain' --argjson plain "$plain"
}

@test "the components' directories are those of the installer's table, each once" {
	diff <(sed -nE 's/^\t\{"([^"]+)".*/\1/p' "$ROOT/driver/installer/places.c" | sort) \
		<({
			sed -n 's/^ *value: \(\/.*\)/\1/p' "$ROOT"/deploy/components/plugin-dir/*/kustomization.yaml
			sed -n 's/^ *path: \(\/usr.*\)/\1/p' "$ROOT/deploy/base/daemonset.yaml"
		} | sort -u)
}

@test "install, --check and uninstall take the words of the DaemonSets: what is missing is the bundle, not the words" {
	local overlay words folder=$BATS_TEST_TMPDIR/plugins code
	mkdir -p "$folder" "$BATS_TEST_TMPDIR/secret"
	for overlay in mount-only attach remove; do
		built "$overlay"
		while read -r words; do
			words=${words//'$(PLUGIN_DIR)'/$folder}
			words=${words//'$(MODE)'/mount}
			words=${words//\/etc\/rbd-flexvolume\/secret/$BATS_TEST_TMPDIR\/secret}
			code=0
			# shellcheck disable=SC2086 # words
			timeout 20 "$DRIVER" $words >"$BATS_TEST_TMPDIR/said" 2>&1 || code=$?
			echo "$words: $code $(<"$BATS_TEST_TMPDIR/said")"
			((code < 2)) || return 1
		done < <(daemonset | jq -r '.spec.template.spec | [.containers[], .initContainers[]?][] |
			(.args // [] | if .[0] == "uninstall" then . else empty end), (.readinessProbe.exec.command // empty | .[1:]) | join(" ")')
	done
}

@test "a mode or a directory that install does not know is wrong use: the test above can fail" {
	run "$DRIVER" install --check --mode mont
	assert_equal "$status" 2
	run "$DRIVER" uninstall --plugin-dirs /tmp
	assert_equal "$status" 2
}

@test "remove takes the driver out of whatever directory, and says by running that it is done" {
	made_of 'resources: [../deploy/overlays/mount-only]
components: [../deploy/components/plugin-dir/gke, ../deploy/components/remove]'
	build "$BATS_TEST_TMPDIR/tree/mine"
	assert_json "$(daemonset)" '.spec.template.spec | (.initContainers | length == 1) and .initContainers[0].args == ["uninstall", "--plugin-dir", "$(PLUGIN_DIR)"] and
		.initContainers[0].env[0].value == "/home/kubernetes/flexvolume" and .volumes[0].hostPath.path == "/home/kubernetes/flexvolume" and
		(.initContainers[0] | has("readinessProbe") or has("livenessProbe") or has("startupProbe") | not)'
	assert_json "$(daemonset)" '.spec.template | .metadata.annotations | keys == ["container.apparmor.security.beta.kubernetes.io/uninstall"]'
}

@test "one image line names an own registry everywhere" {
	local overlay
	for overlay in attach remove; do
		made_of "resources: [../deploy/overlays/$overlay]
images:
  - name: registry.example.com/rbd-flexvolume/installer
    newName: registry.mine.example:5000/rbd
    newTag: 1.2.3"
		build "$BATS_TEST_TMPDIR/tree/mine"
		assert_json "$json" '[.. | objects | .image? // empty | select(startswith("registry.k8s.io/pause") | not)] | unique == ["registry.mine.example:5000/rbd:1.2.3"]'
	done
}

@test "the images are of this version" {
	local version
	version=$("$DRIVER" version | cut -d ' ' -f 2)
	assert_equal "$(grep -rhoE 'image: registry\.example\.com/[^ ]*' "$ROOT/deploy" | sort -u)" \
		"image: registry.example.com/rbd-flexvolume/installer:$version
image: registry.example.com/rbd-flexvolume/rest:$version"
}

@test "a configuration of one's own comes with its component, and the driver takes it" {
	made_of 'resources: [../deploy/overlays/mount-only]
components: [../deploy/components/config]'
	build "$BATS_TEST_TMPDIR/tree/mine"
	assert_json "$json" '(.[] | select(.kind == "ConfigMap")) as $map | .[] | select(.kind == "DaemonSet") | .spec.template.spec |
		(.volumes[] | select(.name == "config") | .configMap.name) == $map.metadata.name and
		(.containers[0] | [.args, .startupProbe.exec.command, .readinessProbe.exec.command, .livenessProbe.exec.command] |
			all(.[]; (index("--config") as $i | .[$i + 1]) == "/etc/rbd-flexvolume/config/config.json"))'
	jq -r '.[] | select(.kind == "ConfigMap") | .data["config.json"]' <<<"$json" >"$BATS_TEST_TMPDIR/config.json"
	# it leaves the mode to the overlay, closes what it does not list, and lets the examples be
	assert_json "$(<"$BATS_TEST_TMPDIR/config.json")" 'has("attach") == false and has("policy")'
	local file monitors
	for file in "$ROOT"/deploy/examples/*.yaml; do
		driver_takes "$(validate "$file")" "$BATS_TEST_TMPDIR/config.json" || return 1
	done
	run driver_takes "$(sed 's/pool: kube/pool: other/' "$ROOT/deploy/examples/mount-mode.yaml" | validate -)" "$BATS_TEST_TMPDIR/config.json"
	assert_equal "$status" 1
	assert_contains "$output" "refused by the administrator's policy"
	# a cluster of somebody's own is none of ours, also behind one of ours
	for monitors in 203.0.113.9 10.0.0.1,203.0.113.9; do
		run driver_takes "$(sed "s/monitors: .*/monitors: $monitors/" "$ROOT/deploy/examples/mount-mode.yaml" | validate -)" "$BATS_TEST_TMPDIR/config.json"
		assert_equal "$status" 1
		assert_contains "$output" "refused by the administrator's policy"
	done
	export RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/config.json
	assert_json "$("$DRIVER" doctor --json)" '.findings[] | select(.what == "configuration") | .verdict == "good"'
}

@test "rest: one at a time, not root, nothing writable, its Secrets are those of the example, its port is the Service's" {
	local secrets
	built rest
	secrets=$(validate "$ROOT/deploy/examples/rest-secrets.yaml")
	# two servers would not know of each other's changes (docs/rest.md)
	assert_json "$json" '.[] | select(.kind == "Deployment") | .spec.replicas == 1 and .spec.strategy.type == "Recreate"'
	assert_json "$json" '.[] | select(.kind == "Namespace") | .metadata.labels["pod-security.kubernetes.io/enforce"] == "restricted"'
	assert_json "$json" '.[] | select(.kind == "Deployment") | .spec.template.spec | .automountServiceAccountToken == false and
		.securityContext.runAsNonRoot and .securityContext.runAsUser > 0 and .securityContext.seccompProfile.type == "RuntimeDefault" and
		(.containers[0].securityContext | .readOnlyRootFilesystem and .allowPrivilegeEscalation == false and .capabilities == {drop: ["ALL"]})'
	assert_json "$json" '[.[] | select(.kind == "Deployment") | .spec.template.spec.volumes[].secret.secretName] ==
		($secrets | map(.metadata.name))' --argjson secrets "$secrets"
	# every file in an argument is an entry of the Secret that is mounted there
	assert_json "$json" '.[] | select(.kind == "Deployment") | .spec.template.spec as $s | [$s.containers[0].args[] | select(startswith("/"))] |
		length == 5 and all(.[]; . as $file | any($s.containers[0].volumeMounts[]; . as $m | ($file | startswith($m.mountPath + "/")) and
			($s.volumes[] | select(.name == $m.name) | .secret.secretName) as $name |
			($secrets[] | select(.metadata.name == $name) | .stringData | has($file[($m.mountPath | length) + 1:]))))' --argjson secrets "$secrets"
	assert_json "$json" '(.[] | select(.kind == "Deployment") | .spec.template) as $t | .[] | select(.kind == "Service") |
		.spec.ports[0].targetPort == $t.spec.containers[0].ports[0].name and (.spec.selector | inside($t.metadata.labels))'
	assert_json "$json" '(.[] | select(.kind == "Deployment") | .spec.template) as $t | .[] | select(.kind == "NetworkPolicy") |
		(.spec.podSelector.matchLabels | inside($t.metadata.labels)) and .spec.policyTypes == ["Ingress", "Egress"]'
}

# kubeadm's own pod of the controller manager, as it is from 1.36 on; with the two parts that it had before.
controller_manager() { # VOLUMEMOUNT VOLUME
	cat <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: kube-controller-manager
  namespace: kube-system
spec:
  containers:
    - name: kube-controller-manager
      image: registry.k8s.io/kube-controller-manager:v1.36.2
      command: [kube-controller-manager]
      volumeMounts:
        - name: k8s-certs
          mountPath: /etc/kubernetes/pki
          readOnly: true
$1
  volumes:
    - name: k8s-certs
      hostPath:
        path: /etc/kubernetes/pki
        type: DirectoryOrCreate
$2
YAML
}

@test "kubeadm's patch mounts the directory into the controller manager, and changes nothing where it is" {
	local directory=/usr/libexec/kubernetes/kubelet-plugins/volume/exec old new
	made_of "resources: [pod.yaml]
patchesStrategicMerge: [kube-controller-manager.yaml]"
	cp "$ROOT"/deploy/control-plane/kube-controller-manager.yaml "$BATS_TEST_TMPDIR/tree/mine"
	controller_manager '' '' >"$BATS_TEST_TMPDIR/tree/mine/pod.yaml"
	build "$BATS_TEST_TMPDIR/tree/mine"
	new=$(jq -S '.[0].spec | .volumes |= sort_by(.name) | .containers[0].volumeMounts |= sort_by(.name)' <<<"$json")
	assert_json "$new" '(.containers[0].volumeMounts | length == 2) and
		any(.volumes[]; .name == "flexvolume-dir" and .hostPath == {path: $d, type: "DirectoryOrCreate"})' --arg d "$directory"
	controller_manager "        - name: flexvolume-dir
          mountPath: $directory" "    - name: flexvolume-dir
      hostPath:
        path: $directory
        type: DirectoryOrCreate" >"$BATS_TEST_TMPDIR/tree/mine/pod.yaml"
	old=$(validate "$BATS_TEST_TMPDIR/tree/mine/pod.yaml" | jq -S '.[0].spec | .volumes |= sort_by(.name) | .containers[0].volumeMounts |= sort_by(.name)')
	build "$BATS_TEST_TMPDIR/tree/mine"
	assert_equal "$(jq -S '.[0].spec | .volumes |= sort_by(.name) | .containers[0].volumeMounts |= sort_by(.name)' <<<"$json")" "$old"
	assert_equal "$new" "$old"
}

@test "kustomize refuses a key that it does not know, and a patch that changes nothing" {
	made_of 'resource: [../deploy/overlays/mount-only]'
	run kustomize build "$BATS_TEST_TMPDIR/tree/mine"
	((status != 0))
	made_of 'resources: [../deploy/overlays/mount-only]
patches:
  - target: {kind: DaemonSet}
    patch: "[{op: replace, path: /spec/template/spec/containers/0/imge, value: x}]"'
	run kustomize build "$BATS_TEST_TMPDIR/tree/mine"
	((status != 0))
}

# planted WORDS SED: the built mount-only overlay with a mistake in it is refused with these words.
planted() {
	sed -E "$2" "$BATS_TEST_TMPDIR/right.yaml" >"$BATS_TEST_TMPDIR/wrong.yaml"
	! cmp -s "$BATS_TEST_TMPDIR/right.yaml" "$BATS_TEST_TMPDIR/wrong.yaml" || { echo "$2 changes nothing"; return 1; }
	run validate "$BATS_TEST_TMPDIR/wrong.yaml"
	assert_equal "$status" 1 "$2" || return 1
	assert_contains "$output" "$1"
}

@test "the validator catches what it is there for" {
	kustomize build "$ROOT/deploy/overlays/mount-only" >"$BATS_TEST_TMPDIR/right.yaml"
	validate "$BATS_TEST_TMPDIR/right.yaml" >/dev/null
	planted 'DaemonSet.spec.template.spec: unknown field hostPid' 's/hostPID:/hostPid:/' || return 1
	planted 'unknown field toleration' 's/tolerations:/toleration:/' || return 1
	planted 'unknown field readOnlyRootFileSystem' 's/readOnlyRootFilesystem/readOnlyRootFileSystem/' || return 1
	planted 'unknown field podSelectors' 's/podSelector/podSelectors/' || return 1
	planted '/hostPID: type' 's/hostPID: true/hostPID: "true"/' || return 1
	planted '/periodSeconds: type' 's/periodSeconds: 60/periodSeconds: often/' || return 1
	planted '"missingProperty":"selector"' '/^  selector:/,/^  template:/{/template:/!d}' || return 1
	planted '"missingProperty":"name"' 's/^( *)name: installer$/\1tty: false/' || return 1
	planted 'memory: format' 's/memory: 128Mi/memory: 128MiB/' || return 1
	planted 'is no kind of Kubernetes' 's/kind: DaemonSet/kind: DaemonSets/' || return 1
	planted 'is no kind of Kubernetes' 's#apiVersion: apps/v1#apiVersion: apps/v7#' || return 1
	planted 'priorityClassName: null' 's/(priorityClassName:).*/\1/' || return 1
	planted 'unique' 's/^( *)hostPID: true/&\n\1hostPID: true/' || return 1
	planted 'YAML 1.1 and 1.2 read it differently' 's/value: mount/value: on/' || return 1
	printf 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n' >"$BATS_TEST_TMPDIR/right.yaml"
	run validate "$BATS_TEST_TMPDIR/right.yaml"
	assert_equal "$status" 1
	assert_contains "$output" 'is there twice'
	: >"$BATS_TEST_TMPDIR/right.yaml"
	run validate "$BATS_TEST_TMPDIR/right.yaml"
	assert_equal "$status" 1
}
