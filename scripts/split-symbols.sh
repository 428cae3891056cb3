#!/usr/bin/env bash
# Puts a program without its symbols into a folder, and the symbols beside it, where debuggers look for them:
# scripts/split-symbols.sh PROGRAM FOLDER
set -euo pipefail
program=$1 folder=$2 name=$(basename "$1")
mkdir -p "$folder"
objcopy --only-keep-debug "$program" "$folder/$name.debug"
objcopy --strip-all --add-gnu-debuglink="$folder/$name.debug" "$program" "$folder/$name"
