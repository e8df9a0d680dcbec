#!/usr/bin/env bats
# The stack's settings, its record of processes, and what its configuration says.

load common

setup() {
  load_repository
  export STACK_DIR=$BATS_TEST_TMPDIR/stack
  local library
  for library in messages servers settings processes configuration certificates parts milo; do
    # shellcheck source=/dev/null
    source "$scripts/lib/$library.sh"
  done
}

teardown() {
  local record pid
  for record in "$STACK_DIR"/run/*.pid; do
    [[ -f $record ]] || continue
    read -r pid _ <"$record"
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
}

prepare_folder() {
  mkdir -p -- "$STACK_DIR"/{run,log}
  exec {stack_lock}>"$STACK_DIR.lock"
}

@test "ports count from the base, and each can be set alone" {
  STACK_BASE_PORT=21000 STACK_APISERVER_PORT=22222
  load_stack_settings
  [ "$STACK_ETCD_PORT" -eq 21000 ]
  [ "$STACK_APISERVER_PORT" -eq 22222 ]
  [ "$STACK_FRONT_DOOR_PORT" -eq 21003 ]
  [ "$STACK_UNSAFE_NO_FSYNC" -eq 0 ]
}

@test "a standing stack keeps its Milo, or that it has none" {
  STACK_MILO=/bin/true
  load_stack_settings
  choose_parts
  [ "${stack_parts[*]}" = 'etcd apiserver controller-manager victoria-metrics process-exporter' ]
  [ "$(front_door_port)" -eq "$STACK_APISERVER_PORT" ]
  mkdir -p -- "$STACK_DIR"
  save_stack_settings
  unset STACK_MILO
  load_stack_settings
  [ "$STACK_MILO" -ef /bin/true ]
  STACK_MILO=
  save_stack_settings
  STACK_MILO=/bin/true
  load_stack_settings 2>"$BATS_TEST_TMPDIR/said"
  [ -z "$STACK_MILO" ]
  grep -q 'STACK_MILO=(none)' "$BATS_TEST_TMPDIR/said"
}

@test "the exporter tells the processes of a Milo apart, and scraping has all of its metrics" {
  STACK_MILO=/bin/true
  load_stack_settings
  mkdir -p -- "$STACK_DIR/pki"
  echo certificate >"$STACK_DIR/pki/ca.crt"
  write_configuration
  [ "$(grep -c '^- name: ' "$STACK_DIR/conf/process-exporter.yaml")" -eq 3 ]
  grep -q '^- name: milo-controller-manager-0$' "$STACK_DIR/conf/process-exporter.yaml"
  grep -q "127.0.0.1:$STACK_CONTROLLER_MANAGER_PORT" "$STACK_DIR/conf/scrape.yaml"
  grep -q "https://localhost:$STACK_WEBHOOK_PORT/mutate-" "$STACK_DIR/conf/milo-objects.yaml"
  [ ! -e "$STACK_DIR/conf/nginx.conf" ]
}

@test "a standing stack keeps its ports, and takes new knobs" {
  STACK_BASE_PORT=21000
  load_stack_settings
  mkdir -p -- "$STACK_DIR"
  save_stack_settings
  unset STACK_BASE_PORT "${stack_port_settings[@]}"
  STACK_ETCD_PORT=23000 STACK_READY_DELAY=3s
  load_stack_settings 2>"$BATS_TEST_TMPDIR/said"
  [ "$STACK_ETCD_PORT" -eq 21000 ]
  [ "$STACK_READY_DELAY" = 3s ]
  grep -q 'STACK_ETCD_PORT=21000' "$BATS_TEST_TMPDIR/said"
}

@test "env has the settings of a run on the stack" {
  load_stack_settings
  mkdir -p -- "$STACK_DIR"
  save_stack_settings
  run "$scripts/local-stack" env
  [ "$status" -eq 0 ]
  eval "$output"
  [ "$MILO_KUBECONFIG_PATH" = "$STACK_DIR/milo-kubeconfig" ]
  [ "$KUBECONFIG" = "$STACK_DIR/admin-kubeconfig" ]
  [ "$VM_BASE_URL" = "http://127.0.0.1:$STACK_VICTORIA_METRICS_PORT" ]
}

@test "a value survives the shell, whatever is in it" {
  cd -- "$BATS_TEST_TMPDIR"
  local value=$'it\'s $(touch gone) `touch gone` "a"\\ \n;*'
  eval "$(export_line TRICKY "$value")"
  [ "$TRICKY" = "$value" ]
  [ ! -e gone ]
}

@test "env without a stack says how to get one" {
  run "$scripts/local-stack" env
  [ "$status" -eq 1 ]
  [[ $output == *"there is no stack in $STACK_DIR"*"local-stack up"* ]]
}

@test "a part is ended with all its children" {
  prepare_folder
  launch sleeper bash -c 'sleep 300 & echo $! >"$0"; wait' "$BATS_TEST_TMPDIR/child"
  wait_until 5 test -s "$BATS_TEST_TMPDIR/child"
  part_pid sleeper
  local child
  child=$(<"$BATS_TEST_TMPDIR/child")
  end_part sleeper KILL
  run part_pid sleeper
  [ "$status" -ne 0 ]
  wait_until 5 part_gone "$child"
}

part_gone() { ! process_start_time "$1" >/dev/null; }

@test "a process that ignores TERM is killed" {
  prepare_folder
  launch stubborn bash -c 'trap "" TERM; echo ready; while true; do sleep 0.2; done'
  wait_until 5 grep -q ready "$(log_of stubborn)"
  local pid
  pid=$(part_pid stubborn)
  run end_part stubborn
  [ "$status" -eq 0 ]
  [[ $output == *'stubborn did not end by itself'* ]]
  part_gone "$pid"
}

@test "another process with a recorded id is left alone" {
  prepare_folder
  sleep 300 &
  local other=$!
  printf '%s %s\n' "$other" 1 >"$(record_of etcd)"
  run part_pid etcd
  [ "$status" -ne 0 ]
  end_part etcd
  kill -0 "$other"
  kill "$other"
}

@test "a taken port is seen" {
  load_stack_settings
  local port=$((20000 + RANDOM % 900))
  run port_taken "$port"
  [ "$status" -ne 0 ]
}
