# shellcheck shell=bash
# The stack's apiserver, as its admin.

# `api METHOD PATH [BODY [CONTENT-TYPE]]` prints the answer; fails on an error status.
api() {
  local -a body=()
  if (($# > 2)); then body=(--header "Content-Type: ${4:-application/json}" --data-binary "$3"); fi
  curl --silent --fail --noproxy '*' --max-time 20 --cacert "$STACK_DIR/pki/ca.crt" --cert "$STACK_DIR/pki/admin.crt" \
    --key "$STACK_DIR/pki/admin.key" --request "$1" "${body[@]}" "https://127.0.0.1:$apiserver_port$2"
}

patch() { api PATCH "$1" "$2" application/merge-patch+json >/dev/null; }

# `emit_event KIND NAME UID REASON MESSAGE` in $namespace.
emit_event() {
  api POST "/api/v1/namespaces/$namespace/events" "$(jq -cn --arg namespace "$namespace" --arg kind "$1" --arg name "$2" --arg uid "$3" \
    --arg reason "$4" --arg message "$5" --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" '{apiVersion: "v1", kind: "Event",
      metadata: {$namespace, generateName: "stand-in-"}, involvedObject: {apiVersion: "v1", $kind, $name, $uid, $namespace},
      type: "Warning", $reason, $message, firstTimestamp: $now, lastTimestamp: $now, count: 1, source: {component: "stand-in"}}')" >/dev/null
}

# What a deleted owner leaves behind.
delete_owned() {
  local kind path
  for kind in secrets configmaps; do
    api GET "/api/v1/$kind?labelSelector=" | jq -r --arg uid "$1" --arg kind "$kind" '.items[]
      | select(any(.metadata.ownerReferences[]?; .uid == $uid)) | "/api/v1/namespaces/\(.metadata.namespace)/\($kind)/\(.metadata.name)"' |
      while read -r path; do api DELETE "$path" >/dev/null || true; done
  done
}
