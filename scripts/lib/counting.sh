# shellcheck shell=bash
# Counting what test programs report.

passed_total=0
failed_total=0
skipped_total=0
failures=()
skips=()

# `count SUITE PASSED FAILED [SKIPPED]` adds a suite's figures and says them.
count() {
  passed_total=$((passed_total + $2))
  failed_total=$((failed_total + $3))
  skipped_total=$((skipped_total + ${4:-0}))
  if (($3)); then failures+=("$1: $3 failed"); fi
  printf '    %s: %s passed, %s failed%s\n' "$1" "$2" "$3" "$(skipped_text "${4:-0}")" >&2
}

# `skip_suite SUITE TESTS REASON`: that many tests cannot run here.
skip_suite() {
  skips+=("$1: $2 skipped: $3")
  count "$1" 0 0 "$2"
}

skipped_text() { if (($1)); then printf ', %s skipped' "$1"; fi; }

# Prints "PASSED FAILED" of a doctest summary; fails when there is none.
doctest_figures() {
  sed 's/\x1b\[[0-9;]*m//g' -- "$1" |
    sed -nE 's/^\[doctest\] test cases: +[0-9]+ \| +([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' | tail -n 1 | grep .
}

# Prints "PASSED FAILED SKIPPED" of a TAP stream; tests that the plan has and the stream has not are failed.
tap_figures() {
  awk '/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1 }
    /^ok / { if ($0 ~ /# skip/) ++skipped; else ++passed }
    /^not ok / { ++failed }
    END {
      if (!planned) exit 1
      missing = plan - passed - failed - skipped
      print passed + 0, failed + (missing > 0 ? missing : 0), skipped + 0
    }' "$1"
}

# Prints why tests of a TAP stream were skipped, each reason once, with the number of tests.
tap_skips() {
  sed -nE 's/^ok .* # skip ?//p' -- "$1" | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\1 skipped: \2/'
}

# Prints "PASSED FAILED" of the summary at the end of the TAP that Node's test runner writes.
node_figures() {
  awk '/^# pass [0-9]+/ { passed = $3; seen = 1 } /^# (fail|cancelled) [0-9]+/ { failed += $3 }
    END { if (!seen) exit 1; print passed + 0, failed + 0 }' "$1"
}

# Prints "PASSED FAILED" of a program whose last line is "N passed, N failed", as that of the tests themselves.
sum_figures() {
  sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' -- "$1" | tail -n 1 | grep .
}

# `count_log SUITE FIGURES LOG EXIT-CODE`: a program that crashed, or failed in other ways than its summary says, has one failure more.
count_log() {
  local suite=$1 figures=$2 log=$3 code=$4 passed failed skipped reason
  if ! read -r passed failed skipped < <("$figures" "$log"); then
    passed=0 failed=1 skipped=0
  elif ((code != 0 && failed == 0)); then
    failed=1
  fi
  count "$suite" "$passed" "$failed" "${skipped:-0}"
  if ((${skipped:-0})); then
    while IFS= read -r reason; do skips+=("$suite: $reason"); done < <(tap_skips "$log")
  fi
  if ((failed)); then show_failure "$log"; fi
}

show_failure() {
  sed 's/^/    | /' -- "$1" | tail -n "${TEST_LOG_LINES:-120}" >&2
}

# The last line that a test run writes, and its exit code.
finish_counting() {
  local failure
  for failure in "${skips[@]}" "${failures[@]}"; do printf '    %s\n' "$failure"; done
  printf '%s passed, %s failed%s\n' "$passed_total" "$failed_total" "$(skipped_text "$skipped_total")"
  ((failed_total == 0))
}
