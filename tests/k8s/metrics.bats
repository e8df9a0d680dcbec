#!/usr/bin/env bats
# The figures of the containers, as VictoriaMetrics has them from the kubelet, beside what the kernel says of the same processes.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

# The process of a container of Milo's: `process_of CONTAINER`.
process_of() {
  local id
  id=$("$KUBECTL" --namespace=milo-system get pods --output=json |
    jq -r --arg name "$1" '[.items[].status.containerStatuses[]? | select(.name == $name)][0].containerID | sub("^containerd://"; "")')
  grep -l -- "$id" /proc/[0-9]*/cgroup 2>/dev/null | head -n 1 | cut -d/ -f3
}

# Raw samples of a series with their own times, for the newest MINUTES: `samples SELECTOR`.
samples() { curl --silent --fail --noproxy '*' --get "$VM/api/v1/export" --data-urlencode "match[]=$1" --data-urlencode 'start=-2m'; }

query() { curl --silent --fail --noproxy '*' --get "$VM/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // "none"'; }

@test "CPU and memory of the apiserver's container are the kernel's own figures" {
  local pid log=$BATS_TEST_TMPDIR/observed
  pid=$(process_of milo-apiserver)
  "$BATS_TEST_DIRNAME/observe.py" "$pid" 30 >"$log" 3>&- &
  local observer=$!
  sleep 2
  # Load for the CPU's sake, then rest for the memory's.
  timeout 60 "$MILO_PERF" run --num-projects=4 --num-secrets-per-project=1500 --num-configmaps-per-project=1500 --stabilize-seconds=0 --sample-seconds=0 \
    --milo-kubeconfig-path="$CLUSTER_DIR/milo-kubeconfig" --vm-base-url="$VM" --measure-window=6s --out-dir="$BATS_TEST_TMPDIR/out" --ns="$NS" \
    >"$BATS_TEST_TMPDIR/run" 2>&1 3>&-
  wait "$observer"
  sleep 3
  samples 'container_cpu_usage_seconds_total{namespace="milo-system",container="milo-apiserver"}' >"$BATS_TEST_TMPDIR/cpu"
  samples 'container_memory_working_set_bytes{namespace="milo-system",container="milo-apiserver"}' >"$BATS_TEST_TMPDIR/memory"
  run python3 "$BATS_TEST_DIRNAME/agree.py" "$log" "$BATS_TEST_TMPDIR/cpu" "$BATS_TEST_TMPDIR/memory"
  while IFS= read -r line; do printf '# %s\n' "$line"; done <<<"$output" >&3
  [[ $status == 0 ]]
}

@test "the series are the kubelet's own, with the labels of containers, and nothing is made into them" {
  [[ $(query 'count(count by (job, pod, container) (container_memory_working_set_bytes{namespace="milo-system",pod="etcd-0",container="etcd",job="kubelet-cadvisor"}))') == 1 ]]
  [[ $(query 'count(container_cpu_usage_seconds_total{pod=~"milo-apiserver.*",container!="",job!="kubelet-cadvisor"})') == none ]]
  run ! grep -A3 'metric_relabel' <("$KUBECTL" --namespace=telemetry-system get configmap scrape --output=yaml)
}

@test "the pods' own metrics are found by their annotations" {
  [[ $(query 'sum(up{job="pods",namespace="milo-system",pod="etcd-0"})') == 1 ]]
  [[ $(query 'sum(up{job="pods",namespace="milo-system",pod=~"milo-apiserver.*"})') == 1 ]]
  [[ $(query 'count(etcd_server_has_leader{pod="etcd-0"})') == 1 ]]
}
