# shellcheck shell=bash
# The Dockerfile's image, made by buildah without a daemon or a registry, in a store of its own that goes with the tests.

# runc, since crun refuses machines that have both kinds of cgroups.
readonly container_packages=(buildah podman runc mmdebstrap)

# The Job's containers run this image by its own name, and podman has it under this prefix.
readonly container_image=localhost/milo-perf:latest

suite_container() {
  if ((EUID != 0)); then
    warn 'the suite container needs root, for the root file system that it makes.'
    count 'container (root)' 0 1
    return 0
  fi
  ensure_packages "${container_packages[@]}"
  CONTAINER_STORE=$(mktemp -d -p /var/tmp milo-perf-images.XXXXXX)
  export CONTAINER_STORE
  if build_image; then with_stack container; else count 'container (image)' 0 1; fi
  remove_images
}

in_store() {
  local tool=$1
  shift
  "$tool" --root="$CONTAINER_STORE/images" --runroot="$CONTAINER_STORE/run" --storage-driver=vfs "$@"
}

# CONTAINER_BASE names an image to fetch; without it Debian's own packages make one, which needs no registry.
build_image() {
  local base=${CONTAINER_BASE-}
  if [[ -z $base ]]; then
    say 'making a Debian base image (some minutes)'
    base=localhost/milo-perf-base
    quietly "$logs/base.log" make_base "$base" || return 1
  fi
  say 'building the image of the Dockerfile (some minutes)'
  quietly "$logs/image.log" in_store buildah build --isolation=chroot --build-arg="BASE=$base" --tag="$container_image" "$repository"
}

make_base() {
  local archive=$CONTAINER_STORE/base.tar container
  mmdebstrap --variant=minbase bookworm "$archive" || return 1
  container=$(in_store buildah from scratch) || return 1
  in_store buildah add "$container" "$archive" / && rm -f -- "$archive" && in_store buildah commit --rm "$container" "$1"
}

remove_images() {
  if [[ -n ${CONTAINER_STORE-} ]]; then rm -rf -- "$CONTAINER_STORE"; fi
}
