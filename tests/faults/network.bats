#!/usr/bin/env bats
# A network that goes away in the middle of a run and comes back: names that do not resolve, packets that are lost, a server
# whose port is closed. The run ends complete, nothing is lost or made twice, and it tells.

load common

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  # Slow enough to be hit in its middle.
  export QPS=60 NUM_SECRETS_PER_PROJECT=60 NUM_CONFIGMAPS_PER_PROJECT=10 CONNECT_TIMEOUT_SECONDS=1 REQUEST_TIMEOUT_SECONDS=1
}

teardown() {
  if [ -n "${pid-}" ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  stop_fake
  if [ -n "${holder-}" ]; then kill "$holder" 2>/dev/null || true; fi
}

# `start_run COMMAND…`
start_run() {
  "$@" >"$BATS_TEST_TMPDIR/stdout" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
  wait_for 30 grep -q 'phase objects' "$BATS_TEST_TMPDIR/stderr" || { cat "$BATS_TEST_TMPDIR/stderr" && return 1; }
  sleep 0.5
}

# `ends_complete CAUSE`: with retries for it in the figures.
ends_complete() {
  local status=0
  wait "$pid" || status=$?
  pid=
  cat "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(result '.objects | [.secrets, .configmaps] | map(.created + .existing) | add')" -eq 210 ]
  (($(result "[.requests[] | .retries_by_cause.$1 // 0] | add") > 0))
  stop_fake
  [ "$(said 'left secrets') $(said 'left configmaps') $(said 'created twice')" = '180 31 0' ]
}

@test "a server whose port is closed for two seconds" {
  start_fake milo --ready-delay-ms 10
  start_run "$program" run
  kill -USR1 "$fake_pid"
  sleep 2
  kill -USR2 "$fake_pid"
  ends_complete refused
}

@test "a name that does not resolve for two seconds" {
  unshare --mount true 2>/dev/null || skip 'no rights to mount'
  start_fake milo --ready-delay-ms 10
  local hosts=$BATS_TEST_TMPDIR/hosts
  echo '127.0.0.1 localhost milo.test' >"$hosts"
  sed -i -E 's,server: "https://127.0.0.1:,tls-server-name: localhost\, server: "https://milo.test:,' "$MILO_KUBECONFIG_PATH"
  start_run unshare --mount -- bash -c 'mount --bind "$1" /etc/hosts && exec "${@:2}"' hosts "$hosts" "$program" run
  # Written in place: the mount is of the file. Addresses are looked up anew when one cannot be connected to.
  echo '127.0.0.1 localhost' >"$hosts"
  kill -USR1 "$fake_pid"
  sleep 0.5
  kill -USR2 "$fake_pid"
  sleep 1.5
  echo '127.0.0.1 localhost milo.test' >"$hosts"
  ends_complete resolve
}

@test "packets that are lost for three seconds" {
  unshare --net -- ip link set lo up 2>/dev/null || skip 'no rights to make a network'
  # Server and run in a network of their own, whose only interface is shut.
  unshare --net -- sleep 300 3>&- &
  holder=$!
  # Until it has left our network, "its" interface is ours.
  wait_for 5 has_its_own_network "$holder"
  in_network "$holder" ip link set lo up
  real_fake=$fake
  export real_fake holder
  cat >"$BATS_TEST_TMPDIR/fake" <<'FAKE'
#!/bin/sh
exec nsenter --net="/proc/$holder/ns/net" "$real_fake" "$@"
FAKE
  chmod 755 "$BATS_TEST_TMPDIR/fake"
  fake=$BATS_TEST_TMPDIR/fake
  start_fake milo --ready-delay-ms 10
  start_run nsenter --net="/proc/$holder/ns/net" "$program" run
  in_network "$holder" ip link set lo down
  sleep 3
  in_network "$holder" ip link set lo up
  ends_complete timeout
}

has_its_own_network() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

in_network() { nsenter --net="/proc/$1/ns/net" "${@:2}"; }
