# The orchestrator and the duties, without the construct library that only `roc provision` needs.
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/aws-cdk-lib node_modules/constructs node_modules/cdk-nag

FROM node:22-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends openssl ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /run/roc && chown node:node /run/roc
WORKDIR /app
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/bin ./bin
COPY --from=build /src/dist ./dist
COPY --from=build /src/policies ./policies
COPY --from=build /src/schemas ./schemas
COPY --from=build /src/package.json /src/oclif.manifest.json ./
COPY container/entrypoint.sh container/health.mjs container/instance-id.mjs ./
# The authorities of RDS: the database is not talked to without them.
ADD --chmod=0644 https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /app/rds-ca.pem

ENV NODE_ENV=production HOME=/tmp ROC_SERVER__LISTEN=0.0.0.0:8443
USER 1000
# Where the root is read-only these are mounted over; their owner comes from here.
VOLUME ["/run/roc", "/tmp"]
EXPOSE 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/health.mjs"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["serve"]
