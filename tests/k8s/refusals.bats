#!/usr/bin/env bats
# What is refused before anything is applied, and manifests as the apiserver sees them.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

run_job() { run "$repository/scripts/perf-run" NS="$NS" "$@"; }
cleanup_job() { run "$repository/scripts/perf-cleanup" NS="$NS" "$@"; }

# `refused TEXT`: one sentence with this text, exit code 2.
refused() {
  [[ $status == 2 && ${#lines[@]} == 1 && $output == "error: "*"$1"* ]] || { echo "status $status: $output" && return 1; }
}

@test "every kustomization passes the apiserver's checks" {
  local part
  for part in rbac run cleanup; do
    kubectl_output=$("$KUBECTL" kustomize "$repository/k8s/$part" | "$KUBECTL" apply --dry-run=server --filename=- 2>&1)
    [[ $kubectl_output == *"(server dry run)"* ]]
  done
}

@test "the README's kustomization on top of the run is one" {
  mkdir -p "$BATS_TEST_TMPDIR/k8s/mine"
  cp -r "$repository/k8s/run" "$BATS_TEST_TMPDIR/k8s/"
  awk '/^# k8s\/mine\/kustomization.yaml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$repository/README.md" \
    >"$BATS_TEST_TMPDIR/k8s/mine/kustomization.yaml"
  "$KUBECTL" kustomize "$BATS_TEST_TMPDIR/k8s/mine" | "$KUBECTL" apply --dry-run=server --output=json --filename=- |
    jq -e '.metadata.name == "perf-runner" and .spec.backoffLimit == 0 and (.spec.template.spec
      | .nodeSelector.pool == "load" and .imagePullSecrets[0].name == "registry" and .containers[0].name == "milo-perf")'
}

@test "the Jobs keep to the restricted pod security standard" {
  local part
  for part in run cleanup; do
    "$KUBECTL" kustomize "$repository/k8s/$part" | "$KUBECTL" create --dry-run=client --output=json --filename=- |
      jq -e '.spec.backoffLimit == 0 and .spec.ttlSecondsAfterFinished == 600 and (.spec.template.spec
        | .securityContext.runAsNonRoot and .securityContext.seccompProfile.type == "RuntimeDefault" and .terminationGracePeriodSeconds >= 10
        and (.containers | length == 1 and all(.securityContext.readOnlyRootFilesystem and .securityContext.allowPrivilegeEscalation == false
          and .securityContext.capabilities.drop == ["ALL"] and .resources.requests.memory and .resources.limits.memory
          and all(.env[]; .name != "AUTH_BEARER_TOKEN" or .value == null))))'
  done
}

@test "the Role names no more than perf-results needs" {
  "$KUBECTL" kustomize "$repository/k8s/rbac" | "$KUBECTL" create --dry-run=client --output=json --filename=- |
    jq -es 'map(select(.kind == "Role").rules[])
      | all(.resources == ["configmaps"] and .apiGroups == [""] and (.verbs == ["create"] or .resourceNames == ["perf-results"]))
      and (map(.verbs[]) | sort) == ["create", "delete", "get", "update"]'
}

@test "the list of knobs is the program's" {
  diff "$repository/k8s/knobs" <("$MILO_PERF" --list-knobs)
}

@test "an unknown key is refused, and the right name is offered" {
  run_job NUM_PROJECT=3
  refused 'there is no knob "NUM_PROJECT"'
  run_job num-projects=3
  refused 'it is called NUM_PROJECTS'
  run_job --num-projects=3
  refused 'it is called NUM_PROJECTS'
  run_job "=3"
  refused 'there is no knob ""'
  run_job three
  refused 'is no KEY=value'
  nothing_applied
}

@test "values that are not of their kind are refused" {
  local argument
  for argument in NUM_PROJECTS=x NUM_PROJECTS=0 NUM_PROJECTS=100001 NUM_PROJECTS=-1 NUM_PROJECTS=1.5 SEED=9223372036854775808 \
    STABILIZE_SECONDS=-1 STABILIZE_SECONDS=nan STABILIZE_SECONDS=86401 RUN_OBJECTS_PHASE=maybe VM_PORT=65536 VM_BASE_URL=localhost:8428 \
    MEASURE_WINDOW=2 MEASURE_WINDOW=2q ARRIVAL=even ORG_NAME=Perf 'ORG_NAME=a b' NS=milo_system MILO_KUBECONFIG_SECRET_KEY=a/b \
    MILO_KUBECONFIG_SECRET_NAME=A MILO_KUBECONFIG_PATH=relative OUT_DIR=out SAMPLE_QUERIES=/nowhere METRICS_LISTEN=x \
    JOB_TIMEOUT=never RUN_MODE=cleanup TARGET_NAMESPACE=elsewhere OVERLAY=/nowhere RESUME=A/B $'ORG_NAME=a\nb' $'MILO_NAMESPACE=\xff'; do
    run_job "$argument"
    refused "${argument%%=*}"
  done
  cleanup_job RUN_MODE=run
  refused RUN_MODE
  cleanup_job REPORTS_DIR=x
  refused REPORTS_DIR
  nothing_applied
}

@test "what only the program knows is refused by the program" {
  run_job QPS=10 RAMP=30s:500
  refused 'QPS and RAMP'
  run_job THRESHOLDS='secrets.create.p99 < soon'
  refused Threshold
  run_job ORG_NAME=a-long-organization-name-with-no-room-for-its-numbers
  refused 'too long'
  nothing_applied
}

@test "a bad token is refused without being shown" {
  run_job AUTH_BEARER_TOKEN='very secret'
  refused 'AUTH_BEARER_TOKEN must be a token'
  [[ $output != *secret* ]]
  nothing_applied
}

@test "a missing kubeconfig Secret or key is named before anything is applied" {
  run_job MILO_KUBECONFIG_SECRET_NAME=elsewhere
  [[ $status == 1 && $output == *"there is no Secret $NS/elsewhere"* ]]
  run_job MILO_KUBECONFIG_SECRET_KEY=other
  [[ $status == 1 && $output == *'has no key "other", its keys are: kubeconfig'* ]]
  nothing_applied
}

@test "a cleanup that knows no run is refused" {
  cleanup_job
  [[ $status == 1 && $output == *'no run to clean up is known'*'so give TEST_ID'* ]]
  nothing_applied
}

@test "a cluster that does not answer gives one sentence" {
  KUBECONFIG=$BATS_TEST_TMPDIR/none run_job
  [[ $status == 1 && ${#lines[@]} == 1 && $output == 'error: kubectl could not do it: '* ]]
}
