#!/usr/bin/env bats
# Wrong input ends before anything is created, with one sentence and exit code 2.

load common

setup_file() {
  use_stack
  small_run "$BATS_FILE_TMPDIR/out"
  export STABILIZE_SECONDS=0
  everything >"$BATS_FILE_TMPDIR/before"
}

# `refused PATTERN COMMAND…`: exit code 2, a last line that names what is wrong, and nothing created.
refused() {
  local pattern=$1
  shift
  run "$@"
  echo "$output"
  [ "$status" -eq 2 ]
  # shellcheck disable=SC2053 # a pattern
  [[ ${lines[-1]} == $pattern ]]
  [[ $output != *terminate* ]]
  diff "$BATS_FILE_TMPDIR/before" <(everything)
}

# A kubeconfig as the stack's, with one line changed: `changed_kubeconfig SED-EXPRESSION`.
changed_kubeconfig() {
  MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/kubeconfig
  sed -E "$1" "$STACK_DIR/milo-kubeconfig" >"$MILO_KUBECONFIG_PATH"
  export MILO_KUBECONFIG_PATH
}

@test "a knob that is no number" {
  NUM_PROJECTS=ten refused '*NUM_PROJECTS*ten*' "$program" run
}

@test "a knob out of range" {
  NUM_PROJECTS=0 refused '*NUM_PROJECTS*' "$program" run
  refused '*NUM_PROJECTS*' "$program" run --num-projects -3
}

@test "a flag that does not exist" {
  refused '*num-projekts*' "$program" run --num-projekts 3
}

@test "an Organization name that is no valid name" {
  ORG_NAME=Perf_Team refused '*ORG_NAME*Perf_Team*' "$program" run
}

@test "an unreadable kubeconfig" {
  MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/none refused "*$BATS_TEST_TMPDIR/none*" "$program" run
  echo 'clusters: [' >"$BATS_TEST_TMPDIR/broken"
  MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/broken refused "*$BATS_TEST_TMPDIR/broken*" "$program" run
}

@test "a host that does not resolve" {
  changed_kubeconfig 's,server: .*,server: https://no-such-host.invalid:6443,'
  refused '*no-such-host.invalid*' "$program" run
}

@test "an id that only the numbers of its repeats make too long" {
  local id
  printf -v id 'a%.0s' {1..43}
  refused "*TEST_ID \"$id-03\" is too long*" "$program" run --test-id="$id" --repeat=3
  refused "*TEST_ID \"$id-04\" is too long*" "$program" sweep --test-id="$id" --vary=NUM_PROJECTS --through=1,2 --repeats=2
}

@test "a port where nobody listens" {
  changed_kubeconfig 's,server: .*,server: https://127.0.0.1:1,'
  refused '*127.0.0.1:1*' "$program" run
}

@test "a certificate that does not verify" {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 -subj /CN=other \
    -keyout "$BATS_TEST_TMPDIR/ca.key" -out "$BATS_TEST_TMPDIR/ca.crt" 2>/dev/null
  changed_kubeconfig "s,certificate-authority-data: .*,certificate-authority-data: $(base64 -w0 "$BATS_TEST_TMPDIR/ca.crt"),"
  refused '*certificate*' "$program" run
}

@test "a certificate for another name" {
  changed_kubeconfig 's,^    server: .*,&\n    tls-server-name: milo.example.org,'
  refused '*hostname mismatch*' "$program" run
}

@test "a token that the server refuses" {
  AUTH_BEARER_TOKEN=wrong refused '*401*' "$program" run
}

@test "a folder for the results that cannot be made" {
  touch "$BATS_TEST_TMPDIR/file"
  OUT_DIR=$BATS_TEST_TMPDIR/file/out refused "*$BATS_TEST_TMPDIR/file/out could not be written: Not a directory*OUT_DIR*" "$program" run
}

@test "a cleanup of a server that does not answer, or is no Milo, ends at once" {
  changed_kubeconfig 's,server: .*,server: https://127.0.0.1:1,'
  TEST_ID=any refused '*127.0.0.1:1*Connection refused*' timeout 30 "$program" cleanup
  changed_kubeconfig "s,server: .*,server: ${VM_BASE_URL},"
  TEST_ID=any refused '*does not serve organizations and projects*' timeout 30 "$program" cleanup
}

@test "results to draw or compare that are not there" {
  refused '*/nowhere.json does not exist: give the results.json of a run*' "$program" report /nowhere.json
  refused '*/nowhere.json does not exist: give the results.json of a run*' "$program" compare /nowhere.json /nowhere.json
  mkdir "$BATS_TEST_TMPDIR/empty"
  refused '*/empty has no results.json*' "$program" report "$BATS_TEST_TMPDIR/empty"
}
