#!/usr/bin/env bats
# The cluster that keeps the results ConfigMap is never in the way of a run: whatever it does, the run is complete, its phases wait for
# nothing, and it says that the ConfigMap has not got the results.

load common
load silent_ports

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  silent_pids=()
}

teardown() {
  end_silence
  stop_fake
}

# `kubeconfig_of SERVER`: KUBECONFIG is one of this server.
kubeconfig_of() {
  KUBECONFIG=$BATS_TEST_TMPDIR/results-kubeconfig
  cat >"$KUBECONFIG" <<CONFIG
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "$1", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: x}}]
CONFIG
  chmod 600 "$KUBECONFIG"
  export KUBECONFIG
}

# A run is complete, within what it may take with a results cluster that answers nothing.
completes_without_configmap() {
  run timeout 60 "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(result '[.warnings[] | select(test("ConfigMap milo-system/perf-results"))] | length')" -gt 0 ]
  # The checkpoints are beside the phases, not between them: what follows one another has no gap.
  [ "$(result '[.phases | sort_by(.offset_seconds) | [.[:-1], .[1:]] | transpose[] | .[1].offset_seconds - .[0].offset_seconds - .[0].duration_seconds | select(. > 2)] | length')" -eq 0 ]
}

@test "a results cluster that swallows packets costs a run no time in a phase" {
  start_fake milo --ready-delay-ms 10
  silence 127.0.0.1 0
  kubeconfig_of "https://127.0.0.1:$(<"$BATS_TEST_TMPDIR/silent-127.0.0.1")"
  completes_without_configmap
}

@test "a results cluster that does not answer" {
  start_fake milo --ready-delay-ms 10 --fault effect=stall,path=perf-results
  completes_without_configmap
}

@test "a results cluster that answers the first writes only" {
  # The probe and the first checkpoint are answered.
  start_fake milo --ready-delay-ms 10 --fault effect=stall,method=get,path=perf-results,nth=3 --fault effect=stall,method=get,path=perf-results,nth=4 \
    --fault effect=stall,method=get,path=perf-results,nth=5
  completes_without_configmap
}

@test "a results cluster whose port is closed" {
  start_fake milo --ready-delay-ms 10
  kubeconfig_of https://127.0.0.1:9
  completes_without_configmap
}

@test "a run of the replaced runner that is not cleaned up is kept under its own id" {
  start_fake milo --ready-delay-ms 10
  local configmaps=/api/v1/namespaces/milo-system/configmaps
  post "$configmaps" '{"metadata": {"name": "perf-results"}, "data": {"test_id": "0ld0ld00", "org_name": "perf-0ld0ld00", "phase": "projects-ready"}}'
  TEST_ID=n3w run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *'run 0ld0ld00 has not been cleaned up: milo-perf cleanup --test-id=0ld0ld00 removes its Organization perf-0ld0ld00'* ]]
  api "$configmaps/perf-results" fake-token >"$BATS_TEST_TMPDIR/kept"
  [ "$(jq -r '.data.test_id' "$BATS_TEST_TMPDIR/kept")" = n3w ]
  [ "$(jq -r '.data["run.0ld0ld00"] | fromjson | .org_name' "$BATS_TEST_TMPDIR/kept")" = perf-0ld0ld00 ]
  # The new one goes, the old one stays known, and is what cleanup removes next.
  run "$program" cleanup n3w
  echo "$output"
  [ "$status" -eq 0 ]
  api "$configmaps/perf-results" fake-token >"$BATS_TEST_TMPDIR/kept"
  [ "$(jq -r '.data.test_id' "$BATS_TEST_TMPDIR/kept")" = 0ld0ld00 ]
  rm -rf "$OUT_DIR"
  run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  run api "$configmaps/perf-results" fake-token
  [ "$status" -ne 0 ]
}

# `post PATH JSON`
post() {
  python3 -c '
import ssl, sys, urllib.request
request = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), {"Authorization": "Bearer fake-token", "Content-Type": "application/json"})
urllib.request.urlopen(request, context=ssl._create_unverified_context()).read()' "$(said url)$1" "$2"
}
