#!/usr/bin/env bats
# Names with several addresses, of which some do not answer: the next one is tried soon, in every client of the program.

load common
load silent_ports

setup() {
  use_fake
  quick_run "$BATS_TEST_TMPDIR/out"
  silent_pids=()
  unshare --mount true 2>/dev/null || skip 'no rights to mount'
  start_fake milo --ready-delay-ms 10
  port=$(said url) port=${port##*:}
  vm_port=$(said vm_url) vm_port=${vm_port##*:}
  sed -i -E 's,server: "https://127.0.0.1:,tls-server-name: localhost\, server: "https://milo.test:,' "$MILO_KUBECONFIG_PATH"
  # One attempt of each request, which must not spend its time on an address that is silent.
  export VM_BASE_URL=http://milo.test:$vm_port RETRY_MAX_ATTEMPTS=1 CONNECT_TIMEOUT_SECONDS=5
}

teardown() {
  end_silence
  stop_fake
}

# `runs_at ADDRESS…`: a run whose servers have these addresses under one name is complete, with all its figures' queries answered.
runs_at() {
  local address
  echo '127.0.0.1 localhost' >"$BATS_TEST_TMPDIR/hosts"
  for address in "$@"; do echo "$address milo.test" >>"$BATS_TEST_TMPDIR/hosts"; done
  run unshare --mount -- bash -c 'mount --bind "$1" /etc/hosts && exec "${@:2}"' hosts "$BATS_TEST_TMPDIR/hosts" "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(result .outcome)" = completed ]
  [ "$(result '[.warnings[] | select(test("VictoriaMetrics|ConfigMap"))] | length')" -eq 0 ]
  [ "$(result '[.requests[].retries] | add')" -eq 0 ]
}

@test "a name whose first address is silent" {
  silence 127.9.9.1 "$port" "$vm_port"
  runs_at 127.9.9.1 127.0.0.1
}

@test "a name with addresses that are silent and refuse before the one that answers" {
  silence 127.9.9.1 "$port" "$vm_port"
  silence 127.9.9.2 "$port" "$vm_port"
  runs_at 127.9.9.1 127.9.9.3 127.9.9.2 127.0.0.1
}

@test "a name whose IPv6 address is silent" {
  grep -qs . /proc/net/if_inet6 || skip 'this machine has no IPv6'
  silence ::1 "$port" "$vm_port"
  runs_at ::1 127.0.0.1
}
