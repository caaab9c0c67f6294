# docker build -t steelyard .        docker run --rm -it steelyard        (docs/docker.md)

FROM debian:bookworm AS build
WORKDIR /src
# Packages first: they change less often than the sources.
COPY scripts/setup scripts/common.sh scripts/
RUN apt-get update -qq && scripts/setup
COPY . .
# Portable: no AVX2 needed. Set SIMD=haswell for the machines that have it.
ARG SIMD=westmere
RUN bash -euc '. scripts/common.sh; \
      configure release -DSTEELYARD_TESTS=OFF -DSTEELYARD_SIMD="$0"; \
      build release steelyard steelyardd' "$SIMD" \
 && strip build/release/bin/steelyard build/release/bin/steelyardd

FROM debian:bookworm-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends \
      ca-certificates libdeflate0 libfmt9 libncursesw6 libprometheus-cpp-core1.0 libsimdjson14 libspdlog1.10 libssl3 \
      libtomlplusplus3 libzstd1 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10001 steelyard \
 && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/steelyard --create-home \
      --shell /usr/sbin/nologin steelyard
COPY --from=build /src/build/release/bin/steelyard /src/build/release/bin/steelyardd /usr/local/bin/
COPY config/live.toml config/demo.toml /etc/steelyard/
COPY LICENSE /usr/share/doc/steelyard/

USER steelyard
WORKDIR /var/lib/steelyard
# Which instance the health check asks for: that of the configuration which is run.
ENV STEELYARD_INSTANCE=demo
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD steelyard status "$STEELYARD_INSTANCE" >/dev/null
# Needs no network: simulated venues, the daemon, live signals. For real venues:
#   docker run -e STEELYARD_INSTANCE=live steelyard steelyardd --config /etc/steelyard/live.toml
CMD ["steelyard", "demo", "--seconds", "0", "--instance", "demo"]
