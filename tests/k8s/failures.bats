#!/usr/bin/env bats
# Jobs that fail, do not start, or may not write; tokens and values on their way into the pod.
bats_require_minimum_version 1.5.0

load stand_in

setup_file() {
  setup_cluster
  start_kubelet
}
teardown_file() { stop_cluster; }

pod_environment() { cat "$KUBELET_DIR/$(kube get job perf-runner --output=jsonpath='{.metadata.uid}')/environment"; }

# A Role that lacks one verb.
withhold() {
  kube delete role perf-runner --ignore-not-found >/dev/null
  "$KUBECTL" kustomize "$repository/k8s/rbac" | "$KUBECTL" create --dry-run=client --output=json --filename=- |
    jq --arg namespace "$NS" --arg verb "$1" 'select(.kind == "Role") | .metadata.namespace = $namespace | .rules[].verbs -= [$verb]
      | .rules |= map(select(.verbs != []))'
}

@test "a Job that fails is noticed at once, with its reason and exit code" {
  local started=$SECONDS
  run --separate-stderr task perf:run -- "${small[@]}" RAMP=nonsense
  [[ $status == 2 ]]
  kube create secret generic broken --from-literal=kubeconfig='not a kubeconfig' >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}" MILO_KUBECONFIG_SECRET_NAME=broken
  [[ $status == 2 && $output == *kubeconfig* ]]
  [[ $stderr == *'was refused before anything was created'* ]]
  ((SECONDS - started < 60))
}

@test "an image that cannot be pulled is said, and the Job is deleted" {
  run --separate-stderr task perf:run -- IMAGE=registry.example/none:1
  [[ $status == 1 && $stderr == *'cannot start: ImagePullBackOff: Back-off pulling image "registry.example/none:1"'* ]]
  [[ -z $(kube get jobs --output=name) ]]
}

@test "a pod that finds no node is said, and the Job is deleted" {
  run --separate-stderr task perf:run -- IMAGE=unschedulable POD_START_TIMEOUT=4s
  [[ $status == 1 && $stderr == *'has no running pod after 4 seconds: Unschedulable: 0/1 nodes are available: 1 Insufficient memory.'* ]]
  [[ -z $(kube get jobs --output=name) ]]
}

@test "a Secret that vanishes before the pod mounts it is said" {
  cp -R -- "$repository/k8s/run" "$BATS_TEST_TMPDIR/overlay"
  jq -n '{apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: ["job.yaml"],
    patchesJson6902: [{target: {group: "batch", version: "v1", kind: "Job", name: "perf-runner"}, path: "patch.json"}]}' >"$BATS_TEST_TMPDIR/overlay/kustomization.yaml"
  jq -n '[{op: "add", path: "/spec/template/spec/volumes/-", value: {name: "keys", secret: {secretName: "own-keys"}}}]' >"$BATS_TEST_TMPDIR/overlay/patch.json"
  run --separate-stderr task perf:run -- OVERLAY="$BATS_TEST_TMPDIR/overlay"
  [[ $status == 1 && $stderr == *'cannot start: FailedMount: MountVolume.SetUp failed for volume "keys" : secret "own-keys" not found'* ]]
}

@test "values arrive in the pod unchanged, and the token is seen nowhere" {
  local token='tok.en_7331-~+/=' value=$'a/b&c"d\'e\\f$$g$(NS)h{{x}}\ni: [j'
  run --separate-stderr task perf:run -- "${small[@]}" NUM_PROJECTS=1 RUN_OBJECTS_PHASE=false APISERVER_POD_REGEX="$value" AUTH_BEARER_TOKEN="$token"
  [[ $(pod_environment) == *"APISERVER_POD_REGEX=$value"* ]]
  [[ $(pod_environment) == *"AUTH_BEARER_TOKEN=$token"* ]]
  [[ $output$stderr != *"$token"* && $(mentions "$token") == 0 ]]
  [[ -z $(grep -rlF -- "$token" "$BATS_TEST_TMPDIR/reports") ]]
  run kube get secret perf-runner-auth
  [[ $output == *NotFound* ]]
}

@test "with a verb missing, one sentence says so and the files come from the log" {
  local verb
  for verb in update get; do
    kube delete configmap perf-results --ignore-not-found >/dev/null
    rm -rf -- "$BATS_TEST_TMPDIR/reports" "$BATS_TEST_TMPDIR/k8s"
    mkdir -p -- "$BATS_TEST_TMPDIR/fork"
    cp -R -- "$repository/scripts" "$repository/k8s" "$BATS_TEST_TMPDIR/fork/"
    jq -n '{apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: ["perf-runner.yaml", "role.json"]}' \
      >"$BATS_TEST_TMPDIR/fork/k8s/rbac/kustomization.yaml"
    withhold "$verb" >"$BATS_TEST_TMPDIR/fork/k8s/rbac/role.json"
    awk 'BEGIN { RS = "---\n"; ORS = "" } !/kind: Role\n/ { print separator $0; separator = "---\n" }' "$repository/k8s/rbac/perf-runner.yaml" \
      >"$BATS_TEST_TMPDIR/fork/k8s/rbac/perf-runner.yaml"
    run --separate-stderr "$BATS_TEST_TMPDIR/fork/scripts/perf-run" NS="$NS" VM_BASE_URL="$VM" MEASURE_WINDOW=5s "${small[@]}" NUM_PROJECTS=1 \
      RUN_OBJECTS_PHASE=false REPORTS_DIR="$BATS_TEST_TMPDIR/reports"
    echo "$output$stderr"
    [[ $status == 0 ]]
    [[ $output == *"ConfigMap $NS/perf-results could not be "*"cannot $verb resource \"configmaps\""*'check the rights of the service account'* ]]
    [[ $output != *milo-perf-file* ]]
    [[ $stderr == *"the results come from the pod's log"* ]]
    [[ $(result .outcome) == completed ]]
    grep -q '</html>' "$BATS_TEST_TMPDIR"/reports/*/report.html
  done
}
