# shellcheck shell=bash
# Shared by the tests that run the program against the fake Milo as a program of its own. PROGRAM and FAKE_MILO name other
# builds of the two: with sanitizers, a leak or an overflow on any way through a command is exit code 99.

load ../lib/waiting

readonly resourcemanager=/apis/resourcemanager.miloapis.com/v1alpha1

use_fake() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  program=${PROGRAM:-$repository/build/milo-perf}
  fake=${FAKE_MILO:-$repository/build/tests/fake_milo/fake-milo}
  export repository program fake
  export ASAN_OPTIONS=detect_stack_use_after_return=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:exitcode=99
  # Nothing of the caller's own runs gets in.
  unset KUBECONFIG TEST_ID ORG_NAME RUN_MODE NS TARGET_NAMESPACE AUTH_BEARER_TOKEN THRESHOLDS QPS RAMP LOG_LEVEL
}

# `start_fake NAME FLAG…`: its settings are the program's from now on; `fake_pid` is its process.
start_fake() {
  fake_name=$1
  shift
  "$fake" --kubeconfig "$BATS_TEST_TMPDIR/$fake_name.kubeconfig" "$@" >"$BATS_TEST_TMPDIR/$fake_name.log" 2>&1 3>&- &
  fake_pid=$!
  wait_for 20 grep -q '^kubeconfig: ' "$BATS_TEST_TMPDIR/$fake_name.log"
  MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/$fake_name.kubeconfig
  KUBECONFIG=$MILO_KUBECONFIG_PATH
  VM_BASE_URL=$(said vm_url)
  export MILO_KUBECONFIG_PATH KUBECONFIG VM_BASE_URL
}

# Ends it; what it has counted is in its log then.
stop_fake() {
  [ -n "${fake_pid-}" ] || return 0
  kill -TERM "$fake_pid" 2>/dev/null || true
  local status=0
  wait "$fake_pid" || status=$?
  fake_pid=
  [ "$status" -ne 99 ]
}

# `said KEY`: what the fake printed of it.
said() { sed -n "s/^ *$1: //p" "$BATS_TEST_TMPDIR/$fake_name.log" | tail -n 1; }

# A run of a second; a test that needs another sets it afterwards.
quick_run() {
  export NUM_PROJECTS=3 NUM_SECRETS_PER_PROJECT=4 NUM_CONFIGMAPS_PER_PROJECT=3 STABILIZE_SECONDS=0 MEASURE_WINDOW=2s SAMPLE_SECONDS=0
  export READY_TIMEOUT_SECONDS=20 OUT_DIR=$1
}

result() { jq -r "$1" "$OUT_DIR/results.json"; }

# `api PATH TOKEN`: what the fake answers to a GET.
api() {
  python3 -c '
import ssl, sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})
print(urllib.request.urlopen(request, context=ssl._create_unverified_context()).read().decode())' "$(said url)$1" "$2"
}
