#!/usr/bin/env bats
# What perf-run makes of a pod's log, and of the state of its Job.

load common

setup() {
  load_repository
  local library
  for library in messages collect; do
    # shellcheck source=/dev/null
    source "$scripts/lib/$library.sh"
  done
  work=$BATS_TEST_TMPDIR/work folder=$BATS_TEST_TMPDIR/out
  mkdir -p -- "$work" "$folder"
}

# `file_in_log NAME`: the content of standard input as lines of a log, in two parts.
file_in_log() {
  gzip -c >"$BATS_TEST_TMPDIR/packed"
  printf 'milo-perf-file %s %s\n' "$1" "$(head -c 12 "$BATS_TEST_TMPDIR/packed" | base64 -w0)" "$1" "$(tail -c +13 "$BATS_TEST_TMPDIR/packed" | base64 -w0)"
}

@test "every file of the log comes home, into folders of its own" {
  {
    echo 'info  phase objects'
    echo '{"test_id":"a"}' | file_in_log results.json
    echo 'a line between'
    echo 'a,b' | file_in_log profiles/samples.csv
    : | file_in_log empty.txt
  } >"$work/log"
  run files_from_log "$folder"
  [ "$status" -eq 0 ]
  [[ $output == *'results.json profiles/samples.csv empty.txt'* ]]
  [ "$(<"$folder/results.json")" = '{"test_id":"a"}' ]
  [ "$(<"$folder/profiles/samples.csv")" = 'a,b' ]
  [ -e "$folder/empty.txt" ]
  [ -z "$(find "$folder" -name '*.new')" ]
}

@test "a name that leads out of the folder is refused" {
  local name
  for name in ../outside /etc/outside a/../../outside . .. a//b a/ 'a;b' '$(id)'; do
    echo x | file_in_log "$name" >"$work/log"
    run files_from_log "$folder"
    [ "$status" -eq 0 ]
    [[ $output == warning:* ]]
    [ -z "$(find "$folder" -type f)" ]
  done
  [ ! -e "$BATS_TEST_TMPDIR/outside" ]
}

@test "a file that is cut is told, and the others come home" {
  {
    echo '{"cut": true}' | file_in_log results.json | head -n 1
    echo whole | file_in_log other.txt
  } >"$work/log"
  run files_from_log "$folder"
  [[ $output == *"the pod's log has no whole results.json"* ]]
  [ ! -e "$folder/results.json" ]
  [ "$(<"$folder/other.txt")" = whole ]
}

# `state JOBS-AND-PODS`: what job_state.jq says of Job "uid".
state() { jq -c --arg uid uid --argjson events '[{}]' -f "$scripts/lib/job_state.jq" <<<"$1"; }

job='{"kind": "Job", "metadata": {"uid": "uid"}, "status": {}}'
pod() {
  jq -cn --argjson status "$1" '{kind: "Pod", metadata: {name: "pod-1", ownerReferences: [{uid: "uid"}]}, spec: {nodeName: "node-1"}, status: $status}'
}

@test "what befalls a pod from outside is told beside its Job's state" {
  local running='"containerStatuses": [{"name": "milo-perf", "state": {"running": {}}}]'
  [ "$(state "{\"items\": [$job, $(pod "{$running, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}")]}" | jq -r '.state, .note' | xargs)" = running ]
  [[ $(state "{\"items\": [$job, $(pod "{$running, \"conditions\": [{\"type\": \"Ready\", \"status\": \"False\"}]}")]}" | jq -r .note) == *'node node-1 is not Ready'* ]]
  [[ $(state "{\"items\": [$job, $(pod "{$running, \"conditions\": [{\"type\": \"DisruptionTarget\", \"status\": \"True\", \"reason\": \"DeletionByTaintManager\", \"message\": \"Taint manager\"}]}")]}" |
    jq -r .note) == 'DeletionByTaintManager: Taint manager' ]]
  [[ $(state "{\"items\": [$job, $(pod '{"phase": "Failed", "reason": "Evicted", "message": "Usage of EmptyDir"}')]}" | jq -r '.state, .detail' | xargs) == 'failed Evicted: Usage of EmptyDir' ]]
  [[ $(state '{"items": []}' | jq -r .state) == gone ]]
}
