#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the pages point at exists: files beside them, and headings within them."""

import re

import source

PAGES = ("README.md", "lib/README.md")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^()\s]+)\)|!\[[^\]]*\]\(([^()\s]+)\)")


def anchors(text):
    """The names that headings get where Markdown is shown."""
    for heading in re.findall(r"^#+\s+(.*?)\s*$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def check(page):
    path = source.ROOT / page
    if not path.is_file():
        yield f"{page}: it is not there"
        return
    text = path.read_text()
    prose = re.sub(r"^```.*?^```", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.M | re.S)
    for match in LINK.finditer(prose):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        if not place.exists():
            yield f"{page}:{source.line_of(prose, match.start())}: {target} does not exist"
        elif anchor and place.suffix == ".md" and anchor not in anchors(place.read_text()):
            yield f"{page}:{source.line_of(prose, match.start())}: {target}: no such heading"


def main():
    source.finish("links", [problem for page in PAGES for problem in check(page)], f"{len(PAGES)} pages")


main()
