# Puts the objects into a namespace: $namespace.
(if .kind == "List" then .items[] else . end)
| .metadata.namespace = $namespace
| if .subjects then .subjects[].namespace = $namespace else . end
