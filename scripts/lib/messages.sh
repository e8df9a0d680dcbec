# shellcheck shell=bash
# What the scripts say, and how they end. Everything for people goes to stderr; stdout is for results.

# The step that is being done, for whoever waits.
say() { printf '==> %s\n' "$*" >&2; }

warn() { printf 'warning: %s\n' "$*" >&2; }

# One sentence, then the end: `die MESSAGE` (exit code 1), `die_usage MESSAGE` (exit code 2).
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

die_usage() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

# Runs a command and shows its output only when it failed: `quietly LOG COMMAND…`.
quietly() {
  local log=$1
  shift
  if "$@" >"$log" 2>&1; then return 0; fi
  printf 'error: "%s" failed; the last lines of its output:\n' "$*" >&2
  tail -n 25 -- "$log" >&2
  return 1
}
