# shellcheck shell=bash
# Building the program: packages, Meson's build folders, Ninja.

readonly build_packages=(g++ meson ninja-build pkg-config ccache libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libboost-program-options1.81-dev libssl-dev zlib1g-dev libfmt-dev libspdlog-dev libyaml-cpp-dev libjs-chart.js doctest-dev)

# shellcheck disable=SC2034 # who sources this chooses one
readonly release_options=(--buildtype=release -Db_lto=true -Dwerror=true)
# Unoptimised and with line numbers alone: the sanitizers' work takes three times as long to compile otherwise.
# shellcheck disable=SC2034
readonly sanitizer_options=(--buildtype=debug -Doptimization=0 -Dcpp_args=-g1 "-Db_sanitize=address,undefined" -Db_lundef=false -Dwerror=true)

# A clone in another folder, and a header precompiled anew, find what was compiled before.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$repository} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-true} CCACHE_DEPEND=${CCACHE_DEPEND:-true} \
  CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

# `configure_build FOLDER OPTION…`: a folder that is set up keeps its options.
configure_build() {
  local folder=$1
  shift
  if [[ -f $folder/build.ninja ]]; then return 0; fi
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
