# shellcheck shell=bash
# The configuration files of the stack's parts, written from its settings.

write_configuration() {
  mkdir -p -- "$STACK_DIR"/{conf,log,run,data,data/nginx}
  if [[ -n $STACK_MILO ]]; then write_milo_configuration; else write_nginx_configuration >"$STACK_DIR/conf/nginx.conf"; fi
  write_exporter_configuration >"$STACK_DIR/conf/process-exporter.yaml"
  write_scrape_configuration >"$STACK_DIR/conf/scrape.yaml"
}

# The front door maps Milo's scoped paths to those of a plain kube-apiserver: an organization's scope is the root, and a project's
# "default" namespace is the namespace of the project's name, as is a list over all of a project's namespaces.
write_nginx_configuration() {
  local scope='^/apis/resourcemanager\.miloapis\.com/v1alpha1' core='(secrets|configmaps)'
  cat <<NGINX
daemon off;
pid $STACK_DIR/run/nginx.own-pid;
error_log stderr warn;
worker_processes 2;
worker_rlimit_nofile $(ulimit -n);
events { worker_connections $(($(ulimit -n) < 32768 ? $(ulimit -n) : 32768)); }
http {
  access_log off;
  client_body_temp_path $STACK_DIR/data/nginx/body;
  proxy_temp_path $STACK_DIR/data/nginx/proxy;
  fastcgi_temp_path $STACK_DIR/data/nginx/fastcgi;
  uwsgi_temp_path $STACK_DIR/data/nginx/uwsgi;
  scgi_temp_path $STACK_DIR/data/nginx/scgi;
  upstream apiserver {
    server 127.0.0.1:$STACK_APISERVER_PORT;
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }
  server {
    listen 127.0.0.1:$STACK_FRONT_DOOR_PORT ssl backlog=4096;
    ssl_certificate $STACK_DIR/pki/front-door.crt;
    ssl_certificate_key $STACK_DIR/pki/front-door.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:8m;
    keepalive_requests $STACK_KEEPALIVE_REQUESTS;
    keepalive_timeout 10m;
    client_max_body_size 16m;
    client_body_buffer_size 1m;
    server_tokens off;
    location / {
      rewrite $scope/organizations/[^/]+/control-plane(/.*)\$ \$1 break;
      rewrite $scope/projects/([^/]+)/control-plane/api/v1/namespaces/default(/.*)?\$ /api/v1/namespaces/\$1\$2 break;
      rewrite $scope/projects/([^/]+)/control-plane/api/v1/$core(/.*)?\$ /api/v1/namespaces/\$1/\$2\$3 break;
      rewrite $scope/projects/([^/]+)/control-plane/apis/([^/]+/[^/]+)/namespaces/default(/.*)?\$ /apis/\$2/namespaces/\$1\$3 break;
      rewrite $scope/projects/[^/]+/control-plane(/.*)\$ \$1 break;
      proxy_pass https://apiserver;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host \$http_host;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_next_upstream off;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_trusted_certificate $STACK_DIR/pki/ca.crt;
      proxy_ssl_session_reuse on;
    }
  }
}
NGINX
}

# Only this stack's processes are measured: their command lines name its folder.
write_exporter_configuration() {
  local folder="'=${STACK_DIR//./\\.}/'"
  printf '%s\n' 'process_names:' '- name: etcd-0' '  comm: [etcd]' "  cmdline: [$folder]"
  # Milo is one program with two commands, under whatever name its user gave it.
  if [[ -n $STACK_MILO ]]; then
    printf '%s\n' '- name: milo-apiserver-0' "  cmdline: ['^[^ ]+ apiserver ', $folder]"
    printf '%s\n' '- name: milo-controller-manager-0' "  cmdline: ['^[^ ]+ controller-manager ', $folder]"
  else
    printf '%s\n' '- name: milo-apiserver-0' '  comm: [kube-apiserver]' "  cmdline: [$folder]"
  fi
}

# Its own metrics; the CPU and memory of its process are with the others.
write_manager_scraping() {
  cat <<SCRAPE
- job_name: milo-controller-manager
  scrape_interval: ${STACK_API_SCRAPE_SECONDS}s
  scrape_timeout: ${STACK_API_SCRAPE_SECONDS}s
  scheme: https
  tls_config: {ca_file: $STACK_DIR/pki/ca.crt}
  static_configs:
  - targets: ['127.0.0.1:$STACK_CONTROLLER_MANAGER_PORT']
    labels: {namespace: milo-system, pod: milo-controller-manager-0, container: controller-manager}
SCRAPE
}

# The process figures get the names and labels that cAdvisor gives to containers.
write_scrape_configuration() {
  cat <<SCRAPE
global:
  scrape_interval: ${STACK_SCRAPE_SECONDS}s
  scrape_timeout: ${STACK_SCRAPE_SECONDS}s
scrape_configs:
- job_name: cadvisor
  static_configs:
  - targets: ['127.0.0.1:$STACK_PROCESS_EXPORTER_PORT']
  metric_relabel_configs:
  - source_labels: [__name__]
    regex: namedprocess_namegroup_(cpu_seconds_total|memory_bytes)
    action: keep
  - source_labels: [__name__, memtype]
    separator: ';'
    regex: namedprocess_namegroup_memory_bytes;(virtual|swapped|proportionalResident|proportionalSwapped)
    action: drop
  - source_labels: [__name__]
    regex: namedprocess_namegroup_cpu_seconds_total
    target_label: __name__
    replacement: container_cpu_usage_seconds_total
  - source_labels: [__name__]
    regex: namedprocess_namegroup_memory_bytes
    target_label: __name__
    replacement: container_memory_working_set_bytes
  - {target_label: namespace, replacement: milo-system}
  - {source_labels: [groupname], target_label: pod}
  - {source_labels: [groupname], regex: '(milo-)?(.+)-0', target_label: container, replacement: '\$2'}
  - {regex: groupname|memtype, action: labeldrop}
- job_name: milo-apiserver
  scrape_interval: ${STACK_API_SCRAPE_SECONDS}s
  scrape_timeout: ${STACK_API_SCRAPE_SECONDS}s
  scheme: https
  tls_config:
    ca_file: $STACK_DIR/pki/ca.crt
    cert_file: $STACK_DIR/pki/scraper.crt
    key_file: $STACK_DIR/pki/scraper.key
  static_configs:
  - targets: ['127.0.0.1:$STACK_APISERVER_PORT']
    labels: {namespace: milo-system, pod: milo-apiserver-0, container: apiserver}
- job_name: etcd
  scrape_interval: ${STACK_API_SCRAPE_SECONDS}s
  scrape_timeout: ${STACK_API_SCRAPE_SECONDS}s
  static_configs:
  - targets: ['127.0.0.1:$STACK_ETCD_PORT']
    labels: {namespace: milo-system, pod: etcd-0, container: etcd}
SCRAPE
  if [[ -n $STACK_MILO ]]; then write_manager_scraping; fi
}
