#!/usr/bin/env bats
# Each command opens what it needs and nothing else: what is broken for one does not stop another.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  start_fake milo --ready-delay-ms 10
}

teardown() { stop_fake; }

# Sets SAMPLE_QUERIES to a file that is no list of queries.
broken_queries() {
  export SAMPLE_QUERIES=$BATS_TEST_TMPDIR/queries.yaml
  echo 'query: [' >"$SAMPLE_QUERIES"
}

@test "a broken SAMPLE_QUERIES is one failed line of a check, and the rest is checked" {
  broken_queries
  run "$program" check
  echo "$output"
  [ "$status" -eq 2 ]
  [ "$(grep -c '^FAILED' <<<"$output")" -eq 1 ]
  grep -q "^FAILED   SAMPLE_QUERIES: .*$SAMPLE_QUERIES" <<<"$output"
  grep -q '^ok       apiserver: ' <<<"$output"
  grep -q '^ok       results ConfigMap: ' <<<"$output"
}

@test "a broken SAMPLE_QUERIES refuses a run before anything is created, and no cleanup" {
  "$program" run --quiet
  broken_queries
  run "$program" run --out-dir "$BATS_TEST_TMPDIR/other"
  echo "$output"
  [ "$status" -eq 2 ]
  [ ! -e "$BATS_TEST_TMPDIR/other" ]
  run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *'cleanup: 3 Projects and the Organization deleted'* ]]
}

@test "a broken kubeconfig is one failed line of a check, and the rest is checked" {
  echo 'clusters: [' >"$BATS_TEST_TMPDIR/broken"
  MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/broken run "$program" check
  echo "$output"
  [ "$status" -eq 2 ]
  grep -q "^FAILED   kubeconfig: .*$BATS_TEST_TMPDIR/broken" <<<"$output"
  grep -q '^ok       VictoriaMetrics' <<<"$output"
  grep -q '^ok       results ConfigMap: ' <<<"$output"
}
