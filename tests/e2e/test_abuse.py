# SPDX-License-Identifier: Apache-2.0
"""What a broken or hostile client sends ends no session that could go on, and never the gateway."""

import asyncio
import json
import random
import socket
import unittest

from support import PATIENCE, GatewayTest
from voice_client import ready


class Abuse(GatewayTest):
    async def still_well(self, client):
        final = await client.text_turn("Repeat after me: all is well.")
        self.assertEqual(final["data"]["status"], "completed")
        self.assertIn("all is well", final["data"]["text"].lower())

    async def test_garbage_for_opus_is_told_at_most_once_a_second(self):
        generator = random.Random(5)
        async with ready(self.gateway) as client:
            loop = asyncio.get_running_loop()
            began = loop.time()
            for _ in range(300):
                # A code 3 packet whose frame count and padding make no sense.
                await client.socket.send(b"\xff\xff" + generator.randbytes(generator.randrange(1, 300)))
                await client.socket.send(generator.randbytes(generator.randrange(1, 300)))
            await client.until("error", code="AUDIO_DECODE_FAILED")
            await client.pong("after")
            errors = client.of_type("error")
            self.assertLessEqual(len(errors), 2 + int(loop.time() - began))
            for error in errors:
                self.assertEqual((error["code"], error["fatal"]), ("AUDIO_DECODE_FAILED", False))
            # Some of it may have been taken for speech, so that it is answered too, or instead.
            await client.control("stop_recording")
            await client.say("text_input", text="Hello there.")
            while (await client.until("agent_final"))["data"]["status"] != "completed":
                pass

    async def test_frames_over_the_limit_are_told_and_not_fatal(self):
        for query, size in (({}, 4097), ({"codec": "pcm16", "rate": 16000}, 1922), ({}, 64 * 1024)):
            with self.subTest(query=query, size=size):
                async with ready(self.gateway, **query) as client:
                    await client.socket.send(bytes(size))
                    error = await client.until("error")
                    self.assertEqual((error["code"], error["fatal"]), ("FRAME_TOO_LARGE", False))
                    await client.control("stop_recording")
                    await self.still_well(client)

    async def test_a_frame_of_half_a_sample_is_told(self):
        async with ready(self.gateway, codec="pcm16") as client:
            await client.socket.send(bytes(961))
            error = await client.until("error")
            self.assertEqual((error["code"], error["fatal"]), ("AUDIO_DECODE_FAILED", False))
            await client.socket.send(b"")
            await self.still_well(client)

    async def test_messages_over_the_limit_close_with_1009(self):
        for message in (bytes(64 * 1024 + 1), "x" * (64 * 1024 + 1)):
            async with ready(self.gateway) as client:
                await client.socket.send(message)
                self.assertEqual(await client.until_closed(), 1009)

    async def test_text_that_is_not_utf8_closes_with_1007(self):
        async with ready(self.gateway) as client:
            frame = b"\x81\x84\0\0\0\0" + b'"\xc3("'
            client.socket.transport.write(frame)
            self.assertEqual(await client.until_closed(), 1007)

    async def test_texts_that_are_no_messages_are_told_and_not_fatal(self):
        texts = (
            "",
            "hello",
            "{",
            '{"type": "ping"',
            '{"type": "ping"} {}',
            "[]",
            "null",
            '"ping"',
            "[" * 30_000,
            '{"type":' * 5_000,
            '{"type": "ping", "id": ' + "[" * 40 + "]" * 40 + "}",
            '{"type": 1e999}',
            '{"type": "ping", "id": "\\ud800"}',
            '{"type": "\\u0000"}',
            json.dumps({"type": "x" * 60_000}),
        )
        async with ready(self.gateway) as client:
            for text in texts:
                await client.socket.send(text)
                error = await client.until("error")
                self.assertEqual((error["code"], error["fatal"]), ("BAD_MESSAGE", False), text[:40])
                self.assertLess(len(error["message"]), 300, "what was sent comes back")
            await self.still_well(client)

    async def test_frames_that_break_the_websocket_protocol_close_it(self):
        endless = b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4)
        frames = (b"\xc1\x80\0\0\0\0", b"\x83\x80\0\0\0\0", b"\x81\x02hi", endless)
        for frame in frames:
            async with ready(self.gateway) as client:
                client.socket.transport.write(frame)
                self.assertIn(await client.until_closed(), (1002, 1006, 1009), frame)

    async def test_a_client_that_is_gone_without_a_word_harms_nobody(self):
        async with ready(self.gateway) as other:
            for _ in range(10):
                async with ready(self.gateway) as client:
                    await client.say("text_input", text="Tell me a long story.")
                    await client.until("tts_play")
                    client.socket.transport.abort()
            await self.still_well(other)

    async def test_bytes_that_are_no_request_harm_nobody(self):
        generator = random.Random(9)
        texts = [generator.randbytes(200) for _ in range(20)]
        texts += [b"", b"GET", b"\r\n\r\n", b"\x16\x03\x01\x02\x00" * 50]
        texts += [b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000]
        for port in (self.gateway.port, int(self.gateway.facts["health"].split(":")[2].split("/")[0])):
            for text in texts:
                with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                    try:
                        connection.sendall(text)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(4096):
                            pass
                    except OSError:
                        pass  # it hung up on garbage, as it may
        async with ready(self.gateway) as client:
            await self.still_well(client)
        self.assertEqual(self.gateway.health()[0], 200)


if __name__ == "__main__":
    unittest.main()
