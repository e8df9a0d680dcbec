#!/usr/bin/env bats
# The main job on a real control plane: what the results claim is what the apiserver has, before and after cleanup.

load common

setup_file() {
  use_stack
  small_run "$BATS_FILE_TMPDIR/out"
  everything >"$BATS_FILE_TMPDIR/before"
  status=0
  "$program" run >"$BATS_FILE_TMPDIR/stdout" 2>"$BATS_FILE_TMPDIR/stderr" 3>&- || status=$?
  export run_status=$status
}

teardown_file() { clean_up_everything; }

setup() {
  test_id=$(result .test_id)
  org=$(result .org_name)
}

@test "the run ends with exit code 0, and says it is complete" {
  cat "$BATS_FILE_TMPDIR/stderr"
  [ "$run_status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(result .reason)" = null ]
}

@test "results.json, report.html and meta.txt are there" {
  [ -s "$OUT_DIR/report.html" ]
  grep -qx "test_id=$test_id" "$OUT_DIR/meta.txt"
  grep -qx "org_name=$org" "$OUT_DIR/meta.txt"
  [[ $test_id =~ ^[0-9a-f]{8}$ ]]
  [ "$org" = "perf-$test_id" ]
}

@test "exactly the objects exist that the results claim" {
  [ "$(result .num_projects)" -eq 6 ]
  [ "$(result .num_secrets_per_project)" -eq 7 ]
  [ "$(result .num_configmaps_per_project)" -eq 4 ]
  [ "$(result .objects.projects.created)" -eq 6 ]
  [ "$(result .objects.secrets.created)" -eq 42 ]
  [ "$(result .objects.configmaps.created)" -eq 24 ]
  [ "$(organizations_named "$org")" -eq 1 ]
  [ "$(count_of "projects.$group" "$test_id")" -eq 6 ]
  [ "$(count_of secrets "$test_id")" -eq 42 ]
  [ "$(count_of configmaps "$test_id")" -eq 24 ]
}

@test "each Project has its share, with the names of the contract" {
  local index project
  for index in 0 1 2 3 4 5; do
    project=$(objects_of "projects.$group" "$test_id" | sed 's,.*/,,' | sort | sed -n "$((index + 1))p")
    [[ $project == "$org-p-"00[0-9] ]]
    [ "$(kubectl get secrets -n "$project" -o name | grep -c '^secret/perf-secret-00[0-9]$')" -eq 7 ]
    [ "$(kubectl get configmaps -n "$project" -o name | grep -c '^configmap/perf-configmap-00[0-9]$')" -eq 4 ]
  done
}

@test "objects have the bodies of the contract" {
  local project
  project=$(objects_of "projects.$group" "$test_id" | sed 's,.*/,,' | head -n 1)
  [ "$(kubectl get "project.$group" "$project" -o jsonpath='{.spec.ownerRef.kind}/{.spec.ownerRef.name}')" = "Organization/$org" ]
  [ "$(kubectl get "organization.$group" "$org" -o jsonpath='{.spec.type}')" = Standard ]
  local secret
  secret=$(kubectl get secrets -n "$project" -l "test-id=$test_id" -o name | head -n 1)
  [ "$(kubectl get -n "$project" "$secret" -o jsonpath='{.type}')" = Opaque ]
  [ -n "$(kubectl get -n "$project" "$secret" -o jsonpath='{.data.note}')" ]
}

@test "all four metrics are above 0 in all three snapshots" {
  local snapshot metric
  for snapshot in baseline after_projects after_secrets; do
    for metric in apiserver_cpu_cores apiserver_mem_bytes etcd_cpu_cores etcd_mem_bytes; do
      jq -e ".metrics.$snapshot.$metric > 0" "$OUT_DIR/results.json" >/dev/null || {
        echo "$snapshot.$metric: $(jq -c ".metrics.$snapshot" "$OUT_DIR/results.json")"
        return 1
      }
    done
  done
}

@test "memory agrees with what the kernel says of the apiserver's process" {
  local pid resident measured
  read -r pid _ <"$STACK_DIR/run/apiserver.pid"
  resident=$(($(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status") * 1024))
  measured=$(result .metrics.after_secrets.apiserver_mem_bytes | cut -d. -f1)
  ((measured > resident / 2 && measured < resident * 2))
}

@test "all Projects got Ready, each with its own time" {
  jq -e '.projects_ready_seconds > 0' "$OUT_DIR/results.json"
  [ "$(result '.readiness.ready')" -eq 6 ]
  [ "$(result '[.projects[] | select(.ready_seconds > 0)] | length')" -eq 6 ]
}

@test "every create is in the latency figures, and none failed" {
  [ "$(result '[.requests[] | select(.resource=="secrets" and .verb=="create") | .operation_latency.count] | add')" -eq 42 ]
  [ "$(result '[.requests[] | select(.resource=="configmaps" and .verb=="create") | .operation_latency.count] | add')" -eq 24 ]
  [ "$(result '[.requests[] | .operations_failed] | add')" -eq 0 ]
}

@test "the ConfigMap perf-results holds the run" {
  kubectl get configmap perf-results -n milo-system -o json >"$BATS_TEST_TMPDIR/map.json"
  [ "$(jq -r .data.test_id "$BATS_TEST_TMPDIR/map.json")" = "$test_id" ]
  [ "$(jq -r .data.org_name "$BATS_TEST_TMPDIR/map.json")" = "$org" ]
  [ "$(jq -r '.data["results.json"]' "$BATS_TEST_TMPDIR/map.json" | jq -c .metrics)" = "$(jq -c .metrics "$OUT_DIR/results.json")" ]
  [ "$(stat -c %s "$BATS_TEST_TMPDIR/map.json")" -lt 1048576 ]
}

@test "no token and no key is in what the run wrote" {
  local token
  token=$(<"$STACK_DIR/pki/token")
  run grep -rlF -- "$token" "$OUT_DIR" "$BATS_FILE_TMPDIR/stdout" "$BATS_FILE_TMPDIR/stderr"
  [ "$status" -eq 1 ]
  run grep -rlE 'client-key-data|PRIVATE KEY' "$OUT_DIR" "$BATS_FILE_TMPDIR/stdout" "$BATS_FILE_TMPDIR/stderr"
  [ "$status" -eq 1 ]
}

@test "cleanup leaves what was there before, and can be run again" {
  run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  everything >"$BATS_TEST_TMPDIR/after"
  diff "$BATS_FILE_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
  TEST_ID=$test_id run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  diff "$BATS_FILE_TMPDIR/before" <(everything)
}
