#!/usr/bin/env bash
# Shows the main job: a bridge on a private Redis, commands from redis-cli, events and results. Leaves nothing running.
set -euo pipefail
binary=$1

folder=$(mktemp -d)
bridge= follower= worker=
finish() {
  [ -n "$follower" ] && kill "$follower" 2>/dev/null || true
  if [ -n "$worker" ] && kill -TERM "$worker" 2>/dev/null; then wait "$worker" || true; fi
  if [ -n "$bridge" ] && kill -TERM "$bridge" 2>/dev/null; then wait "$bridge" || true; fi
  rm -rf "$folder"
}
trap finish EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# until_seen WHAT COMMAND…: waits until the command succeeds; without what it waits for there is nothing to show.
until_seen() {
  local what=$1
  shift
  for _ in $(seq 100); do
    if "$@"; then return; fi
    kill -0 "$bridge" 2>/dev/null || break
    sleep 0.1
  done
  printf '\nThe demo failed: %s. What the bridge said:\n' "$what" >&2
  cat "$folder/log" >&2
  exit 1
}

say "\$ cano-bridge serve --embedded --samples"
"$binary" serve --embedded --samples --state-dir "$folder/redis" >"$folder/out" 2>"$folder/log" &
bridge=$!
until_seen "the bridge was not ready in time" grep -q 'the bridge takes commands' "$folder/log"
until_seen "the bridge did not say where its Redis is" grep -q '^redis-cli' "$folder/out"
cat "$folder/out"
url=$(sed -n 's/^Redis: //p' "$folder/out")
redis() { redis-cli -s "$folder/redis/redis.sock" "$@"; }

"$binary" events --follow --redis "$url" > >(tee "$folder/events") &
follower=$!
follows() { redis INFO clients | grep -q '^blocked_clients:4'; } # the bridge's three reads and this one
until_seen "no consumer follows the events" follows

say "\$ REDIS_URL=$url python3 Examples/workers/python/worker.py steps      # does the steps of the workflow remote-steps"
REDIS_URL=$url /usr/bin/python3 "$(dirname "$0")/../Examples/workers/python/worker.py" steps 2>"$folder/worker-log" &
worker=$!

# As one would type it; nothing here has a single quote in it.
quoted() {
  for word; do
    case $word in
      *[!A-Za-z0-9_-]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
}

add() {
  say "\$ redis-cli -s $folder/redis/redis.sock XADD cano:commands$(quoted '*' "$@")"
  redis XADD cano:commands '*' "$@"
}
add type start workflow numbers id numbers-1 input '{"batch_size":100}' reply_to demo
add type start workflow order-fulfilment id order-42 input '{"sku":"A1","quantity":2,"delay_ms":200}' reply_to demo
add type start workflow order-fulfilment id order-43 input '{"sku":"B7","quantity":1,"fail_at":"charge"}' reply_to demo
add type start workflow numbers id numbers-1 reply_to demo
add type start workflow numbers input '{"batch_size":"many"}' reply_to demo
add type start workflow remote-steps id remote-1 input '{"queue":"steps","steps":1,"payload":{"cents":1250}}' reply_to demo

answered() { [ "$(redis XLEN cano:replies:demo)" -ge 6 ]; }
until_seen "not all six commands were answered" answered
until_seen "the last event was not printed" grep -q 'cano.run.completed  order-42' "$folder/events"
until_seen "the end of the worker's run was not printed" grep -q 'cano.run.completed  remote-1' "$folder/events"

say "\$ redis-cli -s $folder/redis/redis.sock XRANGE cano:replies:demo - +      # the answers to these commands"
redis XRANGE cano:replies:demo - + | awk '
  /^type$/ { getline type } /^subject$/ { getline subject } /^data$/ { getline data; print "  " type "  " subject "  " data }'
say "\$ redis-cli -s $folder/redis/redis.sock HGET cano:run:order-42 output"
redis HGET cano:run:order-42 output
say "Done. The bridge stops, and its Redis with it."
