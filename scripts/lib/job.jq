# Puts what the user asked for into a Job: $request[0] has name, namespace, image, test_id, env, kubeconfig {path, secret, key},
# out_dir, has_token and has_queries. Values go in as JSON strings, so nothing in them can change the manifest.

# Kubernetes replaces $(NAME) in values, and $$ stands for one dollar.
def literally: gsub("\\$"; "$$");

def set_env($name; $value): .env = [.env[]? | select(.name != $name)] + [{name: $name, value: ($value | literally)}];
def drop_env($name): .env = [.env[]? | select(.name != $name)];

$request[0] as $want
| (if .kind == "List" then .items[] else . end)
| select(.kind == "Job")
| .metadata.name = $want.name
| .metadata.namespace = $want.namespace
| .metadata.labels.app = "milo-perf"
| .spec.template.metadata.labels.app = "milo-perf"
| .spec.template.spec |= (
    (.containers[] | select(.name == "milo-perf")) |= (
      if $want.image != "" then .image = $want.image else . end
      | reduce ($want.env | to_entries[]) as $knob (.; set_env($knob.key; $knob.value))
      | if $want.args != [] then .args = ($want.args | map(literally)) else . end
      | if $want.has_token then . else drop_env("AUTH_BEARER_TOKEN") end
      | (.volumeMounts[]? | select(.name == "out")).mountPath |= (if $want.out_dir != "" then $want.out_dir else . end)
      | (.volumeMounts[]? | select(.name == "milo-kubeconfig")).mountPath |= (if $want.kubeconfig.path != "" then $want.kubeconfig.path else . end)
      | if $want.has_queries then .volumeMounts += [{name: "files", mountPath: "/etc/milo-perf", readOnly: true}] else . end
    )
    | (.volumes[]? | select(.name == "milo-kubeconfig")).secret |= (
        if $want.kubeconfig.secret != "" then .secretName = $want.kubeconfig.secret else . end
        | if $want.kubeconfig.key != "" then .items = [{key: $want.kubeconfig.key, path: "kubeconfig"}] else . end
      )
    | if $want.has_queries then .volumes += [{name: "files", configMap: {name: "perf-runner-files"}}] else . end
  )
