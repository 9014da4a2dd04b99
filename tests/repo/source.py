# SPDX-License-Identifier: Apache-2.0
"""What the checks share: which files there are, and their text without comments and literals."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOUSE = ("lib", "commands", "cli")

_NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\s]*)\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/'
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)


def files(folders, *suffixes):
    """The files of those folders with one of the suffixes, in order."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return sorted(path for path in found if path.is_file() and "node_modules" not in path.parts)


def name(path):
    return path.relative_to(ROOT).as_posix()


def code(text):
    """The text with comments and literals blanked out; every character keeps its place."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def finish(check, problems, summary):
    for problem in problems:
        print(problem)
    print(f"{check}: {summary}; {len(problems)} problems" if problems else f"{check}: {summary}; all well")
    sys.exit(1 if problems else 0)
