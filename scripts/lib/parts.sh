# shellcheck shell=bash
# The parts of the stack, in the order in which they come up: how each is started, and how one sees that it serves.

readonly stack_parts=(etcd apiserver nginx victoria-metrics process-exporter project-controller)

# The folder of a part's data.
data_of() { printf '%s/data/%s\n' "$STACK_DIR" "$1"; }

launch_etcd() {
  local -a durability=()
  if ((STACK_UNSAFE_NO_FSYNC)); then durability=(--unsafe-no-fsync); fi
  launch etcd "$(find_etcd)" --name=stack --data-dir="$(data_of etcd)" --logger=zap --log-level=warn --log-outputs=stderr \
    --listen-client-urls="http://127.0.0.1:$STACK_ETCD_PORT" --advertise-client-urls="http://127.0.0.1:$STACK_ETCD_PORT" \
    --listen-peer-urls="http://127.0.0.1:$STACK_ETCD_PEER_PORT" --initial-advertise-peer-urls="http://127.0.0.1:$STACK_ETCD_PEER_PORT" \
    --initial-cluster="stack=http://127.0.0.1:$STACK_ETCD_PEER_PORT" --quota-backend-bytes=8589934592 "${durability[@]}"
}

serves_etcd() { http_ok "http://127.0.0.1:$STACK_ETCD_PORT/health"; }

launch_apiserver() {
  local pki=$STACK_DIR/pki
  launch apiserver "$(find_kube_apiserver)" --etcd-servers="http://127.0.0.1:$STACK_ETCD_PORT" \
    --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$STACK_APISERVER_PORT" --insecure-port=0 \
    --cert-dir="$pki" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --client-ca-file="$pki/ca.crt" --token-auth-file="$pki/tokens.csv" --authorization-mode=RBAC \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-key-file="$pki/service-account.key" --service-cluster-ip-range=10.0.0.0/24 \
    --endpoint-reconciler-type=none --disable-admission-plugins=ServiceAccount
}

serves_apiserver() { admin_ok /readyz; }

launch_nginx() {
  launch nginx "$(find_nginx)" -p "$STACK_DIR" -e stderr -c "$STACK_DIR/conf/nginx.conf"
}

serves_nginx() {
  http_ok --cacert "$STACK_DIR/pki/ca.crt" --header "@$STACK_DIR/pki/authorization" "https://127.0.0.1:$STACK_FRONT_DOOR_PORT/readyz"
}

launch_victoria-metrics() {
  launch victoria-metrics victoria-metrics -httpListenAddr="127.0.0.1:$STACK_VICTORIA_METRICS_PORT" \
    -storageDataPath="$(data_of victoria-metrics)" -promscrape.config="$STACK_DIR/conf/scrape.yaml" \
    -search.latencyOffset=1s -memory.allowedBytes=256MB -loggerLevel=WARN
}

serves_victoria-metrics() { http_ok "http://127.0.0.1:$STACK_VICTORIA_METRICS_PORT/health"; }

# Series are found some ten seconds after their first scrape, and a run before that would have no baseline.
metrics_found() {
  local answer
  answer=$(curl --silent --fail --noproxy '*' --max-time 5 --get "http://127.0.0.1:$STACK_VICTORIA_METRICS_PORT/api/v1/query" \
    --data-urlencode 'query=count(count by (pod) (container_memory_working_set_bytes)) == 2' 2>/dev/null) || return 1
  [[ $answer == *'"result":[{'* ]]
}

# The exporter reads all of its /proc at every scrape, which costs more CPU than the processes that it measures when there are
# many others: it gets one with the measured processes alone.
show_measured_processes() {
  local folder=$STACK_DIR/run/proc part pid shown
  mkdir -p -- "$folder"
  ln -sfn /proc/stat "$folder/stat"
  for part in etcd apiserver; do
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
    --never-ready-share "$STACK_NEVER_READY_SHARE" --purge-delay "$STACK_PURGE_DELAY"
}

serves_project-controller() { grep -q 'watching projects' "$(log_of project-controller)"; }

prepare_api() {
  local -a kubectl
  kubectl=("$(find_kubectl)" "--kubeconfig=$STACK_DIR/admin-kubeconfig")
  "${kubectl[@]}" apply --validate=false -f "$repository/scripts/stack/crds.yaml" || return 1
  "${kubectl[@]}" get namespace milo-system || "${kubectl[@]}" create namespace milo-system || return 1
  wait_until 30 "${kubectl[@]}" get namespace default || return 1
  local kind
  for kind in organizations projects; do
    wait_until 30 admin_ok "/apis/resourcemanager.miloapis.com/v1alpha1/$kind?limit=1" || return 1
  done
}

# nginx is in a folder that is not on the PATH of every user.
find_nginx() { first_executable "$(command -v nginx)" /usr/sbin/nginx; }

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
  esac
}
