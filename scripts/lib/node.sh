# shellcheck shell=bash
# The cluster's one node: network, mount and UTS namespaces of its own, and control groups of its own, so that nothing of the machine is
# touched and everything is found again when it goes.

readonly node_name=node-1 node_address=192.0.2.1
# Addresses of Services that programs of the node itself serve: the API and DNS. There is no kube-proxy; other Services are headless.
readonly kubernetes_service_address=10.96.0.1 dns_service_address=10.96.0.10
readonly service_range=10.96.0.0/24 pod_range=10.244.0.0/24

# The node's control group, below each hierarchy's root. Its name tells clusters in different folders apart.
node_cgroup() { printf 'milo-perf-cluster-%s\n' "$(cksum <<<"$STACK_DIR" | cut -d' ' -f1)"; }

# Prints the folders of the machine's control group hierarchies: all of v1 with the one of v2 that may be beside them, or that of v2 alone.
cgroup_hierarchies() {
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    printf '%s\n' /sys/fs/cgroup
  else
    findmnt --noheadings --list --types cgroup,cgroup2 --output TARGET | grep '^/sys/fs/cgroup/' | sort -u
  fi
}

# The hierarchy by which the node's processes are found.
process_hierarchy() {
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then echo /sys/fs/cgroup; else echo /sys/fs/cgroup/pids; fi
}

make_cgroups() {
  local hierarchy
  while IFS= read -r hierarchy; do
    mkdir -p -- "$hierarchy/$(node_cgroup)"
    # v1: a new group has no CPUs and no memory nodes until it is told.
    if [[ -e $hierarchy/cpuset.cpus ]]; then
      cat "$hierarchy/cpuset.cpus" >"$hierarchy/$(node_cgroup)/cpuset.cpus"
      cat "$hierarchy/cpuset.mems" >"$hierarchy/$(node_cgroup)/cpuset.mems"
    fi
    # v2: the groups below get the controllers that this one has.
    if [[ $hierarchy == /sys/fs/cgroup ]]; then
      sed 's/\(^\| \)\([a-z]\)/\1+\2/g' "$hierarchy/$(node_cgroup)/cgroup.controllers" >"$hierarchy/$(node_cgroup)/cgroup.subtree_control"
    fi
  done < <(cgroup_hierarchies)
  mkdir -p -- "$(process_hierarchy)/$(node_cgroup)/system"
}

# Prints the ids of every process of the node: its parts, the containers and what keeps them.
node_processes() {
  local folder
  folder=$(process_hierarchy)/$(node_cgroup)
  if [[ -d $folder ]]; then find "$folder" -name cgroup.procs -exec cat {} + 2>/dev/null; fi
}

no_node_processes() { [[ -z $(node_processes) ]]; }

# Kills what is left of the node and removes its control groups. With the last process the kernel takes namespaces, mounts and interfaces.
remove_node() {
  local hierarchy pids
  # What is killed may have forked meanwhile.
  for _ in {1..50}; do
    pids=$(node_processes)
    [[ -n $pids ]] || break
    # shellcheck disable=SC2086 # ids
    kill -KILL $pids 2>/dev/null || true
    sleep 0.1
  done
  no_node_processes || warn "processes of the cluster do not end: $(node_processes | xargs)."
  while IFS= read -r hierarchy; do
    if [[ -d $hierarchy/$(node_cgroup) ]]; then
      wait_until 10 remove_cgroups "$hierarchy/$(node_cgroup)" || warn "the control group $hierarchy/$(node_cgroup) cannot be removed."
    fi
  done < <(cgroup_hierarchies)
}

# The kernel may need a moment before a group that has just lost its last process can go.
remove_cgroups() {
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [[ ! -d $1 ]]
}

# `launch_in_cgroup PART COMMAND…`: as launch, in the node's control group. The root folder of a container has the umask of containerd, and is
# for other users than root too.
launch_in_cgroup() {
  local part=$1
  shift
  # shellcheck disable=SC2016 # the inner shell's
  launch "$part" bash -c 'umask 022 && echo "$$" >"$0" && exec "$@"' "$(process_hierarchy)/$(node_cgroup)/system/cgroup.procs" "$@"
}

# The same in the node's namespaces.
launch_on_node() {
  local part=$1 node
  shift
  node=$(part_pid node) || return 1
  launch_in_cgroup "$part" nsenter --net="/proc/$node/ns/net" --mount="/proc/$node/ns/mnt" --uts="/proc/$node/ns/uts" --wd=/ -- "$@"
}

# Runs a command in the node's network, or in all of its namespaces, and waits for it.
in_node_network() { nsenter --net="/proc/$(part_pid node)/ns/net" -- "$@"; }
on_node() {
  local node
  node=$(part_pid node) || return 1
  nsenter --net="/proc/$node/ns/net" --mount="/proc/$node/ns/mnt" --uts="/proc/$node/ns/uts" --wd=/ -- "$@"
}
