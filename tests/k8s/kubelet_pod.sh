# shellcheck shell=bash
# One Job's pod, from its template to its end.

run_job() {
  local folder=$1 namespace job uid pod
  namespace=$(jq -r .metadata.namespace "$folder/job.json")
  job=$(jq -r .metadata.name "$folder/job.json")
  uid=$(jq -r .metadata.uid "$folder/job.json")
  pod=$job-$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
  until have_service_account || [[ -e $folder/gone ]]; do sleep 0.5; done
  create_pod
  local image
  image=$(jq -r '.spec.containers[0].image' "$folder/pod.json")
  if [[ " $KUBELET_IMAGES " != *" $image "* ]]; then
    waits ImagePullBackOff "Back-off pulling image \"$image\""
    return 0
  fi
  if [[ $image == *unschedulable* ]]; then
    patch "$path/status" '{"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
      "message": "0/1 nodes are available: 1 Insufficient memory."}]}}'
    return 0
  fi
  until fill_volumes; do
    waits ContainerCreating ''
    emit_event Pod "$pod" "$pod_uid" FailedMount "$problem"
    if [[ -e $folder/gone ]]; then return 0; fi
    sleep 1
  done
  issue_service_account
  run_container
}

have_service_account() {
  local name
  name=$(jq -r '.spec.template.spec.serviceAccountName' "$folder/job.json")
  if api GET "/api/v1/namespaces/$namespace/serviceaccounts/$name" >/dev/null; then return 0; fi
  emit_event Job "$job" "$uid" FailedCreate "Error creating: pods \"$pod\" is forbidden: error looking up service account $namespace/$name: serviceaccount \"$name\" not found"
  return 1
}

create_pod() {
  jq --arg pod "$pod" --arg node "$node" '. as $job | {apiVersion: "v1", kind: "Pod",
    metadata: {name: $pod, namespace: $job.metadata.namespace, annotations: $job.spec.template.metadata.annotations,
      labels: ($job.spec.template.metadata.labels + {"job-name": $job.metadata.name, "controller-uid": $job.metadata.uid}),
      ownerReferences: [{apiVersion: "batch/v1", kind: "Job", name: $job.metadata.name, uid: $job.metadata.uid, controller: true}]},
    spec: ($job.spec.template.spec + {nodeName: $node})}' "$folder/job.json" >"$folder/pod.request"
  api POST "/api/v1/namespaces/$namespace/pods" "$(<"$folder/pod.request")" >"$folder/pod.json"
  path=/api/v1/namespaces/$namespace/pods/$pod
  pod_uid=$(jq -r .metadata.uid "$folder/pod.json")
  printf '%s\n' "$path" >"$folder/pod-path"
}

waits() {
  patch "$path/status" "$(jq -cn --arg reason "$1" --arg message "$2" --slurpfile pod "$folder/pod.json" '{status: {phase: "Pending",
    containerStatuses: [{name: $pod[0].spec.containers[0].name, image: $pod[0].spec.containers[0].image, imageID: "", ready: false,
      restartCount: 0, state: {waiting: {$reason, $message}}}]}}')"
}

# Each volume becomes a folder. Fails, with the kubelet's words in `problem`, when what a volume is made of is not there.
fill_volumes() {
  local volumes=$folder/volumes kind name source
  rm -rf -- "$volumes"
  mkdir -p -- "$volumes"
  while IFS=$'\t' read -r kind name source; do
    mkdir -- "$volumes/$name"
    case $kind in
      emptyDir) chmod 2777 -- "$volumes/$name" ;;
      secret | configMap) fill_from "$kind" "$name" "$source" || return 1 ;;
    esac
  done < <(jq -r '.spec.volumes[] | if .secret then ["secret", .name, .secret.secretName] elif .configMap then ["configMap", .name, .configMap.name]
    else ["emptyDir", .name, ""] end | @tsv' "$folder/pod.json")
}

fill_from() {
  local kind=$1 name=$2 source=$3 key file
  local object=$folder/$name.json
  if ! api GET "/api/v1/namespaces/$namespace/${kind,,}s/$source" >"$object"; then
    problem="MountVolume.SetUp failed for volume \"$name\" : ${kind,,} \"$source\" not found"
    return 1
  fi
  while IFS=$'\t' read -r key file; do
    if ! jq -e --arg key "$key" '.data | has($key)' "$object" >/dev/null; then
      problem="MountVolume.SetUp failed for volume \"$name\" : references non-existent ${kind,,} key: $key"
      return 1
    fi
    jq -j --arg key "$key" 'if .kind == "Secret" then .data[$key] | @base64d else .data[$key] end' "$object" >"$volumes/$name/$file"
    # fsGroup lets the container's group read what belongs to root.
    chown root:65532 -- "$volumes/$name/$file"
    chmod 0440 -- "$volumes/$name/$file"
  done < <(jq -r --arg name "$name" --slurpfile object "$object" '.spec.volumes[] | select(.name == $name) | (.secret // .configMap).items
    // ($object[0].data | to_entries | map({key, path: .key})) | .[] | [.key, .path] | @tsv' "$folder/pod.json")
}

# The token that a pod gets: issued by the apiserver for the pod's service account.
issue_service_account() {
  local account=$folder/service-account name
  name=$(jq -r .spec.serviceAccountName "$folder/pod.json")
  mkdir -p -- "$account"
  api POST "/api/v1/namespaces/$namespace/serviceaccounts/$name/token" \
    '{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}' | jq -j .status.token >"$account/token"
  cp -- "$STACK_DIR/pki/ca.crt" "$account/ca.crt"
  printf %s "$namespace" >"$account/namespace"
  chmod 0444 -- "$account"/*
}

# Prints the container's environment as words for the shell; $(NAME) and $$ in values are replaced as the kubelet does.
environment_of() {
  local secrets
  secrets=$(api GET "/api/v1/namespaces/$namespace/secrets")
  jq -r --argjson secrets "$secrets" '
    def expand($known): . as $text | {rest: $text, out: ""} | until(.rest == "";
      if .rest | startswith("$$") then {rest: .rest[2:], out: (.out + "$")}
      elif .rest | test("^\\$\\([^)]*\\)") then (.rest | capture("^\\$\\((?<name>[^)]*)\\)").name) as $name
        | {rest: .rest[($name | length) + 3:], out: (.out + ($known[$name] // "$(\($name))"))}
      else {rest: .rest[1:], out: (.out + .rest[0:1])} end) | .out;
    .metadata.namespace as $namespace
    | reduce .spec.containers[0].env[]? as $variable ({};
        . as $known
        | if $variable.valueFrom.fieldRef then . + {($variable.name): $namespace}
          elif $variable.valueFrom.secretKeyRef then $variable.valueFrom.secretKeyRef as $ref
            | ([$secrets.items[] | select(.metadata.name == $ref.name) | .data[$ref.key] | values | @base64d] | first) as $value
            | if $value == null then . else . + {($variable.name): $value} end
          else . + {($variable.name): ($variable.value // "" | expand($known))} end)
    | to_entries[] | "\(.key)=\(.value)" | @sh' "$folder/pod.json"
}

run_container() {
  local -a environment=() arguments=()
  eval "environment=($(environment_of))"
  eval "arguments=($(jq -r '.spec.containers[0].args[]? | @sh' "$folder/pod.json"))"
  mkdir -p -- "$KUBELET_DIR/logs"
  printf '%s\n' "$BASHPID" >"$KUBELET_DIR/logs/$pod.runner"
  : >"$KUBELET_DIR/logs/$pod"
  local started code=0
  started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  patch "$path/status" "$(jq -cn --arg started "$started" --slurpfile pod "$folder/pod.json" '{status: {phase: "Running",
    containerStatuses: [{name: $pod[0].spec.containers[0].name, image: $pod[0].spec.containers[0].image, imageID: "", ready: true,
      restartCount: 0, state: {running: {startedAt: $started}}}]}}')"
  env -i KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT="$apiserver_port" "${environment[@]}" \
    PATH="$PATH" CONTAINER_STORE="${CONTAINER_STORE-}" \
    unshare --mount --propagation private -- "${KUBELET_RUNTIME:-$here/kubelet-container}" "$folder" "$MILO_PERF" "${arguments[@]}" \
    >>"$KUBELET_DIR/logs/$pod" 2>&1 </dev/null &
  printf '%s\n' "$!" >"$folder/pid"
  wait "$!" || code=$?
  rm -f -- "$folder/pid"
  : >"$KUBELET_DIR/logs/$pod.end"
  printf '%s\n' "${environment[@]}" >"$folder/environment"
  end_pod "$code" "$started"
}

end_pod() {
  patch "$path/status" "$(jq -cn --argjson code "$1" --arg started "$2" --slurpfile pod "$folder/pod.json" '{status: {
    phase: (if $code == 0 then "Succeeded" else "Failed" end),
    containerStatuses: [{name: $pod[0].spec.containers[0].name, image: $pod[0].spec.containers[0].image, imageID: "", ready: false,
      restartCount: 0, state: {terminated: {exitCode: $code, startedAt: $started, reason: (if $code == 0 then "Completed" else "Error" end)}}}]}}')" || true
  patch "/apis/batch/v1/namespaces/$namespace/jobs/$job/status" "$(jq -cn --argjson code "$1" '{status: (if $code == 0
    then {succeeded: 1, conditions: [{type: "Complete", status: "True"}]}
    else {failed: 1, conditions: [{type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit"}]} end)}')" || true
}
