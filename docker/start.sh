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

# A new folder gets the notebooks and the packages that they show; what is there already is left as it is. go.mod comes last: a
# copy that was cut short is made again.
copy() { cp -R "$1" /work/ 2>/dev/null || { rm -f /work/go.mod; fail "cannot copy the notebooks to /work; is the disk full?"; }; }
if [ ! -e /work/go.mod ]; then
  for part in /opt/unipair/.[!.]* /opt/unipair/*; do
    [ "$part" = /opt/unipair/go.mod ] || copy "$part"
  done
  copy /opt/unipair/go.mod
fi
if [ -e /work/.workspace ] && [ ! -L /work/.workspace ]; then
  fail "/work/.workspace was made outside the container and does not run in it; delete it, or mount another folder at /work"
fi
[ -L /work/.workspace ] || ln -s /opt/workspace /work/.workspace
exec "$@"
