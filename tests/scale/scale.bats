#!/usr/bin/env bats
# Many Projects and many requests at a time, on one machine against the fake Milo.

load ../faults/common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
}
teardown() { stop_fake; }

@test "5,000 Projects, each with its objects, and their cleanup" {
  start_fake milo --ready-delay-ms 10 --purge-delay-ms 10
  export NUM_PROJECTS=5000 NUM_SECRETS_PER_PROJECT=1 NUM_CONFIGMAPS_PER_PROJECT=1 READY_TIMEOUT_SECONDS=300
  export PROJECT_CREATE_CONCURRENCY=32 PROJECT_CONCURRENCY=32 OBJECT_CONCURRENCY=1
  run "$program" run --quiet
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '.objects | [.projects, .secrets, .configmaps][] | .created + .existing' | sort -u)" = 5000 ]
  # The ConfigMap has them thinned, and is there.
  api /api/v1/namespaces/milo-system/configmaps/perf-results fake-token | jq -e '.data["results.json"] | fromjson | .thinned'
  run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  stop_fake
  [ "$(said 'left projects') $(said 'left secrets') $(said 'created twice')" = '0 0 0' ]
}

@test "10,000 requests in flight" {
  (($(ulimit -Hn) > 10100)) || skip "only $(ulimit -Hn) files may be open"
  # All are on their way before the first is answered.
  start_fake milo --plain --ready-delay-ms 10 --fault effect=none,method=create,path=/secrets,delay-ms=20000
  export NUM_PROJECTS=100 NUM_SECRETS_PER_PROJECT=100 NUM_CONFIGMAPS_PER_PROJECT=1
  export PROJECT_CONCURRENCY=100 OBJECT_CONCURRENCY=100 PROJECT_CREATE_CONCURRENCY=32
  run "$program" run --quiet
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '.objects.secrets | .created + .existing')" -eq 10000 ]
  [ "$(result .client.peak_connections)" -ge 10000 ]
  stop_fake
  [ "$(said 'left secrets') $(said 'created twice')" = '10000 0' ]
}
