# shellcheck shell=bash
# A real Milo on the stack: its apiserver and its controller manager, from the binary that STACK_MILO names. Its infrastructure cluster is Milo itself.

launch_milo_apiserver() {
  local pki=$STACK_DIR/pki
  launch apiserver "$STACK_MILO" apiserver --etcd-servers="http://127.0.0.1:$STACK_ETCD_PORT" --etcd-prefix=/ \
    --bind-address=127.0.0.1 --secure-port="$STACK_APISERVER_PORT" --cert-dir="$pki" --tls-cert-file="$pki/apiserver.crt" \
    --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" --token-auth-file="$pki/tokens.csv" --authorization-mode=RBAC \
    --service-account-key-file="$pki/service-account.pub" --service-account-signing-key-file="$pki/service-account.key" \
    --service-account-issuer="https://localhost:$STACK_APISERVER_PORT" --feature-gates=DiscoveryContextFilter=true
}

# Its controllers wait for the kind ProjectControlPlane, and whoever creates a Project must be a User of Milo.
launch_controller-manager() {
  local pki=$STACK_DIR/pki
  quietly "$STACK_DIR/log/prepare-api.log" prepare_milo_api || return 1
  launch controller-manager "$STACK_MILO" controller-manager --leader-elect=false --control-plane-scope=core \
    --kubeconfig="$STACK_DIR/admin-kubeconfig" --infra-cluster-kubeconfig="$STACK_DIR/admin-kubeconfig" --bind-address=127.0.0.1 \
    --secure-port="$STACK_CONTROLLER_MANAGER_PORT" --controller-runtime-webhook-port="$STACK_WEBHOOK_PORT" --client-ca-file="$pki/ca.crt" \
    --cert-dir="$pki/manager" --tls-cert-file="$pki/manager/tls.crt" --tls-private-key-file="$pki/manager/tls.key" \
    --authentication-skip-lookup --authorization-always-allow-paths=/healthz,/metrics
}

# It serves when its webhooks do, which every create of a Project calls.
serves_controller-manager() {
  http_ok --cacert "$STACK_DIR/pki/ca.crt" "https://127.0.0.1:$STACK_CONTROLLER_MANAGER_PORT/healthz" && port_taken "$STACK_WEBHOOK_PORT"
}

prepare_milo_api() {
  mkdir -p -- "$STACK_DIR/pki/manager"
  cp -- "$STACK_DIR/pki/controller-manager.crt" "$STACK_DIR/pki/manager/tls.crt"
  cp -- "$STACK_DIR/pki/controller-manager.key" "$STACK_DIR/pki/manager/tls.key"
  make_system_namespace || return 1
  wait_until 60 admin_kubectl get namespace default || return 1
  wait_until 60 admin_ok '/apis/iam.miloapis.com/v1alpha1/users?limit=1' || return 1
  wait_until 60 admin_ok '/apis/resourcemanager.miloapis.com/v1alpha1/projects?limit=1' || return 1
  # Discovery, by which the controller manager goes, names its kinds some seconds later.
  wait_until 60 discovery_names userinvitations || return 1
  # Before the webhooks, one of which would look at Users: the run's token, and the certificate of the administrator.
  local user
  for user in milo-perf admin; do make_milo_user "$user" || return 1; done
  admin_kubectl apply --validate=false -f "$STACK_DIR/conf/milo-objects.yaml" || return 1
  wait_until 30 admin_ok '/apis/infrastructure.miloapis.com/v1alpha1/projectcontrolplanes?limit=1'
}

write_milo_configuration() {
  {
    cat -- "$repository/scripts/stack/milo-crds.yaml"
    write_milo_webhooks
  } >"$STACK_DIR/conf/milo-objects.yaml"
}

# In the aggregated discovery document of all API groups.
discovery_names() {
  curl --silent --fail --noproxy '*' --max-time 5 --cacert "$STACK_DIR/pki/ca.crt" --cert "$STACK_DIR/pki/admin.crt" --key "$STACK_DIR/pki/admin.key" \
    --header 'Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' "https://127.0.0.1:$STACK_APISERVER_PORT/apis" |
    grep -c "\"$1\"" >/dev/null
}

# By its path, for which kubectl needs no discovery, whose copy of an earlier stack it may have kept.
make_milo_user() {
  local users=/apis/iam.miloapis.com/v1alpha1/users
  admin_kubectl get --raw "$users/$1" && return 0
  admin_kubectl create --raw "$users" -f - <<USER
{"apiVersion": "iam.miloapis.com/v1alpha1", "kind": "User", "metadata": {"name": "$1"},
 "spec": {"email": "$1@example.com", "givenName": "Load", "familyName": "Generator"}}
USER
}

# In production they are reached as a Service.
write_milo_webhooks() {
  local ca kind=resourcemanager-miloapis-com-v1alpha1
  ca=$(base64 -w0 "$STACK_DIR/pki/ca.crt")
  cat <<WEBHOOKS
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: resourcemanager.miloapis.com}
webhooks:
- $(webhook mproject "mutate-$kind-project" projects '[CREATE]' "$ca")
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: resourcemanager.miloapis.com}
webhooks:
- $(webhook vproject "validate-$kind-project" projects '[CREATE, UPDATE]' "$ca")
- $(webhook vorganization "validate-$kind-organization" organizations '[CREATE]' "$ca")
WEBHOOKS
}

# `webhook NAME PATH RESOURCE OPERATIONS CA`
webhook() {
  printf '{name: %s.datum.net, admissionReviewVersions: [v1], sideEffects: NoneOnDryRun, failurePolicy: Fail, ' "$1"
  printf 'clientConfig: {url: "https://localhost:%s/%s", caBundle: %s}, ' "$STACK_WEBHOOK_PORT" "$2" "$5"
  printf 'rules: [{apiGroups: [resourcemanager.miloapis.com], apiVersions: [v1alpha1], resources: [%s], operations: %s}]}' "$3" "$4"
}
