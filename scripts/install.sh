#!/bin/sh
# Installs agentos for its user: one file in ~/.local/bin, checked against the release's SHA256SUMS first.
# It edits no start-up file, needs no root, and leaves nothing behind when something is wrong.
#
#   AGENTOS_FROM         folder or https address that holds a release (default: where this script is from)
#   AGENTOS_INSTALL_DIR  where the executable goes (default: ~/.local/bin)
set -eu

AGENTOS_RELEASE=""

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit 2
}

# Where the release is: what the user says, what the release wrote into this script, or the folder it lies in.
from=${AGENTOS_FROM:-$AGENTOS_RELEASE}
if [ -z "$from" ]; then
  case $0 in
    */*) from=$(dirname -- "$0") ;;
    # As "sh install.sh" says it; a script that comes through a pipe bears the shell's own name.
    *.sh) [ ! -f "./$0" ] || from=. ;;
  esac
  if [ -z "$from" ] || [ ! -f "$from/SHA256SUMS" ]; then
    fail "There is no release beside this script" "Name its folder or address in AGENTOS_FROM."
  fi
fi
case $from in
  https://* | http://127.0.0.1:* | http://localhost:*) kind=address ;;
  http://*) fail "$from is not safe: whoever is on the way could change the files" "Use an https address." ;;
  *)
    kind=folder
    [ -f "$from/SHA256SUMS" ] || fail "There is no release in $from" "Name a folder that holds SHA256SUMS."
    ;;
esac

# Which of its files this machine runs.
case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=macos ;;
  *) fail "There is no agentos for $(uname -s)" "On Windows, use install.ps1." ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) fail "There is no agentos for $(uname -m)" "It runs on x86-64 and 64-bit ARM." ;;
esac
# A shell that Rosetta translates says x86_64 on Apple silicon.
if [ "$system-$machine" = macos-x64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || :)" = 1 ]; then
  machine=arm64
fi
if [ "$system" = linux ] && ! ls /lib*/ld-linux-* /lib/*/ld-linux-* >/dev/null 2>&1; then
  fail "agentos needs glibc, which is not here" "Alpine Linux: run it in a container of another distribution."
fi
target=$system-$machine

if command -v sha256sum >/dev/null; then
  sum() { sha256sum <"$1"; }
elif command -v shasum >/dev/null; then
  sum() { shasum -a 256 <"$1"; }
else
  fail "Neither sha256sum nor shasum is here, so the download could not be checked" "Install coreutils."
fi

home=${HOME:-}
[ -n "$home" ] || [ -n "${AGENTOS_INSTALL_DIR:-}" ] || fail "HOME is not set" "Name AGENTOS_INSTALL_DIR."
folder=${AGENTOS_INSTALL_DIR:-$home/.local/bin}
# Folders that are made for this, innermost first; they go again when something is wrong.
made=""
missing=$folder
while [ ! -d "$missing" ]; do
  made="$made$missing
"
  missing=$(dirname -- "$missing")
done
mkdir -p -- "$folder" || fail "Cannot make $folder" "Name another folder in AGENTOS_INSTALL_DIR."
# Beside the target, so that the last step is a rename.
work=$(mktemp -d "$folder/.agentos-install-XXXXXX") ||
  fail "Cannot write to $folder" "Name another folder in AGENTOS_INSTALL_DIR."
clean_up() {
  rm -rf -- "$work"
  printf '%s' "$made" | while IFS= read -r path; do
    rmdir -- "$path" 2>/dev/null || :
  done
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

fetch() {
  if [ "$kind" = folder ]; then
    cp -- "$from/$1" "$2"
  elif command -v curl >/dev/null; then
    case $from in
      https://*) curl --proto '=https' --tlsv1.2 -fsSL -o "$2" "$from/$1" ;;
      *) curl -fsS -o "$2" "$from/$1" ;;
    esac
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$from/$1"
  else
    fail "Neither curl nor wget is here" "Install one of them."
  fi
}

fetch SHA256SUMS "$work/SHA256SUMS" || fail "Cannot get $from/SHA256SUMS" "Check the address and the network."
line=$(grep -E "^[0-9a-f]{64}  agentos-[0-9A-Za-z.-]+-$target\.gz\$" "$work/SHA256SUMS" || :)
[ -n "$line" ] || fail "This release has nothing for $target" "Choose another release, or build it: see CONTRIBUTING.md."
wanted=${line%%  *}
name=${line#*  }
fetch "$name" "$work/$name" || fail "Cannot get $from/$name" "Check the address and the network."
found=$(sum "$work/$name" | cut -d ' ' -f 1)
[ "$found" = "$wanted" ] ||
  fail "$name is not what the release says: its SHA-256 is $found, not $wanted" "Nothing was installed. Try again, and report it if it stays so."

gzip -dc <"$work/$name" >"$work/agentos" || fail "Cannot unpack $name" "Check the free space."
chmod 755 "$work/agentos"
version=$("$work/agentos" --version) ||
  fail "This machine cannot run $name" "Report it with the message above."
mv -f -- "$work/agentos" "$folder/agentos"
made=""

printf '%s is installed as %s\n' "$version" "$folder/agentos"
case ":${PATH:-}:" in
  *":$folder:"*) ;;
  *) printf 'notice: %s is not on PATH; add it in the start-up file of your shell.\n' "$folder" >&2 ;;
esac
printf 'Next: agentos init, agentos service install, agentos sync push\n'
