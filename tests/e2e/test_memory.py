# SPDX-License-Identifier: Apache-2.0
"""What a gateway weighs, idle and by the session; figures of release builds."""

import asyncio
import contextlib
import pathlib
import re
import unittest

from support import SANITIZED, GatewayTest
from voice_client import ready

IDLE_KB_MAX = 40_000
# A session's own share, beside the state of its Opus encoder and decoder.
SESSION_KB_MAX = 300 + 62


@unittest.skipIf(SANITIZED, "a sanitizer has its own memory")
class Memory(GatewayTest):
    def resident_kb(self):
        """Of the gateway alone: what understands speech is a process of its own."""
        text = pathlib.Path("/proc", str(self.gateway.child.pid), "smaps_rollup").read_text()
        return int(re.search(r"^Rss:\s+(\d+) kB$", text, re.M)[1])

    async def test_1_an_idle_gateway_is_small(self):
        self.assertEqual(self.gateway.health()[0], 200)
        self.assertLess(self.resident_kb(), IDLE_KB_MAX)

    async def test_2_a_session_adds_little(self):
        async with contextlib.AsyncExitStack() as sessions:

            async def add(count):
                clients = [await sessions.enter_async_context(ready(self.gateway)) for _ in range(count)]
                text = "Repeat after me: how much is a session?"
                await asyncio.gather(*(client.text_turn(text) for client in clients))

            await add(10)
            before = self.resident_kb()
            await add(20)
            after = self.resident_kb()
        each = (after - before) / 20
        print(f"a session adds {each:.0f} kB; {before} kB with 10 sessions, {after} kB with 30")
        self.assertLess(each, SESSION_KB_MAX)

    async def test_3_sessions_that_have_ended_give_their_memory_back(self):
        async def come_and_go(count):
            for _ in range(count):
                async with ready(self.gateway) as client:
                    await client.pong("here")

        await come_and_go(100)
        before = self.resident_kb()
        await come_and_go(300)
        self.assertLess(self.resident_kb() - before, 300 * 4, "each leaves some of it behind")


if __name__ == "__main__":
    unittest.main()
