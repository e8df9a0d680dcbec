# shellcheck shell=bash
# What runs in the cluster's pods: its DNS, Milo's control plane in milo-system, VictoriaMetrics in telemetry-system. The pods are on the node's
# own network (hostNetwork), where each has the port that it has in production.

readonly metrics_namespace=telemetry-system metrics_service=vmsingle-telemetry-system-vm-victoria-metrics-k8s-stack
# Milo's port; behind the stand-in's front door the kube-apiserver has another.
readonly milo_port=6443 stand_in_apiserver_port=16443
# Of a real Milo's controller manager; the cluster's own has 10257.
readonly milo_manager_port=10357 milo_webhook_port=9443

# Where Milo's certificates, configuration and data are in its pods.
readonly milo_folder=/etc/milo

admin_kubectl() { "$(find_kubectl)" --kubeconfig="$STACK_DIR/admin-kubeconfig" "$@"; }
milo_kubectl() { "$(find_kubectl)" --kubeconfig="$STACK_DIR/milo-kubeconfig" "$@"; }

node_ready() { [[ $(admin_kubectl get node "$node_name" --output='jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]; }

import_images() {
  ensure_image "$pause_image" "$(command -v catatonit)" -P
  ensure_image "$image_prefix/coredns:1" "$(built_server coredns)"
  ensure_image "$image_prefix/etcd:1" "$(built_server etcd)"
  ensure_image "$image_prefix/victoria-metrics:1" "$(built_server victoria-metrics)"
  if [[ -n $STACK_MILO ]]; then
    ensure_image "$image_prefix/milo:1" "$STACK_MILO"
  else
    ensure_image "$image_prefix/kube-apiserver:1" "$(built_server kube-apiserver)"
    ensure_image "$image_prefix/nginx:1" "$(find_nginx)"
    ensure_image "$image_prefix/project-controller:1" "${STACK_PROJECT_CONTROLLER:-$repository/build/project-controller}"
  fi
  import_project_image
}

apply_workloads() {
  make_milo_files
  apply_manifests cluster_dns || return 1
  admin_kubectl create namespace milo-system --dry-run=client --output=yaml | apply || return 1
  milo_secret || return 1
  apply_manifests milo_etcd || return 1
  if [[ -n $STACK_MILO ]]; then apply_milo; else apply_stand_in; fi || return 1
  apply_manifests victoria_metrics || return 1
  wait_for_rollouts kube-system milo-system "$metrics_namespace" || return 1
  wait_until 120 metrics_found
}

# `apply_manifests FUNCTION`: what it prints.
apply_manifests() { "$1" | apply; }
apply() { admin_kubectl apply --filename=- >>"$STACK_DIR/log/apply.log" 2>&1 || { tail -n 5 -- "$STACK_DIR/log/apply.log" >&2 && return 1; }; }

wait_for_rollouts() {
  local namespace name
  for namespace in "$@"; do
    for name in $(admin_kubectl --namespace="$namespace" get deployments,statefulsets --output=name); do
      quietly "$STACK_DIR/log/rollout.log" admin_kubectl --namespace="$namespace" rollout status "$name" --timeout=180s || return 1
    done
  done
}

# Both figures of both components, from the kubelet's own metrics.
metrics_found() {
  local answer
  answer=$(curl --silent --fail --noproxy '*' --max-time 5 --get "http://127.0.0.1:$CLUSTER_VICTORIA_METRICS_PORT/api/v1/query" \
    --data-urlencode 'query=count(count by (pod) (rate(container_cpu_usage_seconds_total{namespace="milo-system",pod=~"milo-apiserver.*|etcd.*",container!=""}[30s]))
      and on (pod) count by (pod) (container_memory_working_set_bytes{namespace="milo-system",container!=""})) >= 2' 2>/dev/null) || return 1
  [[ $answer == *'"result":[{'* ]]
}

show_workloads() {
  local line namespace pod ready phase all=0
  while read -r namespace pod ready phase; do
    printf '%-20s %s\n' "$namespace/$pod" "$([[ $ready == True ]] && echo up || echo "not ready ($phase)")"
    [[ $ready == True ]] || all=1
  done < <(for namespace in kube-system milo-system "$metrics_namespace"; do
    admin_kubectl --namespace="$namespace" get pods --selector='app.kubernetes.io/part-of=local-cluster' --no-headers \
      --output='custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status,PHASE:.status.phase' 2>/dev/null
  done)
  return "$all"
}

# Milo has an authority of its own, and kubeconfigs: for its controller, for the Jobs (by the Service's name), for programs of this machine.
make_milo_files() {
  local STACK_DIR=$CLUSTER_DIR/milo STACK_FRONT_DOOR_PORT=$CLUSTER_FRONT_DOOR_PORT STACK_APISERVER_PORT
  STACK_APISERVER_PORT=$([[ -n $STACK_MILO ]] && echo "$milo_port" || echo "$stand_in_apiserver_port")
  mkdir -p -- "$STACK_DIR/conf"
  make_certificates
  write_kubeconfigs
  write_kubeconfig "$STACK_DIR/milo-kubeconfig" "$CLUSTER_FRONT_DOOR_PORT" "    token: $(<"$STACK_DIR/pki/token")"
  sed "s,server: .*,server: https://milo-apiserver.milo-system.svc.cluster.local:$milo_port," "$STACK_DIR/milo-kubeconfig" >"$STACK_DIR/job-kubeconfig"
  cp -- "$STACK_DIR/milo-kubeconfig" "$CLUSTER_DIR/milo-kubeconfig"
}

# The kind, Users and webhooks that a real Milo needs.
make_milo_objects() {
  local STACK_DIR=$CLUSTER_DIR/milo STACK_WEBHOOK_PORT=$milo_webhook_port
  write_milo_configuration
}

milo_secret() {
  local milo=$CLUSTER_DIR/milo
  admin_kubectl --namespace=milo-system create secret generic milo-pki --from-file="$milo/pki" --from-file="$milo/admin-kubeconfig" \
    --from-file="$milo/project-controller-kubeconfig" \
    --dry-run=client --output=yaml | apply || return 1
  admin_kubectl --namespace=milo-system create secret generic milo-controller-manager-kubeconfig --from-file=kubeconfig="$milo/job-kubeconfig" \
    --dry-run=client --output=yaml | apply
}

# The head of a workload of one pod: `workload KIND NAMESPACE NAME APP [ANNOTATIONS]`. What follows it is the pod's spec, six deep.
workload() {
  local kind=$1 namespace=$2 name=$3 strategy='strategy: {type: Recreate}'
  if [[ $kind == StatefulSet ]]; then strategy="serviceName: $name"; fi
  cat <<MANIFEST
---
apiVersion: apps/v1
kind: $kind
metadata:
  name: $name
  namespace: $namespace
  labels: &labels {app.kubernetes.io/name: $name, app.kubernetes.io/part-of: local-cluster}
spec:
  replicas: 1
  $strategy
  selector: {matchLabels: {app.kubernetes.io/name: $name}}
  template:
    metadata:
      labels: *labels
      annotations: {${4-}}
    spec:
      hostNetwork: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: 5
MANIFEST
}

# A Service without an address of its own: its name leads to its pods. `service NAMESPACE NAME APP PORT`.
service() {
  cat <<MANIFEST
---
apiVersion: v1
kind: Service
metadata: {name: $2, namespace: $1, labels: {app.kubernetes.io/part-of: local-cluster}}
spec:
  clusterIP: None
  selector: {app.kubernetes.io/name: $3}
  ports: [{name: main, port: $4, targetPort: $4}]
MANIFEST
}

# Names of the Services that are here, which all lead to the node.
cluster_dns() {
  cat <<MANIFEST
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
      bind $dns_service_address
      errors
      ready 127.0.0.1:8181
      hosts /etc/coredns/services
    }
  services: |
    $kubernetes_service_address kubernetes.default.svc.cluster.local
    $node_address milo-apiserver.milo-system.svc.cluster.local
    $node_address $metrics_service.$metrics_namespace.svc.cluster.local
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {app.kubernetes.io/part-of: local-cluster}}
spec:
  clusterIP: $dns_service_address
  selector: {app.kubernetes.io/name: coredns}
  ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
MANIFEST
  workload Deployment kube-system coredns
  cat <<MANIFEST
      dnsPolicy: Default
      priorityClassName: system-cluster-critical
      containers:
      - name: coredns
        image: $image_prefix/coredns:1
        imagePullPolicy: Never
        args: [-conf, /etc/coredns/Corefile]
        readinessProbe: {httpGet: {host: 127.0.0.1, port: 8181, path: /ready}, periodSeconds: 1, failureThreshold: 30}
        resources: {requests: {cpu: 10m, memory: 32Mi}}
        volumeMounts: [{name: config, mountPath: /etc/coredns}]
      volumes: [{name: config, configMap: {name: coredns}}]
MANIFEST
}

milo_etcd() {
  workload StatefulSet milo-system etcd 'prometheus.io/scrape: "true", prometheus.io/port: "2379"'
  cat <<MANIFEST
      containers:
      - name: etcd
        image: $image_prefix/etcd:1
        imagePullPolicy: Never
        args:
        - --name=etcd-0
        - --data-dir=/var/lib/etcd
        - --log-level=warn
        - --listen-client-urls=http://0.0.0.0:2379
        - --advertise-client-urls=http://127.0.0.1:2379
        - --listen-peer-urls=http://127.0.0.1:2380
        - --initial-advertise-peer-urls=http://127.0.0.1:2380
        - --initial-cluster=etcd-0=http://127.0.0.1:2380
        - --quota-backend-bytes=8589934592
        - --unsafe-no-fsync=$( ((STACK_UNSAFE_NO_FSYNC)) && echo true || echo false)
        readinessProbe: {httpGet: {port: 2379, path: /health}, periodSeconds: 1, failureThreshold: 30}
        resources: {requests: {cpu: 100m, memory: 128Mi}}
        volumeMounts: [{name: data, mountPath: /var/lib/etcd}]
      volumes: [{name: data, emptyDir: {}}]
MANIFEST
}

apply_stand_in() {
  admin_kubectl --namespace=milo-system create configmap milo-front-door --from-file=nginx.conf=<(front_door_configuration) --dry-run=client --output=yaml | apply &&
    apply_manifests stand_in && wait_for_rollouts milo-system && prepare_stand_in
}

front_door_configuration() {
  local STACK_DIR=$milo_folder STACK_APISERVER_PORT=$stand_in_apiserver_port STACK_FRONT_DOOR_PORT=$milo_port
  write_nginx_configuration | sed "s/listen 127.0.0.1:/listen 0.0.0.0:/"
}

stand_in() {
  local pki=$milo_folder/pki
  workload Deployment milo-system milo-apiserver "prometheus.io/scrape: 'true', prometheus.io/scheme: https, prometheus.io/port: '$stand_in_apiserver_port'"
  cat <<MANIFEST
      containers:
      - name: milo-apiserver
        image: $image_prefix/kube-apiserver:1
        imagePullPolicy: Never
        args:
        - --etcd-servers=http://127.0.0.1:2379
        - --bind-address=0.0.0.0
        - --advertise-address=$node_address
        - --secure-port=$stand_in_apiserver_port
        - --tls-cert-file=$pki/apiserver.crt
        - --tls-private-key-file=$pki/apiserver.key
        - --client-ca-file=$pki/ca.crt
        - --token-auth-file=$pki/tokens.csv
        - --authorization-mode=RBAC
        - --service-account-issuer=https://kubernetes.default.svc
        - --service-account-signing-key-file=$pki/service-account.key
        - --service-account-key-file=$pki/service-account.key
        - --service-cluster-ip-range=10.0.0.0/24
        - --endpoint-reconciler-type=none
        - --disable-admission-plugins=ServiceAccount
        readinessProbe: {httpGet: {port: $stand_in_apiserver_port, path: /readyz, scheme: HTTPS}, periodSeconds: 1, failureThreshold: 60}
        resources: {requests: {cpu: 250m, memory: 512Mi}}
        volumeMounts: [{name: pki, mountPath: $pki}]
      volumes: [{name: pki, secret: {secretName: milo-pki, defaultMode: 0400}}]
MANIFEST
  workload Deployment milo-system milo-front-door
  cat <<MANIFEST
      containers:
      - name: nginx
        image: $image_prefix/nginx:1
        imagePullPolicy: Never
        args: [-p, $milo_folder, -e, stderr, -c, $milo_folder/conf/nginx.conf]
        readinessProbe: {tcpSocket: {port: $milo_port}, periodSeconds: 1, failureThreshold: 60}
        resources: {requests: {cpu: 50m, memory: 32Mi}}
        volumeMounts:
        - {name: pki, mountPath: $pki}
        - {name: config, mountPath: $milo_folder/conf}
        - {name: run, mountPath: $milo_folder/run}
        - {name: data, mountPath: $milo_folder/data/nginx}
      volumes:
      - {name: pki, secret: {secretName: milo-pki, defaultMode: 0400}}
      - {name: config, configMap: {name: milo-front-door}}
      - {name: run, emptyDir: {}}
      - {name: data, emptyDir: {}}
MANIFEST
  workload Deployment milo-system milo-controller-manager
  cat <<MANIFEST
      containers:
      - name: project-controller
        image: $image_prefix/project-controller:1
        imagePullPolicy: Never
        args:
        - --kubeconfig=$pki/project-controller-kubeconfig
        - --ready-delay=$STACK_READY_DELAY
        - --ready-spread=$STACK_READY_SPREAD
        - --never-ready-share=$STACK_NEVER_READY_SHARE
        - --purge-delay=$STACK_PURGE_DELAY
        - --workers=$STACK_CONTROLLER_WORKERS
        - --qps=$STACK_CONTROLLER_QPS
        resources: {requests: {cpu: 50m, memory: 16Mi}}
        volumeMounts: [{name: pki, mountPath: $pki}]
      volumes: [{name: pki, secret: {secretName: milo-pki, defaultMode: 0400}}]
MANIFEST
  service milo-system milo-apiserver milo-front-door "$milo_port"
}

# The kinds that the stand-in serves. Its controller ends, and is started again, until it has them.
prepare_stand_in() {
  quietly "$STACK_DIR/log/prepare-api.log" milo_kubectl apply --validate=false --filename="$repository/scripts/stack/crds.yaml" &&
    quietly "$STACK_DIR/log/prepare-api.log" milo_kubectl wait --for=condition=Established --timeout=60s \
      crd/organizations.resourcemanager.miloapis.com crd/projects.resourcemanager.miloapis.com &&
    milo_kubectl create namespace milo-system --dry-run=client --output=yaml | quietly "$STACK_DIR/log/prepare-api.log" milo_kubectl apply --filename=-
}

# A real Milo: its infrastructure cluster is Milo itself. Its webhooks, in production behind a Service, are on the node's own network.
apply_milo() {
  local objects=$CLUSTER_DIR/milo/conf/milo-objects.yaml
  make_milo_objects
  apply_manifests milo_apiserver && wait_for_rollouts milo-system || return 1
  wait_until 60 milo_serves_its_kinds || return 1
  # Before the webhooks, one of which would look at Users.
  quietly "$STACK_DIR/log/prepare-api.log" milo_kubectl apply --validate=false --filename="$objects" || return 1
  wait_until 30 milo_has projectcontrolplanes.infrastructure.miloapis.com || return 1
  apply_manifests milo_controller_manager
}

milo_has() { milo_kubectl get "$1" --chunk-size=1 >/dev/null 2>&1; }
milo_serves_its_kinds() { milo_has users.iam.miloapis.com && milo_has projects.resourcemanager.miloapis.com; }

milo_apiserver() {
  local pki=$milo_folder/pki
  workload Deployment milo-system milo-apiserver "prometheus.io/scrape: 'true', prometheus.io/scheme: https, prometheus.io/port: '$milo_port'"
  cat <<MANIFEST
      containers:
      - name: milo-apiserver
        image: $image_prefix/milo:1
        imagePullPolicy: Never
        args:
        - apiserver
        - --etcd-servers=http://127.0.0.1:2379
        - --etcd-prefix=/
        - --bind-address=0.0.0.0
        - --secure-port=$milo_port
        - --tls-cert-file=$pki/apiserver.crt
        - --tls-private-key-file=$pki/apiserver.key
        - --client-ca-file=$pki/ca.crt
        - --token-auth-file=$pki/tokens.csv
        - --authorization-mode=RBAC
        - --service-account-key-file=$pki/service-account.pub
        - --service-account-signing-key-file=$pki/service-account.key
        - --service-account-issuer=https://localhost:$milo_port
        - --feature-gates=DiscoveryContextFilter=true
        readinessProbe: {httpGet: {port: $milo_port, path: /readyz, scheme: HTTPS}, periodSeconds: 1, failureThreshold: 60}
        resources: {requests: {cpu: 250m, memory: 512Mi}}
        volumeMounts: [{name: pki, mountPath: $pki}]
      volumes: [{name: pki, secret: {secretName: milo-pki, defaultMode: 0400}}]
MANIFEST
  service milo-system milo-apiserver milo-apiserver "$milo_port"
}

milo_controller_manager() {
  local pki=$milo_folder/pki
  workload Deployment milo-system milo-controller-manager "prometheus.io/scrape: 'true', prometheus.io/scheme: https, prometheus.io/port: '$milo_manager_port'"
  cat <<MANIFEST
      containers:
      - name: controller-manager
        image: $image_prefix/milo:1
        imagePullPolicy: Never
        args:
        - controller-manager
        - --leader-elect=false
        - --control-plane-scope=core
        - --kubeconfig=$pki/admin-kubeconfig
        - --infra-cluster-kubeconfig=$pki/admin-kubeconfig
        - --bind-address=0.0.0.0
        - --secure-port=$milo_manager_port
        - --controller-runtime-webhook-port=$milo_webhook_port
        - --client-ca-file=$pki/ca.crt
        - --cert-dir=$milo_folder/manager
        - --tls-cert-file=$milo_folder/manager/tls.crt
        - --tls-private-key-file=$milo_folder/manager/tls.key
        - --authentication-skip-lookup
        - --authorization-always-allow-paths=/healthz,/metrics
        # It serves when its webhooks do, which every create of a Project calls.
        readinessProbe: {tcpSocket: {port: $milo_webhook_port}, periodSeconds: 1, failureThreshold: 60}
        resources: {requests: {cpu: 100m, memory: 128Mi}}
        volumeMounts:
        - {name: pki, mountPath: $pki}
        - {name: manager, mountPath: $milo_folder/manager}
      volumes:
      - {name: pki, secret: {secretName: milo-pki, defaultMode: 0400}}
      - name: manager
        secret:
          secretName: milo-pki
          defaultMode: 0400
          items: [{key: controller-manager.crt, path: tls.crt}, {key: controller-manager.key, path: tls.key}]
MANIFEST
}

victoria_metrics() {
  cat <<MANIFEST
apiVersion: v1
kind: Namespace
metadata: {name: $metrics_namespace}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: victoria-metrics, namespace: $metrics_namespace}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: victoria-metrics}
rules:
- {apiGroups: [''], resources: [nodes, pods, services, endpoints], verbs: [get, list, watch]}
- {apiGroups: [''], resources: [nodes/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: victoria-metrics}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: victoria-metrics}
subjects: [{kind: ServiceAccount, name: victoria-metrics, namespace: $metrics_namespace}]
---
apiVersion: v1
kind: Secret
metadata: {name: milo-scraper, namespace: $metrics_namespace}
data:
  ca.crt: $(base64 -w0 "$CLUSTER_DIR/milo/pki/ca.crt")
  tls.crt: $(base64 -w0 "$CLUSTER_DIR/milo/pki/scraper.crt")
  tls.key: $(base64 -w0 "$CLUSTER_DIR/milo/pki/scraper.key")
---
apiVersion: v1
kind: ConfigMap
metadata: {name: scrape, namespace: $metrics_namespace}
data:
  scrape.yaml: |
$(scrape_configuration | sed 's/^/    /')
MANIFEST
  workload Deployment "$metrics_namespace" vmsingle
  cat <<MANIFEST
      serviceAccountName: victoria-metrics
      containers:
      - name: victoria-metrics
        image: $image_prefix/victoria-metrics:1
        imagePullPolicy: Never
        args:
        - -httpListenAddr=:8428
        - -storageDataPath=/data
        - -promscrape.config=/etc/victoria-metrics/scrape.yaml
        - -promscrape.kubernetesSDCheckInterval=2s
        - -search.latencyOffset=1s
        - -memory.allowedBytes=256MB
        - -loggerLevel=WARN
        readinessProbe: {httpGet: {port: 8428, path: /health}, periodSeconds: 1, failureThreshold: 30}
        resources: {requests: {cpu: 50m, memory: 128Mi}}
        volumeMounts:
        - {name: data, mountPath: /data}
        - {name: config, mountPath: /etc/victoria-metrics}
        - {name: scraper, mountPath: /etc/milo-scraper}
      volumes:
      - {name: data, emptyDir: {}}
      - {name: config, configMap: {name: scrape}}
      - {name: scraper, secret: {secretName: milo-scraper}}
MANIFEST
  service "$metrics_namespace" "$metrics_service" vmsingle 8428
}

# As an operator writes it: the kubelet's cAdvisor found as a node, the pods' own metrics by the usual annotations.
scrape_configuration() {
  cat <<SCRAPE
global: {scrape_interval: ${STACK_SCRAPE_SECONDS}s, scrape_timeout: ${STACK_SCRAPE_SECONDS}s}
scrape_configs:
- job_name: kubelet-cadvisor
  scheme: https
  metrics_path: /metrics/cadvisor
  bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token
  tls_config: {ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt}
  kubernetes_sd_configs: [{role: node}]
- job_name: pods
  scrape_interval: ${STACK_API_SCRAPE_SECONDS}s
  scrape_timeout: ${STACK_API_SCRAPE_SECONDS}s
  tls_config: {ca_file: /etc/milo-scraper/ca.crt, cert_file: /etc/milo-scraper/tls.crt, key_file: /etc/milo-scraper/tls.key, server_name: localhost}
  kubernetes_sd_configs: [{role: pod}]
  relabel_configs:
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: 'true', action: keep}
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scheme], regex: '(https?)', target_label: __scheme__}
  - {source_labels: [__meta_kubernetes_pod_ip, __meta_kubernetes_pod_annotation_prometheus_io_port], separator: ':', target_label: __address__}
  - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
  - {source_labels: [__meta_kubernetes_pod_container_name], target_label: container}
SCRAPE
}
