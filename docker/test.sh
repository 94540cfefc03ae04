#!/usr/bin/env bash
# Builds the images and tests them as users run them: a private engine if none runs, a base made of Debian's packages if no
# hub is reachable. State stays in $UNIPAIR_DOCKER_STATE (default unipair-docker in the user's state directory), so that the next run is
# quick. Whatever it makes has a name of its own: images unipair-test:…, containers and projects with the number of the process.
set -euo pipefail
cd "$(dirname "$0")/.."

state="${UNIPAIR_DOCKER_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/unipair-docker}"
base=debian:trixie-slim stand_in=unipair-test:base
name="unipair-test-$$" lab=unipair-test:lab slim=unipair-test:slim dev=unipair-test:dev mpi=unipair-test:mpi
export name lab
port="${UNIPAIR_PORT:-18888}"
passed=0 failed=0
note() { printf '%4d s  %s\n' "$SECONDS" "$1"; }
check() { # check NAME COMMAND…
  if "${@:2}" >"$state/last" 2>&1; then passed=$((passed + 1)); note "ok      $1"
  else failed=$((failed + 1)); note "FAILED  $1"; sed 's/^/          /' "$state/last" | tail -20; fi
}
mkdir -p -m 0700 "$state"
if [ ! -O "$state" ] || [ -L "$state" ] || [ -n "$(find "$state" -maxdepth 0 -perm /022)" ]; then # programs in it are run
  echo "docker/test.sh: $state is not yours alone: give another folder as UNIPAIR_DOCKER_STATE" >&2; exit 1
fi
temp="$(mktemp -d "$state/run.XXXXXX")"
engine=""
clean() {
  docker rm -fv "$name" >/dev/null 2>&1 || true
  if [ -n "$engine" ]; then
    kill "$engine" 2>/dev/null && wait "$engine" 2>/dev/null || true
    umount "$state/exec/netns/default" 2>/dev/null || true
  fi
  as_root rm -rf "$temp" # containers wrote in it as other users
}
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
trap clean EXIT
if ! docker info >/dev/null 2>&1; then
  note 'no engine runs: a private one'
  PATH="/usr/bin:/usr/sbin:$PATH"
  if ! command -v /usr/sbin/dockerd >/dev/null; then
    as_root apt-get update -q >"$temp/apt" && as_root apt-get install -qy --no-install-recommends docker.io docker-compose mmdebstrap >>"$temp/apt" 2>&1
  fi
  export DOCKER_HOST="unix://$state/docker.sock"
  /usr/sbin/dockerd -H "$DOCKER_HOST" --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/pid" --storage-driver overlay2 \
    --bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false >"$state/dockerd.log" 2>&1 &
  engine=$!
  for _ in $(seq 60); do docker info >/dev/null 2>&1 && break; sleep 0.5; done
  docker info >/dev/null || { tail -5 "$state/dockerd.log" >&2; exit 1; }
fi
export DOCKER_BUILDKIT=1

if ! docker image inspect "$base" >/dev/null 2>&1 && ! docker pull -q "$base" >/dev/null 2>&1; then base="$stand_in"; fi
if [ "$base" = "$stand_in" ] && ! docker image inspect "$base" >/dev/null 2>&1; then
  note 'no hub is reachable: a base of Debian packages'
  hooks=()
  for bundle in "${PIP_CERT:-}" "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt; do
    if [ -f "$bundle" ]; then # what this machine trusts, for registries behind a proxy; such an image is never pushed
      hooks=(--customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"'
        --customize-hook="cp '$bundle' \"\$1/usr/local/share/ca-certificates/build-host.crt\"")
      break
    fi
  done
  mmdebstrap -q --variant=minbase --dpkgopt=force-unsafe-io "${hooks[@]}" trixie - | docker import - "$base" >/dev/null
fi

hadolint="$(command -v hadolint || echo "$state/lint/bin/hadolint")"
if [ ! -x "$hadolint" ]; then
  python3 -m venv "$state/lint" && "$state/lint/bin/pip" install -q --require-hashes -r docker/lint-requirements.txt >/dev/null
fi
check 'hadolint' "$hadolint" docker/Dockerfile
compose=(docker compose); "${compose[@]}" version >/dev/null 2>&1 || compose=(docker-compose)
check 'compose config' "${compose[@]}" -f docker/compose.yaml config -q

# The tree as a user has it, with the data at hand, in a folder of the test's own.
context="$temp/context"
mkdir "$context" && git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from - --ignore-failed-read | tar -x -C "$context"
if [ -d docker/data ]; then cp -R docker/data "$context/docker/"
elif [ -d "${UNIPAIR_DATA:-/none}/omniglot" ]; then mkdir "$context/docker/data" && cp -R "$UNIPAIR_DATA/omniglot" "$context/docker/data/"; fi
build() { docker build -q --network host --build-arg "BASE_IMAGE=$base" --target "$1" -t "unipair-test:$1" -f "$context/docker/Dockerfile" "$context"; }
note 'building'
for target in lab slim dev mpi; do check "build $target" build "$target"; done
[ "$failed" -eq 0 ] || exit 1
size="$(docker image inspect -f '{{.Size}}' "$lab")"
check "lab is at most 1.75 GB ($((size / 1000000)) MB)" test "$size" -le 1750000000
check 'source, version and licence' bash -c 'docker image inspect -f "{{range \$k, \$v := .Config.Labels}}{{\$k}} {{end}}" "$lab" |
  grep -q "image.licenses .*image.source .*image.version"'
check 'no token and no key in a layer' bash -c '! docker history --no-trunc "$lab" | grep -Eiq "JUPYTER_TOKEN=|PASSWORD|SECRET|PRIVATE KEY"'
docker image inspect -f '        {{index .RepoTags 0}} {{.Size}} bytes' "$lab" "$slim"

# As a user whom the image does not know, read-only, without rights and without a network.
uid=4321
work="$temp/work"
mkdir "$work" && as_root chown "$uid:$uid" "$work" && chmod a+rx "$temp"
token="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
locked=(--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges)
docker run -d --name "$name" --user "$uid:$uid" "${locked[@]}" --network none -e JUPYTER_TOKEN="$token" -v "$work:/work" "$lab" >/dev/null
healthy() { for _ in $(seq 60); do [ "$(docker inspect -f '{{.State.Health.Status}}' "$name")" = healthy ] && return; sleep 1; done; docker logs "$name"; return 1; }
inside() { docker exec "$name" "$@"; }
check 'healthy' healthy
check 'uid' test "$(inside id -u)" = "$uid"
check 'no capabilities' inside grep -q '^CapEff:\s*0000000000000000$' /proc/1/status
check 'no new privileges' inside grep -q '^NoNewPrivs:\s*1$' /proc/1/status
check 'the root is read-only' bash -c '! docker exec "$name" touch /etc/x 2>/dev/null'
docker cp docker/client.py "$name":/work/client.py 2>/dev/null || as_root cp docker/client.py "$work/client.py"
check 'notebook 01 through the API, offline' inside /opt/workspace/venv/bin/python client.py "$token" notebooks/01-unified-formula.ipynb
sed 's/^/          /' "$state/last"
check 'warm again' inside /opt/workspace/venv/bin/python client.py "$token" notebooks/01-unified-formula.ipynb
warm="$(cat "$state/last")" && printf '          %s\n' "$warm"
check 'its first cell within 5 s' python3 -c 'import json, sys; sys.exit(json.loads(sys.argv[1])["first"] > 5)' "$warm"
check 'the saved notebook is the user'"'"'s' test "$(stat -c %u "$work/notebooks/01-unified-formula.ipynb")" = "$uid"
started="$(date +%s%N)"
docker stop -t 10 "$name" >/dev/null
took=$((($(date +%s%N) - started) / 1000000))
check "stops on SIGTERM (${took} ms)" test "$took" -lt 2000
docker rm -fv "$name" >/dev/null

# A token that nobody gave is made, and shown once in the log.
docker run -d --name "$name" "${locked[@]}" --network none "$lab" >/dev/null
check 'healthy without settings' healthy
check 'a random token' bash -c 'docker logs "$name" 2>&1 | grep -Eq "token=[0-9a-f]{48}"'
docker rm -fv "$name" >/dev/null

# The published port, by compose.
export UNIPAIR_PORT="$port"
up() { UNIPAIR_IMAGE=$lab UNIPAIR_UID=$uid UNIPAIR_GID=$uid UNIPAIR_WORK=$work "${compose[@]}" -p "${project:-$name}" -f docker/compose.yaml "$@"; }
answers() { for _ in $(seq 40); do [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/api/kernelspecs")" = 403 ] && return; sleep 1; done; return 1; }
taken() { # the message names the port, and nothing runs
  local out project=$name-second
  out="$(up up -d --no-build 2>&1)" && { up down -v; return 1; }
  [ -z "$(docker ps -q --filter name=$project)" ] && [[ "$out" == *"$port"*already* ]] || { echo "$out"; return 1; }
  up down -v
}
check 'compose up' up up -d --no-build
check '403 without the token at 127.0.0.1' answers
limited() { [ "$(docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' "$(docker ps -q --filter "name=$name")")" = '8589934592 1024' ]; }
check 'its memory and processes are limited' limited
check 'not at any other address' bash -c '! docker port "$(docker ps -q --filter name=$name)" | grep -v " 127.0.0.1:"'
check 'a taken port' taken
check 'compose down' up down -v

# A folder that holds something of the user's gets nothing; a copy that was cut short is made whole.
mine() {
  mkdir -p "$temp/mine/docs" && echo mine | tee "$temp/mine/README.md" "$temp/mine/docs/train.md" >/dev/null && as_root chown -R "$uid:$uid" "$temp/mine"
  docker run --rm --user "$uid:$uid" "${locked[@]}" --network none -v "$temp/mine:/work" "$lab" true || return 1
  [ "$(cd "$temp/mine" && find . -type f | sort | xargs cat)" = $'mine\nmine' ] && [ "$(find "$temp/mine" -mindepth 1 | wc -l)" = 3 ]
}
cut_short() {
  mkdir -p "$temp/cut/.unipair-partial/new" && as_root chown -R "$uid:$uid" "$temp/cut"
  docker run --rm --user "$uid:$uid" "${locked[@]}" --network none -v "$temp/cut:/work" "$lab" true || return 1
  [ -s "$temp/cut/go.mod" ] && [ -s "$temp/cut/notebooks/03-train.ipynb" ] && [ ! -e "$temp/cut/.unipair-partial" ]
}
check 'files of the user stay, and nothing comes beside them' mine
check 'a copy that was cut short is made whole' cut_short

# A clone in the dev container.
git clone -q . "$temp/clone" && as_root chown -R 1000:1000 "$temp/clone"
check 'the dev container builds the repository, offline' docker run --rm --network none -v "$temp/clone:/work" "$dev" bash -c '
  go build -o /tmp/unipair ./cmd/unipair && /tmp/unipair doctor && test -z "$(git status --porcelain)"'

# Reports.
mkdir "$temp/reports" && as_root chown "$uid:$uid" "$temp/reports"
notebooks=(01)
if docker run --rm --network none --entrypoint sh "$slim" -c 'cd /var/lib/unipair/data/omniglot && [ -s all_runs.zip ] && [ -s images_background_small1.zip ]'
then notebooks+=(03); else note 'no Omniglot at hand: without notebook 03'; fi
check 'unipair report, slim, offline' docker run --rm --user "$uid:$uid" "${locked[@]}" --network none -e UNIPAIR_QUICK=1 -v "$temp/reports:/reports" "$slim" unipair report "${notebooks[@]}" --out /reports
check 'its index' test -s "$temp/reports/index.html"
check 'a network as an ONNX file, offline' docker run --rm --user "$uid:$uid" "${locked[@]}" --network none "$slim" bash -c '
  cd /tmp && unipair train --data glyphs --out run --steps 2 --size 16 --width 2 --dim 8 --classes 4 --per-class 2 &&
  unipair export --format onnx --checkpoint run --out glyphs.onnx && test -s glyphs.onnx'

if [ "$(uname -m)" = x86_64 ]; then
  check 'convolutions are oneDNN'"'"'s' bash -c 'docker run --rm "${@:2}" --network none "$1" unipair doctor | grep "convolutions by oneDNN"' - "$slim" "${locked[@]}"
fi

# Two processes share what one does: the first loss is that of the batch in two pieces, and the scores of one network are the same.
check 'two ranks under MPI, offline' docker run --rm --user "$uid:$uid" "${locked[@]}" --network none "$mpi" bash -c '
  cd /tmp && words="train --data glyphs --steps 3 --size 16 --width 2 --dim 8 --classes 4 --per-class 2" && two="mpirun --oversubscribe -n 2" &&
  $two unipair $words --out two && unipair $words --pieces 2 --out one &&
  loss() { head -1 "$1/history.jsonl" | grep -o "\"loss\":[0-9.]\{6\}"; } && [ -n "$(loss one)" ] && [ "$(loss one)" = "$(loss two)" ] &&
  [ "$($two unipair eval --checkpoint two --data glyphs --json)" = "$(unipair eval --checkpoint two --data glyphs --json)" ]'

# What goes wrong says so in one line.
says() { # says LINE docker-arguments…
  local out; out="$(docker run --rm "${@:2}" 2>&1)" && { echo "it succeeded: $out"; return 1; }
  [[ "$out" == *"$1"* ]] || { echo "$out"; return 1; }
}
mkdir "$temp/theirs" && as_root chown 0:0 "$temp/theirs" && chmod 0755 "$temp/theirs"
check 'a folder that is not writable' says 'the folder mounted at /work is not writable for uid 1000' "${locked[@]}" --network none -v "$temp/theirs:/work" "$lab"
check 'too little memory' says '256 MiB of memory are too few' "${locked[@]}" --network none --memory 256m "$lab"
check 'a full disk' says 'cannot copy the notebooks to /work: ' "${locked[@]}" --network none --tmpfs /work:size=1m,mode=1777 "$lab"
cat >"$temp/90-full.ipynb" <<'END'
{"cells": [
 {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A notebook that fills the disk"},
 {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": null, "outputs": [],
  "source": "import \"os\"\n%%\nif err := os.WriteFile(\"/work/full\", make([]byte, 1<<28), 0o644); err != nil {\n  panic(err)\n}"}],
 "metadata": {"kernelspec": {"name": "gonb", "display_name": "Go", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}
END
chmod a+r "$temp/90-full.ipynb"
check 'a notebook that fills the disk' says 'no space left on device' "${locked[@]}" --network none --tmpfs /work:size=64m,mode=1777 --tmpfs /reports:mode=1777 \
  -v "$temp/90-full.ipynb:/opt/unipair/notebooks/90-full.ipynb:ro" "$slim" unipair report 90 --out /reports
check 'never root because of it' says 'not writable for uid 4321' --user "$uid:$uid" "${locked[@]}" --network none -v "$temp/theirs:/work" "$lab"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
