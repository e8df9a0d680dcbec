# shellcheck shell=bash
# The files of a run: from its pod's log, where it has printed what the ConfigMap has not, and from the ConfigMap.

# Brings results.json, report.html and what else the run has left into the folder. Fails when there are no results of this run.
collect_files() {
  local folder=$1
  mkdir -p -- "$folder"
  files_from_log "$folder"
  # A run prints its results only when the ConfigMap has not all of them.
  if [[ ! -s $folder/results.json ]] && ! files_from_configmap "$folder"; then
    rmdir -- "$folder" 2>/dev/null || true
    return 1
  fi
}

# Each line has a part of the base64 of a file's gzip, encoded by itself.
files_from_log() {
  local folder=$1 name
  local -a collected=()
  if [[ ! -s $work/log ]]; then return 0; fi
  while IFS= read -r name; do
    if ! plain_path "$name"; then
      warn "the pod's log has a file of a name that is none: it is left out."
    elif file_from_log "$name" "$folder"; then
      collected+=("$name")
    else
      warn "the pod's log has no whole $name."
    fi
  done < <(awk '$1 == "milo-perf-file" && NF == 3 && !seen[$2]++ { print $2 }' "$work/log")
  if ((${#collected[@]})); then say "from the pod's log, since the ConfigMap has not all: ${collected[*]}"; fi
}

# Letters, digits and ._- alone, below the folder: whoever writes into the log must not choose another place.
plain_path() { [[ $1 =~ ^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$ && ! /$1/ =~ /\.\.?/ ]]; }

file_from_log() {
  local name=$1 folder=$2
  awk -v name="$name" '$1 == "milo-perf-file" && $2 == name { print $3 }' "$work/log" | base64 -d 2>/dev/null | gzip -dc >"$work/file" 2>/dev/null || return 1
  mkdir -p -- "$(dirname -- "$folder/$name")" && keep_file "$work/file" "$folder/$name"
}

# The ConfigMap may have the results of an earlier run: only this run's are taken.
files_from_configmap() {
  local folder=$1
  kube_ns get configmap "$results_configmap" --output=json >"$work/configmap.json" 2>"$work/error" || {
    grep -q '(NotFound)' "$work/error" || warn "$(first_error)"
    return 1
  }
  jq -e --arg test_id "$test_id" '.data.test_id == $test_id and (.data["results.json"] | fromjson? | .test_id) == $test_id' \
    "$work/configmap.json" >/dev/null || return 1
  jq -j '.data["results.json"]' "$work/configmap.json" >"$work/file"
  [[ -s $work/file ]] && keep_file "$work/file" "$folder/results.json" || return 1
  if [[ -e $folder/report.html ]]; then return 0; fi
  jq -j '.data["report.html"] // ""' "$work/configmap.json" >"$work/file"
  if [[ -s $work/file ]]; then
    keep_file "$work/file" "$folder/report.html"
  else
    warn "no report.html fitted into the ConfigMap: draw it with \"milo-perf report $folder/results.json\"."
  fi
}

# Whole or not at all.
keep_file() { cp -- "$1" "$2.new" && mv -f -- "$2.new" "$2"; }
