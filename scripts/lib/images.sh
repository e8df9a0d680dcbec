# shellcheck shell=bash
# Container images of the cluster's own pods: nothing but a program and the libraries that it is linked with. They are imported, never pulled.

readonly image_prefix=milo-perf.local
readonly pause_image=$image_prefix/pause:1

# `make_image ARCHIVE NAME PROGRAM [ARGUMENT…]` writes a docker-archive whose entry point is the program with the arguments.
# Whoever the container's user is must be able to read it.
make_image() (
  umask 022
  local archive=$1 name=$2 program=$3 folder digest library
  shift 3
  folder=$(mktemp -d -- "$STACK_DIR/data/image.XXXXXX")
  mkdir -p -- "$folder/root/usr/bin" "$folder/root/tmp"
  chmod 1777 -- "$folder/root/tmp"
  cp -L -- "$program" "$folder/root/usr/bin/${program##*/}"
  chmod 0755 -- "$folder/root/usr/bin/${program##*/}"
  while read -r library; do
    (cd / && cp -L --parents -- "$library" "$folder/root/")
  done < <(libraries_of "$program")
  # Names of users, for programs that look for one.
  mkdir -p -- "$folder/root/etc"
  printf 'root:x:0:0:root:/:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' >"$folder/root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$folder/root/etc/group"
  chmod 0755 -- "$folder/root"
  tar --create --file="$folder/layer.tar" --owner=0 --group=0 --numeric-owner --directory="$folder/root" . || return 1
  digest=$(sha256sum -- "$folder/layer.tar" | cut -d' ' -f1)
  jq -n --arg digest "sha256:$digest" --arg architecture "$(dpkg --print-architecture)" --args \
    '{architecture: $architecture, os: "linux", config: {Entrypoint: $ARGS.positional, Env: ["PATH=/usr/bin"]}, rootfs: {type: "layers", diff_ids: [$digest]}}' \
    -- "/usr/bin/${program##*/}" "$@" >"$folder/config.json"
  jq -n --arg name "$name" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' >"$folder/manifest.json"
  tar --create --file="$archive.new" --directory="$folder" manifest.json config.json layer.tar && mv -f -- "$archive.new" "$archive"
  rm -rf -- "$folder"
)

# Prints the shared libraries of a program, its loader included; none for one that is linked statically.
libraries_of() { ldd -- "$1" 2>/dev/null | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'; }

# `ensure_image NAME PROGRAM [ARGUMENT…]`: makes and imports the image, unless the node has it as the program is now.
ensure_image() {
  local name=$1 program=$2 archive state record=$STACK_DIR/run/image-${1//[\/:]/-}
  state=$(stat -L --format='%n %s %Y' -- "$program")
  if [[ -e $record && $(<"$record") == "$state" ]]; then return 0; fi
  archive=$STACK_DIR/data/image.tar
  make_image "$archive" "$@" && import_image "$archive" || return 1
  printf '%s\n' "$state" >"$record"
}

# `import_image ARCHIVE`: a docker-archive into the node's containerd. The archive is deleted.
import_image() {
  quietly "$STACK_DIR/log/import.log" on_node ctr --namespace=k8s.io images import "$1" && rm -f -- "$1"
}
