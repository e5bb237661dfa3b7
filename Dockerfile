# docs/operate/install.md says how to build and run it.

FROM rust:1.95-bookworm AS build
WORKDIR /src
# As it is released: trained, after half an hour. build-static is built in minutes and is slower.
ARG BUILD=build-trained
RUN [ "$BUILD" = build-static ] || { rustup component add llvm-tools \
    && apt-get update && apt-get install -qy --no-install-recommends postgresql; }
COPY packaging/build-static packaging/build-trained packaging/
COPY Cargo.toml Cargo.lock ./
COPY bench bench
COPY crates crates
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    packaging/$BUILD /out && mkdir /out/data

# Nothing but the binary, which links nothing, and the certificates it trusts when it calls others.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/bin/pinfold /usr/local/bin/pinfold
COPY --from=build --chown=65532:65532 --chmod=0700 /out/data /var/lib/pinfold
COPY packaging/container/pinfold.toml /etc/pinfold/pinfold.toml
ENV PINFOLD_CONFIG=/etc/pinfold/pinfold.toml
USER 65532:65532
WORKDIR /var/lib/pinfold
VOLUME /var/lib/pinfold
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/usr/local/bin/pinfold", "health"]
ENTRYPOINT ["/usr/local/bin/pinfold"]
CMD ["serve"]
