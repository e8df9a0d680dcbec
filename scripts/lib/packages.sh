# shellcheck shell=bash
# Debian packages: asks dpkg first, and touches apt only for what is missing.

package_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' -- "$1" 2>/dev/null) == installed ]]
}

# Prints those of the packages that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    package_installed "$package" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die "\"$*\" needs root, and there is no sudo here: run it as root once, then try again."
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l RUNLEVEL=1 \
    apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@"
}

# Packages with a daemon (nginx, etcd) would start it, and take its port: a policy file forbids that while they are installed.
# A policy that is already there is left alone.
install_without_services() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 0755 "$policy"
    ours=yes
  fi
  local result=0
  apt_get install -y --no-install-recommends "$@" >&2 || result=$?
  if [[ $ours == yes ]]; then as_root rm -f -- "$policy"; fi
  return "$result"
}

# Makes sure that all the packages are installed.
ensure_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null ||
    die "These Debian packages are missing, and there is no apt-get here: ${missing[*]}."
  say "installing Debian packages: ${missing[*]}"
  apt_get update >&2 || warn "the package lists could not be refreshed; trying with what is there."
  install_without_services "${missing[@]}" ||
    die "apt-get could not install ${missing[*]}: see its messages above."
}

# Prints the version in the name of a package that has it there: of those that are installed the newest, else of those that apt has the
# oldest that will do: `package_version PREFIX LEAST SUFFIX` prints 1.83 for libboost-url, 1.81 and -dev on Debian 13.
package_version() {
  local version
  version=$({ dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$1*" 2>/dev/null || true; } | sed -n 's/^installed //p' | versions_between "$@" | tail -n 1)
  if [[ -n $version ]]; then
    printf '%s\n' "$version"
    return 0
  fi
  known_version "$@" || { apt_get update >&2 && known_version "$@"; }
}

# All of the list is read: a reader that ends early would fail what writes it.
known_version() { apt-cache pkgnames "$1" | versions_between "$@" | sed -n 1p | grep .; }

# Of the package names read, the versions between the prefix and the suffix that are not below the least, in their order.
versions_between() {
  local prefix=$1 least=$2 suffix=$3
  sed -nE "s/^${prefix//./\\.}([0-9]+(\.[0-9]+)*)${suffix//./\\.}\$/\1/p" | sort -uV |
    while read -r version; do
      if version_at_least "$version" "$least"; then printf '%s\n' "$version"; fi
    done
}

# `version_at_least VERSION LEAST`
version_at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# Makes sure that a command exists, whoever brought it: `ensure_command COMMAND PACKAGE…`.
ensure_command() {
  local command=$1
  shift
  command -v "$command" >/dev/null || ensure_packages "$@"
}
