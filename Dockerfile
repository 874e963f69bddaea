# Talanoa as an image: one process, user 10001, read-only root, one volume (/data).
FROM node:24-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs scripts/checks.mjs scripts/
# The build compiles the schemas.
COPY schemas schemas
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6
ENV NODE_ENV=production TALANOA_DATA=/data TALANOA_HOST=0.0.0.0
WORKDIR /app
# What the program needs at run time and nothing else: no npm, no tests, no sources.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && mkdir /data && chown 10001:10001 /data \
 && printf '#!/bin/sh\nexec node /app/dist/main.js "$@"\n' > /usr/local/bin/talanoa && chmod 755 /usr/local/bin/talanoa
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/main.js dist/main.js
COPY --from=build /app/dist/program dist/program
COPY --from=build /app/dist/checks dist/checks
COPY package.json LICENSE ./
COPY schemas schemas
COPY presets presets
COPY demo demo
COPY docs docs
# The settings file is talanoa.yaml in this folder, if it is there. Commands in the container find it too.
WORKDIR /etc/talanoa
USER 10001:10001
VOLUME /data
EXPOSE 6420
# Follows the port and the TLS of the settings.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["talanoa", "health", "--quiet"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
