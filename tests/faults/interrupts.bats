#!/usr/bin/env bats
# Signals: while the results are being published, a second one, and while creates are on their way.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  export RUN_OBJECTS_PHASE=false
}

teardown() {
  local process
  for process in ${pid-} ${name_server-}; do kill -KILL "$process" 2>/dev/null || true; done
  stop_fake
}

# `start_run [WRAPPER…]`: the run, behind the words of a command that executes it.
start_run() {
  # bash starts what runs in the background with SIGINT ignored.
  setsid -- env --default-signal=INT "$@" "$program" run >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
}

# `ends_within MILLISECONDS EXIT-CODE`
ends_within() {
  local started=${EPOCHREALTIME/[.,]/} status=0
  wait "$pid" || status=$?
  pid=
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq "$2" ]
  ((${EPOCHREALTIME/[.,]/} - started < $1 * 1000))
}

@test "a signal while the results are being published does not wait for the server" {
  # The request that reads the ConfigMap before the results are put there: after a probe and four checkpoints.
  start_fake milo --ready-delay-ms 10 --fault effect=stall,method=get,path=perf-results,nth=6
  start_run
  wait_for 30 test -e "$OUT_DIR/report.html"
  sleep 0.5
  kill -INT "$pid"
  ends_within 5000 130
  [ "$(result .outcome)" = completed ]
  # The second try, within the time that is left after a signal.
  api /api/v1/namespaces/milo-system/configmaps/perf-results fake-token | jq -e '.data["results.json"] | fromjson'
}

@test "a second signal ends at once" {
  start_fake milo --ready-delay-ms 10 --fault effect=stall,method=update,path=perf-results
  start_run
  wait_for 30 test -e "$OUT_DIR/checkpoint.json"
  sleep 0.5
  kill -TERM "$pid"
  wait_for 10 grep -q 'send the signal again to exit at once' "$BATS_TEST_TMPDIR/stderr"
  kill -TERM "$pid"
  # Publishing would take three seconds.
  ends_within 2500 143
}

@test "a signal while a name server does not answer" {
  unshare --mount true 2>/dev/null || skip 'no rights to mount'
  start_fake milo --ready-delay-ms 10
  sed -i -E 's,server: "https://127.0.0.1:,tls-server-name: localhost\, server: "https://milo.test:,' "$MILO_KUBECONFIG_PATH"
  # Takes what it is asked and is silent: the system's resolver waits for seconds, and cannot be interrupted.
  python3 -c 'import socket, time
mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
mute.bind(("127.9.9.9", 53))
print("up", flush=True)
time.sleep(60)' >"$BATS_TEST_TMPDIR/name-server" 3>&- &
  name_server=$!
  wait_for 10 test -s "$BATS_TEST_TMPDIR/name-server"
  echo 'nameserver 127.9.9.9' >"$BATS_TEST_TMPDIR/resolv.conf"
  start_run unshare --mount -- bash -c 'mount --bind "$1" /etc/resolv.conf && exec "${@:2}"' resolver "$BATS_TEST_TMPDIR/resolv.conf"
  wait_for 10 grep -q 'phase preflight' "$BATS_TEST_TMPDIR/stderr"
  sleep 1
  kill -INT "$pid"
  # Asked twice, the resolver would give up after ten seconds.
  ends_within 5000 130
}

@test "creates that a signal ends are cancelled, neither failed nor measured" {
  export RUN_OBJECTS_PHASE=true
  start_fake milo --ready-delay-ms 10 --fault effect=stall,method=create,path=secrets
  start_run
  wait_for 30 grep -q 'phase objects' "$BATS_TEST_TMPDIR/stderr"
  sleep 0.5
  kill -INT "$pid"
  ends_within 5000 130
  local secrets='.requests[] | select(.phase == "objects" and .resource == "secrets")'
  # All of them are on their way at a time.
  [ "$(result "$secrets | .operations_cancelled")" -eq 12 ]
  [ "$(result "$secrets | .attempts_cancelled")" -eq 12 ]
  [ "$(result "$secrets | .operations + .operations_failed + .attempts_failed + .operation_latency.count")" -eq 0 ]
  [ "$(result .objects.secrets.failed)" -eq 0 ]
}
