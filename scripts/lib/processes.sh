# shellcheck shell=bash
# Processes of the stack: each in a session of its own, known by its id and start time, and ended by these alone.

# The start time of a process in clock ticks since boot (field 22 of its stat, counted after the command's closing bracket).
process_start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  local -a fields
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != Z ]] || return 1
  printf '%s\n' "${fields[19]}"
}

record_of() { printf '%s/run/%s.pid\n' "$STACK_DIR" "$1"; }
log_of() { printf '%s/log/%s.log\n' "$STACK_DIR" "$1"; }

# Prints the id of a part's process if it is the one that was started.
part_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$(record_of "$1")" || return 1
  [[ $(process_start_time "$pid") == "$started" ]] || return 1
  printf '%s\n' "$pid"
}

# Starts a command as a part: `launch PART COMMAND…`. Its output goes to the part's log.
launch() {
  local part=$1 pid
  shift
  (
    close_inherited_files
    exec setsid -- "$@"
  ) </dev/null >>"$(log_of "$part")" 2>&1 &
  pid=$!
  disown "$pid"
  printf '%s %s\n' "$pid" "$(process_start_time "$pid")" >"$(record_of "$part")"
}

# A part must hold neither the stack's lock nor a pipe at whose end the caller's caller waits.
close_inherited_files() {
  local path descriptor
  for path in "/proc/$BASHPID/fd"/*; do
    descriptor=${path##*/}
    if ((descriptor > 2)); then exec {descriptor}>&-; fi
  done
}

# Ends a part: TERM, and KILL for what is left after 10 seconds. The second argument may name the first signal.
end_part() {
  local part=$1 signal=${2:-TERM} pid
  if pid=$(part_pid "$part"); then
    if [[ $signal == KILL ]]; then
      kill -KILL -- "-$pid" 2>/dev/null || true
    else
      kill -s "$signal" -- "$pid" 2>/dev/null || true
    fi
    wait_until 10 part_ended "$part" || {
      warn "$part did not end by itself within 10 seconds; it is killed."
      kill -KILL -- "-$pid" 2>/dev/null || true
      wait_until 5 part_ended "$part" || warn "$part (process $pid) does not end."
    }
  fi
  rm -f -- "$(record_of "$part")"
}

part_ended() { ! part_pid "$1" >/dev/null; }

# Tries a command until it succeeds: `wait_until SECONDS COMMAND…`.
wait_until() {
  local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[.,]/} < deadline)) || return 1
    sleep 0.1
  done
}

# Whether something listens on a port of the loopback interface.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
