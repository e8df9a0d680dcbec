#!/usr/bin/env bats
# Readiness is measured against a known truth: how long the controller waits, and whom it leaves unready.

load common

setup_file() { use_stack; }

teardown_file() {
  clean_up_everything
  STACK_NEVER_READY_SHARE=0 STACK_READY_DELAY=200ms STACK_READY_SPREAD=100ms "$repository/scripts/local-stack" restart project-controller 3>&-
}

setup() {
  small_run "$BATS_TEST_TMPDIR/out"
  export STABILIZE_SECONDS=0 RUN_OBJECTS_PHASE=false TEST_ID=ready$BATS_TEST_NUMBER
}

@test "readiness takes at least as long as the controller waits" {
  STACK_READY_DELAY=2s STACK_READY_SPREAD=0s "$repository/scripts/local-stack" restart project-controller 3>&-
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '[.projects[] | select(.ready_seconds >= 2)] | length')" -eq 6 ]
  [ "$(result .metrics.after_secrets)" = null ]
}

@test "Projects that never get Ready fail the run at its deadline, and are named" {
  STACK_NEVER_READY_SHARE=1 "$repository/scripts/local-stack" restart project-controller 3>&-
  READY_TIMEOUT_SECONDS=3 run "$program" run
  echo "$output"
  [ "$status" -eq 1 ]
  [ "$(result .outcome)" = failed ]
  [ "$(result .projects_ready_seconds)" = null ]
  [ "$(result .readiness.never_ready)" -eq 6 ]
  [[ $(result .reason) == *perf-$TEST_ID-p-* || $(result .reason) == *6* ]]
}
