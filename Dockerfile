# SPDX-License-Identifier: Apache-2.0
# Two images with nothing of a distribution but the files that the programs load (docs/image.md):
#   docker build .                  the installer of the driver, for the DaemonSet in deploy/
#   docker build --target rest .    the REST server
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
# the list alone, so that the packages are installed again only where it has changed
COPY test/packages.bash /packages.bash
RUN ["bash", "-c", "source /packages.bash && packages_need build bundle"]
# copied and not bound: buildah and podman do not see by a bind that a source has changed
COPY . /src
RUN cmake -S /src -B /build -DTESTS=OFF && \
	cmake --build /build --parallel "$(nproc)" --target bundle rest-root

FROM scratch AS rest
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rbd-rest" \
	org.opencontainers.image.description="REST server for Ceph pools and RBD images" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}" \
	org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/rest-root /
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/bin/rbd-rest"]
CMD ["--listen", "0.0.0.0:8080", "--auth", "/etc/rbd-flexvolume/rest.auth"]

# the last one is what is built where no target is named
FROM scratch AS installer
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rbd-flexvolume" \
	org.opencontainers.image.description="Installs the FlexVolume driver for Ceph RBD on a Kubernetes node" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}" \
	org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/bundle /
ENTRYPOINT ["/ceph~rbd/rbd"]
CMD ["install", "--wait"]
