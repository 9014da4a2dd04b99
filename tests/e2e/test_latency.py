# SPDX-License-Identifier: Apache-2.0
"""What the gateway says that it adds to a turn: against an upstream that answers after exact delays.

A busy machine makes every figure here larger, so none is held against a bound of its own. What must hold of
every turn holds at any pace; the rest compares figures of one run, in which the delays take turns. The figures
themselves are printed."""

import array
import asyncio
import collections
import contextlib
import itertools
import json
import math
import pathlib
import random
import re
import statistics
import tempfile
import time
import unittest
import wave

import speech
import websockets
from support import PATIENCE, SANITIZED, AsyncTest, Gateway, Simulator
from voice_client import ready

DELAYS = (0, 50, 300)
SESSIONS = 10 if SANITIZED else 50
REPLY_MS = 400
# The pause that the gateway has the upstream take for the end of an utterance.
PAUSE_MS = 500

# Times in milliseconds. `fine` is upstream and added as the log has them, each from stamps of its own: on the
# wire one of the two is what the other leaves of the whole. `felt` is the whole by the client's clock.
Turn = collections.namedtuple("Turn", "item delay whole upstream added felt")
Fine = collections.namedtuple("Fine", "whole upstream added")

TOLD = re.compile(r"(item_\w+) completed,.*; first sound after (\d+) ms \(upstream ([\d.]+), added ([\d.]+)\)")


def scenario(folder):
    """Typed turns name their delay; spoken ones take the delays in order."""
    tone = array.array("h", (int(8000 * math.sin(i * 0.1)) for i in range(24 * REPLY_MS)))
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(tone.tobytes())
    lines = ["[listen]", "recognise = false"]
    for delay in DELAYS:
        reply = (f'say = "after {delay} ms"', f"first_token = {delay}", 'wav = "tone.wav"')
        lines += ["[[turn]]", f'when = "after {delay} ms"', *reply]
        lines += ["[[turn]]", 'heard = "something"', *reply]
    path = folder / "scenario.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def delay_of(text):
    return int(re.fullmatch(r"after (\d+) ms", text)[1])


def order(first, rounds):
    """The delays in turn, from another one in each session."""
    return [DELAYS[(first + i) % len(DELAYS)] for i in range(len(DELAYS) * rounds)]


class Microphone:
    """An open microphone: frames of 20 ms at their pace, of what is said or of a quiet room."""

    RATE = 8000
    FRAME = RATE // 50 * 2
    ROOM = array.array("h", (random.Random(1).randint(-20, 20) for _ in range(RATE))).tobytes()

    def __init__(self, client):
        self.client = client
        self.said = b""
        self.task = asyncio.ensure_future(self.run())

    async def run(self):
        due = time.monotonic()
        for at in itertools.cycle(range(0, len(self.ROOM), self.FRAME)):
            frame, self.said = self.said[: self.FRAME], self.said[self.FRAME :]
            await self.client.socket.send(frame + self.ROOM[at + len(frame) : at + self.FRAME])
            due += 0.02
            # The pace of the audio, not a wait for something to happen.
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def close(self):
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


@contextlib.asynccontextmanager
async def microphone(client):
    opened = Microphone(client)
    try:
        yield opened
    finally:
        await opened.close()


class Direct:
    """The upstream without the gateway: how long a typed turn takes, seen from here."""

    def __init__(self, socket):
        self.socket = socket

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, url):
        key = {"Authorization": "Bearer a key of the tests"}
        url += "?model=simulator"
        async with websockets.connect(url, extra_headers=key, compression=None, max_size=None) as socket:
            yield cls(socket)

    async def until(self, kind):
        while True:
            event = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            if event["type"] == kind:
                return
            assert event["type"] != "error", event

    async def turn(self, delay):
        """Milliseconds to the first of the reply's audio."""
        said = {"type": "input_text", "text": f"after {delay} ms"}
        item = {"type": "message", "role": "user", "content": [said]}
        sent = time.monotonic()
        await self.socket.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await self.socket.send(json.dumps({"type": "response.create"}))
        await self.until("response.output_audio.delta")
        took = 1000 * (time.monotonic() - sent)
        await self.until("response.done")
        return took


class Latency(AsyncTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
        self.addCleanup(folder.cleanup)
        self.simulator = Simulator("--scenario", scenario(pathlib.Path(folder.name)))
        self.addCleanup(self.simulator.finish)
        self.upstream = f"ws://127.0.0.1:{self.simulator.port}/v1/realtime"
        self.gateway = Gateway(dev=False, upstream=self.upstream)
        self.addCleanup(self.gateway.kill)
        self.turns = []

    async def converse(self, session, count, **query):
        """That many sessions, each from when it is up, so that they do not all speak at once."""
        async with contextlib.AsyncExitStack() as sessions:
            talks = []
            for i in range(count):
                client = await sessions.enter_async_context(ready(self.gateway, **query))
                talks.append(asyncio.ensure_future(session(client, i)))
            await asyncio.gather(*talks)

    def note(self, final, sent, first_frame):
        data = final["data"]
        self.assertEqual(data["status"], "completed")
        latency = data["latency"]
        whole, upstream, added = (latency[name] for name in ("firstTokenMs", "upstreamMs", "addedMs"))
        felt = 1000 * (first_frame - sent)
        self.turns.append(Turn(data["itemId"], delay_of(data["text"]), whole, upstream, added, felt))

    def check_turns(self, count):
        """What holds of every turn on any machine; what the log told of each."""
        code, said = self.gateway.finish()
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.turns), count)
        told = {item: Fine(*map(float, figures)) for item, *figures in TOLD.findall(said)}
        for turn in self.turns:
            fine = told[turn.item]
            self.assertAlmostEqual(fine.upstream + fine.added, fine.whole, delta=1, msg=turn)
            self.assertEqual(turn.upstream + turn.added, turn.whole, turn)
            self.assertEqual(turn.whole, fine.whole, turn)
            self.assertAlmostEqual(turn.upstream, fine.upstream, delta=1, msg=turn)
            self.assertAlmostEqual(turn.added, fine.added, delta=1, msg=turn)
            # The upstream's own time is within what was waited for it, and all of it within what was felt.
            self.assertGreaterEqual(turn.upstream, turn.delay, turn)
            self.assertGreaterEqual(turn.added, 0, turn)
            self.assertLessEqual(turn.whole, turn.felt + 1, turn)
        return told

    def by_delay(self, figure):
        return {delay: [figure(turn) for turn in self.turns if turn.delay == delay] for delay in DELAYS}

    def show(self, what, figures):
        for delay, values in figures.items():
            cuts = statistics.quantiles(values, n=100, method="inclusive")
            quantiles = ", ".join(f"p{n} {cuts[n - 1]:.1f}" for n in (50, 95, 99))
            print(f"{what}, {delay} ms upstream: {quantiles}, most {max(values):.1f} ms of {len(values)}")

    def check_short(self, figures, measure):
        """No median is far from the measure: thrice as long, and the millisecond that the wire can tell."""
        for delay, values in figures.items():
            self.assertLess(statistics.median(values), 3 * measure + 1, f"at {delay} ms, beside {measure:.1f} ms")


def least_median(figures):
    return min(map(statistics.median, figures.values()))


class TypedTurns(Latency):
    async def turn(self, client, delay):
        frames = len(client.frames)
        sent = time.monotonic()
        final = await client.text_turn(f"after {delay} ms")
        self.note(final, sent, client.frame_times[frames])

    async def test_what_is_added_does_not_depend_on_the_upstream(self):
        rounds = 4

        async def session(client, number):
            for delay in order(number, rounds):
                await self.turn(client, delay)

        await self.converse(session, SESSIONS)
        told = self.check_turns(SESSIONS * rounds * len(DELAYS))
        added = self.by_delay(lambda turn: told[turn.item].added)
        self.show("added", added)
        self.show("upstream without its delay", self.by_delay(lambda turn: told[turn.item].upstream - turn.delay))
        self.show("felt without the delay", self.by_delay(lambda turn: turn.felt - turn.delay))
        self.check_short(added, least_median(added))

    async def test_what_is_added_and_what_is_waited_for_do_not_hide_in_each_other(self):
        """Turns with the gateway and without it in turn, few at a time: a gateway that held something back, or
        counted its own time as the upstream's, would be slower than the one message both ways that it is."""
        pairs, rounds = 4, 6
        alone = {delay: [] for delay in DELAYS}

        async def session(client, number):
            async with Direct.connected(self.upstream) as direct:
                for delay in order(number, rounds):
                    await self.turn(client, delay)
                    alone[delay].append(await direct.turn(delay) - delay)

        await self.converse(session, pairs)
        told = self.check_turns(pairs * rounds * len(DELAYS))
        added = self.by_delay(lambda turn: told[turn.item].added)
        waited = self.by_delay(lambda turn: told[turn.item].upstream - turn.delay)
        self.show("added, few sessions", added)
        self.show("upstream without its delay, few sessions", waited)
        self.show("the same without the gateway", alone)
        self.check_short(added, least_median(alone))
        # Only where nobody sleeps: a busy machine wakes whom it likes late.
        self.check_short({0: waited[0]}, statistics.median(alone[0]))


class SpokenTurns(Latency):
    ROUNDS = 2

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.pings = []
        rate, samples = speech.read_wav(speech.prompt("hello-world"))
        self.assertEqual(rate, Microphone.RATE)
        self.utterance = samples.tobytes()

    async def session(self, client, number):
        async with microphone(client) as opened:
            for _ in range(self.ROUNDS * len(DELAYS)):
                frames = len(client.frames)
                # Felt from the first word on: which sound was taken for the last is the gateway's to say.
                sent = time.monotonic()
                opened.said = self.utterance
                # The microphone's level keeps coming: a wait for any event would never end.
                final = await asyncio.wait_for(client.until("agent_final"), PATIENCE)
                self.note(final, sent, client.frame_times[frames])
                asked = time.monotonic()
                await asyncio.wait_for(client.pong("after"), PATIENCE)
                self.pings.append(1000 * (time.monotonic() - asked))

    async def test_what_is_added_does_not_depend_on_the_upstream(self):
        await self.converse(self.session, SESSIONS, codec="pcm16", rate=Microphone.RATE)
        told = self.check_turns(SESSIONS * self.ROUNDS * len(DELAYS))
        added = self.by_delay(lambda turn: told[turn.item].added)
        waited = self.by_delay(lambda turn: told[turn.item].upstream - turn.delay)
        self.show("added", added)
        self.show("upstream without its delay", waited)
        self.check_short(added, least_median(added))
        self.check_short(added, statistics.median(self.pings))
        # The person has long been silent when the upstream is sure of it: that wait is its own.
        self.assertGreater(least_median(waited), PAUSE_MS / 2)


del Latency

if __name__ == "__main__":
    unittest.main()
