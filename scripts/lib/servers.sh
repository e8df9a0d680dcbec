# shellcheck shell=bash
# Where the stack's servers and the tests' tools come from: modules of ours that pin their versions, and the cache of what was built.

# Each folder with a go.mod is a module of its own, so that a server has the dependencies of its own release, not those that another one raised.
server_modules=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../stack/servers" && pwd)
readonly server_modules

# The module that every folder pins; its version is the name of the cache's folder.
declare -grA pinned_module=(
  [kubernetes]=k8s.io/kubernetes
  [etcd]=go.etcd.io/etcd/server/v3
  [victoria-metrics]=github.com/VictoriaMetrics/VictoriaMetrics
  [coredns]=github.com/coredns/coredns
  [task]=github.com/go-task/task/v3
  [hey]=github.com/rakyll/hey
  [vegeta]=github.com/tsenart/vegeta/v12
  [fortio]=fortio.org/fortio
)

# Prints the names of all programs that can be built.
server_names() {
  local folder
  for folder in "${!pinned_module[@]}"; do programs_of "$folder"; done | sort
}

# `programs_of FOLDER`: the names of its "tool" lines, which are those of their packages; a package that is a whole module has the folder's name.
programs_of() {
  local folder=$1 package
  while read -r package; do
    if [[ $package == "${pinned_module[$folder]}" ]]; then printf '%s\n' "$folder"; else printf '%s\n' "${package##*/}"; fi
  done < <(tool_packages "$folder")
}

# The packages of the "tool" lines, alone or in brackets.
tool_packages() {
  sed -nE -e 's/^tool ([^ (]+)$/\1/p' -e '/^tool \($/,/^\)$/ s/^\t//p' -- "$server_modules/$1/go.mod"
}

# `module_of PROGRAM`: the folder whose module has it; fails when none has.
module_of() {
  local folder
  for folder in "${!pinned_module[@]}"; do
    # Not by a pipe: grep -q leaves it early, and pipefail would take that for a failure.
    if grep -qxF -- "$1" <<<"$(programs_of "$folder")"; then
      printf '%s\n' "$folder"
      return 0
    fi
  done
  return 1
}

# `package_of FOLDER PROGRAM`
package_of() {
  local package
  while read -r package; do
    if [[ ${package##*/} == "$2" || ($package == "${pinned_module[$1]}" && $1 == "$2") ]]; then printf '%s\n' "$package"; fi
  done < <(tool_packages "$1")
}

# `pinned_version FOLDER`: such as v1.37.2.
pinned_version() {
  awk -v module="${pinned_module[$1]}" '($1 == module || ($1 == "require" && $2 == module)) { print $1 == "require" ? $3 : $2; exit }' "$server_modules/$1/go.mod"
}

# `server_cache FOLDER`: where what its module builds is kept, by version.
server_cache() {
  printf '%s/%s-%s\n' "${MILO_PERF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/milo-perf}" "$1" "$(pinned_version "$1" | sed 's/^v//')"
}

# `built_server PROGRAM`: its file in the cache; fails when it was not built.
built_server() { first_executable "$(server_cache "$(module_of "$1")")/$1"; }

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

# `find_server PROGRAM`: that of KUBEBUILDER_ASSETS (the folder of controller-runtime's envtest), else the one that was built.
find_server() { first_executable ${KUBEBUILDER_ASSETS:+"$KUBEBUILDER_ASSETS/$1"} || built_server "$1"; }

# Any kubectl does: the machine's own is taken where there is one.
find_kubectl() { command -v kubectl || find_server kubectl; }

# nginx is in a folder that is not on the PATH of every user.
find_nginx() { first_executable "$(command -v nginx)" /usr/sbin/nginx; }
