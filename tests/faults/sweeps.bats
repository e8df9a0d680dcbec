#!/usr/bin/env bats
# Sweeps: each value is measured as often as asked, the knee and the slopes come out of it, and nothing is left.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  export NUM_PROJECTS=2
}

teardown() {
  if [ -n "${pid-}" ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  stop_fake
}

# `sweep FLAG…`
sweep() { "$program" sweep --warmup=100ms --hold=1s --settle=100ms --out="$OUT_DIR" "$@"; }

result() { jq -r "$1" "$OUT_DIR/sweep.json"; }

# The steps as "value repeat", and the files that tell of them.
measured() {
  [ "$(result '.steps | map("\(.value) \(.repeat)") | join(", ")')" = "$1" ]
  [ "$(wc -l <"$OUT_DIR/sweep.csv")" -eq $(($(result '.steps | length') + 1)) ]
  grep -q '</html>' "$OUT_DIR/sweep.html"
}

nothing_left() {
  stop_fake
  cat "$BATS_TEST_TMPDIR/milo.log"
  [ "$(said 'created twice')" -eq 0 ]
  (($(said 'create projects') > 0))
  [ "$(said 'left organizations') $(said 'left projects')" = '0 0' ]
  # The NUM_PROJECTS sweep makes none.
  [[ $(said 'left secrets') == @(|0) ]]
}

@test "concurrency: each value is measured as often as asked, and the knee lies beyond values that keep the limit" {
  start_fake milo --ready-delay-ms 10 --fault effect=none,method=create,path=secrets,delay-ms=20
  run sweep --vary=OBJECT_CONCURRENCY --through=1,4 --repeats=2 --limit='secrets.create.p99 < 30s'
  echo "$output"
  [ "$status" -eq 0 ]
  measured '1 1, 1 2, 4 1, 4 2'
  [ "$(result .outcome)" = completed ]
  [ "$(result .load_model)" = closed ]
  [ "$(result '[.points[].value] | join(" ")')" = '1 4' ]
  [ "$(result '[.steps[] | select(.creates > 0 and .creates_failed == 0 and .keeps_limit)] | length')" -eq 4 ]
  [ "$(result '[.steps[] | .latency.p50_seconds >= 0.02] | all')" = true ]
  [ "$(result '.knee | "\(.value) \(.first_missed)"')" = '4 null' ]
  [[ $output == *'the knee lies higher'* ]]
  "$program" report "$OUT_DIR/sweep.json" --out="$BATS_TEST_TMPDIR/again.html"
  # All but the JSON to be saved, whose last digits reading may change.
  diff <(grep -v 'Save the JSON' "$OUT_DIR/sweep.html") <(grep -v 'Save the JSON' "$BATS_TEST_TMPDIR/again.html")
  nothing_left
}

@test "concurrency: a limit that no value keeps is said, and no value is named the knee" {
  start_fake milo --ready-delay-ms 10 --fault effect=none,method=create,path=secrets,delay-ms=20
  run sweep --vary=OBJECT_CONCURRENCY --through=2,4 --repeats=1 --limit='secrets.create.p99 < 1ms'
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '.steps[0].keeps_limit')" = false ]
  [ "$(result '.knee | "\(.value) \(.last_kept) \(.throughput_per_second)"')" = 'null null null' ]
  nothing_left
}

@test "rate: creates are offered by the schedule" {
  start_fake milo --ready-delay-ms 10
  run sweep --vary=QPS --through=20,40 --repeats=1
  echo "$output"
  [ "$status" -eq 0 ]
  measured '20 1, 40 1'
  [ "$(result .load_model)" = open ]
  [ "$(result '[.steps[].offered_per_second] | join(" ")')" = '20 40' ]
  # A second of each.
  [ "$(result '[.steps[].creates] | join(" ")')" = '20 40' ]
  nothing_left
}

@test "a server that fails ends the sweep: what was measured is saved, what was created is deleted" {
  start_fake milo --ready-delay-ms 10 --fault 'effect=status,status=403,method=create,path=secrets,probability=0.8,body={"kind":"Status","message":"exceeded quota"}'
  run sweep --vary=OBJECT_CONCURRENCY --through=1,2,4 --repeats=2
  echo "$output"
  [ "$status" -eq 1 ]
  measured '1 1'
  [ "$(result .outcome)" = stopped ]
  [[ $(result .reason) == 'The server failed at OBJECT_CONCURRENCY 1: '*'exceeded quota'* ]]
  nothing_left
}

@test "a server that deletes nothing any more ends the sweep before the next step, and a proxy's page is told by its title" {
  start_fake milo --ready-delay-ms 10 --fault effect=status,status=403,method=deletecollection,path=default/ \
    --fault 'effect=status,status=403,method=list,path=default/,body=<html><head><title>403 Forbidden</title></head><body>x</body></html>'
  run sweep --vary=OBJECT_CONCURRENCY --through=1,2 --repeats=1
  echo "$output"
  [ "$status" -eq 1 ]
  measured '1 1'
  [ "$(result .outcome)" = stopped ]
  [[ $(result .reason) == 'The server failed after OBJECT_CONCURRENCY 1: the Secrets of no Project could be deleted; mostly listing '*': 403 Forbidden (status 403)'* ]]
}

@test "a signal ends the sweep: what was measured is saved, and the command that deletes the rest is told" {
  start_fake milo --ready-delay-ms 10
  setsid -- env --default-signal=INT "$program" sweep --vary=OBJECT_CONCURRENCY --through=1,2 --repeats=1 --warmup=100ms \
    --hold=1s --settle=30s --out="$OUT_DIR" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
  wait_for 30 grep -q 'phase settle' "$BATS_TEST_TMPDIR/stderr"
  kill -INT "$pid"
  local status=0
  wait "$pid" || status=$?
  pid=
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 130 ]
  measured '1 1'
  [ "$(result .outcome)" = interrupted ]
  local -a rest
  read -r -a rest < <(sed -n 's/.*still exists: remove it with milo-perf //p' "$BATS_TEST_TMPDIR/stderr")
  [ "${rest[0]}" = cleanup ]
  "$program" "${rest[@]}"
  nothing_left
}

@test "the number of Projects: runs up and down, a slope with its range for each figure, and no rest after the last" {
  start_fake milo --ready-delay-ms 10
  run "$program" sweep --vary=NUM_PROJECTS --through=1,3 --repeats=2 --settle=100ms --out="$OUT_DIR"
  echo "$output"
  [ "$status" -eq 0 ]
  measured '1 1, 3 1, 3 2, 1 2'
  [ "$(result '[.slopes[].figure] | join(" ")')" = 'apiserver_cpu_cores apiserver_mem_bytes etcd_cpu_cores etcd_mem_bytes' ]
  [ "$(result '[.slopes[] | .points == 4 and .low <= .per_project and .per_project <= .high] | all')" = true ]
  [ "$(jq -r .outcome "$OUT_DIR"/run-0[1-4]/results.json | sort -u)" = completed ]
  [ "$(grep -c 'the next run begins' <<<"$output")" -eq 3 ]
  nothing_left
}
