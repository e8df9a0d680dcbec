#!/usr/bin/env bats
# Jobs that fail, do not start, or may not write; tokens and values on their way into the pod.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

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
  # Nothing listens there.
  run --separate-stderr task perf:run -- IMAGE=127.0.0.1:9/none:1
  echo "$stderr"
  [[ $status == 1 && $stderr == *'cannot start: '*'"127.0.0.1:9/none:1"'*'The Job is deleted again.'* ]]
  [[ $stderr =~ (ErrImagePull|ImagePullBackOff) ]]
  [[ -z $(kube get jobs --output=name) ]]
}

@test "a pod that finds no node is said, and the Job is deleted" {
  run --separate-stderr task perf:run -- OVERLAY="$(container_overlay '{"resources": {"requests": {"memory": "4Ti"}, "limits": {"memory": "4Ti"}}}')" POD_START_TIMEOUT=4s
  echo "$stderr"
  [[ $status == 1 && $stderr == *'has no running pod after 4 seconds: Unschedulable: 0/1 nodes are available: 1 Insufficient memory.'* ]]
  [[ -z $(kube get jobs --output=name) ]]
}

@test "a Secret that is missing when the pod mounts it is said" {
  run --separate-stderr task perf:run -- OVERLAY="$(pod_overlay '{"volumes": [{"name": "keys", "secret": {"secretName": "own-keys"}}]}')"
  echo "$stderr"
  [[ $status == 1 && $stderr == *'cannot start: FailedMount: MountVolume.SetUp failed for volume "keys" : secret "own-keys" not found'* ]]
}

@test "values arrive in the program unchanged, and the token is seen nowhere" {
  local token='tok.en_7331-~+/=' value=$'a/b&c"d\'e\\f$$g$(NS)h{{x}}i: [j]'
  run --separate-stderr task perf:run -- "${small[@]}" NUM_PROJECTS=1 RUN_OBJECTS_PHASE=false ETCD_POD_REGEX="$value" READY_TIMEOUT_SECONDS=60
  echo "$output$stderr"
  [[ $(result .settings.ETCD_POD_REGEX) == "$value" ]]
  # Milo does not know this token, so it reached the program if Milo refuses it.
  run --separate-stderr task perf:run -- "${small[@]}" AUTH_BEARER_TOKEN="$token"
  echo "$output$stderr"
  [[ $status == 2 && $output == *401* ]]
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
    run --separate-stderr "$BATS_TEST_TMPDIR/fork/scripts/perf-run" NS="$NS" MEASURE_WINDOW=6s "${small[@]}" NUM_PROJECTS=1 \
      RUN_OBJECTS_PHASE=false REPORTS_DIR="$BATS_TEST_TMPDIR/reports"
    echo "$output$stderr"
    [[ $status == 0 ]]
    [[ $output == *"ConfigMap $NS/perf-results could not be "*"cannot $verb resource \"configmaps\""*'check the rights of the service account'* ]]
    [[ $output != *milo-perf-file* ]]
    [[ $stderr == *"from the pod's log, since the ConfigMap has not all: results.json report.html"* ]]
    [[ $(result .outcome) == completed ]]
    grep -q '</html>' "$BATS_TEST_TMPDIR"/reports/*/report.html
  done
}
