#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Arrows between the modules point one way, and each library's headers stay in the one file that wraps it."""

import re

import source

BELOW = {
    "base": "",
    "config": "base",
    "audio": "base",
    "net": "base",
    "storage": "base net",
    "observe": "base",
    "realtime": "base audio",
    "upstream": "base",
    "simulator": "base audio net realtime observe",
    "session": "base audio net realtime observe upstream",
    "client": "base audio net",
    "server": "base config audio net storage realtime observe session simulator upstream",
    "commands": "base config audio net storage realtime observe session simulator upstream client server",
    "cli": "base commands",
}
BELOW = {module: set(names.split()) for module, names in BELOW.items()}

ABOVE_NET = ["lib/storage/", "lib/session/", "lib/server/", "lib/simulator/", "lib/client/", "commands/"]

# The start of a header's name, and where it may be included.
WRAPPED = {
    "boost/beast/websocket": ["lib/net/websocket.cpp"],
    "boost/beast/http": ["lib/net/http.cpp", "lib/net/http_client.cpp"],
    "boost/beast": ["lib/net/"],
    "boost/asio": ["lib/pch.hpp", "lib/net/", *ABOVE_NET],
    "boost/json": ["lib/realtime/", *ABOVE_NET],
    "openssl/": ["lib/net/", "lib/storage/redis_script.cpp"],
    "openssl/evp": ["lib/net/", "lib/simulator/digest.cpp", "lib/storage/redis_script.cpp"],
    "CLI/": ["cli/parser.cpp"],
    "toml++/": ["lib/config/", "lib/simulator/scenario_toml.hpp"],
    "opus": ["lib/audio/opus.cpp"],
    "speex": ["lib/audio/resampler.cpp"],
    "sndfile": ["lib/audio/sound_file.cpp"],
    "jwt.h": ["lib/server/authentication.cpp"],
    "hiredis/": ["lib/storage/redis_codec.cpp"],
    "libpq": ["lib/storage/postgres_check.cpp"],
    "flite": ["lib/simulator/speech.cpp"],
    "pocketsphinx": ["lib/simulator/listening.cpp"],
    "sphinxbase": ["lib/simulator/listening.cpp"],
    "spdlog/": ["lib/observe/log.cpp"],
    "nlohmann": [],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<own>[^"]+)"|<(?P<library>[^>]+)>)', re.M)


def module_of(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "lib" and len(parts) > 2 else parts[0]


def check_include(name, match):
    module = module_of(name)
    if match["own"]:
        target = match["own"].split("/")[0]
        if "/" not in match["own"]:
            # The precompiled headers belong to no module.
            if name.count("/") > 1:
                yield f'"{match["own"]}" does not name its module'
        elif target not in BELOW:
            yield f'"{match["own"]}" is in no module of the house'
        elif target != module and target not in BELOW.get(module, set()):
            yield f'{module} must not know {target} ("{match["own"]}")'
        return
    # The longest prefix that matches is the one that counts.
    prefixes = [prefix for prefix in WRAPPED if match["library"].startswith(prefix)]
    if prefixes:
        allowed = WRAPPED[max(prefixes, key=len)]
        if not any(name.startswith(place) for place in allowed):
            yield f'<{match["library"]}> belongs in {", ".join(allowed) or "no file"}'


def declared_edges():
    """The arrows that lib/CMakeLists.txt draws, which must be among those above."""
    text = (source.ROOT / "lib/CMakeLists.txt").read_text()
    for module, body in re.findall(r"^voicectl_module\((\w+)\s([^()]*)\)", text, re.M):
        depends = re.search(r"\bDEPENDS\s+((?:[a-z_]+\s*)+)", body)
        for target in depends[1].split() if depends else []:
            yield module, target


def main():
    problems = []
    count = 0
    for path in source.files(source.HOUSE, ".hpp", ".cpp"):
        name = source.name(path)
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            count += 1
            line = source.line_of(text, match.end())
            problems += [f"{name}:{line}: {sentence}" for sentence in check_include(name, match)]
    edges = list(declared_edges())
    for module, target in edges:
        if target not in BELOW.get(module, set()):
            problems.append(f"lib/CMakeLists.txt: {module} must not depend on {target}")
    if not edges:
        problems.append("lib/CMakeLists.txt: no arrow could be read from it")
    source.finish("layers", problems, f"{count} includes, {len(edges)} arrows between modules")


main()
