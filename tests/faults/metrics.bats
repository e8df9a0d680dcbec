#!/usr/bin/env bats
# A VictoriaMetrics that is down, slow or refuses: the run ends complete, and a figure that could not be had is
# null and has its reason.

load common
load metrics

setup() { metrics_setup; }
teardown() { stop_fake; }

@test "VictoriaMetrics is down" {
  metrics_url=http://127.0.0.1:1 without_figures '*refused*'
}

@test "VictoriaMetrics refuses every query" {
  without_figures '*422*' --vm-fault effect=status,status=422
}

@test "VictoriaMetrics is overloaded" {
  without_figures '*503*' --vm-fault effect=status,status=503
}

@test "VictoriaMetrics is slow: the run has its figures all the same" {
  start_fake milo --ready-delay-ms 10 --vm-fault effect=none,delay-ms=300
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .metrics.baseline.apiserver_cpu_cores)" != null ]
}
