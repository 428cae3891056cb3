#!/usr/bin/env bash
# Runs a target's tests under ThreadSanitizer, the engine's unless another is named, after checking that it reports a race and
# nothing but a race.
#
#   scripts/sanitize.sh [CanoBridgeTests [arguments for swift test, such as --filter DrainTests]]
#
# Why Linux needs a library in front of Swift's locks, and why these tests only, is told in docs/decisions.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=.build-tsan
sources=Tests/ThreadSanitizer
checks=$scratch/checks
reported=66
export TSAN_OPTIONS="exitcode=$reported ${TSAN_OPTIONS:-}"
mkdir -p "$checks"

run=(env)
if [ "$(uname)" = Linux ]; then
    clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
    "$clang" -O2 -Wall -Werror -shared -fPIC "$sources/mutex.c" -o "$checks/mutex.so"
    run+=("LD_PRELOAD=$PWD/$checks/mutex.so")
fi

# expect STATUS PROGRAM MEANING: builds the program, runs it, and fails unless it ends with that status.
expect() {
    swiftc -sanitize=thread -parse-as-library "$sources/$2.swift" -o "$checks/$2"
    local status=0
    "${run[@]}" "$checks/$2" >"$checks/$2.log" 2>&1 || status=$?
    [ "$status" = "$1" ] && return
    cat "$checks/$2.log" >&2
    echo "sanitize: $3 (the program ended with $status, not $1): what the tests show means nothing" >&2
    exit 1
}

expect 0 guarded "a counter that is always locked was reported"
expect "$reported" racy "a counter that is never locked was not reported"

# The tests of that target are all there are in this build.
export CANO_TESTS=${1:-CanoCoreTests}
swift build --product canoPackageTests --sanitize=thread --scratch-path "$scratch"
# One test after the other: each is many tasks by itself, and slowed down tenfold all of them at once come to their time limits. What a
# moved clock wakes is given that much longer, too, to come to its next wait.
export CANO_SETTLING_MS=10
"${run[@]}" swift test --no-parallel --skip-build --sanitize=thread --scratch-path "$scratch" "${@:2}"
