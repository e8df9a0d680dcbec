# shellcheck shell=bash
# Waits of the tests written in bash.

# `wait_for SECONDS COMMAND…`: false if the command has not been true until then.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}
