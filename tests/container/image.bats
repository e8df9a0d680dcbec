#!/usr/bin/env bats
# The image of the Dockerfile: what is in it, and what its program does in pods that are not the Jobs' own.
bats_require_minimum_version 1.5.0

load ../k8s/cluster

setup_file() {
  setup_cluster
  # shellcheck source=../../scripts/lib/project_image.sh
  source "$repository/scripts/lib/project_image.sh"
  tar --extract --file="$(project_image_archive)" --directory="$BATS_FILE_TMPDIR"
}
teardown_file() { remove_namespace; }

manifest() { jq -r ".[0]$1" "$BATS_FILE_TMPDIR/manifest.json"; }

files_of_image() {
  local layer
  for layer in $(manifest '.Layers[]'); do tar --list --verbose --file="$BATS_FILE_TMPDIR/$layer"; done
}

# `in_pod SPEC ARGUMENT…`: the program's output and exit code as process of a pod; SPEC is merged into the pod's spec.
in_pod() {
  local spec=$1 name=pod-$RANDOM
  shift
  kube create --filename=- >/dev/null <<<"$(jq -n --arg name "$name" --argjson spec "$spec" '{apiVersion: "v1", kind: "Pod", metadata: {$name}, spec: ({restartPolicy: "Never",
    securityContext: {runAsNonRoot: true, seccompProfile: {type: "RuntimeDefault"}}, volumes: [{name: "kubeconfig", secret: {secretName: "milo-controller-manager-kubeconfig"}}],
    containers: [{name: "milo-perf", image: "milo-perf:latest", imagePullPolicy: "Never", args: $ARGS.positional,
      env: [{name: "MILO_KUBECONFIG_PATH", value: "/etc/milo/kubeconfig"}, {name: "MEASURE_WINDOW", value: "6s"}, {name: "OUT_DIR", value: "/out"}],
      securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: ["ALL"]}},
      volumeMounts: [{name: "kubeconfig", mountPath: "/etc/milo"}]}]} * $spec)}' --args -- "$@")"
  wait_for 60 pod_ended "$name" || { kube describe pod "$name" && return 1; }
  kube logs "$name"
  return "$(kube get pod "$name" --output=jsonpath='{.status.containerStatuses[0].state.terminated.exitCode}')"
}

pod_ended() { [[ -n $(kube get pod "$1" --output=jsonpath='{.status.containerStatuses[0].state.terminated.exitCode}') ]]; }

@test "the image has the program, its libraries and the CA certificates, and no shell or package manager" {
  local files
  files=$(files_of_image)
  grep -q ' usr/bin/milo-perf$' <<<"$files"
  grep -q ' etc/ssl/certs/ca-certificates.crt$' <<<"$files"
  [[ $(grep -c ' usr/bin/.' <<<"$files") == 1 ]]
  run ! grep -E ' (usr/)?s?bin/(ba|da)?sh$|/apt|/dpkg' <<<"$files"
  # Nothing that somebody could become root with.
  run ! grep -E '^-..[sS]|^-.....[sS]' <<<"$files"
}

@test "the image's user is that of the Jobs, and no other" {
  local job
  [[ $(jq -r .config.User "$BATS_FILE_TMPDIR/$(manifest .Config)") == 65532:65532 ]]
  for job in run cleanup; do
    "$KUBECTL" kustomize "$repository/k8s/$job" | grep -q 'runAsUser: 65532'
  done
}

@test "--version and --help, without a writable file system" {
  run in_pod '{}' --version
  [[ $status == 0 && $output == "$("$MILO_PERF" --version)" ]]
  run in_pod '{}' --help
  [[ $status == 0 && $output == "$("$MILO_PERF" --help)" ]]
}

@test "check reaches Milo and VictoriaMetrics by the names of their Services" {
  # A pod without rights, and so without a ConfigMap: that alone is amiss.
  run in_pod '{"automountServiceAccountToken": false}' check
  echo "$output"
  [[ $output == *milo-apiserver.milo-system.svc.cluster.local* && $output == *vmsingle-telemetry-system-vm-victoria-metrics-k8s-stack.telemetry-system.svc.cluster.local* ]]
}

@test "a read-only place for the files is refused before anything is created" {
  run --separate-stderr task perf:run -- "${small[@]}" ORG_NAME=read-only-org OVERLAY="$(overlay '[{"op": "add", "path": "/spec/template/spec/containers/0/volumeMounts/0/readOnly", "value": true}]')"
  echo "$output$stderr"
  [[ $status == 2 && $output == *OUT_DIR* ]]
  run milo_kube get organization read-only-org
  [[ $output == *NotFound* ]]
}
