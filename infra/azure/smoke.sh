#!/usr/bin/env bash
# One alert through the whole of a deployed pipeline: accepted, an incident, resolved. Its severity is 'info', which pages nobody.
# Usage: INGEST_TOKEN=… RESPONDER_TOKEN=… infra/azure/smoke.sh https://APP.azurewebsites.net
# Needs curl and jq. Exit code 0 only where every step was seen.
set -euo pipefail

url=${1:?the address of the app, such as https://APP.azurewebsites.net}
: "${INGEST_TOKEN:?a token of the role ingest}" "${RESPONDER_TOKEN:?a token of the role responder}"
patience=${PATIENCE:-300}
# A service of its own for every run, so that no run reopens another's incident.
service=deploy-check-${GITHUB_RUN_ID:-$$}-$(date +%s)
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)

# What curl is told by a file isn't seen in the list of processes.
call() {
  local token=$1
  shift
  curl --silent --show-error --max-time 60 --header @<(printf 'Authorization: Bearer %s\n' "$token") "$@"
}

wait_until() {
  local what=$1 until=$((SECONDS + patience))
  shift
  until "$@"; do
    if ((SECONDS >= until)); then
      echo "Not seen within $patience s: $what" >&2
      exit 1
    fi
    sleep 5
  done
  echo "Seen: $what"
}

is_ready() {
  [[ $(curl --silent --max-time 60 --output /dev/null --write-out '%{http_code}' "$url/api/health") == 200 ]]
}

# An alert with an end in the past is resolved.
post_alert() {
  local end=${1:-}
  jq --null-input --arg service "$service" --arg start "$started" --arg over "$end" '[{
      labels: {alertname: "DeployCheck", service: $service, environment: "deploy-check", severity: "info"},
      annotations: {summary: "Synthetic alert of a deployment; nothing is wrong."},
      startsAt: $start
    } + if $over == "" then {} else {endsAt: $over} end]' |
    call "$INGEST_TOKEN" --fail --header 'Content-Type: application/json' --data-binary @- "$url/api/v2/alerts" |
    jq --exit-status '.accepted == 1' >/dev/null
}

find_incident() {
  id=$(call "$RESPONDER_TOKEN" --fail "$url/api/incidents?status=all&limit=20" |
    jq --raw-output --arg service "$service" 'first(.items[] | select(.service == $service)).id // empty') && [[ -n $id ]]
}

is_resolved() {
  call "$RESPONDER_TOKEN" --fail "$url/api/incidents/$id" | jq --exit-status '.resolvedAt != null' >/dev/null
}

wait_until 'the app is ready' is_ready
wait_until 'the alert is accepted' post_alert
wait_until 'the alert has an incident' find_incident
wait_until "the recovery of $id is accepted" post_alert "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
wait_until "$id is resolved" is_resolved
