#!/usr/bin/env bats
# What befalls a Job in a cluster: limits, evictions, deadlines, lost nodes, other people.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }

teardown_file() { remove_namespace; }

teardown() {
  # What a failed test left running would be refused to the next one.
  "$repository/scripts/local-cluster" resume kubelet
  if [[ -n ${run_process-} ]]; then kill "$run_process" 2>/dev/null || true; fi
  kube delete job perf-runner --ignore-not-found >/dev/null
}

# A run that does nothing for a while after its Projects are Ready.
waiting=(NUM_PROJECTS=2 RUN_OBJECTS_PHASE=false STABILIZE_SECONDS=100)

@test "a memory limit that is too small is named" {
  # Bodies of a megabyte, of which 64 are in flight.
  run --separate-stderr task perf:run -- NUM_PROJECTS=1 NUM_SECRETS_PER_PROJECT=200 OBJECT_SIZE_BYTES=1000000 OBJECT_CONCURRENCY=64 STABILIZE_SECONDS=0 \
    OVERLAY="$(container_overlay '{"resources": {"requests": {"memory": "32Mi"}, "limits": {"memory": "32Mi"}}}')"
  echo "$output$stderr"
  [[ $status == 137 && $stderr == *'was killed (exit code 137, OOMKilled): its memory limit is too small'* ]]
}

@test "a pod that the kubelet evicts is told, with the kubelet's reason" {
  run_until projects-ready "${waiting[@]}" OVERLAY="$(pod_overlay '{"volumes": [{"name": "out", "emptyDir": {"sizeLimit": "1k"}}]}')"
  end_of_run
  ((status != 0))
  [[ $stderr == *Evicted*'Usage of EmptyDir volume "out" exceeds the limit "1k"'* ]]
}

@test "a pod that is evicted through the API saves what it has measured, and the reason is told" {
  run_until projects-ready "${waiting[@]}"
  local pod
  pod=$(kube get pods --selector=app=milo-perf --output=jsonpath='{.items[0].metadata.name}')
  jq -n --arg name "$pod" --arg namespace "$NS" '{apiVersion: "policy/v1", kind: "Eviction", metadata: {$name, $namespace}}' |
    kube create --raw "/api/v1/namespaces/$NS/pods/$pod/eviction" --filename=- >/dev/null
  end_of_run
  ((status != 0))
  [[ $stderr == *EvictionByEvictionAPI* ]]
  [[ $(result .outcome) == interrupted ]]
}

@test "activeDeadlineSeconds ends the run, which saves what it has measured" {
  run_until projects-ready "${waiting[@]}" OVERLAY="$(job_overlay '{"activeDeadlineSeconds": 10}')"
  end_of_run
  ((status != 0))
  [[ $stderr == *DeadlineExceeded* ]]
  [[ $(result .outcome) == interrupted ]]
}

@test "a Job that somebody deletes in the middle is told, and what it had measured comes home" {
  run_until projects-ready "${waiting[@]}"
  kube delete job perf-runner --wait=false >/dev/null
  end_of_run
  [[ $status == 1 && $stderr == *'was ended: somebody deleted Job'* ]]
  [[ $(result .outcome) == interrupted ]]
  grep -q '</html>' "$BATS_TEST_TMPDIR"/reports/*/report.html
}

@test "a Job that is removed as soon as it has ended leaves its results all the same" {
  run --separate-stderr task perf:run -- "${small[@]}" NUM_PROJECTS=1 RUN_OBJECTS_PHASE=false OVERLAY="$(job_overlay '{"ttlSecondsAfterFinished": 0}')"
  echo "$output$stderr"
  [[ $status == 0 && $(result .outcome) == completed ]]
  wait_for 30 no_jobs
}

no_jobs() { [[ -z $(kube get jobs --output=name) ]]; }

@test "a second run in the same namespace is refused, and one in another namespace goes on beside it" {
  run_until projects-ready "${waiting[@]}" STABILIZE_SECONDS=15
  run --separate-stderr task perf:run -- "${small[@]}" REPORTS_DIR="$BATS_TEST_TMPDIR/second"
  [[ $status == 1 && $stderr == *"Job $NS/perf-runner has been running since"* ]]
  make_namespace "$NS-b"
  run --separate-stderr task perf:run -- "${small[@]}" NS="$NS-b" REPORTS_DIR="$BATS_TEST_TMPDIR/second"
  echo "$output$stderr"
  [[ $status == 0 ]]
  "$KUBECTL" delete namespace "$NS-b" --wait=false >/dev/null
  end_of_run
  [[ $status == 0 && $(result .outcome) == completed ]]
  [[ $(jq -r .org_name "$BATS_TEST_TMPDIR"/second/*/results.json) != "$(result .org_name)" ]]
}

@test "a node that goes NotReady in the middle is told; when it comes back in time, the run is whole" {
  run_until projects-ready "${waiting[@]}" STABILIZE_SECONDS=40
  "$repository/scripts/local-cluster" pause kubelet
  wait_for 60 grep -q 'its node node-1 is not Ready' "$BATS_TEST_TMPDIR/errors"
  "$repository/scripts/local-cluster" resume kubelet
  end_of_run
  [[ $status == 0 && $(result .outcome) == completed ]]
}

@test "a node that stays NotReady loses the run, and the reason is told" {
  local tolerations='[{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2},
    {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2}]'
  run_until projects-ready "${waiting[@]}" OVERLAY="$(pod_overlay "{\"tolerations\": $tolerations}")"
  "$repository/scripts/local-cluster" pause kubelet
  wait_for 90 grep -q DeletionByTaintManager "$BATS_TEST_TMPDIR/errors"
  # The pod's end is seen when the kubelet is there again to end it.
  "$repository/scripts/local-cluster" resume kubelet
  end_of_run
  ((status != 0))
  [[ $stderr == *DeletionByTaintManager* ]]
  [[ $(result .outcome) == interrupted ]]
}
