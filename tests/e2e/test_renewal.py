# SPDX-License-Identifier: Apache-2.0
"""Upstreams that reach their limit, are lost in the middle of things, or have no room: what the caller notices is
nothing but the time it takes."""

import array
import asyncio
import pathlib
import random
import tempfile
import unittest

import speech
from support import SANITIZED, AsyncTest, Gateway, Simulator
from voice_client import connect, ready

RATE = 24000


def at_24k(samples):
    """16 kHz speech at 24 kHz: every second sample is followed by one more between it and the next."""
    longer = array.array("h")
    for i in range(0, len(samples) - 2, 2):
        a, b, c = samples[i], samples[i + 1], samples[i + 2]
        longer.extend((a, (a + 2 * b) // 3, (2 * b + c) // 3))
    return longer


class RenewalTest(AsyncTest):
    def simulator(self, *arguments, scenario=""):
        folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
        self.addCleanup(folder.cleanup)
        file = pathlib.Path(folder.name, "scenario.toml")
        file.write_text(scenario)
        simulator = Simulator("--scenario", file, *arguments)
        self.addCleanup(simulator.kill)
        return simulator

    def gateway(self, simulator, **environment):
        gateway = Gateway(
            dev=False, upstream=f"ws://127.0.0.1:{simulator.port}/v1/realtime", environment=environment
        )
        self.addCleanup(self.finish, gateway)
        return gateway

    def finish(self, gateway):
        code, said = gateway.finish()
        self.assertEqual(code, 0, said)


class Renewal(RenewalTest):
    async def test_who_never_pauses_is_heard_to_the_last_sample_over_ten_renewals(self):
        with tempfile.TemporaryDirectory(prefix="voicectl-test-") as folder:
            scenario = """
                [timing]
                session_cap = "6s"
                [listen]
                recognise = false
                [[turn]]
                when = "weather"
                call = "get_weather"
                say = "It is mild there."
                [[turn]]
                heard = "a long story"
                say = "That was long."
            """
            simulator = self.simulator("--record", folder, scenario=scenario)
            gateway = self.gateway(
                simulator,
                VOICE_UPSTREAM_RENEW_AFTER="2s",
                VOICE_UPSTREAM_RENEW_AT_LATEST="3s",
                VOICE_VAD_HANG_TIME="4s",
            )
            async with ready(gateway, codec="pcm16", rate=RATE) as client:
                await client.say("text_input", text="What is the weather?")
                call = (await client.until("agent_tool"))["data"]
                await client.say("tool_result", callId=call["callId"], output="mild")
                await client.until("agent_final")
                sounds = speech.noise(0.5, RATE, 0.001)
                for path, _ in speech.librivox_clips():
                    sounds += at_24k(speech.read_wav(path)[1])
                sounds = (sounds * 2)[: 34 * RATE]
                sounds += speech.noise(6.0, RATE, 0.001)
                speaking = asyncio.ensure_future(speech.send(client, sounds, RATE))
                final = await client.until("agent_final")
                await speaking
                await client.pong("all is there")
                sessions = simulator.control("GET", "sessions")["sessions"]
            self.assertEqual(final["data"]["text"], "That was long.")
            self.assertEqual(client.of_type("error"), [])
            self.assertEqual(len(client.of_type("speech_started")), 1)
            self.assertEqual(len(client.of_type("final_asr")), 2, "one typed, one spoken")
            self.assertGreaterEqual(len(sessions), 11)
            # The call, its result and the words about it, and the long story once: 3 replies in all.
            self.assertEqual(sum(session["responses"] for session in sessions), 3)
            kinds = [item["kind"] for item in sessions[-1]["items"]]
            at = kinds.index("function_call")
            self.assertEqual(kinds[at : at + 2], ["function_call", "function_call_output"])
            self.check_audio(sounds.tobytes(), sorted(pathlib.Path(folder).iterdir()))

    def check_audio(self, sent, recordings):
        """Each upstream heard a stretch of what was sent, without a gap to what the one before had heard."""
        heard_to = 0
        for recording in recordings:
            heard = recording.read_bytes()
            if not heard:
                continue
            begin = sent.find(heard[:4800])
            self.assertGreaterEqual(begin, 0, recording.name)
            self.assertLessEqual(begin, heard_to, f"a gap before {recording.name}")
            self.assertEqual(sent[begin : begin + len(heard)], heard, recording.name)
            heard_to = begin + len(heard)
        self.assertEqual(heard_to, len(sent))


class Loss(RenewalTest):
    async def test_every_turn_is_answered_whenever_the_upstream_is_lost(self):
        simulator = self.simulator(scenario="[timing]\nfirst_token = \"60ms\"\ntranscript_delay = \"10ms\"\n")
        gateway = self.gateway(simulator)
        seconds = random.Random(4)

        async def call(turns):
            async with ready(gateway, codec="pcm16", rate=8000) as client:
                statuses = []
                for turn in range(turns):
                    simulator.arm("drop", after=f"{seconds.randrange(150)}ms", times=1)
                    await client.say("text_input", text=f"Repeat after me: {turn}.")
                    final = (await asyncio.wait_for(client.until("agent_final"), 60))["data"]
                    statuses.append(final["status"])
                self.assertEqual(client.of_type("error"), [])
                return statuses

        calls, turns = (2, 5) if SANITIZED else (5, 10)
        answered = await asyncio.gather(*(call(turns) for _ in range(calls)))
        statuses = [status for each in answered for status in each]
        self.assertEqual(len(statuses), calls * turns)
        self.assertLessEqual(set(statuses), {"completed", "incomplete"})
        log = simulator.control("GET", "log")["log"]
        opened = sum(1 for entry in log if entry["event"] == "open")
        self.assertGreater(opened, calls + calls * turns / 3, "hardly anything was lost")


class Line(RenewalTest):
    async def test_who_finds_no_key_free_waits_in_line_and_is_told(self):
        simulator = self.simulator()
        gateway = self.gateway(simulator, VOICE_KEY_MAX_SESSIONS="1", VOICE_QUEUE_TIMEOUT="60s")
        async with ready(gateway) as first:
            async with connect(gateway) as second:
                place = (await second.until("queued"))["data"]
                self.assertEqual(place["position"], 1)
                self.assertGreaterEqual(place["etaMs"], 0)
                await first.text_turn("Repeat after me: mine.")
                await first.socket.close()
                await second.until("ready")
                await second.text_turn("Repeat after me: now mine.")

    async def test_who_waits_too_long_is_told_when_to_come_again(self):
        simulator = self.simulator()
        gateway = self.gateway(simulator, VOICE_KEY_MAX_SESSIONS="1", VOICE_QUEUE_TIMEOUT="300ms")
        async with ready(gateway):
            async with connect(gateway) as second:
                self.assertEqual(await second.until_closed(), 1013)
                error = second.of_type("error")[-1]
                self.assertEqual((error["code"], error["fatal"]), ("UPSTREAM_RATE_LIMITED", True))
                self.assertGreater(error["retryAfterMs"], 0)

    async def test_a_key_that_is_refused_gives_way_to_another(self):
        simulator = self.simulator("--key", "sk-the-good-one")
        gateway = self.gateway(simulator, OPENAI_API_KEY="sk-the-bad-one", OPENAI_API_KEYS="sk-the-good-one")
        for _ in range(3):
            async with ready(gateway) as client:
                await client.text_turn("Repeat after me: fine.")
        self.assertEqual(gateway.stderr().count("is out until the next reload"), 1)
        self.assertNotIn("the-bad-one", gateway.stderr())


if __name__ == "__main__":
    unittest.main()
