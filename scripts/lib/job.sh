# shellcheck shell=bash
# A Job of the program in the cluster: made, followed until it ends, and judged.

readonly poll_seconds=1 default_job_timeout=45m default_start_timeout=2m

# Keys that are the scripts' own; each is explained in their --help.
readonly own_keys='IMAGE JOB_TIMEOUT POD_START_TIMEOUT KUBE_CONTEXT OVERLAY'

# Prints the seconds of a duration such as 90, 90s, 45m or 1h.
seconds_of() {
  local key=$1 value=$2
  [[ $value =~ ^([0-9]{1,6})([smh]?)$ ]] || die_usage "$key must be a duration such as 90s, 45m or 1h, and \"$value\" is not."
  local count=$((10#${BASH_REMATCH[1]}))
  case ${BASH_REMATCH[2]} in
    m) count=$((count * 60)) ;;
    h) count=$((count * 3600)) ;;
  esac
  ((count > 0)) || die_usage "$key must be more than 0."
  printf '%s\n' "$count"
}

# Prints the knobs that go into the Job's environment, as one JSON object; the token is not among them.
environment_of_job() {
  local key
  local -a knobs=()
  for key in "${!given[@]}"; do
    if [[ -n ${knob_kinds[$key]-} && $key != AUTH_BEARER_TOKEN && -n ${given[$key]} ]]; then knobs+=("$key" "${given[$key]}"); fi
  done
  if [[ -n ${given[SAMPLE_QUERIES]-} ]]; then knobs+=(SAMPLE_QUERIES /etc/milo-perf/sample-queries.yaml); fi
  jq -cn --args '$ARGS.positional as $words | [range(0; $words | length; 2) | {key: $words[.], value: $words[. + 1]}] | from_entries' \
    -- "${knobs[@]}" TEST_ID "$test_id"
}

# Writes the Job's manifest to $work/job.json: `render_job KUSTOMIZATION [ARGUMENT…]`, the arguments being those of the program.
render_job() {
  local kustomization=$1
  shift
  jq -n --argjson env "$(environment_of_job)" --arg name "$job" --arg namespace "$namespace" --arg image "${given[IMAGE]-}" \
    --arg path "${given[MILO_KUBECONFIG_PATH]-}" --arg secret "${given[MILO_KUBECONFIG_SECRET_NAME]-}" \
    --arg key "${given[MILO_KUBECONFIG_SECRET_KEY]-}" --arg out_dir "${given[OUT_DIR]-}" \
    --argjson has_token "$([[ -n $token ]] && echo true || echo false)" \
    --argjson has_queries "$([[ -n ${given[SAMPLE_QUERIES]-} ]] && echo true || echo false)" \
    '{$env, $name, $namespace, $image, kubeconfig: {$path, $secret, $key}, $out_dir, $has_token, $has_queries, args: $ARGS.positional}' \
    --args -- "$@" >"$work/request.json"
  objects_of "${given[OVERLAY]:-$kustomization}" | jq --slurpfile request "$work/request.json" -f "$scripts/lib/job.jq" >"$work/job.json"
  jq -es 'length == 1' "$work/job.json" >/dev/null ||
    die "${given[OVERLAY]:-$kustomization} must have exactly one Job, with a container called milo-perf."
}

# Whether a Job of this name is there and has not ended: prints since when.
running_since() {
  kube_ns get job "$1" --ignore-not-found --output=json 2>"$work/error" >"$work/existing.json" || die "$(first_error)"
  [[ -s $work/existing.json ]] || return 1
  jq -er 'select(any(.status.conditions[]?; (.type == "Complete" or .type == "Failed") and .status == "True") | not)
    | .status.startTime // .metadata.creationTimestamp' "$work/existing.json"
}

refuse_running() {
  local since
  if since=$(running_since "$1"); then
    die "Job $namespace/$1 has been running since $since: let it end, or stop it with \"kubectl --namespace=$namespace delete job $1\"."
  fi
}

delete_job() { kube_ns delete job "$1" --ignore-not-found --timeout=60s >/dev/null 2>"$work/error" || warn "$(first_error)"; }

create_job() {
  delete_job "$job"
  create_inputs
  if ! kube_ns create --filename="$work/job.json" --output=json >"$work/created.json" 2>"$work/error"; then
    delete_inputs
    die "$(first_error)"
  fi
  job_uid=$(jq -r .metadata.uid "$work/created.json")
  own_inputs
  say "Job $namespace/$job is created: run $test_id, image $(jq -r '.spec.template.spec.containers[] | select(.name == "milo-perf").image' "$work/created.json")"
}

# Sets job_state, job_detail, pod, exit_code and note; fails when the cluster does not answer.
look_at_job() {
  local -a state
  kube_ns get jobs,pods --selector=app=milo-perf --output=json >"$work/list.json" 2>"$work/error" || return 1
  printf '{}' >"$work/events.json"
  if [[ $job_state == waiting ]]; then
    kube_ns get events --output=json >"$work/events.json" 2>/dev/null || printf '{}' >"$work/events.json"
  fi
  mapfile -t state < <(jq -r --arg uid "$job_uid" --slurpfile events "$work/events.json" -f "$scripts/lib/job_state.jq" "$work/list.json" |
    jq -r '.state, (.detail | gsub("\\s+"; " ")), .pod, (.exit_code // "" | tostring), (.note | gsub("\\s+"; " "))')
  job_state=${state[0]} job_detail=${state[1]}
  # A pod that was taken away may be gone before the Job's end is seen.
  pod=${state[2]:-$pod} exit_code=${state[3]:-$exit_code}
  if [[ -n ${state[4]} && ${state[4]} != "$note" ]]; then say "pod $pod: ${state[4]}"; fi
  note=${state[4]:-$note}
}

# Follows the Job until it ends, with its log on stdout. Sets the variables of look_at_job. Ends the script when it will not start,
# or not end in time.
follow_job() {
  local start_limit=$1 limit=$2 began=$SECONDS answered=$SECONDS said=''
  job_state=waiting job_detail='' pod='' exit_code='' note='' log_process=''
  while true; do
    if look_at_job; then
      answered=$SECONDS
    elif ((SECONDS - answered > 60)); then
      die "$(first_error) (for a minute now); Job $namespace/$job goes on without being watched."
    fi
    case $job_state in
      complete | failed) break ;;
      gone)
        # What the pod still saves when it is told to end is to be found by whoever collects it.
        if [[ -n $pod ]]; then kube_ns wait --for=delete "pod/$pod" --timeout=45s >/dev/null 2>&1 || true; fi
        break
        ;;
      stuck) give_up "cannot start: $job_detail" ;;
      running) stream_log ;;
      waiting)
        if ((SECONDS - began >= 3)) && [[ -n $job_detail && $job_detail != "$said" ]]; then
          said=$job_detail
          say "waiting for the pod: $job_detail"
        fi
        if ((SECONDS - began >= start_limit)); then give_up "has no running pod after $start_limit seconds: $job_detail"; fi
        ;;
    esac
    if ((SECONDS - began >= limit)); then
      die "Job $namespace/$job has not ended within $limit seconds (JOB_TIMEOUT) and goes on; stop it with" \
        "\"kubectl --namespace=$namespace delete job $job\"."
    fi
    sleep "$poll_seconds"
  done
  finish_log
}

# A Job that waits would start its load at a time when nobody looks.
give_up() {
  delete_job "$job"
  delete_inputs
  die "Job $namespace/$job $1. The Job is deleted again."
}

# The log goes to stdout while it grows; the files that it may carry are for collect.sh.
stream_log() {
  local -a since=()
  if [[ -n $log_process ]]; then
    if kill -0 "$log_process" 2>/dev/null; then return 0; fi
    # The connection broke: on from here.
    since=(--since="$((poll_seconds + 1))s")
  fi
  rm -f -- "$work/stream"
  mkfifo -- "$work/stream"
  tee -a -- "$work/streamed" <"$work/stream" | grep --line-buffered -v '^milo-perf-file ' &
  filter_process=$!
  kube_ns_exec logs "$pod" --container=milo-perf --follow "${since[@]}" >"$work/stream" 2>/dev/null &
  log_process=$!
}

end_stream() {
  if [[ -n ${log_process-} ]]; then kill "$log_process" 2>/dev/null || true; fi
}

# The whole log once more, for what a broken stream or a fast end left out.
finish_log() {
  local waited=0
  if [[ -z $pod ]]; then return 0; fi
  if [[ -n $log_process ]]; then
    while kill -0 "$log_process" 2>/dev/null && ((waited++ < 50)); do sleep 0.1; done
    end_stream
    wait "$filter_process" || true
  fi
  if ! kube_ns logs "$pod" --container=milo-perf --request-timeout=60s >"$work/log" 2>"$work/error"; then
    # The pod is gone: what was streamed is all there is.
    if [[ -s $work/streamed ]]; then mv -f -- "$work/streamed" "$work/log"; else warn "the log of pod $pod cannot be read: $(first_error)"; fi
  fi
  if [[ -z $log_process && -s $work/log ]]; then grep -v '^milo-perf-file ' "$work/log" || true; fi
}

# What the end means: `explain_end WHAT` prints it and returns the program's exit code.
explain_end() {
  local what=$1 code=$exit_code why=$job_detail
  # The Job's own reason says only that its one pod failed.
  if [[ -n $note && ($why == *BackoffLimitExceeded* || $why == Error || -z $why) ]]; then why=$note; fi
  if [[ $job_state == gone ]]; then
    printf 'error: %s was ended: somebody deleted Job %s/%s under it, or its time to live (ttlSecondsAfterFinished) was over before its end was seen.\n' \
      "$what" "$namespace" "$job" >&2
    return 1
  fi
  if [[ -z $code ]]; then
    if [[ $job_state == complete ]]; then
      say "$what is done"
      return 0
    fi
    printf 'error: %s failed, and its container left no exit code: %s\n' "$what" "${why:-see \"kubectl describe job $job\"}." >&2
    return 1
  fi
  case $code in
    0) say "$what is done" ;;
    1) printf 'error: %s failed after it had begun; the reason is in its log above.\n' "$what" >&2 ;;
    2) printf 'error: %s was refused before anything was created; the reason is in its log above.\n' "$what" >&2 ;;
    3) printf 'error: %s is complete, but a threshold did not hold.\n' "$what" >&2 ;;
    130 | 143) printf 'error: %s was stopped from outside (exit code %s%s); what it had measured is saved.\n' "$what" "$code" "${note:+, $note}" >&2 ;;
    137)
      if [[ $why == *OOMKilled* ]]; then
        printf 'error: %s was killed (exit code 137, %s): its memory limit is too small; raise it in a kustomization (OVERLAY).\n' "$what" "$why" >&2
      else
        printf 'error: %s was killed (exit code 137%s).\n' "$what" "${why:+, $why}" >&2
      fi
      ;;
    *) printf 'error: %s ended with exit code %s%s.\n' "$what" "$code" "${why:+ ($why)}" >&2 ;;
  esac
  return "$code"
}
