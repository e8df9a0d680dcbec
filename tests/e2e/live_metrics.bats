#!/usr/bin/env bats
# A run's own series: served live in OpenMetrics, scraped by VictoriaMetrics, and pushed into it at the end.

load common

setup_file() {
  use_stack
  small_run "$BATS_FILE_TMPDIR/out"
  export listen=127.0.0.1:$((STACK_BASE_PORT + 20)) scrape=$STACK_DIR/conf/scrape.yaml
  cp -- "$scrape" "$BATS_FILE_TMPDIR/scrape.yaml"
  printf -- '- job_name: milo-perf\n  static_configs:\n  - targets: [%s]\n' "'$listen'" >>"$scrape"
  reload_scrape_configuration
  METRICS_LISTEN=$listen PUSH_METRICS=true "$program" run >"$BATS_FILE_TMPDIR/stdout" 2>"$BATS_FILE_TMPDIR/stderr" 3>&- &
  local run=$!
  # The objects are there, and the last pause has begun.
  wait_for 60 scraped 'milo_perf_operations_total\{.*resource="configmaps",outcome="ok"\} 24' || true
  status=0
  wait "$run" || status=$?
  export run_status=$status
}

teardown_file() {
  cp -- "$BATS_FILE_TMPDIR/scrape.yaml" "$scrape"
  reload_scrape_configuration
  clean_up_everything
}

setup() { test_id=$(result .test_id); }

reload_scrape_configuration() { curl --silent --fail --noproxy '*' -X POST "$VM_BASE_URL/-/reload"; }

# Keeps the newest answer; true once a line of it is as wanted.
scraped() {
  curl --silent --fail --noproxy '*' --dump-header "$BATS_FILE_TMPDIR/headers" --output "$BATS_FILE_TMPDIR/metrics" \
    "http://$listen/metrics" && grep -qE "$1" "$BATS_FILE_TMPDIR/metrics"
}

# `value_of SELECTOR`: what VictoriaMetrics has of it, summed up, in the last minutes.
value_of() {
  curl --silent --fail --noproxy '*' --get "$VM_BASE_URL/api/v1/query" --data-urlencode "query=sum(last_over_time($1[5m]))" |
    jq -r '.data.result[0].value[1]'
}

# Two numbers that agree to nine digits, as far as VictoriaMetrics keeps them.
same_number() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 <= (a * 1e-9) ^ 2) }'; }

# `becomes VALUE SELECTOR`: VictoriaMetrics shows what it was given after a second or two, not all series at once.
becomes() { wait_for 20 has_value "$@"; }
has_value() { same_number "$(value_of "$2")" "$1"; }

@test "the run is complete" {
  cat "$BATS_FILE_TMPDIR/stderr"
  [ "$run_status" -eq 0 ]
}

@test "live metrics are OpenMetrics: by their content type, to their end, and to the reference parser" {
  grep -qi '^content-type: application/openmetrics-text; version=1.0.0; charset=utf-8' "$BATS_FILE_TMPDIR/headers"
  [ "$(tail -n 1 "$BATS_FILE_TMPDIR/metrics")" = '# EOF' ]
  /usr/bin/python3 - "$BATS_FILE_TMPDIR/metrics" <<'PYTHON'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = {family.name: family for family in text_string_to_metric_families(open(sys.argv[1]).read())}
latency = families["milo_perf_operation_latency_seconds"]
assert latency.type == "histogram" and latency.unit == "seconds", latency
created = sum(sample.value for sample in latency.samples
              if sample.name.endswith("_count") and sample.labels["resource"] in ("secrets", "configmaps"))
assert created == 66, created
PYTHON
}

@test "a live scrape has the run's counts" {
  grep -qE "^milo_perf_projects_ready\{test_id=\"$test_id\"\} 6$" "$BATS_FILE_TMPDIR/metrics"
  grep -qE '^milo_perf_operations_total\{.*resource="secrets",outcome="ok"\} 42$' "$BATS_FILE_TMPDIR/metrics"
  grep -qE '^milo_perf_operations_total\{.*resource="secrets",outcome="failed"\} 0$' "$BATS_FILE_TMPDIR/metrics"
}

@test "VictoriaMetrics scraped them while the run went on" {
  becomes 6 "milo_perf_projects_ready{job=\"milo-perf\",test_id=\"$test_id\"}"
  becomes 42 "milo_perf_operations_total{job=\"milo-perf\",test_id=\"$test_id\",resource=\"secrets\",outcome=\"ok\"}"
}

@test "VictoriaMetrics has the pushed series, by the test id" {
  # The scraped one knows of no outcome.
  becomes 1 "milo_perf_run_info{test_id=\"$test_id\",outcome=\"completed\"}"
  becomes 42 "milo_perf_objects_created{test_id=\"$test_id\",resource=\"secrets\"}"
  becomes "$(result .projects_ready_seconds)" "milo_perf_projects_ready_seconds{test_id=\"$test_id\"}"
  local p99
  p99=$(result '.requests[] | select(.resource=="secrets" and .verb=="create") | .operation_latency.p99_seconds')
  becomes "$p99" "milo_perf_operation_latency_seconds{test_id=\"$test_id\",resource=\"secrets\",quantile=\"0.99\"}"
}
