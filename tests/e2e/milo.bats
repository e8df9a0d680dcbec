#!/usr/bin/env bats
# A real Milo, whose binary STACK_MILO names, on a stack of its own: the main job, restarts, a sweep, and what cleanup leaves.

load common

setup_file() {
  [[ -n ${STACK_MILO-} ]] || return 0
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  program=${MILO_PERF:-$repository/build/milo-perf}
  # Beside the stand-in's, which the other tests use.
  export STACK_DIR=${STACK_DIR:-/var/tmp/milo-perf-test-stack-$(id -u)}-milo STACK_BASE_PORT=$((${STACK_BASE_PORT:-29440} + 50))
  "$repository/scripts/local-stack" up 3>&-
  take_environment
}

teardown_file() {
  [[ -z ${STACK_MILO-} ]] || "$repository/scripts/local-stack" down 3>&-
}

setup() {
  [[ -n ${STACK_MILO-} ]] || skip 'STACK_MILO names no milo binary'
  export OUT_DIR=$BATS_TEST_TMPDIR/out TEST_ID=milo$BATS_TEST_NUMBER
  export NUM_PROJECTS=4 NUM_SECRETS_PER_PROJECT=25 NUM_CONFIGMAPS_PER_PROJECT=5 STABILIZE_SECONDS=6 MEASURE_WINDOW=5s
}

teardown() {
  [[ -n ${STACK_MILO-} ]] || return 0
  if running "${pid:-}"; then kill -KILL "$pid"; fi
  "$repository/scripts/local-stack" up 3>&-
  "$program" cleanup >/dev/null 2>&1 || true
}

# `in_project NAME ARGUMENT…`: kubectl in a Project's control plane.
in_project() {
  local server
  server=$(kubectl config view -o jsonpath='{.clusters[0].cluster.server}')
  kubectl --server="$server/apis/$group/v1alpha1/projects/$1/control-plane" "${@:2}"
}

projects() { kubectl get "projects.$group" -l "test-id=$TEST_ID" -o name | sed 's,.*/,,'; }

# `objects_in_projects KIND`: how many of the run all of its Projects have.
objects_in_projects() {
  local project
  for project in $(projects); do in_project "$project" get "$1" -n default -l "app=milo-perf,test-id=$TEST_ID" -o name; done | wc -l
}

# Seconds and bytes of the run that are there, for a pod: `recorded POD`.
recorded() {
  curl --silent --get "$VM_BASE_URL/api/v1/query" \
    --data-urlencode "query=count(rate(container_cpu_usage_seconds_total{pod=\"$1\"}[1m]) > 0 and container_memory_working_set_bytes{pod=\"$1\"} > 1e6)" |
    jq -r '.data.result[0].value[1] // "0"'
}

@test "a run is complete, and its objects are in the Projects' control planes" {
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(projects | wc -l)" -eq 4 ]
  [ "$(objects_in_projects secrets)" -eq 100 ]
  [ "$(objects_in_projects configmaps)" -eq 20 ]
  [ "$(result '.metrics.after_secrets | [.apiserver_cpu_cores, .apiserver_mem_bytes, .etcd_mem_bytes] | all(. > 0)')" = true ]
  # Milo's webhook was there.
  [ "$(kubectl get "projects.$group" -l "resourcemanager.miloapis.com/organization-name=$(result .org_name)" -o name | wc -l)" -eq 4 ]
  "$program" cleanup
  [ -z "$(projects)" ]
  [ "$(organizations_named "perf-$TEST_ID")" -eq 0 ]
}

@test "the CPU and memory of apiserver, etcd and controller manager are recorded" {
  [ "$(recorded milo-apiserver-0)" -eq 1 ]
  [ "$(recorded etcd-0)" -eq 1 ]
  [ "$(recorded milo-controller-manager-0)" -eq 1 ]
}

@test "check finds everything, and says that Milo was not told its version" {
  run "$program" check
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *'version not told'* || $output == *'version v'* ]]
  [[ $output != *'Format'* ]]
}

@test "each part can be killed and started again" {
  local part
  for part in controller-manager apiserver; do
    "$repository/scripts/local-stack" kill "$part" 3>&-
    run "$repository/scripts/local-stack" status
    [ "$status" -eq 1 ]
    [[ $output == *"$part "*down* ]]
    "$repository/scripts/local-stack" start "$part" 3>&-
  done
  run "$repository/scripts/local-stack" status
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 5 ]
  "$repository/scripts/local-stack" restart controller-manager 3>&-
  [ -n "$("$repository/scripts/local-stack" logs controller-manager)" ]
}

@test "an apiserver that is killed in the objects phase costs retries, not objects" {
  export QPS=20
  "$program" run >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
  local status=0
  wait_for 120 objects_begun
  "$repository/scripts/local-stack" kill apiserver 3>&-
  wait_for 30 "$repository/scripts/local-stack" start apiserver 3>&-
  wait "$pid" || status=$?
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 0 ]
  [ "$(objects_in_projects secrets)" -eq 100 ]
  (($(result '[.requests[] | .retries] | add') > 0))
}

objects_begun() { (($(objects_in_projects secrets) >= 10)); }

@test "a sweep measures, and leaves no Project behind" {
  run "$program" sweep --vary=OBJECT_CONCURRENCY --through=1,2 --repeats=1 --warmup=1s --hold=3s --settle=1s --num-projects=2 --out="$OUT_DIR"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq '[.steps[] | select(.creates > 0 and .creates_failed == 0)] | length' "$OUT_DIR/sweep.json")" -eq 2 ]
  [ -z "$(projects)" ]
}
