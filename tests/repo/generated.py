#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is made from the rows of settings, flags and findings is checked in as the binary prints it now.

Named in VOICECTL, or the release build's. With --write it is written instead of compared."""

import os
import subprocess
import sys

import source

VOICECTL = os.environ.get("VOICECTL", str(source.ROOT / "build/release/bin/voicectl"))


def printed(*arguments):
    return subprocess.run([VOICECTL, *arguments], check=True, capture_output=True, text=True).stdout


def generated():
    """(file, text) of everything that is generated."""
    for page in printed("man").split():
        yield f"man/{page}", printed("man", page)
    yield "examples/voicectl.toml", printed("validate-config", "--print-toml-template")
    yield "examples/voicectl.env", printed("validate-config", "--print-env-template")
    yield "examples/voicectl.schema.json", printed("validate-config", "--print-schema")


def main():
    problems = []
    files = dict(generated())
    for name, text in files.items():
        path = source.ROOT / name
        if "--write" in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            problems.append(f"{name}: stale; run: VOICECTL={VOICECTL} python3 tests/repo/generated.py --write")
    for path in (source.ROOT / "man").iterdir():
        if f"man/{path.name}" not in files:
            problems.append(f"man/{path.name}: nothing makes this page any more")
    source.finish("generated", problems, f"{len(files)} files")


main()
