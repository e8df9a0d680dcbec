#!/usr/bin/env bats
# What the machine limits: open files are counted beforehand, and memory and connections follow the settings.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
}
teardown() { stop_fake; }

@test "more requests in flight than files may be open are refused, with the sentence how to raise it" {
  start_fake milo
  PROJECT_CONCURRENCY=100 OBJECT_CONCURRENCY=10 run prlimit --nofile=200:500 "$program" run
  echo "$output"
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *'1000 requests in flight need 1064 open files and the limit is 500: raise it with ulimit -n 1064'* ]]
  stop_fake
  [ -z "$(said requests | grep -v '^0$')" ]
}

@test "a soft limit of open files is raised" {
  start_fake milo --ready-delay-ms 10
  PROJECT_CONCURRENCY=3 OBJECT_CONCURRENCY=50 run prlimit --nofile=64:500 "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "more requests in flight than the system has local ports are refused" {
  unshare --net true 2>/dev/null || skip 'no rights to make a network'
  start_fake milo
  PROJECT_CONCURRENCY=20 OBJECT_CONCURRENCY=10 run unshare --net -- bash -c \
    'echo "40000 40099" >/proc/sys/net/ipv4/ip_local_port_range && exec "$1" run' ports "$program"
  echo "$output"
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *'200 requests in flight need as many local ports and the system has 100'*net.ipv4.ip_local_port_range* ]]
}

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
  [ -z "$(said 'left projects')$(said 'left secrets')" ]
  [ "$(said 'created twice')" -eq 0 ]
}

@test "10,000 requests in flight" {
  (($(ulimit -Hn) > 10100)) || skip "only $(ulimit -Hn) files may be open"
  # All are on their way before the first is answered.
  start_fake milo --plain --ready-delay-ms 10 --fault effect=none,method=create,path=/secrets,delay-ms=8000
  export NUM_PROJECTS=100 NUM_SECRETS_PER_PROJECT=100 NUM_CONFIGMAPS_PER_PROJECT=1
  export PROJECT_CONCURRENCY=100 OBJECT_CONCURRENCY=100 PROJECT_CREATE_CONCURRENCY=32
  run "$program" run --quiet
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .objects.secrets.created)" -eq 10000 ]
  [ "$(result .client.peak_connections)" -ge 10000 ]
  stop_fake
  [ "$(said 'left secrets') $(said 'created twice')" = '10000 0' ]
}
