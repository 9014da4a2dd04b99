#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what this machine lacks of the named lists of packages:
#   sh docker/packages/install.sh build runtime test
set -eu

lists=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

say() { echo "voicectl: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Whether the package is there, or the command that it is wanted for.
present() {
    case $1 in
        nodejs) command -v node >/dev/null 2>&1 && return ;;
        npm) command -v npm >/dev/null 2>&1 && return ;;
    esac
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "installing packages needs root, and there is no sudo"
        return 1
    fi
}

install_packages() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 update -q >&2 || return
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -q \
        --no-install-recommends "$@" >&2
}

[ $# -gt 0 ] || fail "usage: install.sh build|runtime|test..."
wanted=
for list in "$@"; do
    [ -f "$lists/$list.txt" ] || fail "there is no list of packages named '$list' in $lists"
    wanted="$wanted $(sed 's/#.*//' "$lists/$list.txt" | tr -s ' \n' ' ')"
done

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    say "this system has no apt-get; going on in the hope that it has what Debian calls:$wanted"
    exit 0
fi

set --
for package in $wanted; do
    present "$package" || set -- "$@" "$package"
done
[ $# -gt 0 ] || exit 0

say "installing $# packages: $*"
install_packages "$@" && exit 0

# shellcheck disable=SC1091
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}") || system=unknown
case $system in
    "debian 12"*) fail "these packages could not be installed: $*" ;;
    *) say "this is $system, not Debian 12; going on in the hope that it has the like of: $*" ;;
esac
