# shellcheck shell=bash
# Where kube-apiserver and kubectl come from.

# Debian 12's source package has this version.
# shellcheck disable=SC2034 # read by whoever sources this file
readonly kubernetes_version=1.20.2

kubernetes_cache() {
  printf '%s/kubernetes-%s\n' "${MILO_PERF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/milo-perf}" "$kubernetes_version"
}

# Prints the first of the arguments that can be executed.
first_executable() {
  local file
  for file in "$@"; do
    if [[ -f $file && -x $file ]]; then
      printf '%s\n' "$file"
      return 0
    fi
  done
  return 1
}

find_kube_apiserver() {
  first_executable ${KUBEBUILDER_ASSETS:+"$KUBEBUILDER_ASSETS/kube-apiserver"} "$(kubernetes_cache)/kube-apiserver"
}

find_kubectl() {
  command -v kubectl || first_executable ${KUBEBUILDER_ASSETS:+"$KUBEBUILDER_ASSETS/kubectl"} "$(kubernetes_cache)/kubectl"
}

find_etcd() {
  first_executable ${KUBEBUILDER_ASSETS:+"$KUBEBUILDER_ASSETS/etcd"} "$(command -v etcd)"
}
