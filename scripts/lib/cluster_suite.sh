# shellcheck shell=bash
# The suites on a real cluster: one cluster for all of their tests, brought up by the first and taken down by the last.

# The image first; the last file of tests/k8s takes the cluster down.
suite_k8s() { with_cluster container k8s; }
suite_container() { with_cluster container; }

# `with_cluster SUITE…`
with_cluster() {
  local suite reason tests=0
  # The stand-in is quick, and fails when it is told to.
  local -x STACK_MILO=
  if ! reason=$(cluster_can_run 2>&1); then
    for suite in "$@"; do tests=$((tests + $(count_tests "$suite"))); done
    skip_suite "$*" "$tests" "${reason#error: }"
    return 0
  fi
  if ! "$scripts/build" milo-perf project-controller || ! "$scripts/build-servers" task >/dev/null; then
    count "$* (build)" 0 1
    return 0
  fi
  use_fast_controller
  export CLUSTER_DIR=$test_cluster CLUSTER_BASE_PORT=${TEST_CLUSTER_BASE_PORT:-29640}
  if "$scripts/local-cluster" up; then
    put_kubectl_on_path
    for suite in "$@"; do bats_files "$suite"; done
  else
    count "$* (cluster)" 0 1
  fi
  "$scripts/local-cluster" down || count "$* (cluster down)" 0 1
}

# Says in one sentence why there can be no cluster on this machine.
cluster_can_run() { "$scripts/local-cluster" check; }

count_tests() { cat -- "$repository/tests/$1"/*.bats | grep -c '^@test '; }
