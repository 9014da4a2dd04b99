# SPDX-License-Identifier: Apache-2.0
"""validate-config --level online: what each service answers is a finding, and nothing is waited for too long."""

import contextlib
import http.server
import json
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from support import PATIENCE, Gateway, run

KEY = "sk-marker-of-the-tests"
BASE = {
    "NODE_ENV": "test",
    "JWT_SECRET": "kV7+qZ3mW9xT1rB5nD8hG2jL6pS4uY0c",
    "OPENAI_API_KEY": KEY,
    "VOICE_HTTP_PORT": "1025",
}


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@contextlib.contextmanager
def redis(*arguments):
    """A Redis of the test's own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        child = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
        try:
            for line in child.stdout:
                if "Ready to accept connections" in line:
                    break
            yield port
        finally:
            child.terminate()
            child.wait(PATIENCE)
            child.stdout.close()


@contextlib.contextmanager
def models(status, names=("gpt-realtime",)):
    """A service that lists models, or refuses to."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path == "/v1/models" and self.headers["Authorization"] == f"Bearer {KEY}"
            body = json.dumps({"data": [{"id": name} for name in names]}).encode()
            self.send_response(status if known else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Online(unittest.TestCase):
    def findings(self, *arguments, **environment):
        variables = {**BASE, **environment}
        done = run("validate-config", "--level", "online", "--format", "json", *arguments, environment=variables)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if document["valid"] else 1)
        asked = [finding for finding in document["findings"] if "ms" in finding]
        return {finding["key"]: finding["code"] for finding in asked}

    def test_a_service_that_is_not_there_is_an_error_of_its_own(self):
        port = free_port()
        found = self.findings(
            VOICE_UPSTREAM_URL=f"http://127.0.0.1:{port}/v1",
            REDIS_URL=f"redis://127.0.0.1:{port}",
            DATABASE_URL=f"postgresql://voice@127.0.0.1:{port}/voice",
        )
        self.assertEqual(found["VOICE_UPSTREAM_URL"], "E150")
        self.assertEqual(found["REDIS_URL"], "E152")
        self.assertEqual(found["DATABASE_URL"], "E154")

    def test_redis_answers_or_refuses(self):
        with redis() as port:
            found = self.findings(VOICE_UPSTREAM_URL="sim:", REDIS_URL=f"redis://127.0.0.1:{port}")
            self.assertEqual(found["REDIS_URL"], "N301")
        with redis("--requirepass", "right") as port:
            url = f"redis://:wrong@127.0.0.1:{port}"
            self.assertEqual(self.findings(VOICE_UPSTREAM_URL="sim:", REDIS_URL=url)["REDIS_URL"], "E153")

    def test_the_models_service_knows_the_key_and_the_model_or_not(self):
        for status, names, code in ((200, ["gpt-realtime"], "N301"), (200, ["another"], "W250"), (401, [], "E151")):
            with models(status, names) as port:
                found = self.findings(VOICE_UPSTREAM_URL=f"http://127.0.0.1:{port}/v1")
                self.assertIn(code, found.values(), (status, names, found))

    def test_one_that_says_nothing_is_left_in_time(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            port = silent.getsockname()[1]
            started = time.monotonic()
            found = self.findings("--timeout", "500ms", VOICE_UPSTREAM_URL=f"http://127.0.0.1:{port}/v1")
            self.assertEqual(found["VOICE_UPSTREAM_URL"], "E150")
            self.assertLess(time.monotonic() - started, PATIENCE / 2, "its limit was no limit")

    def test_a_gateway_that_runs_is_asked(self):
        gateway = Gateway()
        try:
            health = gateway.facts["health"].split(":")[2].split("/")[0]
            ports = {"VOICE_HTTP_PORT": health, "VOICE_WS_PORT": str(gateway.port)}
            found = self.findings(VOICE_UPSTREAM_URL="sim:", VOICE_BIND_ADDRESS="127.0.0.1", **ports)
        finally:
            code, said = gateway.finish()
        self.assertEqual(code, 0, said)
        self.assertNotIn("N302", found.values())
        self.assertNotIn("E157", found.values(), found)
        self.assertNotIn("began", said, "a session was opened")


if __name__ == "__main__":
    unittest.main()
