#!/usr/bin/env bats
# A VictoriaMetrics that is down, slow, refuses or has nothing: the run ends complete, and a figure that could not be had is
# null and has its reason.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  export SAMPLE_SECONDS=0.5
}
teardown() { stop_fake; }

# `without_figures REASON FLAG…`: a run against a metrics server with these faults.
without_figures() {
  local reason=$1
  shift
  start_fake milo --ready-delay-ms 10 "$@"
  VM_BASE_URL=${metrics_url:-$VM_BASE_URL}
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(result '[.metrics[] | .apiserver_cpu_cores, .apiserver_mem_bytes, .etcd_cpu_cores, .etcd_mem_bytes] | map(select(. != null)) | length')" -eq 0 ]
  [ "$(result '[.metrics[].evidence[].reason] | length')" -eq 12 ]
  # shellcheck disable=SC2053 # a pattern
  [[ $(result '[.metrics[].evidence[].reason] | unique | join(" | ")') == $reason ]]
  [ "$(result '.objects.secrets.created')" -eq 12 ]
  stop_fake
}

@test "VictoriaMetrics is down" {
  metrics_url=http://127.0.0.1:1 without_figures '*refused*'
}

@test "VictoriaMetrics refuses every query" {
  without_figures '*422*' --vm-fault effect=status,status=422
}

@test "VictoriaMetrics is overloaded" {
  without_figures '*503*' --vm-fault effect=status,status=503
}

@test "VictoriaMetrics answers with nothing, NaN or Inf" {
  local value
  without_figures '*no such series*' --vm-fault 'effect=status,status=200,body={"status":"success","data":{"resultType":"vector","result":[]}}'
  for value in NaN +Inf; do
    without_figures '*' --vm-fault 'effect=status,status=200,body={"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"'$value'"]}]}}'
  done
}

@test "VictoriaMetrics breaks connections and answers what is no JSON" {
  without_figures '*' --vm-fault effect=reset-in-answer
  without_figures '*' --vm-fault effect=malformed-json
  without_figures '*' --vm-fault effect=not-http
}

@test "VictoriaMetrics is slow: the run has its figures all the same" {
  start_fake milo --ready-delay-ms 10 --vm-fault effect=none,delay-ms=300
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .metrics.baseline.apiserver_cpu_cores)" != null ]
}
