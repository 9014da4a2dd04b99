#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files and functions stay short, say their licence, and know one platform and no locks."""

import re
import statistics

import source

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60

# Where a lock is part of the design, with the reason.
MUTEX_ALLOWED = {
    "lib/server/key_source.hpp": "the keys of the upstream are one pool for all workers, asked once a session",
    "lib/server/key_source.cpp": "the same",
    "lib/simulator/speech.cpp": "flite speaks one text at a time in the whole process",
}

CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else)\b", re.M)
MUTEX = re.compile(r"\bstd::(?:\w+_)?mutex\b")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()=;]*$")
CONTROL = re.compile(r"\b(if|for|while|switch|catch)\s*\(|\b(else|do|try)\s*$")


def functions(code):
    """(first line, last line) of every function that is not inside another."""
    stack = []
    head_start = 0
    parentheses = 0
    for position, letter in enumerate(code):
        if letter in "([":
            parentheses += 1
        elif letter in ")]":
            parentheses -= 1
        elif letter == "{":
            head = code[head_start:position]
            in_function = "function" in stack
            if in_function or parentheses > 0:
                kind = "block"
            elif SCOPE.search(head):
                kind = "scope"
            elif ")" in head and not CONTROL.search(head) and not re.search(r"=\s*(\[|$)", head):
                kind = "function"
                start = head_start + len(head) - len(head.lstrip())
            else:
                kind = "block"
            stack.append(kind)
            if not in_function:
                head_start = position + 1
        elif letter == "}" and stack:
            kind = stack.pop()
            if kind == "function":
                yield source.line_of(code, start), source.line_of(code, position)
            if "function" not in stack:
                # A braced member in a constructor's list does not end its head.
                rest = code[position + 1 :].lstrip()[:1]
                if not (kind == "block" and rest in (",", "{")):
                    head_start = position + 1
        elif letter == ";" and parentheses == 0 and "function" not in stack:
            head_start = position + 1


def licence_line(text):
    lines = text.split("\n", 2)
    return lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]


def check(path, lengths, function_lengths):
    name = source.name(path)
    text = path.read_text()
    lines = text.count("\n")
    lengths.append(lines)
    if lines > FILE_LINES_MAX:
        yield f"{name}: {lines} lines, the limit is {FILE_LINES_MAX}"
    if "SPDX-License-Identifier: Apache-2.0" not in licence_line(text):
        yield f"{name}: the first line does not name the licence"
    if path.suffix not in (".hpp", ".cpp"):
        return
    code = source.code(text)
    if path.suffix == ".hpp" and not re.search(r"^#pragma once$", code, re.M):
        yield f"{name}: no #pragma once"
    for match in CONDITIONAL.finditer(code):
        yield f"{name}:{source.line_of(code, match.start(1))}: #{match[1]}: there is one platform"
    if name not in MUTEX_ALLOWED:
        for match in MUTEX.finditer(code):
            line = source.line_of(code, match.start())
            yield f"{name}:{line}: {match[0]}: what a worker owns is not shared"
    for first, last in functions(code):
        function_lengths.append(last - first + 1)
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield f"{name}:{first}: a function of {last - first + 1} lines, the limit is {FUNCTION_LINES_MAX}"


def main():
    problems = []
    lengths = []
    function_lengths = []
    folders = (*source.HOUSE, "tests", "examples", "docker")
    for path in source.files(folders, ".hpp", ".cpp", ".py", ".sh", ".mjs"):
        problems += check(path, lengths, function_lengths)
    percentile = statistics.quantiles(lengths, n=10)[-1]
    summary = (
        f"{len(lengths)} files, {sum(lengths)} lines (median {statistics.median(lengths):.0f}, "
        f"p90 {percentile:.0f}, longest {max(lengths)}), "
        f"{len(function_lengths)} functions (longest {max(function_lengths)})"
    )
    source.finish("shape", problems, summary)


main()
