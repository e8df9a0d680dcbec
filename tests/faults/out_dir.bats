#!/usr/bin/env bats
# A folder for the results that is full, read-only or in the way: the run is refused at its start, or goes on and says so.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  mkdir -p -- "$OUT_DIR"
  start_fake milo --ready-delay-ms 10
}
teardown() { stop_fake; }

# `on_file_system OPTIONS COMMAND…`: with a tmpfs on OUT_DIR, in a mount namespace of its own.
on_file_system() {
  unshare --mount true 2>/dev/null || skip 'no rights to mount'
  run unshare --mount -- bash -c 'mount -t tmpfs -o "$1" tmpfs "$OUT_DIR" && exec "${@:2}"' mount "$@"
}

nothing_created() { [ -z "$(stop_fake && said 'left projects')$(said 'create projects')" ]; }

@test "a read-only OUT_DIR is refused before anything is created" {
  on_file_system ro,size=64k "$program" run
  echo "$output"
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *"$OUT_DIR could not be written: "*'read-only'*'OUT_DIR'* ]]
  nothing_created
}

@test "something in OUT_DIR's place is refused before anything is created" {
  rmdir -- "$OUT_DIR"
  echo text >"$OUT_DIR"
  run "$program" run
  echo "$output"
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *"$OUT_DIR could not be written: "* ]]
  nothing_created
}

@test "a full disk costs the files that do not fit, each with a sentence; the ConfigMap has the results" {
  on_file_system size=16k "$program" run
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$OUT_DIR/results.json could not be written: No space left on device; make room there, or choose another folder (OUT_DIR or --out)."* ]]
  [[ $output == *'Ready                3 of 3 Projects'* ]]
  api /api/v1/namespaces/milo-system/configmaps/perf-results fake-token >"$BATS_TEST_TMPDIR/map.json"
  [ "$(jq -r '.data["results.json"] | fromjson | .objects.secrets.created' "$BATS_TEST_TMPDIR/map.json")" -eq 12 ]
}

@test "a disk that is full from the start costs no object, and cleanup finds the run in the ConfigMap" {
  # Not even the checkpoint fits.
  on_file_system size=4k,nr_inodes=1 "$program" run
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$OUT_DIR/checkpoint.json could not be written: No space left on device"* ]]
  [ "$(grep -c ' warning .*checkpoint.json could not be written' <<<"$output")" -eq 1 ]
  run "$program" cleanup
  echo "$output"
  [ "$status" -eq 0 ]
  stop_fake
  [ "$(said 'left projects')" -eq 0 ]
}
