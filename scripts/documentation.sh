#!/usr/bin/env bash
# Makes the documentation of every library, an archive each in .build/docs, from what `make build-tests` has built. A warning, such as a
# link to a symbol that is no longer called that, is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-.build}
export modules=$build/debug/Modules out=.build/docs
[ -e "$modules/CanoCore.swiftmodule" ] || { echo "There is no debug build in $build: run make build-tests first" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out"
# C modules are where the build itself was told that they are.
{
  printf '%s\n' -minimum-access-level public -I "$modules" -target
  swiftc -print-target-info | sed -n 's/^ *"triple": "\(.*\)",/\1/p'
  grep -o 'fmodule-map-file=[^"]*' "$build/debug.yaml" | sort -u | sed 's/^/-Xcc\n-/'
} >"$out/arguments"

# document MODULE: its symbols, and its articles where it has some.
document() {
  local arguments catalog=()
  mapfile -t arguments <"$out/arguments"
  [ ! -e "Sources/$1/$1.docc" ] || catalog=("Sources/$1/$1.docc")
  mkdir -p "$out/$1.symbols"
  swift-symbolgraph-extract -module-name "$1" -output-dir "$out/$1.symbols" "${arguments[@]}" &&
    docc convert "${catalog[@]}" --additional-symbol-graph-dir "$out/$1.symbols" --output-path "$out/$1.doccarchive" \
      --fallback-display-name "$1" --fallback-bundle-identifier "cano.$1" --warnings-as-errors
}

# Says nothing of a module that is as it should be.
quietly() {
  local said
  said=$(document "$1" 2>&1) || { printf '=== %s\n%s\n' "$1" "$said" >&2; return 1; }
}
export -f document quietly

libraries=$(sed -n 's/^ *\.library(name: "\(.*\)", targets.*/\1/p' Package.swift)
echo "$libraries" | xargs -P "$(nproc)" -I {} bash -c 'quietly {}' || { echo "The documentation has warnings" >&2; exit 1; }
echo "The documentation of $(echo "$libraries" | wc -l) libraries is in $out"
