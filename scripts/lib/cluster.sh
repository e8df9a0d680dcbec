# shellcheck shell=bash
# The cluster that kubectl points at, and the objects that are made there for a Job.

readonly auth_secret=perf-runner-auth files_configmap=perf-runner-files results_configmap=perf-results

# kubectl as the user has set it up: KUBECONFIG, or its current context, or KUBE_CONTEXT.
kube() { "$kubectl" ${given[KUBE_CONTEXT]:+"--context=${given[KUBE_CONTEXT]}"} "$@"; }

# The same in the namespace of the Job.
kube_ns() { kube --namespace="$namespace" "$@"; }

# The same in place of this process, so that its id is kubectl's.
kube_ns_exec() { exec "$kubectl" ${given[KUBE_CONTEXT]:+"--context=${given[KUBE_CONTEXT]}"} --namespace="$namespace" "$@"; }

require_tools() {
  local tool
  for tool in jq base64 gzip iconv awk; do
    command -v "$tool" >/dev/null || die "this needs the command $tool, and there is none: install it."
  done
  kubectl=$(find_kubectl) || die "this needs kubectl, and there is none: install it."
}

# Prints the names of a Secret's keys, a line each; the values are not read. Fails when the Secret cannot be read.
secret_keys() {
  # shellcheck disable=SC2016 # the template's own variables
  kube_ns get secret "$1" --output=go-template='{{range $key, $value := .data}}{{$key}}{{"\n"}}{{end}}' 2>"$work/error"
}

# A pod that waits for a missing Secret says nothing for minutes, so it is looked for first, if that is allowed.
require_kubeconfig_secret() {
  local secret=${given[MILO_KUBECONFIG_SECRET_NAME]:-milo-controller-manager-kubeconfig} key=${given[MILO_KUBECONFIG_SECRET_KEY]:-kubeconfig} keys
  if keys=$(secret_keys "$secret"); then
    if grep -qxF -- "$key" <<<"$keys"; then return 0; fi
    die "Secret $namespace/$secret has no key \"$key\", its keys are: ${keys//$'\n'/, }; set MILO_KUBECONFIG_SECRET_KEY."
  fi
  if grep -q '(NotFound)' "$work/error"; then
    die "there is no Secret $namespace/$secret for Milo's kubeconfig: create it there, or set MILO_KUBECONFIG_SECRET_NAME (and NS)."
  fi
  if ! grep -q '(Forbidden)' "$work/error"; then die "$(first_error)"; fi
}

# The last thing that kubectl complained about, as one sentence.
first_error() {
  local line
  line=$(grep -v '^Warning' "$work/error" | tail -n 1)
  printf 'kubectl could not do it: %s\n' "${line#error: }"
}

# Prints the objects of a kustomization as JSON documents; asks the cluster for its kinds but changes nothing.
objects_of() {
  kube kustomize "$1" >"$work/manifests.yaml" 2>"$work/error" || die "$(first_error)"
  kube create --dry-run=client --validate=false --output=json --filename=- <"$work/manifests.yaml" 2>"$work/error" || die "$(first_error)"
}

# Prints the namespace's ServiceAccount, Role and RoleBinding.
render_rbac() {
  objects_of "$repository/k8s/rbac" | jq --arg namespace "$namespace" -f "$scripts/lib/rbac.jq"
}

apply_rbac() {
  kube_ns apply --filename="$work/rbac.json" >"$work/applied" 2>"$work/error" || die "$(first_error)"
  say "rights in namespace $namespace: $(paste -sd, "$work/applied" | sed 's/,/, /g')"
}

# What the Job needs beside itself: made before it, owned by it, and so gone with it even if this script is killed.
create_inputs() {
  delete_inputs
  if [[ -n $token ]]; then
    TOKEN=$token jq -n --arg name "$auth_secret" \
      '{apiVersion: "v1", kind: "Secret", metadata: {name: $name, labels: {app: "milo-perf"}}, stringData: {token: env.TOKEN}}' |
      kube_ns create --filename=- >/dev/null 2>"$work/error" || die "$(first_error)"
  fi
  if [[ -n ${given[SAMPLE_QUERIES]-} ]]; then
    kube_ns create configmap "$files_configmap" --from-file=sample-queries.yaml="${given[SAMPLE_QUERIES]}" >/dev/null 2>"$work/error" ||
      die "$(first_error)"
  fi
}

own_inputs() {
  local owner
  owner=$(jq -cn --arg name "$job" --arg uid "$job_uid" \
    '{metadata: {ownerReferences: [{apiVersion: "batch/v1", kind: "Job", name: $name, uid: $uid}]}}')
  if [[ -n $token ]]; then kube_ns patch secret "$auth_secret" --type=merge --patch="$owner" >/dev/null || true; fi
  if [[ -n ${given[SAMPLE_QUERIES]-} ]]; then kube_ns patch configmap "$files_configmap" --type=merge --patch="$owner" >/dev/null || true; fi
}

delete_inputs() {
  if [[ -n $token ]]; then kube_ns delete secret "$auth_secret" --ignore-not-found >/dev/null || true; fi
  if [[ -n ${given[SAMPLE_QUERIES]-} ]]; then kube_ns delete configmap "$files_configmap" --ignore-not-found >/dev/null || true; fi
}
