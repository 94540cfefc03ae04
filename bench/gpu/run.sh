#!/usr/bin/env bash
# Runs what prepare.sh made: run.sh PLUGIN [-python PYTHON] [-platform cpu] [-small]. It takes ten minutes at most, and writes table.md beside itself.
set -euo pipefail
folder="$(cd "$(dirname "$0")" && pwd)"
[ $# -ge 1 ] || exec "$folder/gpu"
plugin="$(realpath -m "$1")"
shift
# The libraries of CUDA that JAX's plugin comes with lie beside it, as nvidia/*/lib.
for library in "$(dirname "$plugin")"/../../nvidia/*/lib; do
  [ -d "$library" ] && LD_LIBRARY_PATH="$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
done
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}"
exec "$folder/gpu" -plugin "$plugin" -data "$folder" "$@"
