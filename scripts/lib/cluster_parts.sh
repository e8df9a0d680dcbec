# shellcheck shell=bash
# The parts of a local cluster, in the order in which they come up. All but the gateway run on the node.

readonly cluster_parts=(node etcd apiserver controller-manager scheduler containerd kubelet gateway)

# Ports inside the node's network; Milo's own etcd has the usual ones.
readonly node_etcd_port=12379 node_etcd_peer_port=12380 node_apiserver_port=443

launch_node() {
  make_cgroups
  rm -f -- "$STACK_DIR/run/node-ready"
  launch_in_cgroup node unshare --net --mount --uts --propagation private -- \
    "$scripts/cluster/make-node" "$STACK_DIR" "$STACK_DIR/run/node-ready" "$node_address" "$kubernetes_service_address" "$dns_service_address"
}

serves_node() { [[ -e $STACK_DIR/run/node-ready ]]; }

launch_etcd() {
  launch_on_node etcd "$(built_server etcd)" --name=cluster --data-dir="$STACK_DIR/data/etcd" --logger=zap --log-level=warn --log-outputs=stderr \
    --listen-client-urls="http://127.0.0.1:$node_etcd_port" --advertise-client-urls="http://127.0.0.1:$node_etcd_port" \
    --listen-peer-urls="http://127.0.0.1:$node_etcd_peer_port" --initial-advertise-peer-urls="http://127.0.0.1:$node_etcd_peer_port" \
    --initial-cluster="cluster=http://127.0.0.1:$node_etcd_peer_port"
}

serves_etcd() { node_http_ok "http://127.0.0.1:$node_etcd_port/health"; }

launch_apiserver() {
  local pki=$STACK_DIR/pki
  launch_on_node apiserver "$(built_server kube-apiserver)" --etcd-servers="http://127.0.0.1:$node_etcd_port" \
    --bind-address=0.0.0.0 --advertise-address="$node_address" --secure-port="$node_apiserver_port" \
    --cert-dir="$pki" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-key-file="$pki/service-account.key" --service-cluster-ip-range="$service_range" \
    --kubelet-preferred-address-types=InternalIP --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key"
}

serves_apiserver() {
  node_http_ok --cacert "$STACK_DIR/pki/ca.crt" --cert "$STACK_DIR/pki/admin.crt" --key "$STACK_DIR/pki/admin.key" "https://127.0.0.1:$node_apiserver_port/readyz"
}

launch_controller-manager() {
  local pki=$STACK_DIR/pki
  launch_on_node controller-manager "$(built_server kube-controller-manager)" --kubeconfig="$STACK_DIR/controller-manager-kubeconfig" \
    --service-account-private-key-file="$pki/service-account.key" --root-ca-file="$pki/ca.crt" --use-service-account-credentials=true \
    --leader-elect=false --bind-address=127.0.0.1 --cert-dir= --node-monitor-period=2s --node-monitor-grace-period=16s
}

serves_controller-manager() { node_http_ok --insecure https://127.0.0.1:10257/healthz; }

launch_scheduler() {
  launch_on_node scheduler "$(built_server kube-scheduler)" --kubeconfig="$STACK_DIR/scheduler-kubeconfig" --leader-elect=false --bind-address=127.0.0.1 --cert-dir=
}

serves_scheduler() { node_http_ok --insecure https://127.0.0.1:10259/healthz; }

launch_containerd() { launch_on_node containerd containerd --config "$STACK_DIR/conf/containerd.toml"; }

serves_containerd() { on_node ctr --connect-timeout=2s version >/dev/null 2>&1; }

launch_kubelet() {
  launch_on_node kubelet "$(built_server kubelet)" --config="$STACK_DIR/conf/kubelet.yaml" --kubeconfig="$STACK_DIR/kubelet-kubeconfig" \
    --hostname-override="$node_name" --node-ip="$node_address" --root-dir=/var/lib/kubelet --housekeeping-interval=1s
}

serves_kubelet() { node_http_ok http://127.0.0.1:10248/healthz; }

# From ports of the machine's loopback interface into the node's network, by way of sockets in the cluster's folder.
launch_gateway() {
  rm -f -- "$STACK_DIR"/run/*.socket
  launch_in_cgroup gateway "$scripts/cluster/gateway" "$STACK_DIR/run" "$(part_pid node)" "$CLUSTER_APISERVER_PORT:$node_apiserver_port" \
    "$CLUSTER_FRONT_DOOR_PORT:$milo_port" "$CLUSTER_VICTORIA_METRICS_PORT:8428"
}

serves_gateway() { port_taken "$CLUSTER_APISERVER_PORT"; }

node_http_ok() { in_node_network curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "$@" 2>/dev/null; }

ports_of() {
  case $1 in
    gateway) printf '%s\n' "${cluster_port_settings[@]}" ;;
  esac
}

part_started() { :; }
