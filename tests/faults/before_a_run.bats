#!/usr/bin/env bats
# What the program says and refuses before it creates anything.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
}

teardown() { stop_fake; }

# `refused_by_all PATTERN KNOB=VALUE…`: run, check and --dry-run refuse it alike.
refused_by_all() {
  local pattern=$1 command
  shift
  for command in 'run --dry-run' check run; do
    # shellcheck disable=SC2086
    run "$program" $command "$@"
    echo "$command: $output"
    [ "$status" -eq 2 ]
    # A check goes on with the rest.
    # shellcheck disable=SC2053
    if [[ $command == check && $output == *FAILED* ]]; then
      [[ $(grep '^FAILED' <<<"$output") == $pattern ]]
    else
      [[ ${lines[-1]} == $pattern ]]
    fi
  done
  [ ! -e "$OUT_DIR" ]
}

@test "check and --dry-run refuse what run refuses" {
  start_fake milo
  refused_by_all '*SAMPLE_QUERIES: /gone cannot be read*' SAMPLE_QUERIES=/gone
  refused_by_all '*METRICS_LISTEN*' METRICS_LISTEN=nonsense
  refused_by_all '*METRICS_LISTEN*' METRICS_LISTEN="127.0.0.1:$(said vm_url | sed 's/.*://')"
  refused_by_all '*its number has no unit*' 'THRESHOLDS=secrets.create.p99 < 250'
  refused_by_all '*did you mean secrets.create.p9*milo-perf figures*' 'THRESHOLDS=secrets.create.p98 < 250ms'
  refused_by_all '*VM_CA_FILE /gone*' VM_CA_FILE=/gone VM_BASE_URL=https://vm
  refused_by_all '*VM_BEARER_TOKEN_FILE /gone*' VM_BEARER_TOKEN_FILE=/gone
  refused_by_all '*VM_HEADERS must be headers*' VM_HEADERS=nonsense
  refused_by_all '*RAMP*' RAMP=nonsense
  touch "$BATS_TEST_TMPDIR/file"
  OUT_DIR=$BATS_TEST_TMPDIR/file refused_by_all_in_place '*file*'
}

# The same for an OUT_DIR that is there.
refused_by_all_in_place() {
  local command
  for command in 'run --dry-run' run; do
    # shellcheck disable=SC2086
    run "$program" $command
    echo "$command: $output"
    [ "$status" -eq 2 ]
  done
}

@test "knobs as arguments, and what cannot be one" {
  run "$program" run --dry-run NUM_PROJECTS=7 TEST_ID=abc --num-secrets-per-project=2
  [ "$status" -eq 0 ]
  [[ $output == *'perf-abc-p-006'* && $output == *'14 (2 in each Project)'* ]]
  run "$program" run NUM_PROJEKTS=7
  [ "$status" -eq 2 ]
  [[ $output == *'There is no knob NUM_PROJEKTS'* ]]
}

@test "no output has the password of a URL or a header's value" {
  start_fake milo --vm-fault effect=status,status=401
  local command url
  for url in "http://user:hunter2pw@${VM_BASE_URL#http://}" 'http://user:hunter2pw@127.0.0.1:9' 'http://hunter2pw@127.0.0.1:9/x'; do
    for command in 'run --dry-run' check run '--help' cleanup; do
      # shellcheck disable=SC2086
      VM_HEADERS='X-Key: hunter2pw-key' VM_BASE_URL=$url LOG_LEVEL=debug run "$program" $command
      [[ $output != *hunter2pw* ]]
    done
    if [ -e "$OUT_DIR" ]; then
      run grep -r hunter2pw "$OUT_DIR"
      [ "$status" -ne 0 ]
    fi
  done
  VM_BASE_URL=http://user:hunter2pw@vm:8428 run "$program" run --dry-run
  [[ $output == *'from http://[redacted]@vm:8428'* ]]
}

@test "figures are listed, with unit and meaning" {
  run "$program" figures
  [ "$status" -eq 0 ]
  [[ $output == *'secrets.create.p99 '*' seconds     Secrets: create p99'* ]]
  [[ $output == *'errors.rate '*' share       Share of failed operations, after retries'* ]]
}

@test "report does not write over what it reads" {
  start_fake milo --ready-delay-ms 10
  "$program" run >/dev/null 2>&1
  local before
  before=$(sha256sum <"$OUT_DIR/results.json")
  cd "$OUT_DIR"
  ln -s results.json link.json
  ln results.json hard.json
  local out
  for out in results.json ./results.json "$OUT_DIR/results.json" link.json hard.json; do
    run "$program" report results.json -o "$out"
    [ "$status" -eq 2 ]
    [[ $output == *"is a file that report reads"* ]]
  done
  run "$program" report "$OUT_DIR" -o results.json
  [ "$status" -eq 2 ]
  [ "$(sha256sum <"$OUT_DIR/results.json")" = "$before" ]
  "$program" report results.json -o other.html
  [ -s other.html ]
}

@test "a gateway that refuses /version or discovery is a word, no refusal" {
  local fault
  for fault in 403 404 405 501; do
    start_fake "milo-$fault" --ready-delay-ms 10 --fault "effect=status,status=$fault,path=/version"
    run "$program" run
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(result '[.warnings[] | select(test("does not tell its version"))] | length')" -eq 1 ]
    [ "$(result .environment.apiserver_version)" = null ]
    stop_fake
  done
  start_fake discovery --ready-delay-ms 10 --fault effect=status,status=503,method=get,path=v1alpha1,count=3
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result '[.warnings[] | select(test("discovery is not"))] | length')" -eq 1 ]
}

@test "bytes that are no UTF-8, and escape sequences, do not reach the terminal" {
  local body
  body=$(printf 'caf\xe9 \xff\x1b[31mred')
  start_fake milo --ready-delay-ms 10 --fault "effect=status,status=403,path=secrets,body=$body"
  run "$program" run
  [ "$status" -eq 1 ]
  iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
  [[ $output == *'caf? ?'* && $output != *$'\x1b[31mred'* ]]
}
