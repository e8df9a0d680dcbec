#!/usr/bin/env bats
# Servers that die, stop or restart in the middle of a run: it ends complete, its counts agree with the apiserver's, and it
# tells what happened.

load common

setup_file() { use_stack; }
teardown_file() { clean_up_everything; }

setup() {
  small_run "$BATS_TEST_TMPDIR/out"
  export NUM_PROJECTS=8 NUM_SECRETS_PER_PROJECT=100 NUM_CONFIGMAPS_PER_PROJECT=25 STABILIZE_SECONDS=0 QPS=150
  export TEST_ID=restart$BATS_TEST_NUMBER
}

teardown() {
  if running "${pid:-}"; then kill -KILL "$pid"; fi
  "$repository/scripts/local-stack" up 3>&-
  clean_up_everything
}

start_run() {
  "$program" run >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
}

projects_begun() { (($(count_of "projects.$group" "$TEST_ID") >= 3)); }
objects_begun() { (($(count_of secrets "$TEST_ID") >= 100)); }

part() { "$repository/scripts/local-stack" "$@" 3>&-; }

ends_complete() {
  local status=0
  wait "$pid" || status=$?
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(count_of "projects.$group" "$TEST_ID")" -eq 8 ]
  [ "$(count_of secrets "$TEST_ID")" -eq 800 ]
  [ "$(count_of configmaps "$TEST_ID")" -eq 200 ]
  [ "$(result '.objects.secrets | .created + .existing')" -eq 800 ]
  [ "$(result '[.requests[] | select(.verb == "create") | .operations_failed] | add')" -eq 0 ]
}

retried() { (($(result '[.requests[] | .retries] | add') > 0)); }

@test "the apiserver is killed and started again in the projects phase" {
  export PROJECT_QPS=2
  start_run
  wait_for 60 projects_begun
  part kill apiserver
  # The port is free again when the killed server's connections are gone.
  wait_for 30 part start apiserver
  ends_complete
  retried
  (($(result '[.events[] | select(.source == "watch")] | length') > 0))
}

@test "the apiserver is killed and started again in the objects phase" {
  start_run
  wait_for 60 objects_begun
  part kill apiserver
  # The port is free again when the killed server's connections are gone.
  wait_for 30 part start apiserver
  ends_complete
  retried
}

@test "etcd stops for 20 seconds and goes on" {
  local etcd
  start_run
  wait_for 60 objects_begun
  read -r etcd _ <"$STACK_DIR/run/etcd.pid"
  kill -STOP "$etcd"
  sleep 20
  kill -CONT "$etcd"
  ends_complete
}

@test "VictoriaMetrics restarts" {
  # Long enough for the sampler, which asks every five seconds at most, to notice.
  export SAMPLE_SECONDS=1 QPS=60
  start_run
  wait_for 60 objects_begun
  part kill victoria-metrics
  sleep 10
  part start victoria-metrics
  ends_complete
  (($(result '[.events[] | select(.source == "victoriametrics")] | length') > 0))
}

@test "a killed run leaves a checkpoint from which it is resumed, and nothing is created twice" {
  start_run
  wait_for 60 objects_begun
  kill -KILL "$pid"
  wait "$pid" || true
  local before
  before=$(count_of secrets "$TEST_ID")
  [ "$(jq -r .test_id "$OUT_DIR/checkpoint.json")" = "$TEST_ID" ]
  local id=$TEST_ID
  run env -u TEST_ID -u NUM_PROJECTS -u NUM_SECRETS_PER_PROJECT "$program" run --resume "$id"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(count_of secrets "$id")" -eq 800 ]
  (($(result .objects.secrets.existing) >= before))
  [ "$(result '.objects.secrets | .created + .existing')" -eq 800 ]
  [ "$(result .objects.projects.existing)" -eq 8 ]
  # The baseline is the killed run's: after it there is none to be taken.
  [ "$(result .metrics.baseline.apiserver_mem_bytes)" != null ]
}

@test "interrupted at random moments, it always saves and cleans up" {
  export NUM_PROJECTS=4 NUM_SECRETS_PER_PROJECT=60 NUM_CONFIGMAPS_PER_PROJECT=15 QPS=0 MEASURE_WINDOW=2s
  local moment round signal expected status started
  for ((round = 0; round < ${INTERRUPTS:-8}; ++round)); do
    export TEST_ID=random$round
    signal=INT expected=130
    if ((round % 2)); then signal=TERM expected=143; fi
    setsid -- env --default-signal=INT "$program" run >/dev/null 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
    pid=$!
    moment=$(printf '%d.%02d' $((RANDOM % 3)) $((RANDOM % 100)))
    sleep "$moment"
    started=$EPOCHREALTIME status=0
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait "$pid" || status=$?
    echo "round $round: SIG$signal after $moment s: exit code $status"
    ((${EPOCHREALTIME/[.,]/} - ${started/[.,]/} < 5000000))
    # It may have been over already.
    ((status == expected || status == 0))
    if [ -e "$OUT_DIR/results.json" ] && ((status == expected)) && [ "$(result .test_id)" = "$TEST_ID" ]; then
      [ "$(result .outcome)" = interrupted ]
    fi
    "$program" cleanup
    [ "$(count_of "projects.$group" "$TEST_ID")" -eq 0 ]
    [ "$(count_of secrets "$TEST_ID")" -eq 0 ]
  done
}
