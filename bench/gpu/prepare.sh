#!/usr/bin/env bash
# Makes the folder that a machine with a GPU is given: prepare.sh NETWORK.onnx FOLDER. That machine needs no network, no Go and no sources.
set -euo pipefail
fail() { printf 'prepare: %s\n' "$1" >&2; exit 1; }
[ $# -eq 2 ] || fail 'want NETWORK.onnx FOLDER'
[ -f "$1" ] || fail "there is no network $1"
network="$(realpath "$1")"
mkdir -p "$2"
folder="$(realpath "$2")"
cd "$(dirname "$0")/../.."
go build -o "$folder/gpu" ./bench/gpu
go test -c -o "$folder/losses.test" ./pkg/losses
for program in bench/losstime/{peer,jax_peer,torch_peer,closed_form}.py bench/training/peer.py bench/gpu/backbone_peer.py; do
  install -D -m 644 "$program" "$folder/$program"
done
install -m 755 bench/gpu/run.sh "$folder/run.sh"
"$folder/gpu" prepare "$network" "$folder"
du -sh "$folder"
