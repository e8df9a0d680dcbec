#!/usr/bin/env bats
# Wrong arguments and settings end before anything is installed, built or started, with one sentence and exit code 2.

load common

setup() {
  load_repository
  record_calls
  local command
  for command in apt-get dpkg-query meson ninja etcd; do
    stub "$command" <<'STUB'
echo "${0##*/} $*" >>"$CALLS"
exit 1
STUB
  done
}

# `refused SENTENCE-PATTERN COMMAND…`
refused() {
  local pattern=$1
  shift
  run "$@"
  echo "$output"
  [ "$status" -eq 2 ]
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == error:\ $pattern ]]
  [ ! -s "$CALLS" ]
}

@test "local-stack refuses commands and parts that it does not know" {
  refused '*needs a command*' "$scripts/local-stack"
  refused '*no command "upp"*' "$scripts/local-stack" upp
  refused '*takes no argument*' "$scripts/local-stack" up now
  refused '*no part "apache"*etcd apiserver nginx*' "$scripts/local-stack" restart apache
  refused '*needs one part*' "$scripts/local-stack" kill
  STACK_MILO=/bin/true refused '*no part "nginx"*etcd apiserver controller-manager*' "$scripts/local-stack" restart nginx
}

@test "local-stack refuses settings out of range" {
  STACK_BASE_PORT=80 refused 'STACK_BASE_PORT must be a port*"80"*' "$scripts/local-stack" up
  STACK_ETCD_PORT=x refused 'STACK_ETCD_PORT must be a port*"x"*' "$scripts/local-stack" up
  STACK_READY_DELAY=soon refused 'STACK_READY_DELAY must be a duration*"soon"*' "$scripts/local-stack" up
  STACK_NEVER_READY_SHARE=1.5 refused 'STACK_NEVER_READY_SHARE must be a number from 0 to 1*' "$scripts/local-stack" up
  STACK_UNSAFE_NO_FSYNC=yes refused 'STACK_UNSAFE_NO_FSYNC must be 0 or 1*' "$scripts/local-stack" up
  STACK_CONTROLLER_QPS=-1 refused 'STACK_CONTROLLER_QPS must be a whole number*' "$scripts/local-stack" up
  STACK_CONTROLLER_WORKERS=0 refused 'STACK_CONTROLLER_WORKERS must be a whole number from 1*' "$scripts/local-stack" up
  STACK_MILO=/nowhere/milo refused 'STACK_MILO must be a milo binary, and "/nowhere/milo" is no program.' "$scripts/local-stack" up
  STACK_KEEPALIVE_REQUESTS=0 refused 'STACK_KEEPALIVE_REQUESTS must be a whole number from 1*' "$scripts/local-stack" up
}

@test "local-stack keeps its state out of the repository, and out of folders with other files" {
  STACK_DIR=$repository/state refused 'STACK_DIR must be outside the repository*' "$scripts/local-stack" up
  STACK_DIR=$HOME refused 'STACK_DIR must be a folder of its own*' "$scripts/local-stack" up
  STACK_DIR='/tmp/a $(b)' refused '*must have only letters*' "$scripts/local-stack" up
  mkdir -p -- "$BATS_TEST_TMPDIR/full"
  touch -- "$BATS_TEST_TMPDIR/full/thesis.tex"
  STACK_DIR=$BATS_TEST_TMPDIR/full refused '*holds other files*' "$scripts/local-stack" up
  [ -e "$BATS_TEST_TMPDIR/full/thesis.tex" ]
}

@test "local-cluster refuses commands, parts and settings that it does not know" {
  refused '*needs a command*' "$scripts/local-cluster"
  refused '*no command "upp"*' "$scripts/local-cluster" upp
  refused '*takes no argument*' "$scripts/local-cluster" up now
  refused '*no part "nginx"*etcd apiserver*kubelet*' "$scripts/local-cluster" restart nginx
  CLUSTER_BASE_PORT=80 refused 'CLUSTER_BASE_PORT must be a port*"80"*' "$scripts/local-cluster" up
  STACK_MILO=/nowhere/milo refused 'STACK_MILO must be a milo binary*' "$scripts/local-cluster" up
  CLUSTER_DIR=$repository/state refused 'CLUSTER_DIR must be outside the repository*' "$scripts/local-cluster" up
  CLUSTER_DIR=/var/lib/cluster refused 'CLUSTER_DIR must not be in /run, /var/lib or /var/log*' "$scripts/local-cluster" up
  mkdir -p -- "$BATS_TEST_TMPDIR/full"
  touch -- "$BATS_TEST_TMPDIR/full/thesis.tex"
  CLUSTER_DIR=$BATS_TEST_TMPDIR/full refused '*holds other files*' "$scripts/local-cluster" up
}

@test "local-cluster says that it needs root" {
  ((EUID == 0)) || skip 'only root can become somebody else'
  # The folder of the tests is root's own.
  local copy
  copy=$(mktemp -d -p /var/tmp)
  cp -R -- "$scripts" "$copy/"
  chmod -R a+rX -- "$copy"
  run setpriv --reuid=65534 --regid=65534 --clear-groups -- env HOME=/nonexistent CLUSTER_DIR=/var/tmp/none bash "$copy/scripts/local-cluster" check
  rm -rf -- "$copy"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == 'error: a local cluster needs root'* ]]
}

@test "run-local refuses what is no setting" {
  refused '*"--keeep" is neither*' "$scripts/run-local" --keeep
  refused '*"num_projects=3" is neither*' "$scripts/run-local" num_projects=3
  refused 'the stack has no setting STACK_REDY_DELAY*' "$scripts/run-local" STACK_REDY_DELAY=1s
}

@test "run-local refuses knobs and values that the program would refuse, before it builds" {
  refused 'there is no knob "NUM_PROJEKTS"*' "$scripts/run-local" NUM_PROJEKTS=3
  refused '*it is called OBJECT_CONCURRENCY*' "$scripts/run-local" OBJECTCONCURRENCY=3
  refused 'NUM_PROJECTS must be a whole number from 1 to 100000, and "abc" is not*' "$scripts/run-local" NUM_PROJECTS=abc
  MEASURE_WINDOW=soon refused 'MEASURE_WINDOW must be *"soon"*' "$scripts/run-local"
  refused 'STACK_READY_DELAY must be a duration*"soon"*' "$scripts/run-local" STACK_READY_DELAY=soon
}

@test "build, test and the scripts of the servers refuse what they do not know" {
  refused 'build knows no option "--fast"*' "$scripts/build" --fast
  BUILD_JOBS=many refused 'BUILD_JOBS must be a whole number*' "$scripts/build"
  refused 'there is no suite "units"*unit*' "$scripts/test" units
  WERROR=maybe refused 'WERROR must be true or false*' "$scripts/build"
  refused 'build-servers knows no program "now"*kube-apiserver*' "$scripts/build-servers" now
  refused 'build-servers needs the name of a program*' "$scripts/build-servers"
  refused 'update-servers needs MODULE=VERSION*' "$scripts/update-servers"
  refused 'there is no module "kubelet"*kubernetes*' "$scripts/update-servers" kubelet=1.37.2
  refused '*"soon" is no version*' "$scripts/update-servers" kubernetes=soon
  refused 'test-release needs a release*trixie*' "$scripts/test-release"
  refused 'test-release knows no release "sarge"*' "$scripts/test-release" sarge
  refused 'the folder must be outside the repository*' "$scripts/test-release" trixie "$repository/trixie"
  RELEASE_CXX=cc refused 'RELEASE_CXX must be a package*' "$scripts/test-release" trixie
}

@test "every command explains itself" {
  local command
  for command in local-stack run-local build test fuzz build-servers update-servers test-release perf-run perf-cleanup; do
    run "$scripts/$command" --help
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "Usage: scripts/$command"* ]]
  done
  [ ! -s "$CALLS" ]
}
