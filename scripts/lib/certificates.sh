# shellcheck shell=bash
# The stack's own certificate authority and what it signs. Everything is made once per stack, and goes with it.

make_certificates() {
  local pki=$STACK_DIR/pki
  [[ ! -e $pki/complete ]] || return 0
  make_authority 'milo-perf local stack CA'
  local names='DNS:localhost,DNS:milo-apiserver.milo-system.svc.cluster.local,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:::1'
  sign_server apiserver '/CN=milo-apiserver' "$names"
  sign_server front-door '/CN=milo' "$names"
  sign_client admin '/O=system:masters/CN=admin'
  sign_server controller-manager '/CN=milo-controller-manager' "$names"
  sign_client project-controller '/O=system:masters/CN=project-controller'
  sign_client scraper '/O=system:masters/CN=scraper'
  openssl rand -hex 24 >"$pki/token"
  printf '%s,milo-perf,milo-perf,"system:masters"\n' "$(<"$pki/token")" >"$pki/tokens.csv"
  : >"$pki/complete"
}

# `make_authority NAME` makes ca.crt and ca.key, and service-account.key and .pub, with which an apiserver signs and checks tokens.
make_authority() {
  local pki=$STACK_DIR/pki
  mkdir -p -- "$pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj "/CN=$1" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  openssl genrsa -out "$pki/service-account.key" 2048 2>/dev/null
  openssl rsa -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub" 2>/dev/null
}

# `sign_server NAME SUBJECT ALTERNATIVE-NAMES` and `sign_client NAME SUBJECT`
sign_server() { sign "$1" "$2" "$(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth' "$3")"; }
sign_client() { sign "$1" "$2" 'extendedKeyUsage=clientAuth'; }

# `sign NAME SUBJECT EXTENSIONS` makes NAME.key and NAME.crt.
sign() {
  local pki=$STACK_DIR/pki name=$1 subject=$2 extensions=$3
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "$subject" -keyout "$pki/$name.key" -out "$pki/$name.csr" 2>/dev/null
  openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 30 \
    -extfile <(printf '%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n' "$extensions") -out "$pki/$name.crt" 2>/dev/null
  rm -f -- "$pki/$name.csr"
}

# `write_kubeconfig FILE PORT USER-LINES` writes a kubeconfig for a port of the stack.
write_kubeconfig() {
  local file=$1 port=$2 user=$3
  cat >"$file" <<KUBECONFIG
apiVersion: v1
kind: Config
clusters:
- name: milo
  cluster:
    server: https://127.0.0.1:$port
    certificate-authority-data: $(base64 -w0 "$STACK_DIR/pki/ca.crt")
users:
- name: user
  user:
$user
contexts:
- name: milo
  context: {cluster: milo, user: user}
current-context: milo
KUBECONFIG
}

# Milo serves its scoped paths itself.
front_door_port() { if [[ -n $STACK_MILO ]]; then echo "$STACK_APISERVER_PORT"; else echo "$STACK_FRONT_DOOR_PORT"; fi; }

write_kubeconfigs() {
  local pki=$STACK_DIR/pki name
  write_kubeconfig "$STACK_DIR/milo-kubeconfig" "$(front_door_port)" "    token: $(<"$pki/token")"
  for name in admin project-controller; do write_kubeconfig "$STACK_DIR/$name-kubeconfig" "$STACK_APISERVER_PORT" "$(certificate_user "$name")"; done
}

# The lines of a kubeconfig's user who has a client certificate.
certificate_user() {
  local pki=$STACK_DIR/pki
  printf '    client-certificate-data: %s\n    client-key-data: %s' "$(base64 -w0 "$pki/$1.crt")" "$(base64 -w0 "$pki/$1.key")"
}
