# shellcheck shell=bash
# Knobs as KEY=value arguments: k8s/knobs is what `milo-perf --list-knobs` prints, a line of name, kind and description for each.

declare -gA knob_kinds=() knob_takes=()
# What the user gave, by key.
declare -gA given=()

read_knob_kinds() {
  local name kind takes
  while IFS=$'\t' read -r name kind takes; do
    knob_kinds[$name]=$kind knob_takes[$name]=$takes
  done <"$repository/k8s/knobs"
}

# Takes KEY=value arguments into `given`. Refuses what is neither a knob nor one of the script's own keys: `take_arguments "OWN KEYS" ARGUMENT…`.
take_arguments() {
  local own=" $1 " argument key value
  shift
  read_knob_kinds
  for argument in "$@"; do
    [[ $argument == *=* ]] || die_usage "\"$argument\" is no KEY=value argument: see --help."
    key=${argument%%=*} value=${argument#*=}
    [[ $key =~ ^[A-Z_]+$ && (-n ${knob_kinds[$key]-} || $own == *" $key "*) ]] || refuse_key "$key" "$own"
    check_value "$key" "$value"
    # shellcheck disable=SC2034 # for whoever sources this file
    given[$key]=$value
  done
}

refuse_key() {
  local key=$1 candidate
  for candidate in "${!knob_kinds[@]}" $2; do
    if [[ ${candidate//_/} == "$(tr -d '_-' <<<"${key^^}")" ]]; then die_usage "there is no knob \"$key\": it is called $candidate."; fi
  done
  die_usage "there is no knob \"$key\": see --help for all of them."
}

# An empty value stands for the default, as in the environment of the program.
check_value() {
  local key=$1 value=$2 kind=${knob_kinds[$1]-}
  [[ -n $value ]] || return 0
  iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 <<<"$value" || die_usage "the value of $key is no UTF-8 text."
  if [[ -z $kind ]] || fits "$kind" "$value"; then return 0; fi
  local shown="\"${value//[[:cntrl:]]/ }\""
  if [[ $key == AUTH_BEARER_TOKEN || $key == VM_HEADERS ]]; then shown='the given text'; fi
  die_usage "$key must be ${knob_takes[$key]}, and $shown is not."
}

readonly label_pattern='^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'
readonly subdomain_pattern='^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

# What is cheap to see here is seen here; the rest the program itself checks before it creates anything.
fits() {
  local kind=$1 value=$2
  case $kind in
    'integer '*) whole_number_fits "$value" "${kind#integer }" ;;
    'number '*) number_fits "$value" "${kind#number }" ;;
    boolean) [[ ${value,,} =~ ^(true|1|yes|on|false|0|no|off)$ ]] ;;
    'enum '*) [[ $value != *' '* && " ${kind#enum } " == *" $value "* ]] ;;
    label) [[ $value =~ $label_pattern ]] ;;
    subdomain) ((${#value} <= 253)) && [[ $value =~ $subdomain_pattern ]] ;;
    key) ((${#value} <= 253)) && [[ $value =~ ^[-._a-zA-Z0-9]+$ && $value != . && $value != ..* ]] ;;
    url) [[ $value =~ ^https?://[^/?#[:space:]]+[^[:space:]]*$ ]] ;;
    duration) [[ $value =~ ^([0-9]+(y|w|d|h|ms|m|s))+$ ]] ;;
    address) [[ $value =~ :[0-9]{1,5}$ ]] ;;
    token) [[ ! $value =~ [[:space:][:cntrl:]] ]] ;;
    *) return 0 ;;
  esac
}

whole_number_fits() {
  local value=$1 least=${2% *} most=${2#* }
  [[ $value =~ ^[0-9]+$ ]] || return 1
  while [[ $value == 0* && $value != 0 ]]; do value=${value#0}; done
  ((${#value} < ${#most})) || { ((${#value} == ${#most})) && [[ ! $value > $most ]]; } || return 1
  ((10#${value:-0} >= least))
}

number_fits() {
  local value=$1 least=${2% *} most=${2#* }
  [[ $value =~ ^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$ ]] || return 1
  LC_ALL=C awk -v value="$value" -v least="$least" -v most="$most" 'BEGIN { exit !(value + 0 >= least + 0 && value + 0 <= most + 0) }'
}
