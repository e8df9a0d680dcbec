# shellcheck shell=bash
# milo-perf's own image: the Dockerfile's, made by buildah without a daemon or a registry, and kept by what it was made from.

readonly project_image=docker.io/library/milo-perf:latest

# What the Dockerfile copies, and itself.
readonly project_image_sources=(Dockerfile meson.build meson_options.txt src tests/project_controller)

image_cache() { printf '%s/images\n' "${MILO_PERF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/milo-perf}"; }

# The archive of the image of the sources as they are now.
project_image_archive() {
  local digest
  digest=$(cd -- "$repository" && find "${project_image_sources[@]}" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
  printf '%s/milo-perf-%s.tar\n' "$(image_cache)" "$digest"
}

# Builds the image if the cache has none of these sources. One build at a time; older images go.
ensure_project_image() {
  local archive lock
  archive=$(project_image_archive)
  if [[ -s $archive ]]; then return 0; fi
  ensure_packages buildah runc mmdebstrap
  mkdir -p -- "$(image_cache)"
  exec {lock}>"$(image_cache)/lock"
  flock "$lock"
  if [[ ! -s $archive ]]; then
    build_project_image "$archive" || die "milo-perf's image could not be built; the log is $(image_cache)/build.log."
    find "$(image_cache)" -maxdepth 1 -name 'milo-perf-*.tar' -not -path "$archive" -delete
  fi
  exec {lock}>&-
}

# CONTAINER_BASE names an image to fetch; without it Debian's own packages make one, which needs no registry.
build_project_image() {
  local archive=$1 base=${CONTAINER_BASE-}
  if [[ -z $base ]]; then
    base=localhost/milo-perf-base
    in_image_store buildah inspect --type=image "$base" >/dev/null 2>&1 || {
      say 'making a Debian base image (a minute)'
      quietly "$(image_cache)/build.log" make_base_image "$base" || return 1
    }
  fi
  say 'building the image of the Dockerfile (some minutes)'
  quietly "$(image_cache)/build.log" in_image_store buildah build --isolation=chroot --layers --build-arg="BASE=$base" --tag="$project_image" "$repository" || return 1
  rm -f -- "$archive.new"
  quietly "$(image_cache)/build.log" in_image_store buildah push "$project_image" "docker-archive:$archive.new:$project_image" || return 1
  mv -f -- "$archive.new" "$archive"
}

in_image_store() {
  local tool=$1
  shift
  "$tool" --root="$(image_cache)/store" --runroot="$(image_cache)/run" --storage-driver=vfs "$@"
}

make_base_image() {
  local archive container
  archive=$(image_cache)/base.tar
  mmdebstrap --variant=minbase bookworm "$archive" || return 1
  container=$(in_image_store buildah from scratch) || return 1
  in_image_store buildah add "$container" "$archive" / && rm -f -- "$archive" && in_image_store buildah commit --rm "$container" "$1"
}

# Into the node's containerd, unless it has this one.
import_project_image() {
  local archive record=$STACK_DIR/run/image-milo-perf
  archive=$(project_image_archive)
  if [[ -e $record && $(<"$record") == "$archive" ]]; then return 0; fi
  cp -- "$archive" "$STACK_DIR/data/image.tar" && import_image "$STACK_DIR/data/image.tar" && printf '%s\n' "$archive" >"$record"
}
