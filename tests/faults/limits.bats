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
