# shellcheck shell=bash
# Shared by the tests of the Jobs: a real cluster (scripts/local-cluster), in which each file has a namespace of its own.

load ../lib/waiting

setup_cluster() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  : "${CLUSTER_DIR:?bring up a cluster with scripts/local-cluster, and name its folder}"
  scripts=$repository/scripts
  # shellcheck source=../../scripts/lib/servers.sh
  source "$scripts/lib/servers.sh"
  KUBECTL=$(find_kubectl)
  TASK=$(built_server task)
  export repository KUBECTL TASK CLUSTER_DIR
  export KUBECONFIG=$CLUSTER_DIR/admin-kubeconfig MILO_PERF=${MILO_PERF:-$repository/build/milo-perf}
  VM=http://127.0.0.1:$(cluster_port VICTORIA_METRICS)
  export VM
  NS=perf-$(basename -- "$BATS_TEST_FILENAME" .bats)-$RANDOM
  export NS
  make_namespace "$NS"
}

# As milo-system has it: with Milo's kubeconfig in a Secret.
make_namespace() {
  "$KUBECTL" create namespace "$1" >/dev/null
  "$KUBECTL" --namespace="$1" create secret generic milo-controller-manager-kubeconfig --from-file=kubeconfig="$CLUSTER_DIR/milo/job-kubeconfig" >/dev/null
}

remove_namespace() { "$KUBECTL" delete namespace "$NS" --wait=false >/dev/null 2>&1 || true; }

cluster_port() { sed -n "s/^CLUSTER_$1_PORT=//p" "$CLUSTER_DIR/settings"; }

# The cluster, and the control plane that is measured.
kube() { "$KUBECTL" --namespace="$NS" "$@"; }
milo_kube() { "$KUBECTL" --kubeconfig="$CLUSTER_DIR/milo-kubeconfig" "$@"; }

# `task NAME -- KEY=value …` with the real task (which gives its commands' exit codes only with --exit-code), small and fast. Arguments of the test come last, so they win.
task() {
  local name=$1
  local -a reports=()
  shift 2
  if [[ $name == perf:run ]]; then reports=(REPORTS_DIR="$BATS_TEST_TMPDIR/reports"); fi
  "$TASK" --exit-code --silent --dir "$repository" "$name" -- NS="$NS" MEASURE_WINDOW=6s "${reports[@]}" "$@" 3>&-
}

# The numbers of the examples, scaled down.
small=(NUM_PROJECTS=2 NUM_SECRETS_PER_PROJECT=3 NUM_CONFIGMAPS_PER_PROJECT=2 STABILIZE_SECONDS=0)

results_file() { echo "$BATS_TEST_TMPDIR"/reports/*/results.json; }

# `result JQ-PROGRAM` of the one run of this test.
result() { jq -r "$1" "$(results_file)"; }

# `overlay PATCH`: prints the folder of a kustomization on top of k8s/run whose Job is merged with this patch (YAML or JSON).
overlay() {
  local folder=$BATS_TEST_TMPDIR/k8s/mine
  mkdir -p -- "$folder"
  cp -R -- "$repository/k8s/run" "$BATS_TEST_TMPDIR/k8s/"
  jq -n --arg patch "$1" '{apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: ["../run"],
    patches: [{target: {kind: "Job"}, patch: $patch}]}' >"$folder/kustomization.yaml"
  printf '%s\n' "$folder"
}

# The same for a patch of the pod's spec.
pod_overlay() { overlay "$(jq -cn --argjson spec "$1" '{apiVersion: "batch/v1", kind: "Job", metadata: {name: "perf-runner"}, spec: {template: {spec: $spec}}}')"; }
container_overlay() { pod_overlay "$(jq -cn --argjson container "$1" '{containers: [{name: "milo-perf"} + $container]}')"; }
job_overlay() { overlay "$(jq -cn --argjson spec "$1" '{apiVersion: "batch/v1", kind: "Job", metadata: {name: "perf-runner"}, spec: $spec}')"; }

# Starts a run in the background, and waits until it is in a phase of its checkpoints: `run_until PHASE KEY=value …`. Sets run_process.
run_until() {
  local phase=$1
  shift
  # That of an earlier run has phases too.
  kube delete configmap perf-results --ignore-not-found >/dev/null
  task perf:run -- "$@" >"$BATS_TEST_TMPDIR/output" 2>"$BATS_TEST_TMPDIR/errors" &
  run_process=$!
  wait_for 60 in_phase "$phase" || { cat "$BATS_TEST_TMPDIR/output" "$BATS_TEST_TMPDIR/errors" && return 1; }
}

in_phase() { [[ $(kube get configmap perf-results --output=jsonpath='{.data.phase}' 2>/dev/null) == "$1" ]]; }

# The end of that run: sets status, output and stderr as "run --separate-stderr" does.
end_of_run() {
  status=0
  wait "$run_process" || status=$?
  output=$(<"$BATS_TEST_TMPDIR/output") stderr=$(<"$BATS_TEST_TMPDIR/errors")
  echo "$output$stderr"
}

# Every mention of a text in the namespace's objects, but for Secrets.
mentions() { kube get jobs,pods,configmaps,events,roles --output=json | grep -cF -- "$1" || true; }

nothing_applied() { [[ -z $(kube get jobs,roles,rolebindings,serviceaccounts,pods --output=name | grep -v '/default$') ]]; }
