# SPDX-License-Identifier: Apache-2.0
"""How serve ends: SIGTERM lets replies finish, a second signal does not; and how it refuses to start."""

import asyncio
import signal
import socket
import unittest

from support import PATIENCE, SECRET, AsyncTest, Gateway, run
from voice_client import ready


class Drain(AsyncTest):
    def start(self, *arguments, **options):
        gateway = Gateway(*arguments, **options)
        self.addCleanup(gateway.log.close)
        self.addCleanup(gateway.kill)
        return gateway

    async def ended(self, gateway):
        """The exit code, while connections of this thread go on."""
        code = await asyncio.wait_for(asyncio.to_thread(gateway.wait), PATIENCE)
        return code

    async def test_an_idle_gateway_ends_at_once_with_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            gateway = self.start("--drain-timeout", "100s")
            gateway.child.send_signal(number)
            self.assertEqual(await self.ended(gateway), 0, gateway.stderr())

    async def test_a_connection_without_a_request_does_not_hold_it_up(self):
        gateway = self.start("--drain-timeout", "100s")
        with socket.create_connection((gateway.host, gateway.port), PATIENCE) as silent:
            self.assertEqual(gateway.health()[0], 200)
            gateway.terminate()
            self.assertEqual(await self.ended(gateway), 0, gateway.stderr())
            self.assertEqual(silent.recv(100), b"")

    async def test_a_quiet_session_is_closed_with_1001(self):
        gateway = self.start("--drain-timeout", "100s")
        async with ready(gateway) as client:
            gateway.terminate()
            self.assertEqual(await client.until_closed(), 1001)
            self.assertEqual(await self.ended(gateway), 0, gateway.stderr())

    async def test_a_reply_is_heard_to_its_end_before_its_session_is_closed(self):
        gateway = self.start("--drain-timeout", "100s")
        async with ready(gateway) as client:
            await client.say("text_input", text="Hello there.")
            await client.until_frames(10)
            gateway.terminate()
            self.assertEqual(await client.until_closed(), 1001)
            finals = client.of_type("agent_final")
            self.assertEqual([final["data"]["status"] for final in finals], ["completed"])
            self.assertEqual(await self.ended(gateway), 0, gateway.stderr())

    async def test_a_reply_longer_than_the_drain_timeout_is_cut(self):
        gateway = self.start("--drain-timeout", "1s")
        async with ready(gateway) as client:
            await client.say("text_input", text="Tell me a long story.")
            await client.until_frames(10)
            gateway.terminate()
            self.assertEqual(await client.until_closed(), 1001)
            # The story is twenty seconds and more.
            self.assertLess(len(client.frames) * 0.02, 15)
            self.assertEqual(await self.ended(gateway), 0, gateway.stderr())

    async def test_a_second_signal_ends_it_at_once_with_143(self):
        gateway = self.start("--drain-timeout", "100s")
        async with ready(gateway) as client:
            await client.say("text_input", text="Tell me a long story.")
            await client.until_frames(10)
            gateway.terminate()
            # It has obeyed the first signal once its health says so: two at once would be one.
            while gateway.health()[0] == 200:
                pass
            gateway.terminate()
            self.assertEqual(await self.ended(gateway), 143, gateway.stderr())

    async def test_health_is_503_and_newcomers_are_refused_while_it_drains(self):
        gateway = self.start("--drain-timeout", "100s")
        async with ready(gateway) as client:
            self.assertEqual(gateway.health()[0], 200)
            await client.say("text_input", text="Tell me a long story.")
            await client.until_frames(10)
            gateway.terminate()
            while gateway.health()[0] == 200:
                pass
            status, document = gateway.health()
            self.assertEqual((status, document["status"]), (503, "unhealthy"))
            # The sessions are drained right after: health turns first.
            while True:
                status, headers, body = gateway.upgrade(token=gateway.token)
                if status != 101:
                    break
            self.assertEqual(status, 503, body)
            self.assertGreater(int(headers["Retry-After"]), 0)
            await client.control("interrupt_tts")
            self.assertEqual(await client.until_closed(), 1001)
        self.assertEqual(await self.ended(gateway), 0, gateway.stderr())

    async def test_newcomers_are_still_served_during_the_shutdown_delay(self):
        gateway = self.start("--shutdown-delay", "100s", "--drain-timeout", "100s")
        gateway.terminate()
        while gateway.health()[0] == 200:
            pass
        async with ready(gateway) as client:
            await client.pong("served")
        gateway.terminate()
        self.assertEqual(await self.ended(gateway), 143, gateway.stderr())

    def test_a_port_that_is_taken_is_named_with_71(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for flags in (("--ws-port", port, "--http-port", 0), ("--ws-port", 0, "--http-port", port)):
                done = run("serve", "--dev", *flags)
                self.assertEqual(done.returncode, 71, done.stderr)
                self.assertIn(f"127.0.0.1:{port}", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_settings_that_are_missing_are_named_with_78(self):
        done = run("serve")
        self.assertEqual(done.returncode, 78, done.stderr)
        for name in ("JWT_SECRET", "OPENAI_API_KEY"):
            self.assertIn(name, done.stderr)
        short = {"JWT_SECRET": "short and secret", "OPENAI_API_KEY": "sk-key-of-mine"}
        done = run("serve", environment=short)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("JWT_SECRET", done.stderr)
        for value in short.values():
            self.assertNotIn(value, done.stderr)
        wrong = {"VOICE_WS_PORT": "eighty", "VOICE_FRAME_MS": "7"}
        done = run("serve", environment={"JWT_SECRET": SECRET, "OPENAI_API_KEY": "x", **wrong})
        self.assertEqual(done.returncode, 78, done.stderr)
        for name in wrong:
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    unittest.main()
