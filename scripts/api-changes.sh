#!/usr/bin/env bash
# Says which changes since BASE, a tag or a commit, break programs that use the libraries: api-changes.sh BASE [LIBRARY…]
#
# It builds both, in a folder of their own, which takes as long as two builds of everything; the next time the one of BASE is there. JOBS bounds how
# many things are built at a time. It ends with 0 where nothing breaks.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:?"usage: $0 BASE [LIBRARY…], such as $0 1.2.0 CanoCore"}
shift
git rev-parse --verify --quiet "$base^{commit}" >/dev/null || { echo "There is no tag or commit $base here" >&2; exit 1; }

products=()
for library; do products+=(--products "$library"); done

# What an older commit warns of is no error of today.
unset CANO_STRICT
swift package --scratch-path .build-api --jobs "${JOBS:-$(nproc)}" --traits SQLite diagnose-api-breaking-changes "$base" \
  --baseline-dir .build-api/baseline "${products[@]}"
