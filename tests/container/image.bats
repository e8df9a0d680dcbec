#!/usr/bin/env bats
# The image of the Dockerfile: what is in it, and the Jobs' whole way with it in real containers.
bats_require_minimum_version 1.5.0

load ../k8s/stand_in

setup_file() {
  : "${CONTAINER_STORE:?run this by scripts/test container}"
  export KUBELET_RUNTIME=$BATS_TEST_DIRNAME/../k8s/kubelet-podman
  setup_cluster
  start_kubelet
}
teardown_file() { stop_cluster; }

podman() { command podman --root="$CONTAINER_STORE/images" --runroot="$CONTAINER_STORE/run" --storage-driver=vfs --runtime=runc --cgroup-manager=cgroupfs "$@"; }

# The image's program, as user and root file system of the Job have it.
in_container() {
  podman run --rm --pull=never --network=host --cgroupns=host --read-only --read-only-tmpfs=false --cap-drop=ALL \
    --security-opt=no-new-privileges --ulimit=nofile=4096:4096 --ulimit=nproc=4096:4096 "${options[@]}" milo-perf:latest "$@"
}

files_of_image() {
  local container
  container=$(podman create --pull=never milo-perf:latest)
  podman export "$container" | tar --list --verbose
  podman rm "$container" >/dev/null
}

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
  [[ $(podman image inspect milo-perf:latest | jq -r '.[0].Config.User') == 65532:65532 ]]
  for job in run cleanup; do
    "$KUBECTL" kustomize "$repository/k8s/$job" | grep -q 'runAsUser: 65532'
  done
}

@test "--version and --help, without a writable file system" {
  run in_container --version
  [[ $status == 0 && $output == "$("$MILO_PERF" --version)" ]]
  run in_container --help
  [[ $status == 0 && $output == "$("$MILO_PERF" --help)" ]]
}

@test "check reaches the control plane by the name that its certificate has" {
  local name=milo-apiserver.milo-system.svc.cluster.local
  sed "s,server: .*,server: https://$name:$(stack_port FRONT_DOOR)," "$STACK_DIR/milo-kubeconfig" >"$BATS_TEST_TMPDIR/kubeconfig"
  chmod 0444 "$BATS_TEST_TMPDIR/kubeconfig"
  local -a options=(--add-host="$name:127.0.0.1" --volume="$BATS_TEST_TMPDIR/kubeconfig:/work/milo-kubeconfig:ro" --tmpfs=/work/out:mode=1777
    --env=VM_BASE_URL="$VM" --env=MEASURE_WINDOW=5s)
  run in_container check
  echo "$output"
  [[ $status == 0 && $output == *"$name"* && $output != *FAILED* ]]
}

@test "a read-only place for the files is refused before anything is created" {
  local -a options=(--env=OUT_DIR=/work/out --volume="$STACK_DIR/milo-kubeconfig:/kubeconfig:ro" --user=0:0 --env=MILO_KUBECONFIG_PATH=/kubeconfig
    --env=VM_BASE_URL="$VM" --env=NUM_PROJECTS=1 --env=ORG_NAME=read-only-org)
  run in_container run
  echo "$output"
  [[ $status == 2 && $output == *OUT_DIR* ]]
  run "$KUBECTL" get organization read-only-org
  [[ $output == *NotFound* ]]
}

@test "the Job runs in a container as its manifest asks for, and its results come home; so does the cleanup" {
  run --separate-stderr task perf:run -- "${small[@]}"
  echo "$output$stderr"
  [[ $status == 0 ]]
  local org
  org=$(result .org_name)
  [[ $(result '.outcome, .objects.secrets.created, .objects.configmaps.created' | xargs) == 'completed 6 4' ]]
  [[ $(kube get configmap perf-results --output=jsonpath='{.data.org_name}') == "$org" ]]
  run --separate-stderr task perf:cleanup --
  [[ $status == 0 ]]
  run "$KUBECTL" get organization "$org"
  [[ $output == *NotFound* ]]
}

# As process 1 of its container it gets only the signals that it asks for.
@test "a pod that is deleted in the middle saves what it has measured, and its container ends" {
  local org=ended-$RANDOM test_id=ended-$RANDOM
  task perf:run -- NUM_PROJECTS=3 STABILIZE_SECONDS=100 RUN_OBJECTS_PHASE=false ORG_NAME="$org" TEST_ID="$test_id" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
  local tries=0
  until [[ $(kube get configmap perf-results --output=jsonpath='{.data.phase}' 2>/dev/null) == projects-ready ]]; do
    ((tries++ < 150)) || { cat "$BATS_TEST_TMPDIR/log" && false; }
    sleep 0.2
  done
  kube delete job perf-runner >/dev/null
  wait "$!" || true
  tries=0
  until [[ -z $(podman ps --quiet) ]]; do
    ((tries++ < 100))
    sleep 0.2
  done
  [[ $(kube get configmap perf-results --output=json | jq -r '.data["results.json"] | fromjson | .test_id, .outcome' | xargs) == "$test_id interrupted" ]]
  run --separate-stderr task perf:cleanup -- TEST_ID="$test_id" ORG_NAME="$org"
  [[ $status == 0 ]]
}
