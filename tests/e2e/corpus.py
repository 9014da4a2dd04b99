# SPDX-License-Identifier: Apache-2.0
"""Reads a corpus as tests/support/corpus.hpp describes it: names and texts."""

import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "config" / "corpus"


def decoded(text):
    text = re.sub(r"‹›\n\Z", "", text)
    parts = re.split(r"‹([^›]*)›", text)
    return b"".join(bytes.fromhex(part) if at % 2 else part.encode() for at, part in enumerate(parts))


def read(name):
    """(name, bytes) of each case."""
    for case in re.split(r"^=== ", (FOLDER / name).read_text(), flags=re.M)[1:]:
        title, text = case.split("\n", 1)
        yield title, decoded(re.split(r"^---", text, flags=re.M)[0])
