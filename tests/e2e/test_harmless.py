# SPDX-License-Identifier: Apache-2.0
"""A check of a configuration changes nothing: by the system calls that it makes."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import broken
from support import PATIENCE, SANITIZED, VOICECTL, clean_environment

WATCHED = "%network,%file,%desc"
NETWORK = re.compile(r"socket|connect|bind|listen|accept4?|send(to|msg|mmsg)|recv(from|msg|mmsg)|socketpair")
CHANGES = re.compile(
    r"(un)?link(at)?|symlink(at)?|rename(at2?)?|mkdir(at)?|rmdir|mknod(at)?|f?truncate|f?ch(mod|own)(at)?|lchown|"
    r"utime(s|nsat)?|[fl]?setxattr|f?removexattr|creat|mount|fallocate|copy_file_range|sendfile|splice|p?writev2?"
)
CALL = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)$")


@unittest.skipIf(
    subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode != 0,
    "processes may not be traced here",
)
class Harmless(unittest.TestCase):
    def calls(self, *arguments, environment=broken.GOOD):
        """Every system call of one run: its name and the rest of its line."""
        variables = clean_environment(**environment)
        if SANITIZED:
            # LeakSanitizer traces the process itself, which only one may do.
            variables["ASAN_OPTIONS"] = variables.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        with tempfile.NamedTemporaryFile("r", prefix="voicectl-test-") as trace:
            tracing = ["strace", "-f", "-qq", "-y", "-e", "signal=none", "-e", f"trace={WATCHED}", "-o", trace.name]
            done = subprocess.run(
                [*tracing, VOICECTL, *arguments],
                env=variables,
                cwd=self.folder.name,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
            )
            self.assertIn(done.returncode, (0, 1, 78), done.stderr)
            found = [match.groups() for match in map(CALL.match, trace.read().splitlines()) if match]
        self.assertGreater(len(found), 20)
        return found

    def check(self, *arguments, **options):
        opened = 0
        for name, rest in self.calls(*arguments, **options):
            whole = f"{name}({rest}"
            self.assertIsNone(NETWORK.fullmatch(name), whole)
            self.assertIsNone(CHANGES.fullmatch(name), whole)
            if name in ("open", "openat", "openat2"):
                self.assertNotRegex(rest, r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", whole)
                opened += 1
            # A sanitizer looks with a pipe whether memory can be read.
            if name in ("write", "pwrite64") and not (SANITIZED and "<pipe:" in rest and not rest[:2] in ("1<", "2<")):
                self.assertRegex(rest, r"^[12]<", whole)
        self.assertGreater(opened, 0)

    def setUp(self):
        self.folder = broken.make_folder()
        self.addCleanup(self.folder.cleanup)

    def test_a_good_configuration(self):
        for level in ("syntax", "semantics", "files"):
            self.check("validate-config", "--level", level)

    def test_one_that_names_services_and_files(self):
        services = {
            "REDIS_URL": "redis://localhost:6379",
            "DATABASE_URL": "postgresql://voice@localhost/voice",
            "VOICE_UPSTREAM_URL": "wss://localhost:9/v1",
            "VOICE_TLS_CERT_FILE": "good.pem",
            "VOICE_TLS_KEY_FILE": "good.key",
        }
        self.check("validate-config", environment={**broken.GOOD, **services})
        self.check("serve", "--check", environment={**broken.GOOD, **services})

    def test_every_format_of_many_broken_ones(self):
        files = sorted(path.name for path in pathlib.Path(self.folder.name).glob("[EW]*"))
        for kind in ("text", "json", "github", "sarif"):
            self.check("validate-config", *files, "--format", kind)

    def test_what_is_printed(self):
        self.check("validate-config", "--print", "--show-origin")
        self.assertEqual([], [name for name in os.listdir(self.folder.name) if name.startswith(".")])
