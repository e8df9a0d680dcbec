# shellcheck shell=bash
# Shared by the tests of the Jobs: the stack's cluster with the kubelet stand-in, and a namespace of the file's own.

setup_cluster() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  : "${STACK_DIR:?bring up a stack with scripts/local-stack, and name its folder}"
  ((EUID == 0)) || skip 'the container stand-in needs root'
  # shellcheck source=../../scripts/lib/messages.sh
  source "$repository/scripts/lib/messages.sh"
  # shellcheck source=../../scripts/lib/packages.sh
  source "$repository/scripts/lib/packages.sh"
  ensure_command socat socat
  # shellcheck source=../../scripts/lib/servers.sh
  source "$repository/scripts/lib/servers.sh"
  KUBECTL=$(find_kubectl)
  export repository KUBECTL STACK_DIR
  export KUBECONFIG=$STACK_DIR/admin-kubeconfig MILO_PERF=${MILO_PERF:-$repository/build/milo-perf}
  VM=http://127.0.0.1:$(stack_port VICTORIA_METRICS)
  export VM KUBELET_DIR=$BATS_FILE_TMPDIR/kubelet
  KUBELET_PORT=$(($(stack_port PROCESS_EXPORTER) + 20))
  export KUBELET_PORT KUBELET_IMAGES='milo-perf:latest unschedulable'
  NS=perf-$(basename -- "$BATS_TEST_FILENAME" .bats)-$RANDOM
  export NS
  "$KUBECTL" create namespace "$NS" >/dev/null
  kube create secret generic milo-controller-manager-kubeconfig --from-file=kubeconfig="$STACK_DIR/milo-kubeconfig" >/dev/null
}

stack_port() { sed -n "s/^STACK_$1_PORT=//p" "$STACK_DIR/settings"; }

kube() { "$KUBECTL" --namespace="$NS" "$@"; }

start_kubelet() {
  mkdir -p -- "$KUBELET_DIR"
  "$repository/tests/k8s/kubelet-stand-in" >"$BATS_FILE_TMPDIR/kubelet.log" 2>&1 3>&- &
  echo "$!" >"$BATS_FILE_TMPDIR/kubelet.pid"
  local tries=0
  until [[ -s $KUBELET_DIR/ready ]]; do
    ((tries++ < 100)) || { cat "$BATS_FILE_TMPDIR/kubelet.log" >&2 && return 1; }
    sleep 0.1
  done
}

stop_cluster() {
  local pid tries=0
  if [[ -s $BATS_FILE_TMPDIR/kubelet.pid ]]; then
    pid=$(<"$BATS_FILE_TMPDIR/kubelet.pid")
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && ((tries++ < 50)); do sleep 0.1; done
  fi
  kube delete jobs,pods,secrets,configmaps --all --wait=false --grace-period=0 --force >/dev/null 2>&1 || true
  "$KUBECTL" delete namespace "$NS" --wait=false >/dev/null 2>&1 || true
}

# The line that `task NAME` runs, with the arguments quoted as task quotes CLI_ARGS.
task_line() {
  local name=$1 line
  shift
  line=$(awk -v name="  $name:" '$0 == name { inside = 1 } inside && /^      - / { sub(/^      - /, ""); print; exit }' "$repository/Taskfile.yaml")
  [[ -n $line ]] || return 1
  printf '%s\n' "${line//'{{.CLI_ARGS}}'/"${*@Q}"}"
}

# `task NAME -- KEY=value …` by Taskfile.yaml, small and fast, on the stack. Arguments of the test come last, so they win.
task() {
  local name=$1
  local -a reports=()
  shift 2
  if [[ $name == perf:run ]]; then reports=(REPORTS_DIR="$BATS_TEST_TMPDIR/reports"); fi
  (cd -- "$repository" && bash -c "$(task_line "$name" NS="$NS" VM_BASE_URL="$VM" MEASURE_WINDOW=5s "${reports[@]}" "$@")")
}

# The numbers of the examples, scaled down.
small=(NUM_PROJECTS=2 NUM_SECRETS_PER_PROJECT=3 NUM_CONFIGMAPS_PER_PROJECT=2 STABILIZE_SECONDS=0)

results_file() { echo "$BATS_TEST_TMPDIR"/reports/*/results.json; }

# `result JQ-PROGRAM` of the one run of this test.
result() { jq -r "$1" "$(results_file)"; }

# Every mention of a text in the namespace's objects, but for Secrets.
mentions() { kube get jobs,pods,configmaps,events,roles --output=json | grep -cF -- "$1" || true; }

nothing_applied() { [[ -z $(kube get jobs,roles,rolebindings,serviceaccounts,pods --output=name | grep -v '/default$') ]]; }
