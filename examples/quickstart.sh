#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a checkout to a gateway that talks, offline: installs what is missing, builds, and runs
# `voicectl serve --dev` with this script's arguments. A second run starts at once.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/release
voicectl=$build/bin/voicectl

say() { echo "voicectl: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Whether the binary runs and is newer than all that it is made of.
up_to_date() {
    [ -x "$voicectl" ] || return 1
    changed=$(find "$root/CMakeLists.txt" "$root/CMakePresets.json" "$root/docker/packages" "$root/lib" \
        "$root/commands" "$root/cli" -newer "$voicectl" -type f ! -name '*.md' 2>/dev/null | head -n 1)
    [ -z "$changed" ] && "$voicectl" --version >/dev/null 2>&1
}

build_voicectl() {
    sh "$root/docker/packages/install.sh" build runtime || fail "the packages it needs are not all there"
    for tool in cmake ninja c++; do
        command -v "$tool" >/dev/null 2>&1 || fail "building needs $tool, which is not on this machine"
    done
    cores=$(nproc 2>/dev/null || echo 1)
    [ "$cores" -gt 2 ] && jobs=2 || jobs=$cores
    say "building with $jobs jobs (about 4 minutes with 2, the first time)"
    cd "$root"
    if [ ! -f "$build/build.ninja" ]; then
        # The tests need more packages; tests/run.sh turns them on in this same folder.
        cmake --preset release -DVOICECTL_TESTS=OFF >&2 ||
            fail "configuring the build failed; what is above says why"
    fi
    cmake --build --preset release --target voicectl -j "$jobs" >&2 ||
        fail "the build failed; what is above says why"
    # Newer than its sources even where nothing had to be built again.
    touch "$voicectl"
}

here=$(pwd)
up_to_date || build_voicectl
cd "$here"
say "starting $voicectl serve --dev"
exec "$voicectl" serve --dev "$@"
