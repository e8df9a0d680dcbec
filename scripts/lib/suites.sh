# shellcheck shell=bash
# The test suites: each runs its tests and adds to the count.

readonly all_suites=(shellcheck unit integration faults scripts browser e2e fuzz)
# Longer ones, which run when they are named.
readonly more_suites=(scale k8s container)

suite_shellcheck() {
  ensure_command shellcheck shellcheck
  local file passed=0 failed=0
  local -a options
  while IFS= read -r file; do
    # What a library gives to its users, and has from them, is seen when they are checked.
    options=(-x -a)
    case $file in
      *.sh) options=(-x -e 'SC2034,SC2154') ;;
      # bats runs each test in a subshell, and loads what shellcheck does not see.
      *.bats | *.bash) options=(-x -e 'SC2034,SC2154,SC2030,SC2031,SC2016,SC2143') ;;
    esac
    if (cd -- "$repository" && shellcheck "${options[@]}" "$file") >&2; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done < <(shell_files)
  count shellcheck "$passed" "$failed"
}

# The files of the repository that are shell scripts by their first line, or parts of one by their name.
shell_files() {
  local file
  git -C "$repository" ls-files --cached --others --exclude-standard | while IFS= read -r file; do
    [[ -f $repository/$file ]] || continue
    case $file in
      *.sh | *.bash | *.bats) printf '%s\n' "$file" ;;
      *.*) ;;
      *) if head -n 1 -- "$repository/$file" | tr -d '\0' | grep -qE '^#!.*\b(ba)?sh\b'; then printf '%s\n' "$file"; fi ;;
    esac
  done
}

suite_unit() { sanitized_programs unit; }
suite_integration() { sanitized_programs integration; }

# Runs the programs that Meson knows as tests of a suite, built with AddressSanitizer and UBSan.
sanitized_programs() {
  local suite=$1 program code
  if ! build_sanitized; then
    count "$suite (build)" 0 1
    return 0
  fi
  while IFS= read -r program; do
    code=0
    env ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
      timeout 600 "$program" --no-colors >"$logs/${program##*/}.log" 2>&1 || code=$?
    count_log "${program##*/}" doctest_figures "$logs/${program##*/}.log" "$code"
  done < <(test_programs "$suite")
}

# Built once for both suites.
build_sanitized() {
  if [[ -z ${sanitized_build-} ]]; then
    sanitized_build=failed
    if "$scripts/build" --sanitize meson-test-prereq; then sanitized_build='done'; fi
  fi
  [[ $sanitized_build == 'done' ]]
}

test_programs() {
  meson introspect --tests "$repository/build-asan" | python3 -c '
import json, sys
for test in json.load(sys.stdin):
    if any(suite.split(":")[-1] == sys.argv[1] for suite in test["suite"]):
        print(test["cmd"][0])' "$1"
}

# Some seconds for each target: what was found before must not come back. "scripts/fuzz 600" is for more.
suite_fuzz() {
  local code=0
  "$scripts/fuzz" 3 >"$logs/fuzz.log" || code=$?
  count_log fuzz sum_figures "$logs/fuzz.log" "$code"
}

# The program as a whole against the fake Milo.
suite_faults() { with_fake bats_files_side_by_side faults; }
suite_scale() { with_fake bats_files scale; }

# `with_fake RUNNER SUITE`
with_fake() {
  if ! "$scripts/build" milo-perf tests/fake_milo/fake-milo; then
    count "$2 (build)" 0 1
    return 0
  fi
  "$@"
}

suite_scripts() { bats_files scripts; }

# The reference parser of OpenMetrics reads what the program serves.
suite_e2e() {
  ensure_packages python3-prometheus-client
  with_stack e2e
}

# The tests bring up a stack of their own; it goes down with the suite, whatever they left.
with_stack() {
  compgen -G "$repository/tests/$1/*.bats" >/dev/null || return 0
  if ! "$scripts/build" milo-perf project-controller; then
    count "$1 (build)" 0 1
    return 0
  fi
  export STACK_DIR=$test_stack STACK_BASE_PORT=${TEST_STACK_BASE_PORT:-29440}
  use_fast_controller
  # A real Milo has a stack of its own, in the tests that need one.
  if STACK_MILO='' "$scripts/local-stack" up; then
    put_kubectl_on_path
    bats_files "$1"
  else
    count "$1 (stack)" 0 1
  fi
  "$scripts/local-stack" down || count "$1 (stack down)" 0 1
}

# The tests count with kubectl, which may be the one of the cache.
put_kubectl_on_path() {
  local kubectl
  if ! command -v kubectl >/dev/null && kubectl=$(find_kubectl); then export PATH=$PATH:${kubectl%/*}; fi
}

# One bats file after another, so that what they say comes as they end.
bats_files() {
  ensure_command bats bats
  ensure_command jq jq
  local file
  for file in "$repository/tests/$1"/*.bats; do
    [[ -f $file ]] || continue
    run_bats "$1" "$file"
    count_bats "$1" "$file"
  done
}

# All bats files at a time: for tests that share nothing and wait more than they work.
bats_files_side_by_side() {
  ensure_command bats bats
  ensure_command jq jq
  local file
  for file in "$repository/tests/$1"/*.bats; do run_bats "$1" "$file" & done
  wait
  for file in "$repository/tests/$1"/*.bats; do count_bats "$1" "$file"; done
}

# `run_bats SUITE FILE`: its output and exit code go where count_bats finds them.
run_bats() {
  local log code=0
  log=$(bats_log "$@")
  timeout 1200 bats --formatter tap "$2" >"$log" 2>&1 || code=$?
  echo "$code" >"$log.code"
}

count_bats() {
  local log
  log=$(bats_log "$@")
  count_log "$1/$(basename -- "$2" .bats)" tap_figures "$log" "$(<"$log.code")"
}

bats_log() { printf '%s/%s-%s.log' "$logs" "$1" "$(basename -- "$2" .bats)"; }

# The pages come from a program of the tests; the browser is Debian's.
suite_browser() {
  local folder=$repository/tests/browser code=0
  [[ -f $folder/package.json ]] || return 0
  if ! chromium_to_be_had; then
    skips+=('browser: 1 skipped: this release has no package of Chromium; CHROMIUM may name one')
    count browser 0 0 1
    return 0
  fi
  if ! "$scripts/build" tests/browser/make-report || ! browser_packages "$folder"; then
    count 'browser (preparation)' 0 1
    return 0
  fi
  export MAKE_REPORT CHROMIUM
  MAKE_REPORT=$repository/build/tests/browser/make-report
  CHROMIUM=${CHROMIUM:-$(command -v chromium)}
  (cd -- "$folder" && timeout 900 node --test --test-reporter=tap) >"$logs/browser.log" 2>&1 || code=$?
  count_log browser node_figures "$logs/browser.log" "$code"
}

# Ubuntu has Chromium as a snap alone.
chromium_to_be_had() {
  [[ -n ${CHROMIUM-} ]] || command -v chromium >/dev/null || apt-cache policy chromium 2>/dev/null | grep -q 'Candidate: [^(]'
}

browser_packages() {
  [[ -n ${CHROMIUM-} ]] || ensure_command chromium chromium
  ensure_command node nodejs
  ensure_command npm npm
  if [[ -d $1/node_modules && ! $1/package-lock.json -nt $1/node_modules ]]; then return 0; fi
  say "fetching the browser tests' packages"
  (cd -- "$1" && quietly "$logs/npm.log" npm ci --no-audit --no-fund) || return 1
  touch -- "$1/node_modules"
}
