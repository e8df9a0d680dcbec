# The image of the Jobs: the program, the libraries it is linked with, and the CA certificates. No shell, no package manager.
ARG BASE=debian:bookworm
FROM ${BASE} AS build

# Each release names Boost's packages after its version: the oldest from 1.81 on is taken.
RUN apt-get update \
 && boost=$(apt-cache pkgnames libboost-url | sed -nE 's/^libboost-url1\.([0-9]+)-dev$/\1/p' | sort -n | awk '$1 >= 81 { print "1." $1; exit }') \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates g++ meson ninja-build pkg-config \
      "libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev" "libboost-program-options$boost-dev" \
      libssl-dev zlib1g-dev libfmt-dev libspdlog-dev libyaml-cpp-dev libjs-chart.js \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY meson.build meson_options.txt ./
COPY src src
# Meson reads about every program of the project, though only one is built.
COPY tests/project_controller tests/project_controller
RUN meson setup /build --buildtype=release -Db_lto=true -Dtests=false -Dbench=false \
 && ninja -C /build milo-perf \
 && strip /build/milo-perf

# The root file system of the final image. Names are resolved by /etc/hosts and DNS, which glibc does by itself.
RUN set -eu; mkdir -p /image/usr/bin /image/etc/ssl/certs /image/work; \
    cp /build/milo-perf /image/usr/bin/; \
    ldd /build/milo-perf | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do cp -L --parents "$library" /image/; done; \
    cp -L /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/; \
    echo 'hosts: files dns' >/image/etc/nsswitch.conf; \
    echo 'milo-perf:x:65532:65532::/work:/sbin/nologin' >/image/etc/passwd; \
    echo 'milo-perf:x:65532:' >/image/etc/group

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="milo-perf" \
      org.opencontainers.image.description="Measures what Projects and their objects cost a Milo control plane" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/ /
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/usr/bin/milo-perf"]
