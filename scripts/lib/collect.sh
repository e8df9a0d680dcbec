# shellcheck shell=bash
# The files of a run: from the ConfigMap, else from the pod's log.

# Brings results.json and report.html into the folder. Fails when there are no results of this run.
collect_files() {
  local folder=$1
  mkdir -p -- "$folder"
  # A run prints its files only when the ConfigMap could not take them: then the ConfigMap is older than they are.
  if files_from_log "$folder"; then
    say "the results come from the pod's log, since the ConfigMap could not be written"
  elif ! files_from_configmap "$folder"; then
    rmdir -- "$folder" 2>/dev/null || true
    return 1
  fi
}

files_from_log() {
  [[ -s $work/log ]] && file_from_log results.json "$1" || return 1
  file_from_log report.html "$1" || warn "the pod's log has no whole report.html."
}

# Each line has a part of the base64 of the file's gzip, encoded by itself.
file_from_log() {
  local name=$1 folder=$2
  awk -v name="$name" '$1 == "milo-perf-file" && $2 == name { print $3 }' "$work/log" | base64 -d 2>/dev/null | gzip -dc >"$work/$name" 2>/dev/null || return 1
  keep_file "$name" "$folder"
}

# The ConfigMap may have the results of an earlier run: only this run's are taken.
files_from_configmap() {
  local folder=$1
  kube_ns get configmap "$results_configmap" --output=json >"$work/configmap.json" 2>"$work/error" || return 1
  jq -e --arg test_id "$test_id" '.data.test_id == $test_id and (.data["results.json"] | fromjson? | .test_id) == $test_id' \
    "$work/configmap.json" >/dev/null || return 1
  jq -j '.data["results.json"]' "$work/configmap.json" >"$work/results.json"
  keep_file results.json "$folder" || return 1
  jq -j '.data["report.html"] // ""' "$work/configmap.json" >"$work/report.html"
  keep_file report.html "$folder" ||
    warn "no report.html fitted into the ConfigMap: draw it with \"milo-perf report $folder/results.json\"."
}

keep_file() {
  [[ -s $work/$1 ]] || return 1
  cp -- "$work/$1" "$2/.$1.new" && mv -f -- "$2/.$1.new" "$2/$1"
}
