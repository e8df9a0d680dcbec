#!/usr/bin/env bats
# The Job's pod in a cluster: its security, network, limits, and the files that come home from it.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

@test "pod security \"restricted\" lets the Job run, in a network namespace of its own" {
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce=restricted >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}"
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce- >/dev/null
  echo "$output$stderr"
  [[ $status == 0 && $(result .outcome) == completed ]]
  [[ $(kube get pods --selector=app=milo-perf --output=jsonpath='{.items[0].status.podIP}') == 10.244.0.* ]]
}

@test "pod security \"restricted\" forbids hostNetwork, and its own words say so" {
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce=restricted >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}" POD_START_TIMEOUT=5s OVERLAY="$(pod_overlay '{"hostNetwork": true}')"
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce- >/dev/null
  echo "$output$stderr"
  [[ $status == 1 && $stderr == *'FailedCreate'*'violates PodSecurity "restricted'*'host namespaces (hostNetwork=true)'* ]]
}

@test "on the node's network the Job runs too" {
  run --separate-stderr task perf:run -- "${small[@]}" NUM_PROJECTS=1 OVERLAY="$(pod_overlay '{"hostNetwork": true}')"
  echo "$output$stderr"
  [[ $status == 0 && $(result .outcome) == completed ]]
  [[ $(kube get pods --selector=app=milo-perf --output=jsonpath='{.items[0].status.podIP}') == 192.0.2.1 ]]
}

@test "a run whose copy in the ConfigMap is thinned comes home whole, from the pod's log" {
  run --separate-stderr task perf:run -- NUM_PROJECTS=2500 RUN_OBJECTS_PHASE=false STABILIZE_SECONDS=0 PROJECT_CREATE_CONCURRENCY=64
  echo "$output$stderr" | tail -n 60
  [[ $status == 0 ]]
  [[ $(kube get configmap perf-results --output=jsonpath='{.data.results\.json}' | jq -r .thinned) == true ]]
  [[ $(result '.thinned // false, (.projects | length)' | xargs) == 'false 2500' ]]
  grep -q '</html>' "$BATS_TEST_TMPDIR"/reports/*/report.html
  [[ $output != *milo-perf-file* ]]
}
