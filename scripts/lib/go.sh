# shellcheck shell=bash
# The Go that builds the servers: one from the PATH, or the distribution's; and the toolchain that it brings when a module asks for a newer one.

# From this version on, go can bring a newer toolchain.
readonly oldest_go=1.21
readonly go_toolchain=go1.27.3

# Makes sure that there is a go, and puts it on the PATH.
ensure_go() {
  if find_go; then return 0; fi
  if ! distribution_go_does; then apt_get update >&2 || true; fi
  if distribution_go_does; then ensure_packages golang-go ca-certificates; else install_backported_go; fi
  find_go || die "there is no Go of version $oldest_go or newer here: install one, and put it on the PATH."
}

# The one on the PATH, else the newest of the distribution's folders.
find_go() {
  local folder version
  if version=$(go_version go) && version_at_least "$version" "$oldest_go"; then return 0; fi
  for folder in $(printf '%s\n' /usr/lib/go-*/bin | sort -rV); do
    if version=$(go_version "$folder/go") && version_at_least "$version" "$oldest_go"; then
      export PATH=$folder:$PATH
      return 0
    fi
  done
  return 1
}

# `go_version GO`: such as 1.26.8.
go_version() {
  local answer
  answer=$(cd / && GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  answer=${answer#go}
  printf '%s\n' "${answer%%[ -]*}"
}

# Whether the golang-go that apt would install is new enough; its version is such as 2:1.24~2.
distribution_go_does() {
  local version
  version=$(apt-cache policy golang-go 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9]+:)?([0-9.]+).*/\2/p')
  [[ -n $version ]] && version_at_least "$version" "$oldest_go"
}

# Debian 12's own is 1.19, and its backports have a newer one. They are read through a private list of sources, so that the machine's apt
# configuration stays as it is, and the package is the one with its version in its name, which leaves the machine's own go alone.
install_backported_go() {
  local apt package
  apt=$(mktemp -d -t milo-perf-apt.XXXXXX)
  mkdir -p -- "$apt/sources" "$apt/lists/partial"
  cp -- /etc/apt/sources.list.d/*.{list,sources} "$apt/sources/" 2>/dev/null || true
  backports_line >"$apt/sources/backports.list" ||
    die "this machine's Go is older than $oldest_go, and its release has no backports: install a newer one, and put it on the PATH."
  local -a private=(-o "Dir::Etc::sourceparts=$apt/sources" -o "Dir::State::lists=$apt/lists" -o APT::Sandbox::User=root)
  say "installing Go from the release's backports"
  apt_get "${private[@]}" update >&2 || warn "not all lists of packages could be fetched; trying with what is there."
  package=$(apt-cache "${private[@]}" search --names-only '^golang-1\.[0-9]+-go$' | cut -d' ' -f1 | sort -V | tail -n 1)
  local result=0
  apt_get "${private[@]}" install -y --no-install-recommends "$package" "${package%-go}-src" ca-certificates >&2 || result=$?
  rm -rf -- "$apt"
  ((result == 0)) || die "apt-get could not install $package: see its messages above."
}

# The line of sources for the backports of the release that is installed, on the mirror that its own packages come from.
backports_line() {
  local codename uri
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt's own fields
  uri=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v release="$codename" '$2 == release && !seen++ { print $1 }')
  [[ -n $codename && -n $uri ]] || return 1
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s-backports main\n' "$uri" "$codename"
}

# `toolchain_for GO.MOD`: "local" when the go at hand is as new as the module asks, else the newer one that it is to bring.
toolchain_for() {
  local wanted
  wanted=$(sed -nE 's/^go ([0-9.]+)$/\1/p' -- "$1")
  if version_at_least "$(go_version go)" "$wanted"; then echo local; else echo "$go_toolchain"; fi
}
