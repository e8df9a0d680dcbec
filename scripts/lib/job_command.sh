# shellcheck shell=bash
# What perf-run and perf-cleanup do alike, around their Job.

# Reads and checks the arguments: `begin_command "OWN KEYS" ARGUMENT…`.
begin_command() {
  local own=$1
  shift
  case ${1-} in
    -h | --help | help) usage && exit 0 ;;
  esac
  take_arguments "$own" "$@"
  refuse_fixed_keys
  require_tools
  namespace=${given[NS]:-milo-system}
  token=${given[AUTH_BEARER_TOKEN]:-${AUTH_BEARER_TOKEN-}}
  check_value AUTH_BEARER_TOKEN "$token"
  limit=$(seconds_of JOB_TIMEOUT "${given[JOB_TIMEOUT]:-$default_job_timeout}")
  start_limit=$(seconds_of POD_START_TIMEOUT "${given[POD_START_TIMEOUT]:-$default_start_timeout}")
  umask 077
  work=$(mktemp -d)
  trap 'end_stream; rm -rf -- "$work"' EXIT
  trap 'stop_watching 130' INT
  trap 'stop_watching 143' TERM
}

# What the Job itself decides.
refuse_fixed_keys() {
  local key
  if [[ -n ${given[RUN_MODE]-} && ${given[RUN_MODE]} != "$run_mode" ]]; then
    die_usage "RUN_MODE is $run_mode here: use scripts/perf-run for a run and scripts/perf-cleanup for a cleanup."
  fi
  if [[ -n ${given[TARGET_NAMESPACE]-} && ${given[TARGET_NAMESPACE]} != "${given[NS]:-milo-system}" ]]; then
    die_usage "TARGET_NAMESPACE is the Job's namespace here, since it has rights nowhere else: set NS."
  fi
  for key in MILO_KUBECONFIG_PATH OUT_DIR; do
    if [[ -n ${given[$key]-} && ! ${given[$key]} =~ ^/[^:]+$ ]]; then
      die_usage "$key is a path in the container: it must begin with / and have no colon, and \"${given[$key]}\" is not so."
    fi
  done
  if [[ -n ${given[SAMPLE_QUERIES]-} && ! -r ${given[SAMPLE_QUERIES]} ]]; then
    die_usage "SAMPLE_QUERIES \"${given[SAMPLE_QUERIES]}\" cannot be read: name a file on this machine."
  fi
  if [[ -n ${given[OVERLAY]-} && ! -d ${given[OVERLAY]} ]]; then die_usage "OVERLAY \"${given[OVERLAY]}\" is no folder."; fi
}

# Where the program is built, it refuses here what it would refuse in the pod.
check_with_program() {
  local program=$repository/build/milo-perf key code=0
  # OUT_DIR, and files that let the program into VictoriaMetrics, are the container's.
  local -a environment=()
  [[ -x $program ]] || return 0
  for key in "${!given[@]}"; do
    case $key in
      AUTH_BEARER_TOKEN | OUT_DIR | VM_CA_FILE | VM_BEARER_TOKEN_FILE | METRICS_LISTEN) continue ;;
    esac
    if [[ -n ${knob_kinds[$key]-} ]]; then environment+=("$key=${given[$key]}"); fi
  done
  env -i OUT_DIR="$work" "${environment[@]}" "$program" run --dry-run >/dev/null 2>"$work/error" || code=$?
  if ((code == 2)); then die_usage "$(sed -n 's/^milo-perf: //p' "$work/error" | head -n 1)"; fi
}

# Makes the manifests and sees that they can run, before anything is changed: `prepare_job KUSTOMIZATION [ARGUMENT…]`.
prepare_job() {
  local kustomization=$1
  shift
  render_job "$kustomization" "$@"
  render_rbac >"$work/rbac.json"
  refuse_running "$job"
  require_kubeconfig_secret
}

stop_watching() {
  trap '' INT TERM
  if [[ -n ${job_uid-} ]]; then
    warn "Job $namespace/$job goes on without being watched; stop it with \"kubectl --namespace=$namespace delete job $job\"."
  fi
  exit "$1"
}
