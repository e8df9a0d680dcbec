# shellcheck shell=bash
# Shared by the tests on the local stack. What exists is counted with kubectl, not with the program's own code.

load ../lib/waiting
load ../../scripts/lib/fast_controller.sh

readonly group=resourcemanager.miloapis.com

# Brings the stack up (harmless if it is) and takes over its settings. Without STACK_DIR it is a stack of its own.
use_stack() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  program=${MILO_PERF:-$repository/build/milo-perf}
  export STACK_DIR=${STACK_DIR:-/var/tmp/milo-perf-test-stack-$(id -u)} STACK_BASE_PORT=${STACK_BASE_PORT:-29440}
  # A real Milo has a stack of its own: tests/e2e/milo.bats.
  unset STACK_MILO
  use_fast_controller
  "$repository/scripts/local-stack" up 3>&-
  take_environment
}

take_environment() {
  local settings
  settings=$("$repository/scripts/local-stack" env)
  eval "$settings"
  # Nothing of the caller's own runs gets in.
  unset TEST_ID ORG_NAME RUN_MODE NS TARGET_NAMESPACE AUTH_BEARER_TOKEN THRESHOLDS QPS RAMP
  export repository program STACK_DIR MILO_KUBECONFIG_PATH KUBECONFIG VM_BASE_URL
}

# A small run's settings; a test that needs others sets them afterwards.
small_run() {
  export NUM_PROJECTS=6 NUM_SECRETS_PER_PROJECT=7 NUM_CONFIGMAPS_PER_PROJECT=4 STABILIZE_SECONDS=6 MEASURE_WINDOW=5s
  export OUT_DIR=$1
}

# `objects_of KIND TEST-ID`: names, one a line.
objects_of() { kubectl get "$1" -A -l "app=milo-perf,test-id=$2" -o name; }

count_of() { objects_of "$@" | wc -l; }

organizations_named() { kubectl get "organizations.$group" -o name | grep -cxF "organization.$group/$1" || true; }

# Everything that any run may have made, as kind and name.
everything() {
  kubectl get "organizations.$group,projects.$group" -o name
  kubectl get secrets,configmaps -A -l app=milo-perf -o name
  kubectl get namespaces -o name
  kubectl get configmap perf-results -n milo-system --ignore-not-found -o name
}

result() { jq -r "$1" "$OUT_DIR/results.json"; }

# A process that this test started, and whether it still runs.
running() { kill -0 "$1" 2>/dev/null; }

# Tests go one after another, and each file leaves the stack as it found it.
clean_up_everything() {
  local id
  for id in $(kubectl get "projects.$group" -o jsonpath='{range .items[*]}{.metadata.labels.test-id}{"\n"}{end}' | sort -u); do
    TEST_ID=$id "$program" cleanup >/dev/null 2>&1 || true
  done
  kubectl delete configmap perf-results -n milo-system --ignore-not-found >/dev/null
}
