#!/usr/bin/env bats
# A sweep on a real apiserver: its own figures and the server's, and a stack that is left as it was.

load common

setup_file() { use_stack; }
teardown_file() { clean_up_everything; }

setup() {
  small_run "$BATS_TEST_TMPDIR/out"
  export NUM_PROJECTS=3
  before=$(everything | sort)
}

result() { jq -r "$1" "$OUT_DIR/sweep.json"; }

@test "creates against concurrency, with the server's CPU and memory under each load" {
  run "$program" sweep --vary=OBJECT_CONCURRENCY --through=1,2 --repeats=1 --warmup=1s --hold=3s --settle=1s --out="$OUT_DIR"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '[.steps[] | select(.creates > 0 and .creates_failed == 0 and .creates_unfinished == 0)] | length')" -eq 2 ]
  [ "$(result '[.points[] | .apiserver_cpu_cores, .apiserver_mem_bytes, .etcd_cpu_cores, .etcd_mem_bytes | .median > 0] | all')" = true ]
  [ "$(everything | sort)" = "$before" ]
}
