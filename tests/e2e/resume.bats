#!/usr/bin/env bats
# A run that is killed outright, in any phase, is resumed: nothing is created twice, and nothing is left out.

load common

setup_file() { use_stack; }
teardown_file() { clean_up_everything; }

setup() {
  small_run "$BATS_TEST_TMPDIR/out"
  export TEST_ID=killed$BATS_TEST_NUMBER NUM_PROJECTS=12 STABILIZE_SECONDS=0
}

phase() { jq -r .phase "$OUT_DIR/checkpoint.json" 2>/dev/null; }
phase_is() { [ "$(phase)" = "$1" ]; }
published_phase_is() { [ "$(kubectl get configmap perf-results -n milo-system -o jsonpath='{.data.test_id} {.data.phase}')" = "$TEST_ID $1" ]; }
some_objects() { (($(count_of "$1" "$TEST_ID") >= $2)); }

# Kills the run with SIGKILL as soon as the command succeeds.
run_until() {
  "$program" run >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  local pid=$!
  wait_for 60 "$@" || { cat "$BATS_TEST_TMPDIR/stderr" && return 1; }
  kill -KILL "$pid"
  wait "$pid" || true
  # The run was not over before.
  [ ! -e "$OUT_DIR/results.json" ]
}

# `resumed KIND…`: the resumed run is whole; of each kind what was there before counts as existing, and the uids are the same.
resumed() {
  local id=$TEST_ID kind
  for kind in "$@"; do uids "$kind" >"$BATS_TEST_TMPDIR/${kind%%.*}.before"; done
  run env -u TEST_ID -u NUM_PROJECTS -u NUM_SECRETS_PER_PROJECT -u NUM_CONFIGMAPS_PER_PROJECT "$program" run --resume "$id" --stabilize-seconds 0
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '.outcome, .test_id' | xargs)" = "completed $id" ]
  [ "$(result '[.objects[] | .created + .existing] | @csv' | tr -d '"')" = "$(result '[.objects[].requested] | @csv' | tr -d '"')" ]
  [ "$(count_of "projects.$group" "$id") $(count_of secrets "$id") $(count_of configmaps "$id")" = '12 84 48' ]
  for kind in "$@"; do
    [ -s "$BATS_TEST_TMPDIR/${kind%%.*}.before" ]
    [ "$(comm -23 "$BATS_TEST_TMPDIR/${kind%%.*}.before" <(uids "$kind") | wc -l)" -eq 0 ]
    [ "$(result ".objects.${kind%%.*}.existing")" -eq "$(wc -l <"$BATS_TEST_TMPDIR/${kind%%.*}.before")" ]
  done
  "$program" cleanup
  [ "$(count_of "projects.$group" "$id")" -eq 0 ]
  [ "$(organizations_named "perf-$id")" -eq 0 ]
}

uids() { kubectl get "$1" -A -l "app=milo-perf,test-id=$TEST_ID" -o jsonpath='{range .items[*]}{.metadata.uid}{"\n"}{end}' | sort; }

@test "killed while it creates Projects" {
  export PROJECT_QPS=5
  run_until some_objects "projects.$group" 4
  resumed "organizations.$group" "projects.$group"
}

@test "killed while it lets things settle" {
  export STABILIZE_SECONDS=300
  run_until phase_is projects-ready
  resumed "organizations.$group" "projects.$group"
}

@test "killed while it creates objects" {
  export QPS=40
  run_until some_objects secrets 20
  resumed "organizations.$group" "projects.$group" secrets
}

@test "the results of the run before stay in the ConfigMap until the next one has its own" {
  run "$program" run
  [ "$status" -eq 0 ]
  local first=$TEST_ID
  export TEST_ID=second STABILIZE_SECONDS=300
  rm -r "$OUT_DIR"
  run_until published_phase_is projects-ready
  local data
  data=$(kubectl get configmap perf-results -n milo-system -o json | jq .data)
  [ "$(jq -r '.["results.json"] | fromjson | .test_id' <<<"$data")" = "$first" ]
  [ "$(jq -r 'has("report.html"), .test_id, .phase' <<<"$data" | xargs)" = 'true second projects-ready' ]
  [ "$(jq -r "has(\"run.$first\"), has(\"run.second\")" <<<"$data" | xargs)" = 'true true' ]
  # Both can be cleaned up from the ConfigMap alone.
  rm -r "$OUT_DIR"
  TEST_ID=second "$program" cleanup
  TEST_ID='' "$program" cleanup
  [ "$(count_of "projects.$group" second)$(count_of "projects.$group" "$first")" = 00 ]
  [ -z "$(kubectl get configmap perf-results -n milo-system --ignore-not-found -o name)" ]
}
