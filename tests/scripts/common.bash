# shellcheck shell=bash
# Shared by the tests of the scripts: the repository, and stubs in front of the PATH.

load_repository() {
  repository=$(cd -- "$BATS_TEST_DIRNAME/../.." && pwd)
  scripts=$repository/scripts
  unset "${!STACK_@}" KUBEBUILDER_ASSETS
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir -p -- "$HOME"
}

# `stub COMMAND` reads a script from standard input and puts it in front of the PATH under that name.
stub() {
  mkdir -p -- "$BATS_TEST_TMPDIR/bin"
  { printf '#!/usr/bin/env bash\n' && cat; } >"$BATS_TEST_TMPDIR/bin/$1"
  chmod +x -- "$BATS_TEST_TMPDIR/bin/$1"
  [[ $PATH == "$BATS_TEST_TMPDIR/bin":* ]] || export PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# What a stub wrote down with `echo … >>"$CALLS"`.
record_calls() {
  export CALLS=$BATS_TEST_TMPDIR/calls
  : >"$CALLS"
}
