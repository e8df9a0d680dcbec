#!/usr/bin/env bats
# Each knob with a value that is not its default, and what it changes. Many knobs share a run; the knobs of the Job alone
# (NS, MILO_KUBECONFIG_SECRET_NAME, MILO_KUBECONFIG_SECRET_KEY) are in examples.bats.
bats_require_minimum_version 1.5.0

load cluster

setup_file() {
  setup_cluster
  local base
  base=$(cluster_port APISERVER)
  FAULTY=$((base + 13)) SILENT=$((base + 14)) LIVE=$((base + 15))
  export FAULTY SILENT LIVE
  write_faulty_door >"$BATS_FILE_TMPDIR/nginx.conf"
  mkdir -p -- "$BATS_FILE_TMPDIR/temp"
  PATH=$PATH:/usr/sbin nginx -p "$BATS_FILE_TMPDIR" -e stderr -c "$BATS_FILE_TMPDIR/nginx.conf" 2>"$BATS_FILE_TMPDIR/nginx.log" 3>&- &
  echo "$!" >"$BATS_FILE_TMPDIR/started"
  # Takes connections and never says a word.
  socat "TCP-LISTEN:$SILENT,bind=127.0.0.1,reuseaddr,fork" 'EXEC:sleep 60' 2>/dev/null 3>&- &
  echo "$!" >>"$BATS_FILE_TMPDIR/started"
  local port tries=0
  for port in "$FAULTY" "$SILENT"; do
    until (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
      ((tries++ < 100)) || { cat "$BATS_FILE_TMPDIR/nginx.log" >&2 && return 1; }
      sleep 0.1
    done
  done
}

teardown_file() {
  local pid
  while read -r pid; do kill -TERM "$pid" 2>/dev/null || true; done <"$BATS_FILE_TMPDIR/started"
  remove_namespace
}

# A door in front of the stack's: creates of Secrets get 503, those of ConfigMaps no answer; under /blind Projects cannot be looked at, and
# under /keeping they cannot be deleted.
write_faulty_door() {
  local door kind
  door="proxy_pass https://127.0.0.1:$(cluster_port FRONT_DOOR); proxy_ssl_server_name on; proxy_http_version 1.1; proxy_buffering off;"
  cat <<NGINX
daemon off;
pid $BATS_FILE_TMPDIR/nginx.pid;
events {}
http {
  log_format line '\$request_method \$request_uri';
  access_log $BATS_FILE_TMPDIR/access.log line;
$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "  ${kind}_temp_path $BATS_FILE_TMPDIR/temp/$kind;"; done)
  server {
    listen 127.0.0.1:$FAULTY ssl;
    ssl_certificate $CLUSTER_DIR/milo/pki/front-door.crt;
    ssl_certificate_key $CLUSTER_DIR/milo/pki/front-door.key;
    location ~ ^/blind/.*/projects\$ {
      if (\$request_method = GET) { return 503; }
      rewrite ^/blind(/.*)\$ \$1 break;
      $door
    }
    location ~ ^/keeping/.*/projects/[^/]+\$ {
      if (\$request_method = DELETE) { return 200 '{"kind":"Status","status":"Success"}'; }
      rewrite ^/keeping(/.*)\$ \$1 break;
      $door
    }
    location ~ ^/(blind|keeping)/ { rewrite ^/(blind|keeping)(/.*)\$ \$2 break; $door }
    location ~ /control-plane/api/v1/namespaces/default/secrets { return 503; }
    location ~ /control-plane/api/v1/namespaces/default/configmaps { proxy_pass http://127.0.0.1:$SILENT; }
    location / { $door }
  }
}
NGINX
}

# The stack's kubeconfig with two contexts more: through the faulty door ("faulty", "blind", "keeping"), and to the silent port.
kubeconfig() {
  "$KUBECTL" --kubeconfig="$CLUSTER_DIR/milo-kubeconfig" config view --raw --output=json | jq --arg faulty "https://127.0.0.1:$FAULTY" \
    --arg silent "https://127.0.0.1:$SILENT" '.clusters[0].cluster as $there | .contexts[0].context as $way
    | {faulty: $faulty, blind: "\($faulty)/blind", keeping: "\($faulty)/keeping", silent: $silent} as $doors
    | .clusters += ($doors | to_entries | map({name: .key, cluster: ($there + {server: .value})}))
    | .contexts += ($doors | to_entries | map({name: .key, context: ($way + {cluster: .key})}))' >"$BATS_TEST_TMPDIR/kubeconfig"
  chmod 0600 -- "$BATS_TEST_TMPDIR/kubeconfig"
  printf '%s\n' "$BATS_TEST_TMPDIR/kubeconfig"
}

# `milo COMMAND KEY=value …` as in the Job: knobs by the environment alone, results in files alone.
milo() {
  local -a command
  read -ra command <<<"$1"
  run --separate-stderr env -u KUBECONFIG MILO_KUBECONFIG_PATH="$(kubeconfig)" OUT_DIR="$BATS_TEST_TMPDIR/out" VM_BASE_URL="$VM" \
    MEASURE_WINDOW=6s STABILIZE_SECONDS=0 SAMPLE_SECONDS=0 NUM_PROJECTS=1 NUM_SECRETS_PER_PROJECT=1 NUM_CONFIGMAPS_PER_PROJECT=1 \
    "${@:2}" timeout 60 "$MILO_PERF" "${command[@]}" 3>&-
  echo "$output$stderr"
}

out() { jq -r "$1" "$BATS_TEST_TMPDIR/out/results.json" | xargs; }

@test "every knob has a test that sets it" {
  local name
  while read -r name _; do
    grep -qE "(\b$name=[^ ]|\"$name\")" "$BATS_TEST_DIRNAME"/{knobs,examples,failures}.bats || { echo "$name" && return 1; }
  done <"$repository/k8s/knobs"
}

@test "the plan follows the knobs of scale, names and places" {
  milo 'run --dry-run' VM_BASE_URL= NUM_PROJECTS=7 NUM_SECRETS_PER_PROJECT=11 NUM_CONFIGMAPS_PER_PROJECT=13 PROJECT_CONCURRENCY=3 OBJECT_CONCURRENCY=5 \
    PROJECT_CREATE_CONCURRENCY=9 ORG_NAME=moo TEST_ID=cow STABILIZE_SECONDS=17 READY_TIMEOUT_SECONDS=19 REQUEST_TIMEOUT_SECONDS=23 \
    MEASURE_WINDOW=29s VM_NAMESPACE=vmns VM_SERVICE_NAME=vmsvc VM_PORT=8431 OUT_DIR=/elsewhere NS=first TARGET_NAMESPACE=second
  [[ $status == 0 ]]
  local text
  for text in '7: moo-p-000 to moo-p-006' 'test-id=cow' '77 (11 in each' '91 (13 in each' '3 Projects × 5 requests' '9 creates in flight' '2 × 17 s' 'up to 19 s' \
    'up to 23 s' 'over 29s from http://vmsvc.vmns.svc.cluster.local:8431' '/elsewhere/results.json' 'ConfigMap second/perf-results'; do
    [[ $output == *"$text"* ]] || { echo "missing: $text" && return 1; }
  done
  milo 'run --dry-run' QPS=31 MAX_IN_FLIGHT=37 PROJECT_QPS=41 NS=first
  [[ $output == *'open loop at 31/s, at most 37 in flight'* && $output == *'open loop at 41/s'* && $output == *'ConfigMap first/'* ]]
  milo 'run --dry-run' RAMP=2s:43 RUN_OBJECTS_PHASE=true
  [[ $output == *'RAMP 2s:43'* ]]
  milo 'run --dry-run' RUN_OBJECTS_PHASE=false
  [[ $output == *'none (RUN_OBJECTS_PHASE=false)'* ]]
}

@test "a closed-loop run follows the knobs of objects, measuring and output" {
  printf '%s\n' '- {name: up_targets, title: Targets, unit: count, query: sum(up)}' >"$BATS_TEST_TMPDIR/queries.yaml"
  local id=kn$RANDOM live=$BATS_TEST_TMPDIR/live
  (
    for _ in {1..100}; do
      curl --silent --noproxy '*' "http://127.0.0.1:$LIVE/metrics" >>"$live" && grep -q milo_perf "$live" && break
      sleep 0.1
    done
  ) 3>&- &
  milo run TEST_ID="$id" NUM_SECRETS_PER_PROJECT=2 OBJECT_SIZE_BYTES=5000 READY_SLO_SECONDS=0.001 SAMPLE_SECONDS=1 THRESHOLDS='secrets.create.p99 < 1us' \
    SAMPLE_QUERIES="$BATS_TEST_TMPDIR/queries.yaml" PUSH_METRICS=true METRICS_LISTEN="127.0.0.1:$LIVE" LOG_LEVEL=debug CONTEXT=milo \
    APISERVER_POD_REGEX='etcd-.*' ETCD_POD_REGEX='milo-.*' STABILIZE_SECONDS=1
  [[ $status == 3 ]]
  [[ $(out '.objects.secrets.created') == 2 ]]
  (($(milo_kube get secret perf-secret-000 --namespace="perf-$id-p-000" --output=json | jq '.data.note | @base64d | length') >= 5000))
  [[ $(out '.readiness.above_slo') == 1 ]]
  # etcd is the smaller of the two, and is what APISERVER_POD_REGEX names here.
  [[ $(out '.metrics.baseline.apiserver_mem_bytes < .metrics.baseline.etcd_mem_bytes') == true ]]
  [[ $(jq -c .samples "$BATS_TEST_TMPDIR/out/results.json") == *up_targets* ]]
  [[ $stderr == *debug* ]]
  wait
  grep -q milo_perf "$live"
  # VictoriaMetrics shows what was pushed a moment later.
  local tries=0
  until [[ $(curl --silent --noproxy '*' --get "$VM/api/v1/series" --data-urlencode "match[]={test_id=\"$id\"}" --data-urlencode 'start=-10m' |
    jq '.data | length') -gt 0 ]]; do
    ((tries++ < 50)) || return 1
    sleep 0.2
  done
}

@test "an open-loop run follows QPS, BURST, ARRIVAL, SEED and MAX_IN_FLIGHT" {
  milo run NUM_SECRETS_PER_PROJECT=30 NUM_CONFIGMAPS_PER_PROJECT=0 QPS=20 BURST=5 ARRIVAL=poisson SEED=7 MAX_IN_FLIGHT=3
  [[ $status == 0 ]]
  [[ $(out '.load_model, .objects.secrets.created, .settings.ARRIVAL, .settings.SEED, .settings.BURST') == 'mixed 30 poisson 7 5' ]]
  # 30 creates, the first 5 at once and the others at 20 a second.
  [[ $(out '[.phases[] | select(.name == "objects")][0] | .duration_seconds > 0.5') == true ]]
}

@test "RETRY_MAX_ATTEMPTS and REQUEST_TIMEOUT_SECONDS end creates that get 503 or no answer; WATCH_TIMEOUT_SECONDS is asked of the server" {
  milo run CONTEXT=faulty RETRY_MAX_ATTEMPTS=2 REQUEST_TIMEOUT_SECONDS=0.7 WATCH_TIMEOUT_SECONDS=7
  [[ $status == 1 ]]
  [[ $(grep -c '^POST .*/namespaces/default/secrets' "$BATS_FILE_TMPDIR/access.log") == 2 ]]
  [[ $(grep -c '^POST .*/namespaces/default/configmaps' "$BATS_FILE_TMPDIR/access.log") == 2 ]]
  grep -q 'watch=.*timeoutSeconds=7' "$BATS_FILE_TMPDIR/access.log"
}

@test "READY_TIMEOUT_SECONDS ends the wait for Projects" {
  local started=$SECONDS
  milo run CONTEXT=blind READY_TIMEOUT_SECONDS=2 RETRY_MAX_ATTEMPTS=1 RUN_OBJECTS_PHASE=false
  [[ $status == 1 && $output$stderr == *Ready* ]]
  ((SECONDS - started < 30))
}

@test "CLEANUP_TIMEOUT_SECONDS ends a cleanup that does not get on; RUN_MODE says what the program does by itself" {
  local id=kn$RANDOM
  milo run TEST_ID="$id" RUN_OBJECTS_PHASE=false
  [[ $status == 0 ]]
  milo '' RUN_MODE=cleanup CONTEXT=keeping CLEANUP_TIMEOUT_SECONDS=2
  [[ $status == 1 && $output$stderr == *'1 Projects'* ]]
  milo '' RUN_MODE=cleanup
  [[ $status == 0 ]]
  [[ -z $(milo_kube get projects --output=name | grep -- "$id") ]]
}

@test "CONNECT_TIMEOUT_SECONDS ends a connect without an answer; AUTH_BEARER_TOKEN takes the kubeconfig's place" {
  local started=$SECONDS
  milo check CONTEXT=silent CONNECT_TIMEOUT_SECONDS=0.5
  [[ $status == 2 ]]
  ((SECONDS - started < 15))
  milo check AUTH_BEARER_TOKEN=no-such-token
  [[ $status == 2 && $output == *401* && $output != *no-such-token* ]]
}

@test "MILO_NAMESPACE says where to look for the pods" {
  milo check MILO_NAMESPACE=no-such-namespace
  [[ $status == 2 && $output == *warning*no-such-namespace* ]]
}
