#!/usr/bin/env bats
# The cluster itself: parts that die, and what is left of it afterwards. This file is the last one, since it takes the cluster down.
bats_require_minimum_version 1.5.0

load ../lib/waiting

setup_file() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  : "${CLUSTER_DIR:?bring up a cluster with scripts/local-cluster, and name its folder}"
  export repository
}

cluster() { "$repository/scripts/local-cluster" "$@"; }

# What the machine has outside of the cluster: mounts, interfaces, addresses, routes, rules, global kernel settings.
machine_state() {
  findmnt --noheadings --raw --output TARGET,SOURCE,FSTYPE | sort
  ip -oneline address | sed -E 's/ +valid_lft.*//'
  ip route show table all
  ip netns list
  if command -v iptables-save >/dev/null; then iptables-save | grep -v '^#' || true; fi
  if command -v nft >/dev/null; then nft list ruleset; fi
  cat /proc/sys/vm/overcommit_memory /proc/sys/vm/panic_on_oom /proc/sys/kernel/panic /proc/sys/kernel/panic_on_oops /proc/sys/net/ipv4/ip_forward
  ls -d /var/lib/kubelet /var/lib/cni /etc/cni /run/containerd /run/cni /var/log/pods /var/log/containers 2>/dev/null || true
}

# Processes and control groups of the cluster.
cluster_processes() { cat /sys/fs/cgroup/pids/milo-perf-cluster-*/system/cgroup.procs /sys/fs/cgroup/milo-perf-cluster-*/system/cgroup.procs 2>/dev/null || true; }
cluster_groups() { find /sys/fs/cgroup -maxdepth 2 -type d -name "milo-perf-cluster-$(cksum <<<"$CLUSTER_DIR" | cut -d' ' -f1)"; }
named_processes() { grep -lzF -- "$CLUSTER_DIR/" /proc/[0-9]*/cmdline 2>/dev/null | grep -v "^/proc/$$/" || true; }

all_up() { cluster status >/dev/null; }

@test "status, logs, env and kubectl tell of the cluster" {
  run cluster status
  echo "$output"
  [[ $status == 0 && $output == *kubelet*up* && $output == *milo-system/etcd-0*up* ]]
  run cluster logs apiserver
  [[ $status == 0 && -n $output ]]
  eval "$(cluster env)"
  [[ $KUBECONFIG == "$CLUSTER_DIR/admin-kubeconfig" && -s $MILO_KUBECONFIG_PATH ]]
  run cluster kubectl get nodes --output=name
  [[ $output == node/node-1 ]]
}

@test "up is harmless when the cluster is up" {
  run cluster up
  echo "$output"
  [[ $status == 0 ]]
}

@test "a part that is killed is seen, and comes back while the pods go on" {
  local part restarts
  restarts=$(cluster kubectl --namespace=milo-system get pod etcd-0 --output='jsonpath={.status.containerStatuses[0].restartCount}')
  for part in gateway kubelet containerd scheduler controller-manager apiserver etcd; do
    cluster kill "$part"
    run cluster status
    [[ $status == 1 && $output =~ $part\ +down ]]
    cluster start "$part"
    wait_for 60 all_up || { echo "$part" && cluster status && return 1; }
  done
  [[ $(cluster kubectl --namespace=milo-system get pod etcd-0 --output='jsonpath={.status.containerStatuses[0].restartCount}') == "$restarts" ]]
}

@test "down leaves nothing behind after SIGKILL of every part" {
  local part before=$BATS_TEST_TMPDIR/before
  # Nothing of the cluster is seen on the machine even while it is up.
  machine_state >"$before"
  run ! grep -E "cni0|192\.0\.2\.1|10\.96\.0|10\.244\.0|/kubelet|/containerd|$CLUSTER_DIR" "$before"
  [[ -n $(cluster_groups) && -n $(named_processes) ]]
  for part in containerd node kubelet etcd apiserver controller-manager scheduler gateway; do cluster kill "$part"; done
  run cluster status
  [[ $status == 1 ]]
  run cluster down
  echo "$output"
  [[ $status == 0 && $output != *warning* ]]
  diff "$before" <(machine_state)
  [[ -z $(cluster_groups) && -z $(cluster_processes) && -z $(named_processes) ]]
  [[ ! -e $CLUSTER_DIR ]]
  run cluster down
  [[ $status == 0 && $output == *'there is no cluster'* ]]
}
