#!/usr/bin/env bash
# Installs what building and running needs and is not there: install-dependencies.sh run|demo|test|bench
set -euo pipefail

wanted=()
need() { # need <test command> <Debian package>
  eval "$1" >/dev/null 2>&1 || wanted+=("$2")
}

command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: see https://www.swift.org/install" >&2; exit 1; }
need 'test -e /usr/include/hiredis/hiredis.h || test -e /opt/homebrew/include/hiredis/hiredis.h' libhiredis-dev
need 'command -v redis-server' redis-server
need 'command -v redis-cli' redis-tools
if [ "${1:-run}" != run ]; then
  need '/usr/bin/python3 -c "import redis"' python3-redis
fi
if [ "${1:-run}" = test ]; then
  need 'command -v openssl' openssl
  need 'command -v jq' jq
  need 'test -e /usr/include/sqlite3.h || test "$(uname)" = Darwin' libsqlite3-dev
  need '/usr/bin/python3 -c "import pytest"' python3-pytest
  need '/usr/bin/python3 -c "import xdist"' python3-pytest-xdist
  need '/usr/bin/python3 -c "import croniter"' python3-croniter
  need '/usr/bin/python3 -c "import jsonschema"' python3-jsonschema
  need '/usr/bin/python3 -c "import yaml"' python3-yaml
  need 'command -v chromium && command -v chromedriver' chromium-driver
  need '/usr/bin/python3 -c "import selenium"' python3-selenium
  need 'command -v prometheus && command -v promtool' prometheus
  need 'command -v docker-compose' docker-compose # reads deploy/compose.yaml, without Docker
  need '/usr/bin/python3 -m pip --version' python3-pip
  need 'test -e /usr/share/zoneinfo/Europe/Berlin' tzdata
fi
# Counts instructions. There is none for a Mac.
if [ "${1:-run}" = test ] || [ "${1:-run}" = bench ]; then
  need 'command -v valgrind || test "$(uname)" = Darwin' valgrind
fi
if [ "${1:-run}" = bench ]; then
  need '/usr/bin/python3 -m venv --help && /usr/bin/python3 -c "import ensurepip"' python3-venv
  need 'command -v sidekiq' ruby-sidekiq
fi
[ ${#wanted[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install what Debian calls: ${wanted[*]}. Then run this again." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please install as root: apt-get install ${wanted[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing ${wanted[*]}"
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
