# shellcheck shell=bash
# The settings of a local cluster: CLUSTER_DIR, CLUSTER_BASE_PORT, and those of the local stack that its Milo takes too.

readonly cluster_default_base_port=32440
readonly cluster_port_settings=(CLUSTER_APISERVER_PORT CLUSTER_FRONT_DOOR_PORT CLUSTER_VICTORIA_METRICS_PORT)

# On a disk of its machine, as the local stack's.
default_cluster_dir() { printf '/var/tmp/milo-perf-cluster-%s\n' "$(id -u)"; }

# Sets every setting: from the environment, else from the standing cluster, else the default. A standing cluster keeps what it has.
load_cluster_settings() {
  CLUSTER_DIR=$(realpath -m -- "${CLUSTER_DIR:-$(default_cluster_dir)}")
  # The libraries that the local stack has too know their folder by this name.
  STACK_DIR=$CLUSTER_DIR
  check_folder CLUSTER_DIR
  # The node has folders of its own in place of these.
  [[ ! $CLUSTER_DIR/ =~ ^/(run|var/run|var/lib|var/log|sys|proc)/ ]] || die_usage "CLUSTER_DIR must not be in /run, /var/lib or /var/log, and \"$CLUSTER_DIR\" is."
  local -A kept=()
  read_kept_settings kept
  : "${CLUSTER_BASE_PORT:=$cluster_default_base_port}"
  check_port CLUSTER_BASE_PORT
  local name offset=0 setting
  for name in "${cluster_port_settings[@]}"; do
    printf -v "$name" '%s' "${kept[$name]:-$((CLUSTER_BASE_PORT + offset++))}"
  done
  for setting in "${stack_other_settings[@]}"; do
    name=${setting%%=*}
    if [[ -n ${kept[$name]+kept} ]]; then keep_setting "$name" "${kept[$name]}"; else printf -v "$name" '%s' "${!name:-${setting#*=}}"; fi
  done
  check_stack_values
}

save_cluster_settings() {
  local name
  for name in "${cluster_port_settings[@]}" "${stack_other_settings[@]%%=*}"; do
    printf '%s=%s\n' "$name" "${!name}"
  done >"$CLUSTER_DIR/settings.new"
  mv -f -- "$CLUSTER_DIR/settings.new" "$CLUSTER_DIR/settings"
}

# What the machine must have; says in one sentence what it lacks.
require_node_machine() {
  [[ $(uname -s) == Linux ]] || die "a local cluster needs Linux, and this is $(uname -s)."
  ((EUID == 0)) || die "a local cluster needs root, for namespaces, mounts and control groups: run it as root."
  cgroups_usable || die "a local cluster needs control groups that root can write (v1 or v2 under /sys/fs/cgroup), and this machine has none."
  unshare --net --mount --uts true 2>/dev/null || die "a local cluster needs network and mount namespaces, and this machine does not let root make them."
  unshare --net ip link add probe type bridge 2>/dev/null || die "a local cluster needs bridges in a network namespace, and this machine's kernel has none."
  grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || die "a local cluster needs the file system overlay, and this machine's kernel has none."
}

cgroups_usable() {
  local probe controller
  if [[ ! -e /sys/fs/cgroup/cgroup.controllers ]]; then
    for controller in cpu cpuacct cpuset memory pids; do
      [[ -e /sys/fs/cgroup/$controller/cgroup.procs ]] || return 1
    done
  fi
  probe=$(process_hierarchy)/milo-perf-probe-$$
  mkdir -- "$probe" 2>/dev/null && rmdir -- "$probe"
}
