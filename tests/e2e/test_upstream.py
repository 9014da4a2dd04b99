# SPDX-License-Identifier: Apache-2.0
"""The upstream over verified TLS, and what a client is told when it cannot be had."""

import hashlib
import socket
import unittest

from support import AsyncTest, Authority, Gateway, Simulator
from voice_client import connect, ready


class Upstream(AsyncTest):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(cls.authority.close)
        tls = ("--tls-cert", cls.authority["certificate.pem"], "--tls-key", cls.authority["key.pem"])
        cls.simulator = Simulator(*tls, "--key", "the key")
        cls.addClassCleanup(cls.simulator.kill)

    def gateway(self, upstream, trusted=True, key="the key"):
        nobody = {"SSL_CERT_FILE": self.authority["none.pem"], "SSL_CERT_DIR": self.authority["none"]}
        trust = {**nobody, "SSL_CERT_FILE": self.authority["ca.pem"]} if trusted else nobody
        gateway = Gateway(dev=False, upstream=upstream, environment={"OPENAI_API_KEY": key, **trust})
        self.addCleanup(self.finish, gateway, key)
        return gateway

    def finish(self, gateway, key):
        code, said = gateway.finish()
        self.assertEqual(code, 0, said)
        self.assertNotIn(key, said)

    async def refused(self, gateway, *codes):
        """A session without an upstream ends with a fatal error and 4502; health tells."""
        async with connect(gateway) as client:
            self.assertEqual(await client.until_closed(), 4502)
            self.assertEqual(len(client.events), 1, client.events)
            error = client.events[0]
            self.assertEqual((error["type"], error["fatal"]), ("error", True))
            self.assertIn(error["code"], codes)
            self.assertTrue(error["message"])
            self.assertNotIn("key", error["message"])
        status, document = gateway.health()
        self.assertEqual((status, document["status"]), (200, "degraded"))

    async def test_a_turn_over_tls_with_a_private_authority(self):
        for host in ("localhost", "127.0.0.1"):
            with self.subTest(host=host):
                gateway = self.gateway(f"wss://{host}:{self.simulator.port}/v1/realtime")
                async with ready(gateway) as client:
                    final = await client.text_turn("Repeat after me: over the wire.")
                    self.assertEqual(final["data"]["status"], "completed")
                    self.assertIn("over the wire", final["data"]["text"].lower())
                    self.assertGreater(len(client.frames), 20)
                self.assertEqual(gateway.health()[1]["status"], "healthy")

    async def test_an_authority_that_is_not_known_is_not_trusted(self):
        gateway = self.gateway(f"wss://localhost:{self.simulator.port}/v1/realtime", trusted=False)
        await self.refused(gateway, "UPSTREAM_UNAVAILABLE")
        self.assertIn("certificate", gateway.stderr())

    async def test_an_upstream_that_does_not_listen_is_told(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            await self.refused(self.gateway(f"ws://127.0.0.1:{port}/v1/realtime"), "UPSTREAM_UNAVAILABLE")

    async def test_an_upstream_without_tls_is_not_spoken_to_where_tls_is_asked_for(self):
        plain = Simulator()
        self.addCleanup(plain.kill)
        gateway = self.gateway(f"wss://localhost:{plain.port}/v1/realtime")
        await self.refused(gateway, "UPSTREAM_UNAVAILABLE")

    async def test_a_key_that_the_upstream_refuses_is_told(self):
        gateway = self.gateway(f"wss://localhost:{self.simulator.port}/v1/realtime", key="another secret")
        await self.refused(gateway, "UPSTREAM_ERROR", "UPSTREAM_UNAVAILABLE")

    async def test_what_the_upstream_holds_is_what_was_said_on_the_key_that_was_given(self):
        plain = Simulator()
        self.addCleanup(plain.kill)
        gateway = self.gateway(f"ws://127.0.0.1:{plain.port}/v1/realtime", key="sk-of-this-test")
        async with ready(gateway) as client:
            await client.say("text_input", text="Hello there.")
            await client.until("agent_final")
            (session,) = plain.control("GET", "sessions")["sessions"]
        texts = [(item["role"], item.get("text")) for item in session["items"]]
        self.assertIn(("user", "Hello there."), texts)
        self.assertEqual(texts[-1][0], "assistant")
        label = "key_" + hashlib.sha256(b"sk-of-this-test").hexdigest()[:12]
        self.assertEqual(session["key"], label)
        opened = plain.control("GET", "log")["log"][0]
        self.assertEqual((opened["event"], opened["key"], opened["sessions"]), ("open", label, 1))

    async def test_a_reply_that_the_upstream_fails_is_told_and_the_session_goes_on(self):
        plain = Simulator()
        self.addCleanup(plain.kill)
        plain.arm("failed", error="rate_limit_exceeded")
        gateway = self.gateway(f"ws://127.0.0.1:{plain.port}/v1/realtime")
        async with ready(gateway) as client:
            await client.say("text_input", text="Hello there.")
            error = await client.until("error")
            self.assertEqual((error["code"], error["fatal"]), ("UPSTREAM_RATE_LIMITED", False))
            await client.say("text_input", text="Hello again.")
            await client.until("tts_play")
            await client.until("agent_final")

    async def test_an_upstream_that_goes_away_and_comes_back_is_spoken_to_again(self):
        leaving = Simulator()
        self.addCleanup(leaving.kill)
        gateway = self.gateway(f"ws://127.0.0.1:{leaving.port}/v1/realtime")
        async with ready(gateway) as client:
            await client.say("text_input", text="Tell me a long story.")
            await client.until("tts_play")
            leaving.child.kill()
            leaving.child.wait()
            # What is typed meanwhile waits for it.
            await client.say("text_input", text="Repeat after me: still here.")
            final = await client.until("agent_final")
            self.assertEqual(final["data"]["status"], "interrupted")
            back = Simulator("--port", leaving.port)
            self.addCleanup(back.kill)
            final = await client.until("agent_final")
            self.assertEqual(final["data"]["status"], "completed")
            self.assertIn("still here", final["data"]["text"].lower())
            self.assertEqual(client.of_type("error"), [])


if __name__ == "__main__":
    unittest.main()
