#!/usr/bin/env bats
# A planted token, password, client key and Secret value are in nothing that the program writes: not when all goes well, and
# not when a server repeats them in its refusals, whatever the log level.

load common

readonly token=planted-Token.9_~+/== value=planted-secret-value password=planted-password
readonly wrong_body='{"data":{"note":"planted-secret-value"}}'

setup() {
  use_fake
  levels=(debug)
  quick_run "$BATS_TEST_TMPDIR/written/out"
  export RETRY_MAX_ATTEMPTS=2 REQUEST_TIMEOUT_SECONDS=3
  mkdir -p -- "$BATS_TEST_TMPDIR/written"
}

teardown() { stop_fake; }

# `leaves_no_trace PATTERN-FILE`: none of its lines is in any file written by the commands.
leaves_no_trace() {
  run grep -rF -f "$1" "$BATS_TEST_TMPDIR/written"
  echo "$output"
  [ "$status" -eq 1 ]
}

# `commands NAME [LEVEL…]`: run, check, cleanup and report with these log levels; what they print is kept. They may fail, not
# crash.
commands() {
  local level command status
  local -a words
  for level in "${@:2}"; do
    for command in run check cleanup report; do
      status=0 words=("$command")
      if [[ $command == report ]]; then words+=("$OUT_DIR" --out "$BATS_TEST_TMPDIR/written/$1.$level.html"); fi
      LOG_LEVEL=$level "$program" "${words[@]}" >>"$BATS_TEST_TMPDIR/written/$1.$level.stdout" 2>>"$BATS_TEST_TMPDIR/written/$1.$level.stderr" || status=$?
      ((status <= 3)) || { echo "$command with $level: exit code $status" && cat "$BATS_TEST_TMPDIR/written/$1.$level.stderr" && return 1; }
      # A cleanup removes it.
      if [[ $command == run ]]; then configmaps >>"$BATS_TEST_TMPDIR/written/$1.configmaps" 2>/dev/null || true; fi
      # The next one writes over it.
      if [ -d "$OUT_DIR" ]; then cp -R -- "$OUT_DIR" "$BATS_TEST_TMPDIR/written/$1.$level.$command"; fi
    done
  done
}

configmaps() { api /api/v1/namespaces/milo-system/configmaps "$token"; }

# `scenario NAME FLAG…`: the commands against a fake with these faults, with the log levels in `levels`.
scenario() {
  local name=$1
  shift
  rm -rf -- "$OUT_DIR"
  start_fake "$name" --token "$token" --ready-delay-ms 10 --purge-delay-ms 10 "$@"
  VM_BASE_URL=${VM_BASE_URL/http:\/\//http://me:$password@}
  commands "$name" "${levels[@]}"
  stop_fake
}

planted() {
  printf '%s\n' "$token" "$value" "$password" "$(printf 'me:%s' "$password" | base64)" >"$BATS_TEST_TMPDIR/planted"
  leaves_no_trace "$BATS_TEST_TMPDIR/planted"
}

repeated() { grep -rqF '[redacted]' "$BATS_TEST_TMPDIR"/written/"$1".*; }

@test "when all goes well, no planted token or password is in what the commands write" {
  levels=(debug info warn error)
  scenario good
  [ -s "$BATS_TEST_TMPDIR/written/good.debug.run/results.json" ]
  grep -q 'test_id' "$BATS_TEST_TMPDIR/written/good.configmaps"
  planted
}

@test "a server that repeats the token in its refusals does not get it into what the commands write" {
  levels=(debug info warn error)
  scenario quota --fault effect=echo,status=403,method=create,path=/secrets --fault effect=echo,status=403,method=deletecollection
  levels=(debug)
  scenario unauthorized --fault effect=echo,status=401,path=projects
  scenario internal --fault effect=echo,status=500,method=create,path=projects
  scenario watch --fault effect=echo,status=403,method=watch
  scenario configmap --fault effect=echo,status=422,path=perf-results
  scenario metrics --vm-fault effect=echo,status=401
  local name
  for name in unauthorized quota internal watch configmap metrics; do repeated "$name"; done
  planted
}

@test "answers that cannot be used and broken connections do not bring the token or a Secret into what the commands write" {
  scenario malformed --fault effect=malformed-json --vm-fault effect=malformed-json
  scenario html --fault effect=wrong-content-type
  scenario no-http --fault effect=not-http,method=create
  scenario reset --fault effect=reset-in-answer,probability=0.3 --vm-fault effect=reset-before-store
  scenario foreign --fault effect=status,status=409,method=create,path=/secrets --fault "effect=status,status=200,method=get,path=/secrets/,body=$wrong_body"
  scenario listed --fault effect=status,status=403,method=deletecollection --fault "effect=status,status=500,method=list,path=/secrets,body=$wrong_body"
  planted
}

@test "a client key is in nothing that the commands write" {
  start_fake certificate --token "$token" --client-certificate --fault effect=echo,status=403,method=create,path=/secrets
  commands certificate debug error
  grep -oE 'client-key-data: [A-Za-z0-9+/=]+' "$MILO_KUBECONFIG_PATH" | sed 's/.* //' >"$BATS_TEST_TMPDIR/planted"
  base64 -d "$BATS_TEST_TMPDIR/planted" | grep -v -- ----- >"$BATS_TEST_TMPDIR/lines"
  [ -s "$BATS_TEST_TMPDIR/lines" ]
  cat "$BATS_TEST_TMPDIR/lines" >>"$BATS_TEST_TMPDIR/planted"
  echo 'PRIVATE KEY' >>"$BATS_TEST_TMPDIR/planted"
  leaves_no_trace "$BATS_TEST_TMPDIR/planted"
}

@test "what a credential plugin prints is in no error" {
  start_fake plugin --token "$token"
  cat >"$BATS_TEST_TMPDIR/plugin" <<PLUGIN
#!/bin/sh
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"' '$token'
exit 3
PLUGIN
  chmod 755 "$BATS_TEST_TMPDIR/plugin"
  sed -i "s|user: {token: .*|user: {exec: {command: $BATS_TEST_TMPDIR/plugin, args: [\"\$(touch $BATS_TEST_TMPDIR/shell)\"], apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}}]|" "$MILO_KUBECONFIG_PATH"
  commands plugin debug error
  grep -q "credential plugin '$BATS_TEST_TMPDIR/plugin'" "$BATS_TEST_TMPDIR/written/plugin.error.stderr"
  sed -i 's/exit 3/exit 0/' "$BATS_TEST_TMPDIR/plugin"
  commands plugin debug error
  grep -q 'no usable ExecCredential' "$BATS_TEST_TMPDIR/written/plugin.error.stderr"
  # No shell has read the arguments.
  [ ! -e "$BATS_TEST_TMPDIR/shell" ]
  planted
}

@test "a kubeconfig that others can read gets a warning, and files of a run are for their owner alone" {
  start_fake loose
  chmod 644 "$MILO_KUBECONFIG_PATH"
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"$MILO_KUBECONFIG_PATH"*'chmod 600'* ]]
  [[ $(result '.warnings | join(" ")') == *"$MILO_KUBECONFIG_PATH"* ]]
  [ "$(stat -c %a "$OUT_DIR"/* | sort -u)" = 600 ]
}
