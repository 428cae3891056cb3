#!/bin/sh
# A worker: takes tasks off a queue, does each with a command, and answers. With redis-cli (7.0 or later) and jq.
#   worker.sh QUEUE COMMAND [ARGUMENT...]        REDIS_URL and CANO_PREFIX say where
# The command reads the task's input and prints its output, both JSON. When it fails, so has the attempt.
set -eu
redis() {
    case ${REDIS_URL:-redis://127.0.0.1:6379} in  # redis-cli reads no URL of a unix socket
        unix://*) redis-cli -e --raw -s "${REDIS_URL#unix://}" "$@" ;;
        *) redis-cli -e --raw -u "${REDIS_URL:-redis://127.0.0.1:6379}" "$@" ;;
    esac
}
prefix=${CANO_PREFIX:-cano}
tasks=$prefix:tasks:$1
me=$(uname -n)-$$  # a consumer name that no other process has
shift
work=$(mktemp -d)
trap '[ -z "${beat:-}" ] || kill "$beat" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'stopping=1' TERM  # the task in hand is finished, and at most one more that comes within the 2 s of a read
make_group() { redis XGROUP CREATE "$tasks" workers 0 MKSTREAM >/dev/null 2>&1 || true; }
make_group

# An answer: its type, the name of its last field, and the file with that field's text, which may be too long for an argument.
answer() {
    until redis -x XADD "$prefix:results" '*' type "$1" task "$(field task)" "$2" <"$3" >/dev/null; do
        sleep 1  # it may have arrived all the same: a repeated answer changes nothing
    done
}
field() { jq -rj --arg name "$1" '.[$name]' "$work/task"; }

while [ -z "${stopping:-}" ]; do
    redis --json XREADGROUP GROUP workers "$me" COUNT 1 BLOCK 2000 STREAMS "$tasks" '>' >"$work/read" || { sleep 1; make_group; continue; }
    entry=$(jq -r '.[]?[0][0]' "$work/read")
    [ -n "$entry" ] || continue
    jq '.[][0][1] | [range(0; length; 2) as $i | {(.[$i]): .[$i + 1]}] | add' "$work/read" >"$work/task"

    # Is heard of three times a lease, as long as the task is ours and this worker lives. Work that is always done within its lease needs
    # none of this.
    while sleep "$(jq '(.lease_ms | tonumber) / 3000' "$work/task")" && kill -0 $$ 2>/dev/null; do
        [ -n "$(redis XCLAIM "$tasks" workers "$me" 0 "$entry" JUSTID || echo "try again")" ] || break
    done &
    beat=$!
    if field input | "$@" >"$work/output" 2>"$work/error" && jq empty "$work/output" 2>>"$work/error"; then
        answer complete output "$work/output"
    else
        [ -s "$work/error" ] || echo "the command has failed and said nothing" >"$work/error"
        head -c 1024 "$work/error" | iconv -c -f UTF-8 -t UTF-8 >"$work/message" || true
        answer fail message "$work/message"
    fi
    kill "$beat" 2>/dev/null || true
    beat=
done
