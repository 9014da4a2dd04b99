# SPDX-License-Identifier: Apache-2.0
"""The gateway with a certificate of its own: both ports speak TLS, and nothing else."""

import socket
import ssl
import tempfile
import unittest
import urllib.request

import speech
from support import PATIENCE, Authority, Gateway, make_token, run


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.close)
        certificate, key = cls.authority["certificate.pem"], cls.authority["key.pem"]
        cls.files = {"VOICE_TLS_CERT_FILE": certificate, "VOICE_TLS_KEY_FILE": key}
        cls.gateway = Gateway(dev=False, upstream="sim:", environment=cls.files)
        cls.addClassCleanup(cls.gateway.kill)

    def test_a_turn_over_wss(self):
        self.assertTrue(self.gateway.url.startswith("wss://"), self.gateway.url)
        with tempfile.NamedTemporaryFile("w") as token:
            token.write(make_token())
            token.flush()
            replay = ("replay-audio", speech.prompt("hello-world"), "--url", self.gateway.url)
            replay += ("--token-file", token.name)
            done = run(*replay, environment={"SSL_CERT_FILE": self.authority["ca.pem"]})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("agent_final", done.stdout)
            self.assertEqual(run(*replay).returncode, 69, "a certificate of nobody's is accepted")

    def test_health_over_https(self):
        url = self.gateway.facts["health"]
        self.assertTrue(url.startswith("https://"), url)
        trust = ssl.create_default_context(cafile=self.authority["ca.pem"])
        with urllib.request.urlopen(url, context=trust, timeout=PATIENCE) as answer:
            self.assertEqual(answer.status, 200)

    def test_one_that_speaks_no_tls_is_let_go(self):
        with socket.create_connection((self.gateway.host, self.gateway.port), PATIENCE) as plain:
            plain.sendall(b"GET /voice-ws HTTP/1.1\r\nHost: x\r\n\r\n")
            said = plain.makefile("rb").read()
            self.assertNotIn(b"HTTP/1.1", said)

    def test_one_that_says_nothing_does_not_hold_up_the_end(self):
        gateway = Gateway(dev=False, upstream="sim:", environment=self.files)
        with socket.create_connection((gateway.host, gateway.port), PATIENCE):
            code, said = gateway.finish()
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
