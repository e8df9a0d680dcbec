#!/usr/bin/env bats
# The Job's pod in a cluster: its security, network, limits, and the files that come home from it.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

@test "the pod security standard restricted lets the Job run, in a network namespace of its own" {
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce=restricted >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}"
  "$KUBECTL" label namespace "$NS" pod-security.kubernetes.io/enforce- >/dev/null
  echo "$output$stderr"
  [[ $status == 0 && $(result .outcome) == completed ]]
  [[ $(kube get pods --selector=app=milo-perf --output=jsonpath='{.items[0].status.podIP}') == 10.244.0.* ]]
}

@test "the pod security standard restricted forbids hostNetwork, and its own words say so" {
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

@test "files that a run leaves beside its results come home too" {
  # A file in OUT_DIR that the program did not write is to it as any other.
  kube create configmap further --from-literal=samples.csv='second,cores' --from-literal=note.txt="$(head -c 30000 /dev/urandom | base64 -w0)" >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}" NUM_PROJECTS=1 OVERLAY="$(pod_overlay '{"volumes": [{"name": "further", "configMap": {"name": "further"}}],
    "containers": [{"name": "milo-perf", "volumeMounts": [{"name": "further", "mountPath": "/work/out/profiles/samples.csv", "subPath": "samples.csv"},
      {"name": "further", "mountPath": "/work/out/note.txt", "subPath": "note.txt"}]}]}')"
  echo "$output$stderr"
  [[ $status == 0 && $(result .outcome) == completed ]]
  [[ $stderr == *"from the pod's log, since the ConfigMap has not all: results.json report.html profiles/samples.csv note.txt"* ]]
  local folder
  folder=$(dirname -- "$(results_file)")
  [[ $(<"$folder/profiles/samples.csv") == 'second,cores' ]]
  [[ $(<"$folder/note.txt") == "$(kube get configmap further --output=jsonpath='{.data.note\.txt}')" ]]
}

# `most QUERY`: the greatest value that it had in the last five minutes.
most() { curl --silent --fail --noproxy '*' --get "$VM/api/v1/query" --data-urlencode "query=max(max_over_time(($1)[5m:1s]))" | jq -r '.data.result[0].value[1]'; }

bytes_of() { numfmt --from=iec-i -- "$1"; }

@test "the standard run stays within the Job's requests and limits" {
  run --separate-stderr task perf:run -- STABILIZE_SECONDS=10
  echo "$output$stderr"
  [[ $status == 0 && $(result '.objects.secrets.created, .objects.configmaps.created' | xargs) == '10000 10000' ]]
  local resources memory cpu throttled
  resources=$(kube get job perf-runner --output=json | jq -c '.spec.template.spec.containers[0].resources')
  memory=$(most "container_memory_working_set_bytes{namespace=\"$NS\",container=\"milo-perf\"}")
  cpu=$(most "rate(container_cpu_usage_seconds_total{namespace=\"$NS\",container=\"milo-perf\"}[10s])")
  echo "at most $memory bytes and $cpu cores; its own peak $(result .client.peak_memory_bytes) bytes, $(result .client.cpu_seconds) s of CPU; $resources"
  ((${memory%.*} > 1000000 && ${memory%.*} <= $(bytes_of "$(jq -r .requests.memory <<<"$resources")")))
  ((${memory%.*} <= $(bytes_of "$(jq -r .limits.memory <<<"$resources")")))
  jq -en --argjson cpu "$cpu" --arg limit "$(jq -r .limits.cpu <<<"$resources")" '$cpu > 0 and $cpu <= ($limit | tonumber)'
}
