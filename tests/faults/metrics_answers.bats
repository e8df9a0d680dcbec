#!/usr/bin/env bats
# A VictoriaMetrics whose answers are of no use: the run ends complete, and a figure that could not be had is null and has its
# reason.

load common
load metrics

setup() { metrics_setup; }
teardown() { stop_fake; }

@test "VictoriaMetrics answers with nothing, NaN or Inf" {
  local value
  without_figures '*no such series*' --vm-fault 'effect=status,status=200,body={"status":"success","data":{"resultType":"vector","result":[]}}'
  for value in NaN +Inf; do
    without_figures '*' --vm-fault 'effect=status,status=200,body={"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"'$value'"]}]}}'
  done
}

@test "VictoriaMetrics breaks connections" {
  without_figures '*' --vm-fault effect=reset-in-answer
}

@test "VictoriaMetrics answers what is no JSON" {
  without_figures '*' --vm-fault effect=malformed-json
}

@test "VictoriaMetrics answers what is no HTTP" {
  without_figures '*' --vm-fault effect=not-http
}
