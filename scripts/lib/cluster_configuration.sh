# shellcheck shell=bash
# The configuration files of the cluster's parts, and who they are to the API.

make_cluster_certificates() {
  local pki=$STACK_DIR/pki
  [[ ! -e $pki/complete ]] || return 0
  make_authority 'milo-perf local cluster CA'
  sign_server apiserver '/CN=kube-apiserver' "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$node_address,IP:$kubernetes_service_address"
  sign_server kubelet "/O=system:nodes/CN=system:node:$node_name" "DNS:$node_name,IP:$node_address,IP:127.0.0.1"
  sign_client admin '/O=system:masters/CN=admin'
  sign_client kubelet-client "/O=system:nodes/CN=system:node:$node_name"
  sign_client controller-manager '/CN=system:kube-controller-manager'
  sign_client scheduler '/CN=system:kube-scheduler'
  sign_client apiserver-kubelet-client '/O=system:masters/CN=apiserver-kubelet-client'
  : >"$pki/complete"
}

write_cluster_kubeconfigs() {
  write_kubeconfig "$STACK_DIR/admin-kubeconfig" "$CLUSTER_APISERVER_PORT" "$(certificate_user admin)"
  write_kubeconfig "$STACK_DIR/kubelet-kubeconfig" "$node_apiserver_port" "$(certificate_user kubelet-client)"
  write_kubeconfig "$STACK_DIR/controller-manager-kubeconfig" "$node_apiserver_port" "$(certificate_user controller-manager)"
  write_kubeconfig "$STACK_DIR/scheduler-kubeconfig" "$node_apiserver_port" "$(certificate_user scheduler)"
}

write_cluster_configuration() {
  mkdir -p -- "$STACK_DIR"/{conf,conf/cni,log,run,data}
  write_containerd_configuration >"$STACK_DIR/conf/containerd.toml"
  write_pod_network >"$STACK_DIR/conf/cni/10-pods.conflist"
  printf 'nameserver %s\nsearch svc.cluster.local cluster.local\n' "$dns_service_address" >"$STACK_DIR/conf/resolv.conf"
  write_kubelet_configuration >"$STACK_DIR/conf/kubelet.yaml"
}

# Where the CNI plugins are: Debian's folder, or that of other distributions.
cni_plugins() {
  local folder
  for folder in /usr/lib/cni /opt/cni/bin /usr/libexec/cni; do
    if [[ -x $folder/bridge && -x $folder/host-local ]]; then
      printf '%s\n' "$folder"
      return 0
    fi
  done
  return 1
}

# State and sockets are at the default places, which on the node are its own: cAdvisor looks for the socket there.
write_containerd_configuration() {
  cat <<CONTAINERD
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
# Where root may not lower oom_score_adj, runc would fail.
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "$pause_image"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$(cni_plugins)"
    conf_dir = "$STACK_DIR/conf/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
CONTAINERD
}

write_pod_network() {
  cat <<CNI
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/run/cni"}}
]}
CNI
}

# The machine may be small or its disk nearly full: only what would stop the node itself counts as pressure.
write_kubelet_configuration() {
  local pki=$STACK_DIR/pki
  cat <<KUBELET
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 0.0.0.0
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $pki/ca.crt}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$(node_cgroup)
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
makeIPTablesUtilChains: false
clusterDomain: cluster.local
clusterDNS: [$dns_service_address]
resolvConf: $STACK_DIR/conf/resolv.conf
nodeStatusUpdateFrequency: 2s
nodeStatusReportFrequency: 10s
nodeLeaseDurationSeconds: 8
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
KUBELET
}
