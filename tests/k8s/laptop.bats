#!/usr/bin/env bats
# From a laptop: the control plane and VictoriaMetrics behind forwarded ports, with the kubeconfigs that people use for that.
bats_require_minimum_version 1.5.0

load stand_in

setup_file() {
  setup_cluster
  API=$((KUBELET_PORT + 1)) METRICS=$((KUBELET_PORT + 2))
  export API METRICS
  forward "$API" "$(stack_port FRONT_DOOR)"
  forward "$METRICS" "$(stack_port VICTORIA_METRICS)"
}

teardown_file() {
  local pid
  while read -r pid; do kill -TERM "$pid" 2>/dev/null || true; done <"$BATS_FILE_TMPDIR/forwards"
  stop_cluster
}

# What kubectl port-forward does: a port here, and the bytes carried on.
forward() {
  socat "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork" "TCP:127.0.0.1:$2" 2>/dev/null 3>&- &
  echo "$!" >>"$BATS_FILE_TMPDIR/forwards"
  local tries=0
  until (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    ((tries++ < 50)) || return 1
    sleep 0.1
  done
}

# The stack's kubeconfig with another cluster entry.
kubeconfig_with() {
  "$KUBECTL" --kubeconfig="$STACK_DIR/milo-kubeconfig" config view --raw --output=json |
    jq --argjson cluster "$1" '.clusters[0].cluster = $cluster' >"$BATS_TEST_TMPDIR/kubeconfig"
  printf '%s\n' "$BATS_TEST_TMPDIR/kubeconfig"
}

ca() { base64 -w0 "$STACK_DIR/pki/ca.crt"; }

# A run of one Project through the forwarded ports.
laptop_run() {
  MILO_KUBECONFIG_PATH=$1 OUT_DIR=$BATS_TEST_TMPDIR/out VM_BASE_URL=http://localhost:$METRICS MEASURE_WINDOW=5s NS=$NS \
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
  run "$KUBECTL" get organization "$org"
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
