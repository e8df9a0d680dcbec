# shellcheck shell=bash
# The parts of the stack: how each is started, and how one sees that it serves.

readonly standin_parts=(etcd apiserver nginx victoria-metrics process-exporter project-controller)
readonly milo_parts=(etcd apiserver controller-manager victoria-metrics process-exporter)
# The processes whose CPU and memory are recorded.
readonly measured_parts=(etcd apiserver controller-manager)

# Sets stack_parts to those of this stack, in the order in which they come up.
choose_parts() {
  if [[ -n $STACK_MILO ]]; then stack_parts=("${milo_parts[@]}"); else stack_parts=("${standin_parts[@]}"); fi
}

measured_count() { if [[ -n $STACK_MILO ]]; then echo 3; else echo 2; fi; }

# The folder of a part's data.
data_of() { printf '%s/data/%s\n' "$STACK_DIR" "$1"; }

launch_etcd() {
  local -a durability=()
  if ((STACK_UNSAFE_NO_FSYNC)); then durability=(--unsafe-no-fsync); fi
  launch etcd "$(find_server etcd)" --name=stack --data-dir="$(data_of etcd)" --logger=zap --log-level=warn --log-outputs=stderr \
    --listen-client-urls="http://127.0.0.1:$STACK_ETCD_PORT" --advertise-client-urls="http://127.0.0.1:$STACK_ETCD_PORT" \
    --listen-peer-urls="http://127.0.0.1:$STACK_ETCD_PEER_PORT" --initial-advertise-peer-urls="http://127.0.0.1:$STACK_ETCD_PEER_PORT" \
    --initial-cluster="stack=http://127.0.0.1:$STACK_ETCD_PEER_PORT" --quota-backend-bytes=8589934592 "${durability[@]}"
}

serves_etcd() { http_ok "http://127.0.0.1:$STACK_ETCD_PORT/health"; }

launch_apiserver() {
  if [[ -n $STACK_MILO ]]; then launch_milo_apiserver; else launch_kube_apiserver; fi
}

launch_kube_apiserver() {
  local pki=$STACK_DIR/pki program version
  program=$(find_server kube-apiserver)
  version=$(server_version "$program") || {
    printf 'error: %s does not tell its version.\n' "$program" >&2
    return 1
  }
  local -a flags
  mapfile -t flags < <(kube_apiserver_flags "$version")
  launch apiserver "$program" "${flags[@]}" --etcd-servers="http://127.0.0.1:$STACK_ETCD_PORT" \
    --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$STACK_APISERVER_PORT" \
    --cert-dir="$pki" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" --token-auth-file="$pki/tokens.csv" --authorization-mode=RBAC \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-key-file="$pki/service-account.key" --service-cluster-ip-range=10.0.0.0/24 \
    --endpoint-reconciler-type=none --disable-admission-plugins=ServiceAccount
}

# Prints such as 1.37.2.
server_version() { "$1" --version | sed -nE 's/^Kubernetes v([0-9]+\.[0-9]+\.[0-9]+).*/\1/p' | grep .; }

# `kube_apiserver_flags VERSION`: the flags that not every version from 1.20 on has, one a line.
kube_apiserver_flags() {
  local minor
  IFS=. read -r _ minor _ <<<"$1"
  # Before 1.24 there was a port without TLS, which only 0 turned off.
  if ((minor < 24)); then echo --insecure-port=0; fi
}

serves_apiserver() { admin_ok /readyz; }

launch_nginx() {
  launch nginx "$(find_nginx)" -p "$STACK_DIR" -e stderr -c "$STACK_DIR/conf/nginx.conf"
}

serves_nginx() {
  http_ok --cacert "$STACK_DIR/pki/ca.crt" --header "@$STACK_DIR/pki/authorization" "https://127.0.0.1:$STACK_FRONT_DOOR_PORT/readyz"
}

launch_victoria-metrics() {
  launch victoria-metrics "$(built_server victoria-metrics)" -httpListenAddr="127.0.0.1:$STACK_VICTORIA_METRICS_PORT" \
    -storageDataPath="$(data_of victoria-metrics)" -promscrape.config="$STACK_DIR/conf/scrape.yaml" \
    -search.latencyOffset=1s -memory.allowedBytes=256MB -loggerLevel=WARN
}

serves_victoria-metrics() { http_ok "http://127.0.0.1:$STACK_VICTORIA_METRICS_PORT/health"; }

# Series are found some ten seconds after their first scrape, and a run before that would have no baseline.
metrics_found() {
  local answer
  answer=$(curl --silent --fail --noproxy '*' --max-time 5 --get "http://127.0.0.1:$STACK_VICTORIA_METRICS_PORT/api/v1/query" \
    --data-urlencode 'query=count(count by (pod) (container_memory_working_set_bytes)) == '"$(measured_count)" 2>/dev/null) || return 1
  [[ $answer == *'"result":[{'* ]]
}

# The exporter reads all of its /proc at every scrape, which costs more CPU than the processes that it measures when there are
# many others: it gets one with the measured processes alone.
show_measured_processes() {
  local folder=$STACK_DIR/run/proc part pid shown
  mkdir -p -- "$folder"
  ln -sfn /proc/stat "$folder/stat"
  for part in "${measured_parts[@]}"; do
    if pid=$(part_pid "$part"); then ln -sfn "/proc/$pid" "$folder/$pid"; fi
  done
  for shown in "$folder"/[0-9]*; do
    if [[ ! -e $shown/stat ]]; then rm -f -- "$shown"; fi
  done
}

launch_process-exporter() {
  show_measured_processes
  launch process-exporter prometheus-process-exporter -config.path "$STACK_DIR/conf/process-exporter.yaml" -procfs "$STACK_DIR/run/proc" \
    -web.listen-address "127.0.0.1:$STACK_PROCESS_EXPORTER_PORT" -children=false -threads=false -gather-smaps=false
}

# The exporter shows the process that a part has now.
part_started() { show_measured_processes; }

serves_process-exporter() { http_ok "http://127.0.0.1:$STACK_PROCESS_EXPORTER_PORT/metrics"; }

# The controller needs the kinds it watches.
launch_project-controller() {
  quietly "$STACK_DIR/log/prepare-api.log" prepare_api || return 1
  launch project-controller "${STACK_PROJECT_CONTROLLER:-$repository/build/project-controller}" \
    --kubeconfig "$STACK_DIR/project-controller-kubeconfig" --ready-delay "$STACK_READY_DELAY" --ready-spread "$STACK_READY_SPREAD" \
    --never-ready-share "$STACK_NEVER_READY_SHARE" --purge-delay "$STACK_PURGE_DELAY" \
    --workers "$STACK_CONTROLLER_WORKERS" --qps "$STACK_CONTROLLER_QPS"
}

serves_project-controller() { grep -q 'watching projects' "$(log_of project-controller)"; }

prepare_api() {
  admin_kubectl apply --validate=false -f "$repository/scripts/stack/crds.yaml" || return 1
  make_system_namespace || return 1
  wait_until 30 admin_kubectl get namespace default || return 1
  local kind
  for kind in organizations projects; do
    wait_until 30 admin_ok "/apis/resourcemanager.miloapis.com/v1alpha1/$kind?limit=1" || return 1
  done
}

admin_kubectl() { "$(find_kubectl)" "--kubeconfig=$STACK_DIR/admin-kubeconfig" "$@"; }

make_system_namespace() { admin_kubectl get namespace milo-system || admin_kubectl create namespace milo-system; }

http_ok() { curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "$@" 2>/dev/null; }

admin_ok() {
  http_ok --cacert "$STACK_DIR/pki/ca.crt" --cert "$STACK_DIR/pki/admin.crt" --key "$STACK_DIR/pki/admin.key" \
    "https://127.0.0.1:$STACK_APISERVER_PORT$1"
}

ports_of() {
  case $1 in
    etcd) printf '%s\n' STACK_ETCD_PORT STACK_ETCD_PEER_PORT ;;
    apiserver) echo STACK_APISERVER_PORT ;;
    nginx) echo STACK_FRONT_DOOR_PORT ;;
    victoria-metrics) echo STACK_VICTORIA_METRICS_PORT ;;
    process-exporter) echo STACK_PROCESS_EXPORTER_PORT ;;
    controller-manager) printf '%s\n' STACK_CONTROLLER_MANAGER_PORT STACK_WEBHOOK_PORT ;;
  esac
}
