#!/bin/sh
# Prepares the working folder of the container and runs the command in it. Nothing here needs rights.
set -eu
fail() { echo "unipair: $1" >&2; exit 1; }

probe="$(mktemp "${TMPDIR}/probe.XXXXXX" 2>/dev/null)" || fail "/var/lib/unipair is not writable; do not mount anything there that belongs to another user"
rm -f "$probe"
if ! probe="$(mktemp /work/.probe.XXXXXX 2>/dev/null)"; then
  fail "the folder mounted at /work is not writable for uid $(id -u); run with --user \"\$(id -u):\$(id -g)\" and a folder of yours"
fi
rm -f "$probe"
memory="$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo max)"
case "$memory" in
  max | ??????????*) ;;
  *) fail "$((memory / 1048576)) MiB of memory are too few to compile a cell; give the container 2 GiB (--memory 2g)" ;;
esac

# An empty folder gets the notebooks and the packages that they show, whole: they are copied under a name of our own first, and go.mod
# comes last. A folder with anything of the user's gets nothing.
partial=/work/.unipair-partial
theirs() { find /work/ -mindepth 1 -maxdepth 1 ! -name .unipair-partial ! -name lost+found | head -n 1; }
tell() { # tell COMMAND…: run it, or end with what it said
  said="$("$@" 2>&1)" || { rm -rf "$partial"; fail "cannot copy the notebooks to /work: $(echo "$said" | tail -n 1)"; }
}
if [ -e "$partial" ] || [ -z "$(theirs)" ]; then
  tell rm -rf "$partial/new"
  tell mkdir -p "$partial/new"
  tell cp -R /opt/unipair/. "$partial/new"
  for part in "$partial"/new/.[!.]* "$partial"/new/*; do
    name="${part##*/}"
    [ ! -e "$part" ] || [ "$name" = go.mod ] || [ -e "/work/$name" ] || tell mv "$part" /work/
  done
  [ -e /work/go.mod ] || tell mv "$partial/new/go.mod" /work/
  rm -rf "$partial"
elif ! grep -qsx 'module github.com/unipair/unipair' /work/go.mod; then
  echo "unipair: /work has files of yours and no notebooks: nothing is copied there; for the notebooks mount an empty folder" >&2
fi
[ -e "${UNIPAIR_DATA:-}/omniglot/all_runs.zip" ] || echo "unipair: Omniglot is not in this image; the notebooks on handwriting fetch it" >&2
if [ -e /work/.workspace ] && [ ! -L /work/.workspace ]; then
  fail "/work/.workspace was made outside the container and does not run in it; delete it, or mount another folder at /work"
fi
if grep -qsx 'module github.com/unipair/unipair' /work/go.mod; then [ -L /work/.workspace ] || ln -s /opt/workspace /work/.workspace; fi

# What XLA compiles is kept in the volume, where only this user can write: a volume of an earlier image lets others write there.
if [ -z "${UNIPAIR_COMPILED:-}" ] && [ -k /var/lib/unipair ]; then
  UNIPAIR_COMPILED="/var/lib/unipair/compiled-$(id -u)"
  export UNIPAIR_COMPILED
fi
exec "$@"
