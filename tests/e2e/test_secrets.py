# SPDX-License-Identifier: Apache-2.0
"""No command prints a secret, in any format, at any level of the log, whatever is wrong with where it stands."""

import itertools
import pathlib
import tempfile
import unittest

import secrets_in
from support import Gateway, run

FORMATS = ("text", "json", "github", "sarif")
BATCH = 60
# So much of a secret in a row is one that is shown.
PART = 6

# Each form of a configuration is shown to one of these, in turn; to validate-config's formats, all are.
COMMANDS = (
    ("validate-config", "--print", "--show-origin"),
    ("validate-config", "--print", "--format", "json"),
    ("serve", "--check"),
    ("serve", "--check", "-v", "--log-level", "trace", "--log-format", "json"),
    ("replay-audio", "no-such.wav", "-v", "--log-level", "trace"),
)

# What goes with a form so that it alone is wrong.
GOOD = {"NODE_ENV": "test", "JWT_SECRET": "kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c", "OPENAI_API_KEY": "sk-a-key"}


def parts_of(marker):
    """Every piece of it; its number alone is in no other text."""
    return {marker[at : at + PART] for at in range(len(marker) - PART + 1)}


PARTS = set().union(*map(parts_of, secrets_in.MARKERS))


class SecretsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        (self.folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        return name

    def leak(self, *arguments, environment=None):
        """What is shown of a secret; the command must have come to a verdict."""
        done = run(*arguments, environment=environment, cwd=self.folder)
        self.assertIn(done.returncode, (0, 1, 64, 66, 78), done.stderr)
        said = done.stdout + done.stderr
        return next((line for line in said.splitlines() if any(part in line for part in PARTS)), "")

    def check_files(self, forms, name):
        """All of them at once in each format; where something leaks, one by one."""
        forms = iter(forms)
        while batch := list(itertools.islice(forms, BATCH)):
            files = [self.write(f"{number}{name}", form.toml or form.env_file) for number, form in enumerate(batch)]
            for kind in FORMATS:
                if not self.leak("validate-config", *files, "--format", kind, environment=GOOD):
                    continue
                for file, form in zip(files, batch):
                    with self.subTest(form.label, kind=kind):
                        self.assertEqual(self.leak("validate-config", file, "--format", kind, environment=GOOD), "")

    def check_commands(self, forms, *option):
        for form, command in zip(forms, itertools.cycle(COMMANDS)):
            with self.subTest(form.label, command=command):
                self.write("the-file", form.toml or form.env_file)
                self.assertEqual(self.leak(*command, *option, environment=GOOD), "")


class SecretsInFiles(SecretsTest):
    def test_environment_files(self):
        self.check_files((form for form in secrets_in.forms() if form.env_file), ".env")

    def test_toml_files(self):
        self.check_files((form for form in secrets_in.forms() if form.toml), ".toml")

    def test_environment_files_of_other_commands(self):
        self.check_commands((form for form in secrets_in.forms() if form.env_file), "--env-file", "the-file")

    def test_toml_files_of_other_commands(self):
        self.check_commands((form for form in secrets_in.forms() if form.toml), "-c", "the-file")


class SecretsInVariables(SecretsTest):
    def test_the_process_environment_and_files_that_it_names(self):
        commands = [("validate-config", "--format", kind) for kind in FORMATS]
        for form, command in zip(secrets_in.forms(), itertools.cycle(COMMANDS)):
            if not form.environment:
                continue
            self.write("secret-file", form.secret_file + "\n")
            self.write("broken-file", f"{form.secret_file}\n\x01{form.secret_file}\udcff")
            for each in (*commands, command):
                with self.subTest(form.label, command=each):
                    self.assertEqual(self.leak(*each, environment={**GOOD, **form.environment}), "")

    def test_the_file_that_is_always_read(self):
        for form in secrets_in.forms():
            if form.env_file.startswith(("JWT_SECRET=", "OPENAI_API_KEYS", "DATABASE_URL")):
                self.write(".env", form.env_file)
                with self.subTest(form.label):
                    self.assertEqual(self.leak("validate-config", environment={}), "")
                    self.assertEqual(self.leak("serve", "--check", environment={}), "")

    def test_the_command_line(self):
        marker = secrets_in.MARKERS[0]
        for word in (marker, f"auth.jwt_secret={marker}", f"JWT_SECRET={marker}", f"JWT_SECRT={marker}", f"={marker}"):
            for command in (("validate-config",), ("serve", "--check")):
                self.assertEqual(self.leak(*command, "--set", word, environment=GOOD), "", word)

    def test_help_knows_no_environment(self):
        everything = {name: shape.format(marker) for marker, (name, _, _, shape) in self.all_secrets()}
        for command in ((), ("serve",), ("validate-config",), ("replay-audio",)):
            for option in ("-h", "--help"):
                self.assertEqual(self.leak(*command, option, environment=everything), "")
        for option in ("--print-schema", "--print-env-template", "--print-toml-template"):
            self.assertEqual(self.leak("validate-config", option, environment=everything), "")

    @staticmethod
    def all_secrets():
        return zip(secrets_in.MARKERS, secrets_in.SECRETS)

    def test_a_gateway_that_runs_logs_none(self):
        everything = {name: shape.format(marker) for marker, (name, _, _, shape) in self.all_secrets()}
        upstream = f"http://127.0.0.1:9/v1?api-key={secrets_in.MARKERS[-1]}"
        for level in ("trace", "info"):
            for upstream_url in ("sim:", upstream):
                variables = {**everything, "VOICE_UPSTREAM_URL": upstream_url}
                options = dict(environment=variables, dev=False)
                gateway = Gateway("-v", "--log-level", level, "--no-env-file", **options)
                try:
                    gateway.upgrade()
                    gateway.upgrade(token="a.b.c")
                finally:
                    code, said = gateway.finish()
                self.assertEqual(code, 0, said)
                shown = [line for line in (gateway.first_line + said).splitlines() if any(p in line for p in PARTS)]
                self.assertEqual(shown, [])
