#!/usr/bin/env bats
# Where the stack's servers come from, and the flags that each version of them takes.

load common

setup() {
  load_repository
  export MILO_PERF_CACHE=$BATS_TEST_TMPDIR/cache
  local library
  for library in messages packages servers go parts; do
    # shellcheck source=/dev/null
    source "$scripts/lib/$library.sh"
  done
}

# `program FILE` makes one.
program() {
  mkdir -p -- "$(dirname -- "$1")"
  printf '#!/bin/sh\necho "%s"\n' "${2-}" >"$1"
  chmod +x -- "$1"
}

@test "a kube-apiserver gets the flags that its version has, from 1.20 to 1.37" {
  local minor
  for minor in 20 21 22 23; do [ "$(kube_apiserver_flags "1.$minor.9")" = --insecure-port=0 ]; done
  for minor in {24..37}; do [ -z "$(kube_apiserver_flags "1.$minor.0")" ]; done
}

@test "the version of a kube-apiserver is what it says" {
  program "$BATS_TEST_TMPDIR/kube-apiserver" 'Kubernetes v1.20.2'
  [ "$(server_version "$BATS_TEST_TMPDIR/kube-apiserver")" = 1.20.2 ]
  program "$BATS_TEST_TMPDIR/kube-apiserver" 'Kubernetes v1.33.1-rc.0+0123abc'
  [ "$(server_version "$BATS_TEST_TMPDIR/kube-apiserver")" = 1.33.1 ]
  program "$BATS_TEST_TMPDIR/kube-apiserver" 'no such flag'
  run server_version "$BATS_TEST_TMPDIR/kube-apiserver"
  [ "$status" -ne 0 ]
}

@test "KUBEBUILDER_ASSETS wins over what was built, program by program" {
  run find_server kube-apiserver
  [ "$status" -ne 0 ]
  program "$(server_cache kubernetes)/kube-apiserver"
  program "$(server_cache etcd)/etcd"
  [ "$(find_server kube-apiserver)" = "$(server_cache kubernetes)/kube-apiserver" ]
  export KUBEBUILDER_ASSETS=$BATS_TEST_TMPDIR/assets
  program "$KUBEBUILDER_ASSETS/kube-apiserver"
  [ "$(find_server kube-apiserver)" = "$KUBEBUILDER_ASSETS/kube-apiserver" ]
  [ "$(find_server etcd)" = "$(server_cache etcd)/etcd" ]
}

@test "every module pins one version, and its programs are known by name" {
  local folder
  for folder in "${!pinned_module[@]}"; do
    [[ $(pinned_version "$folder") =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]]
    [[ $(server_cache "$folder") == "$MILO_PERF_CACHE/$folder-"[0-9]* ]]
  done
  [ "$(server_names | paste -sd' ')" = 'coredns etcd fortio hey kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet task vegeta victoria-metrics' ]
  [ "$(module_of kubelet)" = kubernetes ]
  [ "$(package_of kubernetes kubelet)" = k8s.io/kubernetes/cmd/kubelet ]
  [ "$(package_of etcd etcd)" = go.etcd.io/etcd/server/v3 ]
  run module_of kubelets
  [ "$status" -ne 0 ]
}

@test "the modules of Kubernetes are all of one release" {
  local version others
  version=$(pinned_version kubernetes)
  others=$(grep -E '^	k8s.io/[a-z-]+ => ' "$server_modules/kubernetes/go.mod")
  [ "$(wc -l <<<"$others")" -gt 25 ]
  [ -z "$(grep -v " v0.${version#v*.}\$" <<<"$others")" ]
}

@test "a go from 1.21 on the PATH is taken, and brings the toolchain that a module asks for" {
  stub go <<'STUB'
echo "go${STUB_VERSION}"
STUB
  export STUB_VERSION=1.26.8
  find_go
  [ "$(toolchain_for "$server_modules/kubernetes/go.mod")" = local ]
  STUB_VERSION='1.24.4 X:nocoverageredesign'
  find_go
  [ "$(go_version go)" = 1.24.4 ]
  [ "$(toolchain_for "$server_modules/kubernetes/go.mod")" = "$go_toolchain" ]
}

@test "what apt has decides where Go comes from" {
  stub apt-cache <<'STUB'
printf 'golang-go:\n  Installed: (none)\n  Candidate: %s\n' "$STUB_CANDIDATE"
STUB
  STUB_CANDIDATE='2:1.24~2' distribution_go_does
  STUB_CANDIDATE='2:1.22~2build1' distribution_go_does
  run env STUB_CANDIDATE='2:1.19~1' bash -c "source '$scripts/lib/packages.sh'; source '$scripts/lib/go.sh'; distribution_go_does"
  [ "$status" -ne 0 ]
}
