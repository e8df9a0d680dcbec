#!/usr/bin/env bats
# What gateways and servers do to connections in the middle of a run costs retries, not objects.

load common

setup_file() { use_stack; }

teardown_file() {
  clean_up_everything
  STACK_KEEPALIVE_REQUESTS=1000000000 "$repository/scripts/local-stack" restart nginx 3>&-
}

setup() {
  small_run "$BATS_TEST_TMPDIR/out"
  export NUM_PROJECTS=4 NUM_SECRETS_PER_PROJECT=300 NUM_CONFIGMAPS_PER_PROJECT=50 STABILIZE_SECONDS=0 TEST_ID=door$BATS_TEST_NUMBER
}

teardown() { clean_up_everything; }

run_is_complete() {
  [ "$(result .outcome)" = completed ]
  [ "$(count_of secrets "$TEST_ID")" -eq 1200 ]
  [ "$(count_of configmaps "$TEST_ID")" -eq 200 ]
  [ "$(result '.objects.secrets.created + .objects.secrets.existing')" -eq 1200 ]
  [ "$(result '[.requests[] | .operations_failed] | add')" -eq 0 ]
}

@test "a server that closes each connection after 20 requests" {
  STACK_KEEPALIVE_REQUESTS=20 "$repository/scripts/local-stack" restart nginx 3>&-
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  run_is_complete
  (($(result '.client.connections_opened') >= 1400 / 20))
}

@test "a front door that is gone for a moment in the objects phase" {
  export QPS=200 BURST=1
  "$program" run >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  local pid=$! status=0
  wait_for 60 objects_begun
  "$repository/scripts/local-stack" kill nginx 3>&-
  sleep 1
  "$repository/scripts/local-stack" start nginx 3>&-
  wait "$pid" || status=$?
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 0 ]
  run_is_complete
  (($(result '[.requests[] | .retries] | add') > 0))
}

objects_begun() { (($(count_of secrets "$TEST_ID") >= 100)); }
