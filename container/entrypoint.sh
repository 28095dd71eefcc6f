#!/bin/sh
# Starts roc in its container. The server gets a certificate of its own making, in memory, for the way between the load
# balancer and itself: the balancer encrypts, and asks no authority whose certificate it is.
set -eu

app=${ROC_CONTAINER_APP:-/app}
run=${ROC_CONTAINER_RUN:-/run/roc}

if [ "${1:-}" = serve ]; then
  shift
  umask 077
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 \
    -subj /CN=roc -addext subjectAltName=DNS:roc \
    -keyout "$run/key.pem" -out "$run/cert.pem" 2>/dev/null
  # As `roc scale` names this machine; an instance says it in the environment.
  if [ -z "${ROC_SERVER__INSTANCE_ID:-}" ] && [ -n "${ECS_CONTAINER_METADATA_URI_V4:-}" ]; then
    ROC_SERVER__INSTANCE_ID=$(node "$(dirname "$0")/instance-id.mjs") || ROC_SERVER__INSTANCE_ID=
    if [ -n "$ROC_SERVER__INSTANCE_ID" ]; then export ROC_SERVER__INSTANCE_ID; else unset ROC_SERVER__INSTANCE_ID; fi
  fi
  set -- serve --tls-cert "$run/cert.pem" --tls-key "$run/key.pem" "$@"
fi

# exec: SIGTERM reaches roc itself, which ends what it has in flight.
exec node "$app/bin/roc.cjs" "$@"
