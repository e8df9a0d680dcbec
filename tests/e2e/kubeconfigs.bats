#!/usr/bin/env bats
# Kubeconfigs of real life, each by its effect on a real control plane.

load common

setup_file() {
  use_stack
  # shellcheck source=../../scripts/lib/messages.sh
  source "$repository/scripts/lib/messages.sh"
  # shellcheck source=../../scripts/lib/packages.sh
  source "$repository/scripts/lib/packages.sh"
  ensure_command socat socat
  front=$(stack_port FRONT_DOOR)
  token=$(<"$STACK_DIR/pki/token")
  ca=$(base64 -w0 "$STACK_DIR/pki/ca.crt")
  export front token ca MEASURE_WINDOW=5s
}

teardown() {
  local pid
  if [[ -s $BATS_TEST_TMPDIR/pids ]]; then
    while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$BATS_TEST_TMPDIR/pids"
  fi
}

teardown_file() { clean_up_everything; }

stack_port() { sed -n "s/^STACK_$1_PORT=//p" "$STACK_DIR/settings"; }

# `kubeconfig CLUSTER USER [EXTRA-YAML]`: flow mappings of the one cluster and the one user, in a file of the test.
kubeconfig() {
  export MILO_KUBECONFIG_PATH=$BATS_TEST_TMPDIR/kubeconfig
  install -m 0600 /dev/stdin "$MILO_KUBECONFIG_PATH" <<CONFIG
apiVersion: v1
kind: Config
current-context: main
clusters: [{name: milo, cluster: {$1}}]
users: [{name: me, user: {$2}}]
contexts: [{name: main, context: {cluster: milo, user: me}}]
CONFIG
}

cluster() { printf 'server: "https://127.0.0.1:%s", certificate-authority-data: %s' "$front" "$ca"; }

# The whole check succeeds: the credentials and the way to the server are good.
checks_out() {
  run "$program" check "$@"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output != *"$token"* ]]
}

# A plugin beside the kubeconfig that notes each start with what it was told: `plugin NAME <<<SHELL-COMMANDS`.
plugin() {
  {
    printf '#!/bin/sh\nprintf "%%s\\n" "$KUBERNETES_EXEC_INFO" >>"%s"\n' "$BATS_TEST_TMPDIR/$1.starts"
    cat
  } >"$BATS_TEST_TMPDIR/$1"
  chmod +x "$BATS_TEST_TMPDIR/$1"
}

starts() { wc -l <"$BATS_TEST_TMPDIR/$1.starts"; }

exec_user() { printf 'exec: {apiVersion: client.authentication.k8s.io/%s, command: ./%s, interactiveMode: Never%s}' "$1" "$2" "${3:+, $3}"; }

# Starts a helper and waits for its port: `helper HOST PORT COMMAND…`.
helper() {
  local host=$1 port=$2
  shift 2
  "$@" >"$BATS_TEST_TMPDIR/helper.log" 2>&1 3>&- &
  echo "$!" >>"$BATS_TEST_TMPDIR/pids"
  wait_for 10 port_open "$host" "$port"
}

port_open() { (exec 4<>"/dev/tcp/$1/$2") 2>/dev/null; }

@test "an exec plugin of v1 and of v1beta1: a token, asked for once, with the cluster told" {
  local version
  for version in v1 v1beta1; do
    plugin "login-$version" <<PLUGIN
echo '{"apiVersion": "client.authentication.k8s.io/$version", "kind": "ExecCredential", "status": {"token": "$token"}}'
PLUGIN
    kubeconfig "$(cluster)" "$(exec_user "$version" "login-$version" 'provideClusterInfo: true')"
    checks_out
    [ "$(starts "login-$version")" -eq 1 ]
    [ "$(jq -r '.apiVersion, .spec.interactive, .spec.cluster.server' "$BATS_TEST_TMPDIR/login-$version.starts" | xargs)" = \
      "client.authentication.k8s.io/$version false https://127.0.0.1:$front" ]
  done
}

@test "an exec plugin's credentials that expire are replaced while the run goes on" {
  plugin short <<PLUGIN
date -u -d '+3 seconds' '+{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
  "status": {"token": "$token", "expirationTimestamp": "%Y-%m-%dT%H:%M:%SZ"}}'
PLUGIN
  kubeconfig "$(cluster)" "$(exec_user v1 short)"
  small_run "$BATS_TEST_TMPDIR/out"
  run "$program" run
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(starts short)" -ge 2 ]
  [ "$(result .outcome)" = completed ]
}

@test "an exec plugin is asked again when the server refuses what it gave" {
  plugin stale <<PLUGIN
token=stale-token
if [ "\$(wc -l <"$BATS_TEST_TMPDIR/stale.starts")" -gt 1 ]; then token=$token; fi
echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "'\$token'"}}'
PLUGIN
  kubeconfig "$(cluster)" "$(exec_user v1 stale)"
  checks_out
  [ "$(starts stale)" -eq 2 ]
}

@test "an exec plugin may give a client certificate" {
  plugin certificate <<PLUGIN
jq -n --rawfile certificate "$STACK_DIR/pki/admin.crt" --rawfile key "$STACK_DIR/pki/admin.key" '{apiVersion: "client.authentication.k8s.io/v1",
  kind: "ExecCredential", status: {clientCertificateData: \$certificate, clientKeyData: \$key}}'
PLUGIN
  # The front door ends TLS, so the certificate is for the apiserver itself.
  front=$(stack_port APISERVER)
  kubeconfig "$(cluster)" "$(exec_user v1 certificate)"
  checks_out
  [ "$(starts certificate)" -eq 1 ]
}

@test "a plugin that fails, or prints nonsense, is named and nothing is created" {
  plugin broken <<<'exit 4'
  kubeconfig "$(cluster)" "$(exec_user v1 broken 'installHint: "get it from the intranet"')"
  run "$program" run
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *"$BATS_TEST_TMPDIR/broken"*'exit code 4'*'get it from the intranet'* ]]
  plugin broken <<<'echo hello'
  run "$program" run
  [ "$status" -eq 2 ]
  [[ ${lines[-1]} == *'no object in JSON or YAML'* ]]
}

@test "several contexts: the current one leads nowhere, --context names one that works, with files beside the kubeconfig" {
  kubeconfig 'server: "https://127.0.0.1:1"' 'token: wrong'
  mkdir -p "$BATS_TEST_TMPDIR/keys"
  install -m 0600 "$STACK_DIR/pki/token" "$BATS_TEST_TMPDIR/keys/token"
  cp "$STACK_DIR/pki/ca.crt" "$BATS_TEST_TMPDIR/keys/ca.crt"
  sed -i -e "s,^clusters: \[,&{name: other\, cluster: {server: \"https://127.0.0.1:$front\"\, certificate-authority: keys/ca.crt}}\, ," \
    -e 's,^users: \[,&{name: you\, user: {tokenFile: keys/token}}\, ,' \
    -e 's,^contexts: \[,&{name: staging\, context: {cluster: other\, user: you}}\, ,' "$MILO_KUBECONFIG_PATH"
  run "$program" check
  [ "$status" -eq 2 ]
  [[ $output == *127.0.0.1:1* ]]
  checks_out --context staging
  CONTEXT=staging checks_out
  run "$program" check --context prod
  [ "$status" -eq 2 ]
  [[ $output == *'FAILED   kubeconfig: '*prod*staging* ]]
}

@test "KUBECONFIG with several files: context, cluster and user may stand in different ones" {
  kubectl config view --raw -o json >"$BATS_TEST_TMPDIR/whole"
  local part
  for part in clusters users contexts; do
    jq --arg part "$part" '{apiVersion, kind, ($part): .[$part]} + (if $part == "contexts" then {"current-context"} else {} end)' \
      "$BATS_TEST_TMPDIR/whole" | install -m 0600 /dev/stdin "$BATS_TEST_TMPDIR/$part"
  done
  KUBECONFIG=$BATS_TEST_TMPDIR/contexts:$BATS_TEST_TMPDIR/missing:$BATS_TEST_TMPDIR/clusters:$BATS_TEST_TMPDIR/users checks_out
  [[ $output == *'milo-system/perf-results can be written'* ]]
}

@test "a path prefix in server" {
  # The front door serves an Organization's scope under a prefix: REST paths behind it are ordinary ones.
  local prefix=/apis/resourcemanager.miloapis.com/v1alpha1/organizations/any/control-plane
  kubeconfig "server: \"https://127.0.0.1:$front$prefix/\", certificate-authority-data: $ca" "token: $token"
  KUBECONFIG=$BATS_TEST_TMPDIR/kubeconfig MILO_KUBECONFIG_PATH=$STACK_DIR/milo-kubeconfig checks_out
  [[ $output == *'milo-system/perf-results can be written'* ]]
}

@test "an IPv6 server, with the name that its certificate has" {
  grep -qs . /proc/net/if_inet6 || skip 'this machine has no IPv6'
  local port=$((front + 20))
  helper ::1 "$port" socat "TCP6-LISTEN:$port,bind=[::1],reuseaddr,fork" "TCP:127.0.0.1:$front"
  kubeconfig "server: \"https://[::1]:$port\", tls-server-name: milo-apiserver.milo-system.svc.cluster.local,
    certificate-authority-data: $ca" "token: $token"
  checks_out
  [[ $output == *"https://[::1]:$port answers"* ]]
}

@test "proxy-url, HTTPS_PROXY and NO_PROXY" {
  local port=$((front + 21)) before log=$BATS_TEST_TMPDIR/proxy name=milo-apiserver.milo-system.svc.cluster.local
  helper 127.0.0.1 "$port" python3 "$BATS_TEST_DIRNAME/connect_proxy.py" "$port" "$front" "$log"
  kubeconfig "$(cluster), proxy-url: \"http://me:pass@127.0.0.1:$port\"" "token: $token"
  checks_out
  grep -qx "CONNECT 127.0.0.1:$front Proxy-Authorization: Basic $(printf me:pass | base64)" "$log"

  # A name that only the proxy knows.
  kubeconfig "server: \"https://$name:6443\", certificate-authority-data: $ca" "token: $token"
  HTTPS_PROXY=http://127.0.0.1:$port checks_out
  grep -qx "CONNECT $name:6443 no credentials" "$log"

  before=$(wc -l <"$log")
  HTTPS_PROXY=http://127.0.0.1:$port NO_PROXY=.svc.cluster.local run "$program" check
  [ "$status" -eq 2 ]
  [ "$(wc -l <"$log")" -eq "$before" ]

}

@test "a SOCKS5 proxy, with and without a password" {
  local port=$((front + 22)) log=$BATS_TEST_TMPDIR/proxy name=milo-apiserver.milo-system.svc.cluster.local
  helper 127.0.0.1 "$port" python3 "$BATS_TEST_DIRNAME/socks5_proxy.py" "$port" "$front" "$log"
  kubeconfig "$(cluster), proxy-url: \"socks5://127.0.0.1:$port\"" "token: $token"
  checks_out
  grep -qx "CONNECT 127.0.0.1:$front no credentials" "$log"

  # A name that only the proxy knows.
  kubeconfig "server: \"https://$name:6443\", certificate-authority-data: $ca" "token: $token"
  HTTPS_PROXY=socks5://me:pass@127.0.0.1:$port checks_out
  grep -qx "CONNECT $name:6443 me:pass" "$log"

  HTTPS_PROXY=socks5h://me:wrong@127.0.0.1:$port run "$program" check
  [ "$status" -eq 2 ]
  [[ $output == *"that user and password are wrong"* && $output != *wrong@* ]]
}
