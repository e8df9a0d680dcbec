#!/usr/bin/env bats
# From a laptop: the control plane and VictoriaMetrics behind forwarded ports, with the kubeconfigs that people use for that.
bats_require_minimum_version 1.5.0

load cluster

setup_file() {
  setup_cluster
  local base
  base=$(cluster_port APISERVER)
  API=$((base + 11)) METRICS=$((base + 12))
  export API METRICS
  forward milo-system svc/milo-apiserver "$API:6443"
  forward telemetry-system svc/vmsingle-telemetry-system-vm-victoria-metrics-k8s-stack "$METRICS:8428"
}

teardown_file() {
  local pid
  while read -r pid; do kill -TERM "$pid" 2>/dev/null || true; done <"$BATS_FILE_TMPDIR/forwards"
  remove_namespace
}

# As the README says it.
forward() {
  "$KUBECTL" --namespace="$1" port-forward "$2" "$3" >>"$BATS_FILE_TMPDIR/forward.log" 2>&1 3>&- &
  echo "$!" >>"$BATS_FILE_TMPDIR/forwards"
  wait_for 10 listens "${3%:*}" || { cat "$BATS_FILE_TMPDIR/forward.log" >&2 && return 1; }
}

listens() { (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Milo's kubeconfig with another cluster entry.
kubeconfig_with() {
  "$KUBECTL" --kubeconfig="$CLUSTER_DIR/milo-kubeconfig" config view --raw --output=json |
    jq --argjson cluster "$1" '.clusters[0].cluster = $cluster' >"$BATS_TEST_TMPDIR/kubeconfig"
  printf '%s\n' "$BATS_TEST_TMPDIR/kubeconfig"
}

ca() { base64 -w0 "$CLUSTER_DIR/milo/pki/ca.crt"; }

# A run of one Project through the forwarded ports.
laptop_run() {
  MILO_KUBECONFIG_PATH=$1 OUT_DIR=$BATS_TEST_TMPDIR/out VM_BASE_URL=http://localhost:$METRICS MEASURE_WINDOW=6s NS=$NS \
    run --separate-stderr "$MILO_PERF" "${@:2}"
  echo "$output$stderr"
}

small_flags=(--num-projects=1 --num-secrets-per-project=2 --num-configmaps-per-project=2 --stabilize-seconds=0)

@test "a run with insecure-skip-tls-verify, its results in files and in the ConfigMap, and its cleanup" {
  local config
  config=$(kubeconfig_with "{\"server\": \"https://localhost:$API\", \"insecure-skip-tls-verify\": true}")
  laptop_run "$config" run "${small_flags[@]}"
  [[ $status == 0 ]]
  local org
  org=$(jq -r .org_name "$BATS_TEST_TMPDIR/out/results.json")
  [[ $(jq -r '.outcome, (.metrics.baseline.apiserver_mem_bytes > 0)' "$BATS_TEST_TMPDIR/out/results.json" | xargs) == 'completed true' ]]
  [[ -s $BATS_TEST_TMPDIR/out/report.html ]]
  [[ $(kube get configmap perf-results --output=jsonpath='{.data.org_name}') == "$org" ]]
  laptop_run "$config" cleanup
  [[ $status == 0 ]]
  run milo_kube get organization "$org"
  [[ $output == *NotFound* ]]
}

@test "a check with tls-server-name, since the certificate is for the name in the cluster" {
  local name=milo-apiserver.milo-system.svc.cluster.local
  laptop_run "$(kubeconfig_with "{\"server\": \"https://127.0.0.1:$API\", \"tls-server-name\": \"$name\", \"certificate-authority-data\": \"$(ca)\"}")" check
  [[ $status == 0 ]]
  [[ $(grep -c '^ok ' <<<"$output") -gt 8 && $output != *FAILED* ]]
}

@test "a certificate for another name is refused in one sentence, before anything is created" {
  laptop_run "$(kubeconfig_with "{\"server\": \"https://127.0.0.1:$API\", \"tls-server-name\": \"elsewhere.example\", \"certificate-authority-data\": \"$(ca)\"}")" \
    run "${small_flags[@]}"
  [[ $status == 2 && $output$stderr == *"hostname mismatch"* ]]
  [[ ! -e $BATS_TEST_TMPDIR/out/results.json ]]
}

@test "a metrics port that is not forwarded is a warning of the check that names VM_BASE_URL" {
  METRICS=1 laptop_run "$(kubeconfig_with "{\"server\": \"https://localhost:$API\", \"insecure-skip-tls-verify\": true}")" check
  [[ $status == 2 && $output == *warning*VM_BASE_URL* ]]
}
