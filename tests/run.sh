#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds voicectl and runs every test:
#   sh tests/run.sh [--sanitizers] [-- CTEST-ARGUMENTS]
# --sanitizers runs them again under AddressSanitizer with UndefinedBehaviorSanitizer, and ThreadSanitizer.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
presets=release
failed=

say() { echo "voicectl: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        --sanitizers) presets="release dev tsan" ;;
        --) shift && break ;;
        *) fail "usage: sh tests/run.sh [--sanitizers] [-- CTEST-ARGUMENTS]" ;;
    esac
    shift
done

# Installs the official client once for each state of its lock file.
install_client() {
    cd "$root/tests/interop"
    installed=node_modules/.package-lock.json
    if [ -n "$(find $installed -newer package-lock.json 2>/dev/null)" ]; then return; fi
    say "installing the official JavaScript client"
    npm ci --no-audit --no-fund --loglevel=error >&2 || return
    touch $installed
}

# One preset, configured, built and tested.
run_preset() {
    preset=$1
    shift
    say "building preset $preset"
    cmake --preset "$preset" -DVOICECTL_TESTS=ON >"$log" 2>&1 || { cat "$log" >&2 && return 1; }
    cmake --build --preset "$preset" >&2 || return
    say "testing preset $preset"
    ctest --preset "$preset" -j 2 "$@"
}

sh "$root/docker/packages/install.sh" build runtime test || fail "the tests need packages that are not there"
for tool in cmake ninja c++ node npm openssl; do
    command -v "$tool" >/dev/null 2>&1 || fail "the tests need $tool, which is not on this machine"
done
(install_client) || fail "npm could not install the packages of tests/interop"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$root"
for preset in $presets; do
    run_preset "$preset" "$@" || failed="$failed $preset"
done
[ -z "$failed" ] || fail "failed:$failed"
say "all tests passed: $presets"
