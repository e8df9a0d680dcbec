#!/usr/bin/env bats
# Figures are read from what test programs say, and a silent failure counts.

load common

setup() {
  load_repository
  # shellcheck source=../../scripts/lib/counting.sh
  source "$scripts/lib/counting.sh"
  log=$BATS_TEST_TMPDIR/log
}

@test "doctest's summary is read, with colours and without" {
  printf '[doctest] test cases:  12 |  11 passed | 1 failed | 0 skipped\n[doctest] assertions: 99 | 98 passed | 1 failed |\n' >"$log"
  [ "$(doctest_figures "$log")" = '11 1' ]
  printf '\x1b[0;36m[doctest] \x1b[0mtest cases: \x1b[0m 3 | \x1b[0;32m3 passed\x1b[0m | \x1b[0m0 failed\x1b[0m | \x1b[0m0 skipped\n' >"$log"
  [ "$(doctest_figures "$log")" = '3 0' ]
}

@test "a program that died before its summary is one failure" {
  echo 'ERROR: AddressSanitizer: heap-use-after-free' >"$log"
  run doctest_figures "$log"
  [ "$status" -ne 0 ]
  count_log unit doctest_figures "$log" 1
  [ "$passed_total" -eq 0 ]
  [ "$failed_total" -eq 1 ]
}

@test "a leak found after a clean summary is one failure" {
  echo '[doctest] test cases: 5 | 5 passed | 0 failed | 0 skipped' >"$log"
  count_log unit doctest_figures "$log" 23
  [ "$passed_total" -eq 0 ] || [ "$passed_total" -eq 5 ]
  [ "$failed_total" -eq 1 ]
}

@test "TAP is counted by its lines, and skipped ones have a count and reasons of their own" {
  printf '1..5\nok 1 a\nnot ok 2 b\nok 3 c # skip no tty\nok 4 d\nok 5 e # skip no tty\n' >"$log"
  [ "$(tap_figures "$log")" = '2 1 2' ]
  count_log e2e/main tap_figures "$log" 1
  run finish_counting
  [[ $output == *'e2e/main: 2 skipped: no tty'* ]]
  [ "${lines[-1]}" = '2 passed, 1 failed, 2 skipped' ]
}

@test "a suite that cannot run here is told with its reason, and its tests are counted as skipped" {
  skip_suite k8s 7 'it needs root' 2>/dev/null
  count one 3 0
  run finish_counting
  [ "$status" -eq 0 ]
  [[ $output == *'k8s: 7 skipped: it needs root'* ]]
  [ "${lines[-1]}" = '3 passed, 0 failed, 7 skipped' ]
}

@test "tests that the plan has and the stream has not are failed" {
  printf '1..3\nok 1 a\n' >"$log"
  [ "$(tap_figures "$log")" = '1 2 0' ]
  : >"$log"
  run tap_figures "$log"
  [ "$status" -ne 0 ]
}

@test "the summary of Node's runner is read" {
  printf '# tests 7\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 0\n' >"$log"
  [ "$(node_figures "$log")" = '5 2' ]
}

@test "the last line is the sum, and the exit code says whether anything failed" {
  count one 3 0
  run finish_counting
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = '3 passed, 0 failed' ]
  count two 4 2
  run finish_counting
  [ "$status" -eq 1 ]
  [ "${lines[-1]}" = '7 passed, 2 failed' ]
  [[ $output == *'two: 2 failed'* ]]
}
