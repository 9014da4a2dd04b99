#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds what GCC 12 destroys twice, or does not compile, within a full-expression that has a co_await in it:
closures that own a capture, braced aggregates, braced lists as arguments. Each belongs on a line above.

Without arguments it reads the house; with --self-test it judges the examples at its end."""

import re
import sys

import source

OPENING = {"(": ")", "[": "]", "{": "}"}
CONTROL_HEAD = re.compile(r"\b(?:if|while|switch|for)\s*(?:constexpr\s*)?$")
# What follows the brace of an expression, and not that of a block.
CONTINUES = re.compile(r"\s*[,).?:\-+\[(]")
LAMBDA = re.compile(r"(?<![\w)\]])\[(?P<captures>[^\[\]]*)\](?=\s*(?:\(|\{|<|mutable\b|noexcept\b|->))")
DESIGNATED = re.compile(r"\{\s*\.\w+\s*[={]")
BRACED_ARGUMENT = re.compile(r"[(,]\s*\{(?!\s*\})")
BRACED_TEMPORARY = re.compile(r"(?<![\w:])(?:\w+::)*(?P<name>[A-Z]\w*)(?:<[^<>;]*>)?\s*\{")


def matching(code, position):
    """Where the bracket that opens at `position` closes."""
    depth = 0
    for i in range(position, len(code)):
        depth += code[i] in OPENING
        depth -= code[i] in OPENING.values()
        if depth == 0:
            return i
    return len(code)


def start_of(code, position):
    """Where the full-expression around `position` starts."""
    depth = 0
    for i in range(position - 1, -1, -1):
        letter = code[i]
        if letter in ")]" or (letter == "}" and (depth > 0 or CONTINUES.match(code, i + 1))):
            depth += 1
        elif letter == "}":
            return i + 1
        elif letter in "([":
            if depth == 0 and letter == "(" and CONTROL_HEAD.search(code[max(0, i - 24) : i]):
                return i + 1
            depth = max(0, depth - 1)
        elif letter == "{":
            if depth == 0:
                return i + 1
            depth -= 1
        elif letter == ";" and depth == 0:
            return i + 1
    return 0


def end_of(code, start):
    """Where the full-expression that starts at `start` ends."""
    depth = 0
    for i in range(start, len(code)):
        letter = code[i]
        if letter in OPENING:
            depth += 1
        elif letter in ")]}":
            if depth == 0:
                return i
            depth -= 1
        elif letter == ";" and depth == 0:
            return i
    return len(code)


def without_bodies(expression):
    """The expression with the bodies of its lambdas blanked out: they are expressions of their own."""
    for match in reversed(list(LAMBDA.finditer(expression))):
        brace = expression.find("{", match.end())
        if brace >= 0:
            end = matching(expression, brace)
            expression = expression[: brace + 1] + " " * (end - brace - 1) + expression[end:]
    return expression


def problems_of(expression):
    expression = without_bodies(expression)
    for match in LAMBDA.finditer(expression):
        captures = filter(None, (capture.strip() for capture in match["captures"].split(",")))
        owned = [capture for capture in captures if not capture.startswith("&") and capture != "this"]
        if owned:
            yield f"a closure owns {', '.join(owned)}"
    # What a lambda's braces were is no list any more.
    rest = LAMBDA.sub(lambda match: " " * len(match[0]), expression)
    if DESIGNATED.search(rest):
        yield "a designated initialiser"
    if BRACED_ARGUMENT.search(rest):
        yield "a braced list is an argument"
    for match in BRACED_TEMPORARY.finditer(rest):
        yield f"{match['name']}{{...}} is a temporary"


def lint(text):
    """(line, sentence) for everything that is wrong."""
    code = source.code(text)
    seen = set()
    for match in re.finditer(r"\bco_await\b", code):
        start = start_of(code, match.start())
        if start in seen:
            continue
        seen.add(start)
        for sentence in dict.fromkeys(problems_of(code[start : end_of(code, start)])):
            line = source.line_of(code, match.start())
            yield line, f"{sentence} in an expression with co_await: name it on a line above"


def self_test():
    wrong = [
        "co_await co_spawn(io, [p = std::move(p)]() { return run(p); }, use_awaitable);",
        "co_await call([text] { print(text); });",
        "co_await call([=] { print(text); });",
        "auto x = co_await use({.host = host});",
        "co_await use(Options{host});",
        "co_await use(net::Options{host, port});",
        "if (auto x = co_await use(Options{host}); x) return;",
        "co_await write({a, b});",
        "send(Options{host}, co_await next());",
        "co_return co_await use(std::vector<Item>(), Item{});",
        "while (co_await use([t]() mutable { return t; })) { run(); }",
    ]
    right = [
        "co_await call([&] { print(text); });",
        "co_await call([this, &text] { print(text); });",
        "const auto act = [text] { print(text); }; co_await call(act);",
        "co_await timer.async_wait(nothrow);",
        "auto [ec, n] = co_await socket.async_read_some(buffer, nothrow);",
        "Options options{host}; co_await use(options);",
        "run([&]() -> Task<void> { Options o{host}; co_await use(o); });",
        "if (co_await ready()) { const Options o{host}; }",
        "co_await call([&] { const Options o{host}; use({1, 2}); });",
        "co_await use(buffers[i], bytes{});",
        "Table t{{1, 2}}; for (int i = 0; i < 2; ++i) { co_await next(); }",
        "// co_await use(Options{host});",
    ]
    problems = [f"not seen: {text}" for text in wrong if not list(lint(text))]
    problems += [f"seen where nothing is: {text}: {list(lint(text))}" for text in right if list(lint(text))]
    return problems


def main():
    if "--self-test" in sys.argv:
        source.finish("coawait_lint --self-test", self_test(), "its own examples")
    problems = self_test()
    count = 0
    for path in source.files((*source.HOUSE, "tests"), ".hpp", ".cpp"):
        text = path.read_text()
        count += len(re.findall(r"\bco_await\b", text))
        problems += [f"{source.name(path)}:{line}: {sentence}" for line, sentence in lint(text)]
    source.finish("coawait_lint", problems, f"{count} times co_await")


main()
