#!/bin/sh
# Print what happens on the bus, a line an event, with nothing but redis-cli (7.0 or later).
#   follow.sh [GROUP]                            REDIS_URL and CANO_PREFIX say where
set -eu
redis() {
    case ${REDIS_URL:-redis://127.0.0.1:6379} in  # redis-cli reads no URL of a unix socket
        unix://*) redis-cli -e --raw -s "${REDIS_URL#unix://}" "$@" ;;
        *) redis-cli -e --raw -u "${REDIS_URL:-redis://127.0.0.1:6379}" "$@" ;;
    esac
}
events=${CANO_PREFIX:-cano}:events

# A consumer group of your own is a bookmark that Redis keeps: stop this script, start it again, and it goes on where
# it was. Each service takes a group name of its own and sees every event; 0 begins with the oldest event kept, $ with
# the next one. That the group is already there (BUSYGROUP) is what we hope for.
group=${1:-follow-sh}
redis XGROUP CREATE "$events" "$group" 0 MKSTREAM >/dev/null 2>&1 || true

from=0  # first what this consumer was given before and never acknowledged, then (>) what is new
while true; do
    entry=$(redis XREADGROUP GROUP "$group" me COUNT 1 BLOCK 5000 STREAMS "$events" "$from")
    id=$(printf '%s\n' "$entry" | sed -n 2p)
    [ -n "$id" ] || { from='>'; continue; }
    # Lines: the stream, the entry id, then a field and its value in turn.
    printf '%s\n' "$entry" | awk 'NR > 2 && NR % 2 { field = $0 } NR > 2 && !(NR % 2) { event[field] = $0 }
        END { print event["time"], event["subject"], event["type"], event["data"] }'
    # Acknowledge when the work is done, not before. After a crash in between the event comes again, so make your
    # own work repeatable: source and id together name an event once and for all.
    redis XACK "$events" "$group" "$id" >/dev/null
done
