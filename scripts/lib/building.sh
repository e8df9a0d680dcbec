# shellcheck shell=bash
# Building the program: packages, Meson's build folders, Ninja.

readonly build_packages=(g++ meson ninja-build pkg-config ccache libssl-dev zlib1g-dev libfmt-dev libspdlog-dev libyaml-cpp-dev libjs-chart.js doctest-dev)
# Every release names Boost's packages after its version.
readonly oldest_boost=1.81
# The first clang whose coroutines are those of libstdc++.
readonly oldest_clang=16

# shellcheck disable=SC2034 # who sources this chooses one
readonly release_options=(--buildtype=release -Db_lto=true)
# Unoptimised and with line numbers alone: the sanitizers' work takes three times as long to compile otherwise.
# shellcheck disable=SC2034
readonly sanitizer_options=(--buildtype=debug -Doptimization=0 -Dcpp_args=-g1 "-Db_sanitize=address,undefined" -Db_lundef=false)

# `ensure_build_packages [PACKAGE…]`: what every build needs, and more.
# shellcheck disable=SC2120 # scripts that need more give it
ensure_build_packages() {
  local boost
  boost=$(package_version libboost-url "$oldest_boost" -dev) ||
    die "apt has no package of Boost $oldest_boost or newer with Boost.URL (libboost-url1.NN-dev): is the release older than Debian 12 or Ubuntu 24.04?"
  ensure_packages "${build_packages[@]}" "libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev" "libboost-program-options$boost-dev" "$@"
}

# Prints the version of the clang that lints and fuzzes, such as 16.
clang_version() {
  package_version clang- "$oldest_clang" '' || die "apt has no clang of version $oldest_clang or newer."
}

# A clone in another folder, and a header precompiled anew, find what was compiled before.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$repository} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-true} CCACHE_DEPEND=${CCACHE_DEPEND:-true} \
  CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

# `configure_build FOLDER OPTION…`: a folder that is set up keeps its options. A warning is an error where WERROR is true, as it is in
# continuous integration: a compiler that nobody has tried yet must not stop who only wants to build.
configure_build() {
  local folder=$1
  shift
  if [[ -n ${WERROR-} ]]; then set -- "$@" "-Dwerror=$WERROR"; fi
  if [[ -f $folder/build.ninja ]]; then
    if [[ -n ${WERROR-} ]]; then meson configure "$folder" "-Dwerror=$WERROR"; fi
    return 0
  fi
  say "setting up the build in $folder"
  # What a broken set-up left behind would make Meson refuse.
  rm -rf -- "$folder/meson-private" "$folder/meson-info" "$folder/meson-logs"
  quietly "$folder.setup.log" meson setup "$folder" "$repository" "$@" || return 1
  rm -f -- "$folder.setup.log"
}

# `compile FOLDER [TARGET…]`: shows Ninja's progress in a terminal, and in a log the end alone.
compile() {
  local folder=$1
  shift
  local jobs=${BUILD_JOBS:-2}
  say "compiling in $folder: ${*:-everything}"
  if [[ -t 2 ]]; then
    ninja -C "$folder" -j "$jobs" "$@" >&2
  else
    compile_for_a_log "$folder" -j "$jobs" "$@"
  fi
}

# One line every 30 seconds says that it goes on.
compile_for_a_log() {
  local folder=$1 log=$1/compile.log ninja progress result=0
  shift
  ninja -C "$folder" "$@" >"$log" 2>&1 &
  ninja=$!
  while sleep 30 && kill -0 "$ninja" 2>/dev/null; do
    printf '    %s\n' "$(grep -a '^\[' -- "$log" | tail -n 1 | cut -c -120)" >&2
  done &
  progress=$!
  wait "$ninja" || result=$?
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  if ((result)); then
    printf 'error: the build failed; the end of %s:\n' "$log" >&2
    tail -n 40 -- "$log" >&2
  fi
  return "$result"
}
