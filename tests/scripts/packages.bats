#!/usr/bin/env bats
# Packages are installed only when dpkg misses them, and no daemon starts with them.

load common

setup() {
  load_repository
  record_calls
  # shellcheck source=../../scripts/lib/messages.sh
  source "$scripts/lib/messages.sh"
  # shellcheck source=../../scripts/lib/packages.sh
  source "$scripts/lib/packages.sh"
  stub dpkg-query <<'STUB'
case ${*: -1} in
  there) printf installed ;;
  removed) printf config-files ;;
  *) exit 1 ;;
esac
STUB
  stub sudo <<'STUB'
echo "sudo" >>"$CALLS"
shift
exec "$@"
STUB
  stub apt-get <<'STUB'
echo "apt-get $* frontend=$DEBIAN_FRONTEND" >>"$CALLS"
[[ -z ${APT_FAILS-} || $* != *install* ]]
STUB
  stub tee <<'STUB'
echo "tee $*" >>"$CALLS"
STUB
  stub chmod <<'STUB'
echo "chmod $*" >>"$CALLS"
STUB
  stub rm <<'STUB'
echo "rm $*" >>"$CALLS"
STUB
}

@test "what is installed costs no call of apt" {
  run ensure_packages there
  [ "$status" -eq 0 ]
  [ ! -s "$CALLS" ]
}

@test "only the missing packages are installed, without questions and waiting for the lock" {
  run ensure_packages there absent removed
  [ "$status" -eq 0 ]
  grep -E 'apt-get .*DPkg::Lock::Timeout=300.* update frontend=noninteractive' "$CALLS"
  grep -E 'apt-get .*install -y --no-install-recommends absent removed frontend=noninteractive$' "$CALLS"
  [[ $output == *"installing Debian packages: absent removed"* ]]
}

@test "services are held back while packages are installed, and only then" {
  [[ ! -e /usr/sbin/policy-rc.d ]] || skip "this machine has a policy of its own"
  run ensure_packages absent
  [ "$status" -eq 0 ]
  run grep -nE 'policy-rc.d|install' "$CALLS"
  [[ ${lines[0]} == *"tee /usr/sbin/policy-rc.d" ]]
  [[ ${lines[-1]} == *"rm -f -- /usr/sbin/policy-rc.d" ]]
}

@test "a policy that is there is left alone" {
  [[ -e /usr/sbin/policy-rc.d ]] || skip "this machine has no policy"
  run ensure_packages absent
  [ "$status" -eq 0 ]
  run grep policy-rc.d "$CALLS"
  [ "$status" -eq 1 ]
}

@test "a failed installation is one sentence that names the packages" {
  APT_FAILS=yes run ensure_packages absent
  [ "$status" -eq 1 ]
  [[ $output == *"error: apt-get could not install absent: see its messages above."* ]]
}

@test "root needs no sudo, and others do" {
  run ensure_packages absent
  [ "$status" -eq 0 ]
  run grep -c '^sudo$' "$CALLS"
  if ((EUID == 0)); then [ "$output" -eq 0 ]; else [ "$output" -ge 2 ]; fi
}

@test "a command that is there is taken, whoever brought it" {
  stub curl <<'STUB'
exit 0
STUB
  run ensure_command curl curl-package
  [ "$status" -eq 0 ]
  [ ! -s "$CALLS" ]
  run ensure_command no-such-command-anywhere absent
  [ "$status" -eq 0 ]
  grep -q 'install .* absent' "$CALLS"
}

@test "a package with its version in its name is found: the newest installed, else the oldest that will do" {
  stub apt-cache <<'STUB'
printf '%s\n' libboost-url-dev libboost-url1.74-dev libboost-url1.88-dev libboost-url1.83-dev libboost-url1.83.0
STUB
  stub dpkg-query <<'STUB'
printf '%s' "${INSTALLED-}"
STUB
  set -o pipefail
  [ "$(package_version libboost-url 1.81 -dev)" = 1.83 ]
  run package_version libboost-url 1.81 -dev
  [ "$status" -eq 0 ]
  [ "$(INSTALLED=$'installed libboost-url1.74-dev\nconfig-files libboost-url1.81-dev\ninstalled libboost-url1.88-dev\n' package_version libboost-url 1.81 -dev)" = 1.88 ]
  [ "$(INSTALLED=$'installed libboost-url1.74-dev\n' package_version libboost-url 1.81 -dev)" = 1.83 ]
  run package_version libboost-url 1.90 -dev
  [ "$status" -ne 0 ]
}
