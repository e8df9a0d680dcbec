# shellcheck shell=bash
# Shared by the tests of a VictoriaMetrics that fails.

metrics_setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  export SAMPLE_SECONDS=0.5
}

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
