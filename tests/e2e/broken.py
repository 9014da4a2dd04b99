# SPDX-License-Identifier: Apache-2.0
"""One broken configuration for each code, in tests/config/broken: the carets in a comment stand below what is wrong."""

import dataclasses
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "config" / "broken"

# All that the examples do not say themselves.
GOOD = {"NODE_ENV": "test", "JWT_SECRET": "kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c", "OPENAI_API_KEY": "sk-a-key"}
PRODUCTION = {"REDIS_URL": "unix:///run/redis.sock", "DATABASE_URL": "sqlite:voice.db"}

# What an example says itself, or is about the absence of.
WITHOUT = {
    **dict.fromkeys(("E110", "E120", "E121", "E122", "W223"), ("JWT_SECRET",)),
    "W207": ("JWT_SECRET", "NODE_ENV"),
    "W220": ("OPENAI_API_KEY",),
    "W234": ("NODE_ENV",),
    "W235": ("NODE_ENV", "REDIS_URL"),
}
WITH = {"W207": PRODUCTION, "W234": PRODUCTION, "W235": PRODUCTION}

# Codes that are about settings which this version does not use yet, and codes that never come alone.
COMPANY = {
    **dict.fromkeys(("E125", "E144", "W207", "W231", "W232", "W234", "W235"), {"W210"}),
    "W225": {"W224"},
    "W230": {"W229"},
}


@dataclasses.dataclass
class Example:
    code: str
    arguments: tuple = ()  # of validate-config
    environment: dict = dataclasses.field(default_factory=dict)
    file: str = ""
    line: int = 0
    column: int = 0
    length: int = 0
    text: str = ""  # of the line
    limit: int = 0  # on file descriptors

    @property
    def sources(self):
        """The same for serve."""
        if not self.file:
            return self.arguments
        return ("--env-file" if self.file.endswith(".env") else "-c", self.file)

    def limit_descriptors(self):
        if self.limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.limit, self.limit))


def read(path):
    code = path.stem
    environment = {**GOOD, **WITH.get(code, {})}
    for name in WITHOUT.get(code, ()):
        del environment[name]
    example = Example(code, (path.name,), environment, path.name)
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if carets := re.match(r"# *(\^+)$", line):
            example.line, example.column = number, carets.start(1) + 1
            example.length, example.text = len(carets[1]), lines[number - 1]
    if code == "W229":
        example.limit = 1024
    return example


def examples():
    """Those in files, and those that no file can show."""
    yield from map(read, sorted(FOLDER.glob("[EW]*")))
    yield Example("E103", ("no-such.toml",), GOOD, "no-such.toml")
    yield Example("E111", (), {**GOOD, "VOICE_WS_PORT": "9000 # the port"})
    yield Example("E112", (), {**GOOD, "VOICE_WS_PORT": "tcp://10.0.0.7:8080"})
    yield Example("E114", ("--set", "server.ws_port"), GOOD)
    yield Example("W203", (), {**GOOD, "VOICE_VOICE": "'marin'"})


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_folder():
    """A copy of the examples, and beside them the files that they name."""
    folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
    place = pathlib.Path(folder.name)
    for path in FOLDER.glob("[EW]*"):
        shutil.copy(path, place)
        (place / path.name).chmod(0o644 if path.stem == "W207" else 0o600)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost")
    openssl(place, "req", "-x509", *key, "-days", "365", "-keyout", "good.key", "-out", "good.pem")
    openssl(place, "req", "-x509", *key, "-days", "365", "-keyout", "other.key", "-out", "other.pem")
    openssl(place, "req", "-x509", "-key", "good.key", "-subj", "/CN=localhost", "-days", "9", "-out", "soon.pem")
    (place / "garbage.pem").write_text("this is neither a certificate nor a scenario\n")
    settings = "database=index\nrand_serial=yes\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\n"
    (place / "ca.cnf").write_text(f"[ca]\ndefault_ca=a\n[a]\n{settings}[p]\ncommonName=supplied\n")
    (place / "index").touch()
    openssl(place, "req", "-new", "-key", "good.key", "-subj", "/CN=localhost", "-out", "request.pem")
    dates = ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
    signing = ("-selfsign", "-keyfile", "good.key", "-in", "request.pem", "-out", "expired.pem")
    openssl(place, "ca", "-config", "ca.cnf", "-batch", *dates, *signing)
    return folder
