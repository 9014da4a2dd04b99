# SPDX-License-Identifier: Apache-2.0
"""What the tests of the built binary share: the processes under test, tokens and certificates.

Nothing here sleeps; every wait has a deadline that only a broken program misses."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

# Tests run it in folders of their own.
VOICECTL = os.path.abspath(os.environ.get("VOICECTL", "build/release/bin/voicectl"))
SIMULATOR_SERVER = os.environ.get("SIMULATOR_SERVER", "build/release/tests/simulator_server")
SANITIZED = os.environ.get("VOICECTL_SANITIZED") == "1"

# The bound on every single wait. What is waited for takes milliseconds, or the length of some speech.
PATIENCE = 120.0

SECRET = "a secret of the tests, thirty-two bytes and more"


def encode_part(value):
    if not isinstance(value, bytes):
        value = json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def make_token(secret=SECRET, header=None, **changes):
    """A JWT; a claim that is changed to None is left out."""
    whole = {"tenantId": "tests", "userId": "somebody", "exp": int(time.time()) + 3600, **changes}
    whole = {name: value for name, value in whole.items() if value is not None}
    signed = encode_part(header or {"alg": "HS256", "typ": "JWT"}) + "." + encode_part(whole)
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return signed + "." + encode_part(signature)


def clean_environment(**changes):
    """The process's environment without what would configure voicectl."""
    prefixes = ("VOICE_", "VOICECTL_TOKEN", "OPENAI_", "JWT_", "SSL_CERT_", "NODE_ENV", "REDIS_", "DATABASE_", "AUDIO_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, "NO_COLOR": "1", **changes}


def run(*arguments, timeout=PATIENCE, environment=None, **options):
    """Runs voicectl to its end."""
    return subprocess.run(
        [VOICECTL, *map(str, arguments)],
        env=clean_environment(**(environment or {})),
        stdin=options.pop("stdin", subprocess.DEVNULL),
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )


class Process:
    """A program that says in its first line that it is up, and runs until it is told to end."""

    def __init__(self, arguments, environment=None):
        self.log = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(
            arguments,
            env=clean_environment(**(environment or {})),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.ended = None
        try:
            self.first_line = self.read_line()
        except BaseException:
            self.kill()
            raise

    def read_line(self):
        if not select.select([self.child.stdout], [], [], PATIENCE)[0]:
            raise AssertionError("it is not up in time; it said:\n" + self.stderr())
        line = self.child.stdout.readline()
        if not line:
            self.child.wait(PATIENCE)
            raise AssertionError(f"it ended with code {self.child.returncode} and said:\n" + self.stderr())
        return line

    def stderr(self):
        self.log.seek(0)
        return self.log.read()

    def terminate(self):
        self.child.send_signal(signal.SIGTERM)

    def wait(self, timeout=PATIENCE):
        return self.child.wait(timeout)

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()

    def finish(self):
        """Ends it as a user would, and demands that it ends well."""
        if self.child.poll() is None:
            self.terminate()
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("it did not end on SIGTERM; it said:\n" + self.stderr()) from None
        code = self.child.returncode
        said = self.stderr()
        self.kill()
        self.log.close()
        return code, said


class Gateway(Process):
    """`voicectl serve`: with --dev, or with an upstream and the secret of these tests."""

    def __init__(self, *arguments, upstream=None, environment=None, dev=True):
        command = [VOICECTL, "serve", "--ws-port", "0", "--http-port", "0", "--format", "json", *arguments]
        variables = dict(environment or {})
        if dev:
            command.append("--dev")
        else:
            command += ["--bind", "127.0.0.1"]
            own = {"NODE_ENV": "test", "JWT_SECRET": SECRET, "OPENAI_API_KEY": "a key of the tests"}
            variables = {**own, **variables}
        if upstream:
            command += ["--upstream", upstream]
        super().__init__(command, variables)
        self.facts = json.loads(self.first_line)
        self.url = self.facts["url"]
        self.token = self.facts.get("token") or make_token()
        address = urllib.parse.urlsplit(self.url)
        self.host, self.port = address.hostname, address.port

    def health(self):
        """Status and document of the health endpoint."""
        address = urllib.parse.urlsplit(self.facts["health"])
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", address.path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def upgrade(self, path="/voice-ws", headers=None, token=None):
        """What an upgrade request is answered with: status, headers, body. The connection ends there."""
        sent = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            **({"Authorization": "Bearer " + token} if token else {}),
            **(headers or {}),
        }
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            body = b"" if answer.status == 101 else answer.read()
            return answer.status, answer.headers, body


class Simulator(Process):
    def __init__(self, *arguments):
        super().__init__([SIMULATOR_SERVER, *map(str, arguments)])
        self.port = int(self.first_line.split()[1])

    def control(self, method, target, body=None):
        """A control call (lib/simulator/control.hpp), and its answer; not where it speaks TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, f"/simulator/{target}", None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.load(response)
        if response.status >= 400:
            raise AssertionError(f"{method} {target} {body}: {response.status} {answer}")
        return answer

    def arm(self, name, **fields):
        return self.control("POST", "faults", {"name": name, **fields})


class Authority:
    """A private certificate authority, and a certificate of it for localhost and 127.0.0.1."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        authority = ("-days", "2", "-subj", "/CN=an authority", "-keyout", "ca.key", "-out", "ca.pem")
        self._openssl("req", "-x509", *key, *authority)
        server = ("-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
        self._openssl("req", "-new", *key, *server)
        pathlib.Path(self["names.cnf"]).write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        named = ("-extfile", "names.cnf", "-out", "certificate.pem")
        self._openssl("x509", "-req", "-in", "request.pem", *signing, *named)

    def __getitem__(self, name):
        return str(pathlib.Path(self.folder.name, name))

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder.name, check=True, capture_output=True)

    def close(self):
        self.folder.cleanup()


class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        # Its remarks on slow callbacks are about the tests, which start processes as they go.
        asyncio.get_running_loop().set_debug(False)


class GatewayTest(AsyncTest):
    """One gateway for all tests of a class; it must end well, with nothing of a sanitizer in its log."""

    gateway_options = {}

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(**cls.gateway_options)

    @classmethod
    def tearDownClass(cls):
        code, said = cls.gateway.finish()
        if code != 0:
            raise AssertionError(f"serve ended with code {code} and said:\n{said}")
        if cls.gateway.token in said or "Bearer e" in said:
            raise AssertionError("a token is in the log:\n" + said)
