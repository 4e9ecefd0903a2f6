# Sluice as one container: the HTTP server, the embedded log and the warehouse. State lives in /data.
# Build: docker build -t sluice .

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
# Two arenas for all threads: glibc would keep free memory in one for each.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    SLUICE_DATA_DIR=/data \
    SLUICE_HTTP_HOST=0.0.0.0 \
    SLUICE_HTTP_PORT=8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Read at run time beside dist/: migrations, models, metrics and seeds; dashboards, theme and locales.
COPY --from=build /app/sql ./sql
COPY --from=build /app/dashboards ./dashboards
RUN mkdir /data && chown node:node /data \
    && printf '#!/bin/sh\nexec node --max-semi-space-size=32 /app/dist/sluice.cjs "$@"\n' > /usr/local/bin/sluice && chmod 755 /usr/local/bin/sluice
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SLUICE_HTTP_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["sluice"]
CMD ["serve"]
