# shellcheck shell=bash
# The settings of a local stack: STACK_* variables with their defaults, kept in the stack's folder while it stands.

# NAME=default. Ports count from STACK_BASE_PORT.
readonly stack_port_settings=(STACK_ETCD_PORT STACK_ETCD_PEER_PORT STACK_APISERVER_PORT STACK_FRONT_DOOR_PORT
  STACK_VICTORIA_METRICS_PORT STACK_PROCESS_EXPORTER_PORT STACK_CONTROLLER_MANAGER_PORT STACK_WEBHOOK_PORT)
readonly stack_default_base_port=28440
readonly stack_other_settings=(
  STACK_MILO=
  STACK_UNSAFE_NO_FSYNC=0
  STACK_KEEPALIVE_REQUESTS=1000000000
  STACK_CONTROLLER_WORKERS=4
  STACK_CONTROLLER_QPS=5
  STACK_READY_DELAY=2s
  STACK_READY_SPREAD=100ms
  STACK_NEVER_READY_SHARE=0
  STACK_PURGE_DELAY=5s
  STACK_SCRAPE_SECONDS=1
  STACK_API_SCRAPE_SECONDS=5
)

# Prints the names of all STACK_* settings.
stack_setting_names() {
  printf '%s\n' STACK_DIR STACK_BASE_PORT "${stack_port_settings[@]}" "${stack_other_settings[@]%%=*}"
}

# The state is on a disk of its machine, not in memory: else etcd's fsync would cost nothing.
default_stack_dir() { printf '/var/tmp/milo-perf-stack-%s\n' "$(id -u)"; }

# Sets every STACK_* variable: from the environment, else from the standing stack, else the default. A standing stack keeps its ports.
load_stack_settings() {
  STACK_DIR=$(realpath -m -- "${STACK_DIR:-$(default_stack_dir)}")
  check_folder STACK_DIR
  local -A kept=()
  read_kept_settings kept
  local -a defaults=("${stack_other_settings[@]}")
  local name default setting offset=0
  : "${STACK_BASE_PORT:=$stack_default_base_port}"
  check_port STACK_BASE_PORT
  for name in "${stack_port_settings[@]}"; do
    defaults+=("$name=$((STACK_BASE_PORT + offset++))")
  done
  for setting in "${defaults[@]}"; do
    name=${setting%%=*} default=${setting#*=}
    if [[ -n ${kept[$name]+kept} && ($name == *_PORT || $name == STACK_MILO) ]]; then
      keep_setting "$name" "${kept[$name]}"
    else
      printf -v "$name" '%s' "${!name:-${kept[$name]:-$default}}"
    fi
    if [[ $name == *_PORT ]]; then check_port "$name"; fi
  done
  check_stack_values
}

read_kept_settings() {
  local -n into=$1
  local line
  [[ -f $STACK_DIR/settings ]] || return 0
  while IFS= read -r line; do
    # shellcheck disable=SC2034 # the caller reads it
    into[${line%%=*}]=${line#*=}
  done <"$STACK_DIR/settings"
}

# What a standing stack is made of cannot be changed while it stands.
keep_setting() {
  local name=$1 value=$2
  if [[ -n ${!name-} && ${!name} != "$value" ]]; then
    warn "the stack in $STACK_DIR has $name=${value:-(none)}; take it down to change that."
  fi
  printf -v "$name" '%s' "$value"
}

check_port() {
  if ! [[ ${!1} =~ ^[1-9][0-9]{3,4}$ ]] || ((${!1} < 1024 || ${!1} > 65000)); then
    die_usage "$1 must be a port from 1024 to 65000, and \"${!1}\" is not."
  fi
}

check_stack_values() {
  [[ $STACK_UNSAFE_NO_FSYNC =~ ^[01]$ ]] || die_usage "STACK_UNSAFE_NO_FSYNC must be 0 or 1, and \"$STACK_UNSAFE_NO_FSYNC\" is not."
  local name
  for name in STACK_KEEPALIVE_REQUESTS STACK_SCRAPE_SECONDS STACK_API_SCRAPE_SECONDS STACK_CONTROLLER_WORKERS; do
    [[ ${!name} =~ ^[1-9][0-9]{0,9}$ ]] || die_usage "$name must be a whole number from 1, and \"${!name}\" is not."
  done
  for name in STACK_READY_DELAY STACK_READY_SPREAD STACK_PURGE_DELAY; do
    [[ ${!name} =~ ^[0-9]+(\.[0-9]+)?(ms|s|m)$ ]] || die_usage "$name must be a duration such as 200ms, and \"${!name}\" is not."
  done
  [[ $STACK_CONTROLLER_QPS =~ ^(0|[1-9][0-9]{0,5})$ ]] ||
    die_usage "STACK_CONTROLLER_QPS must be a whole number, 0 for no limit, and \"$STACK_CONTROLLER_QPS\" is not."
  check_milo
  [[ $STACK_NEVER_READY_SHARE =~ ^(0(\.[0-9]+)?|1(\.0+)?)$ ]] ||
    die_usage "STACK_NEVER_READY_SHARE must be a number from 0 to 1, and \"$STACK_NEVER_READY_SHARE\" is not."
}

# STACK_MILO is the file of a milo binary; without it there is none on the stack.
check_milo() {
  if [[ -n $STACK_MILO ]]; then
    STACK_MILO=$(realpath -m -- "$STACK_MILO")
    [[ -f $STACK_MILO && -x $STACK_MILO ]] || die_usage "STACK_MILO must be a milo binary, and \"$STACK_MILO\" is no program."
  fi
}

save_stack_settings() {
  local name
  for name in "${stack_port_settings[@]}" "${stack_other_settings[@]%%=*}"; do
    printf '%s=%s\n' "$name" "${!name}"
  done >"$STACK_DIR/settings.new"
  mv -f -- "$STACK_DIR/settings.new" "$STACK_DIR/settings"
}

# `check_folder NAME`: keys and data of a stack are for its owner alone, and no part of the repository.
check_folder() {
  local name=$1 folder=${!1}
  [[ $folder != / && $folder != "$HOME" ]] || die_usage "$name must be a folder of its own, and \"$folder\" is not."
  # The name goes into the parts' configuration files.
  [[ $folder != *[!A-Za-z0-9_./@+,-]* ]] || die_usage "$name must have only letters, digits and _./@+,- in it, and \"$folder\" has not."
  [[ $folder/ != "$repository"/* ]] || die_usage "$name must be outside the repository, and \"$folder\" is not."
  [[ ! -e $folder || -O $folder ]] || die_usage "$name \"$folder\" belongs to someone else: choose another folder."
  if [[ -d $folder && ! -e $folder/settings && -n $(find "$folder" -mindepth 1 -maxdepth 1 -not -name lock -not -name settings.new -print -quit) ]]; then
    die_usage "$name \"$folder\" holds other files: choose an empty folder."
  fi
}

# A line for the shell; a single quote inside the value is closed, escaped and opened again.
export_line() { printf "export %s='%s'\n" "$1" "${2//\'/\'\\\'\'}"; }
