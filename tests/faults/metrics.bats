#!/usr/bin/env bats
# A VictoriaMetrics that is down, slow or refuses: the run ends complete, and a figure that could not be had is
# null and has its reason.

load common
load metrics

setup() { metrics_setup; }
teardown() {
  if [ -n "${door-}" ]; then kill "$door" 2>/dev/null || true; fi
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

@test "VictoriaMetrics is slow: the run has its figures all the same" {
  start_fake milo --ready-delay-ms 10 --vm-fault effect=none,delay-ms=300
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .metrics.baseline.apiserver_cpu_cores)" != null ]
}

@test "a metrics server that answers GET alone gives all figures" {
  local status
  for status in 405 501 403; do
    start_fake "milo-$status" --ready-delay-ms 10 --vm-fault "effect=status,status=$status,method=POST"
    has_figures
    stop_fake
  done
}

@test "an https VictoriaMetrics behind a CA of its own, a user, a token or a tenant" {
  start_fake milo --ready-delay-ms 10
  local ca=$BATS_TEST_TMPDIR/ca.pem seen=$BATS_TEST_TMPDIR/seen
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=vm -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$BATS_TEST_TMPDIR/key.pem" -out "$ca" 2>/dev/null
  python3 "$BATS_TEST_DIRNAME/https_door.py" "$ca" "$BATS_TEST_TMPDIR/key.pem" "$VM_BASE_URL" "$seen" >"$BATS_TEST_TMPDIR/door" 3>&- &
  door=$!
  wait_for 10 test -s "$BATS_TEST_TMPDIR/door"
  local host
  host=127.0.0.1:$(<"$BATS_TEST_TMPDIR/door")
  VM_BASE_URL=https://$host run "$program" check
  echo "$output"
  [[ $output == *"warning  VictoriaMetrics: https://$host does not answer queries: "*certificate* ]]
  [ ! -e "$seen" ]

  export VM_CA_FILE=$ca
  VM_BASE_URL=https://me:p%40ss@$host has_figures
  grep -qxF "Authorization: Basic $(printf 'me:p@ss' | base64)" "$seen"
  echo 'from-file' >"$BATS_TEST_TMPDIR/token"
  VM_BASE_URL=https://$host VM_BEARER_TOKEN_FILE=$BATS_TEST_TMPDIR/token has_figures
  grep -qxF 'Authorization: Bearer from-file' "$seen"
  VM_BASE_URL=https://$host VM_HEADERS='AccountID: 7^^X-Scope-OrgID: team-a' has_figures
  grep -qxF 'AccountID: 7' "$seen"
  grep -qxF 'X-Scope-OrgID: team-a' "$seen"
  kill "$door"
}

has_figures() {
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '[.metrics[] | .apiserver_cpu_cores, .apiserver_mem_bytes, .etcd_cpu_cores, .etcd_mem_bytes] | map(select(. != null)) | length')" -eq 12 ]
}
