#!/bin/sh
# Start a workflow run and wait for its end, with nothing but redis-cli (7.0 or later).
#   start.sh WORKFLOW INPUT-JSON [RUN-ID]        REDIS_URL, CANO_PREFIX and CANO_SHARDS say where
set -eu
redis() {
    case ${REDIS_URL:-redis://127.0.0.1:6379} in  # redis-cli reads no URL of a unix socket
        unix://*) redis-cli -e --raw -s "${REDIS_URL#unix://}" "$@" ;;
        *) redis-cli -e --raw -u "${REDIS_URL:-redis://127.0.0.1:6379}" "$@" ;;
    esac
}
value() { printf '%s\n' "$answer" | awk -v name="$1" 'NR > 2 && NR % 2 { field = $0 } NR > 2 && !(NR % 2) && field == name'; }
prefix=${CANO_PREFIX:-cano}

# The id makes the start idempotent: send it again as often as you like, the run happens once. Take what names the
# thing to be done (an order number), not something random, and a repeated request is harmless all the way through.
id=${3:-shell-$$-$(date +%s)}
# On a bus of several shards a run is on the one that the CRC16 (XMODEM) of its id says, or of what stands before a // in it.
if [ "${CANO_SHARDS:-1}" -gt 1 ]; then
    crc=0
    for byte in $(printf %s "${id%%//*}" | od -An -v -tu1); do
        crc=$((crc ^ byte << 8))
        for _ in 1 2 3 4 5 6 7 8; do crc=$(((crc << 1 ^ (crc >> 15) * 0x1021) & 0xffff)); done
    done
    shard() {
        case $prefix in
            *\}) echo "${prefix%\}}-$1}" ;;
            *) echo "$prefix-$1" ;;
        esac
    }
    # With another number we would look where our run is not. Before a bridge has come, there is nothing to compare.
    said=$(redis HGET "$(shard 0):shards" shards 2>/dev/null || true)
    if [ "${said:-$CANO_SHARDS}" != "$CANO_SHARDS" ]; then
        echo "the bus has $said shards, and this client was told $CANO_SHARDS" >&2
        exit 1
    fi
    prefix=$(shard $((crc % CANO_SHARDS)))
fi
# Answers go to the stream PREFIX:replies:NAME. A name of our own means that every entry on it is meant for us.
reply=start-sh-$$-$(date +%s)
# Ours alone, so we remove it: bridges keep it for an hour otherwise.
trap 'redis DEL "$prefix:replies:$reply" >/dev/null' EXIT
redis XADD "$prefix:commands" '*' type start workflow "$1" input "$2" id "$id" reply_to "$reply" >/dev/null

last=0
while answer=$(redis XREAD COUNT 1 BLOCK 60000 STREAMS "$prefix:replies:$reply" "$last") && [ -n "$answer" ]; do
    last=$(printf '%s\n' "$answer" | sed -n 2p)
    value data
    case $(value type) in
        cano.run.completed) exit 0 ;;
        # Another command has started this id. The answer says how it ended or, if it has not, its end follows.
        cano.run.duplicate)
            case $(value data) in
                *'"status":"completed"'*) exit 0 ;;
                *'"status":"running"'* | *'"status":"waiting"'* | *'"status":"scheduled"'*) continue ;;
            esac ;;
    esac
    exit 1  # failed, cancelled or rejected: the line above says why
done
echo "no answer within a minute: ask the record, HGETALL $prefix:run:$id" >&2
exit 2
