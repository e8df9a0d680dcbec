#!/usr/bin/env bats
# The commands that users know, on a real apiserver, scaled down only in numbers; and what they leave behind.
bats_require_minimum_version 1.5.0

load cluster

setup_file() { setup_cluster; }
teardown_file() { remove_namespace; }

@test "task perf:run creates, measures and brings the results home; task perf:cleanup removes it all" {
  run --separate-stderr task perf:run -- "${small[@]}"
  [[ $status == 0 ]]
  [[ $output == *"results: $(results_file)"* ]]
  local test_id org
  test_id=$(result .test_id) org=$(result .org_name)
  [[ $(results_file) == */reports/$test_id/results.json ]]
  grep -q '<html' "$BATS_TEST_TMPDIR/reports/$test_id/report.html"
  [[ $(result .num_projects,.num_secrets_per_project,.num_configmaps_per_project | xargs) == '2 3 2' ]]
  [[ $(kube get configmap perf-results --output=json | jq -r '.data | has("results.json") and has("report.html"), .test_id, .org_name' | xargs) == "true $test_id $org" ]]
  [[ $(milo_kube get secrets --namespace="$org-p-001" --output=name | grep -c perf-secret) == 3 ]]
  [[ $(kube get job perf-runner --output=jsonpath='{.status.conditions[0].type}') == Complete ]]

  run --separate-stderr task perf:cleanup --
  [[ $status == 0 ]]
  [[ $stderr == *"cleaning up run $test_id of Organization $org"* ]]
  [[ -z $(milo_kube get organizations,projects --output=name | grep -- "$org") ]]
  [[ -z $(kube get jobs --output=name) ]]
  run kube get configmap perf-results
  [[ $output == *NotFound* ]]
}

# The keys and types that readers of results.json have always had.
@test "the project-only example leaves results.json with the keys and types of the runner that it replaces" {
  run --separate-stderr task perf:run -- RUN_OBJECTS_PHASE=false PROJECT_CONCURRENCY=10 STABILIZE_SECONDS=1 NUM_PROJECTS=20
  [[ $status == 0 ]]
  jq -e '(.test_id, .timestamp, .org_name | type == "string") and (.timestamp | test("^[0-9-]+T[0-9:.]+(Z|[+-]00:00)$"))
    and (.num_projects, .num_secrets_per_project, .num_configmaps_per_project, .projects_ready_seconds | type == "number")
    and (.metrics | keys | contains(["after_projects", "after_secrets", "baseline"]))
    and .metrics.after_secrets == null
    and ([.metrics.baseline, .metrics.after_projects | keys | contains(["apiserver_cpu_cores", "apiserver_mem_bytes", "etcd_cpu_cores", "etcd_mem_bytes"])] | all)
    and ([.metrics.baseline, .metrics.after_projects | .apiserver_mem_bytes, .etcd_mem_bytes | type == "number" and . > 1000000] | all)' "$(results_file)"
  local org
  org=$(result .org_name)
  [[ $(milo_kube get secrets,configmaps --namespace="$org-p-000" --output=name | grep -c perf-) == 0 ]]
}

@test "the heavier example: more objects, PROJECT_CONCURRENCY=12 OBJECT_CONCURRENCY=24" {
  run --separate-stderr task perf:run -- "${small[@]}" NUM_SECRETS_PER_PROJECT=50 NUM_CONFIGMAPS_PER_PROJECT=50 PROJECT_CONCURRENCY=12 OBJECT_CONCURRENCY=24
  [[ $status == 0 ]]
  [[ $(result '.objects.secrets.created, .objects.configmaps.created, .settings.PROJECT_CONCURRENCY, .settings.OBJECT_CONCURRENCY' | xargs) == '100 100 12 24' ]]
}

@test "the own-name example, with another Secret, key and path for the kubeconfig, cleaned up by its names alone" {
  local org=perf-cow-$RANDOM test_id
  local -a own=(MILO_KUBECONFIG_SECRET_NAME=own-kubeconfig MILO_KUBECONFIG_SECRET_KEY=own.yaml MILO_KUBECONFIG_PATH=/etc/milo/kubeconfig)
  kube create secret generic own-kubeconfig --from-file=own.yaml="$CLUSTER_DIR/milo/job-kubeconfig" >/dev/null
  run --separate-stderr task perf:run -- "${small[@]}" RUN_OBJECTS_PHASE=false ORG_NAME="$org" OUT_DIR=/results "${own[@]}"
  [[ $status == 0 ]]
  [[ $(result .settings.MILO_KUBECONFIG_PATH) == /etc/milo/kubeconfig ]]
  milo_kube get organization "$org" >/dev/null
  milo_kube get project "$org-p-000" >/dev/null
  test_id=$(result .test_id)
  kube delete configmap perf-results >/dev/null
  run --separate-stderr task perf:cleanup -- TEST_ID="$test_id" ORG_NAME="$org" "${own[@]}"
  [[ $status == 0 ]]
  run milo_kube get organization "$org"
  [[ $output == *NotFound* ]]
}

@test "an interrupted run is resumed under its own name" {
  run --separate-stderr task perf:run -- "${small[@]}" TEST_ID=res-$RANDOM READY_TIMEOUT_SECONDS=1 RUN_OBJECTS_PHASE=false STABILIZE_SECONDS=60 POD_START_TIMEOUT=9 JOB_TIMEOUT=6s
  [[ $status == 1 && $stderr == *'has not ended within 6 seconds (JOB_TIMEOUT) and goes on'* ]]
  local test_id end=$((SECONDS + 60))
  # On a busy machine the pod may have come to its first checkpoint later than that.
  until test_id=$(kube get configmap perf-results --output=jsonpath='{.data.test_id}') && [[ $test_id ]]; do
    ((SECONDS < end))
    sleep 0.5
  done
  run --separate-stderr task perf:run -- NUM_PROJECTS=1
  [[ $status == 1 && $stderr == *"Job $NS/perf-runner has been running since"* ]]
  kube delete job perf-runner >/dev/null
  sleep 2
  run --separate-stderr task perf:run -- RESUME="$test_id" STABILIZE_SECONDS=0
  [[ $status == 0 ]]
  [[ $(result .test_id,.outcome | xargs) == "$test_id completed" ]]
}
