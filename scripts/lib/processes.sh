# shellcheck shell=bash
# Processes of a stack: each in a session of its own, known by its id and start time, and ended by these alone.
# A part NAME is started by launch_NAME, and serves when serves_NAME says so; ports_of NAME prints the settings of its ports.

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

# Starts a part that is not running and waits until it serves. What is wrong is said, with the log's last lines.
start_part() {
  local part=$1 name
  if part_pid "$part" >/dev/null; then return 0; fi
  for name in $(ports_of "$part"); do
    if port_taken "${!name}"; then
      printf 'error: port %s is taken by another program: set %s (or %s_BASE_PORT) to a free one.\n' "${!name}" "$name" "${name%%_*}" >&2
      return 1
    fi
  done
  : >"$(log_of "$part")"
  if "launch_$part" && wait_until 60 served_or_ended "$part" && part_pid "$part" >/dev/null; then
    part_started "$part"
    return 0
  fi
  if part_pid "$part" >/dev/null; then
    printf 'error: %s does not serve after 60 seconds.' "$part" >&2
  else
    printf 'error: %s did not come up.' "$part" >&2
  fi
  printf ' The last lines of its log:\n' >&2
  tail -n 20 -- "$(log_of "$part")" >&2
  return 1
}

served_or_ended() { part_ended "$1" || "serves_$1"; }

# `show_parts PART…`: a line for each; fails unless all serve.
show_parts() {
  local part pid all=0
  for part in "$@"; do
    if ! pid=$(part_pid "$part"); then
      printf '%-20s down\n' "$part"
      all=1
    elif "serves_$part"; then
      printf '%-20s up (process %s)\n' "$part" "$pid"
    else
      printf '%-20s not serving (process %s)\n' "$part" "$pid"
      all=1
    fi
  done
  return "$all"
}

# One command at a time changes a stack. The lock goes with the folder: whoever waited for one that is gone takes the new one.
lock_stack() {
  local umask_before
  umask_before=$(umask)
  umask 077
  while true; do
    mkdir -p -- "$STACK_DIR"
    exec {stack_lock}>>"$STACK_DIR/lock"
    flock -w 600 "$stack_lock" || die "another command has been working on the stack in $STACK_DIR for 10 minutes."
    if [[ $STACK_DIR/lock -ef /proc/$$/fd/$stack_lock ]]; then break; fi
    exec {stack_lock}>&-
  done
  umask "$umask_before"
}

# Thousands of kept-alive connections pass a stack.
raise_file_limit() {
  local hard
  hard=$(ulimit -Hn)
  if [[ $hard == unlimited ]] || ((hard > 131072)); then hard=131072; fi
  ulimit -Sn "$hard"
}
