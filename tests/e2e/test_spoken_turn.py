# SPDX-License-Identifier: Apache-2.0
"""Recordings of real people through `replay-audio` and `serve`: speech goes in, speech comes back."""

import concurrent.futures
import json
import pathlib
import tempfile
import unittest

import speech
from support import SANITIZED, GatewayTest, run

ORDER = ("ready", "mic_opened", "speech_started", "speech_stopped")


class SpokenTurn(GatewayTest):
    """Plays files side by side, as several callers would."""

    callers = 3

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="voicectl-test-")
        self.addCleanup(self.folder.cleanup)

    def replay(self, number, path, codec):
        reply = pathlib.Path(self.folder.name, f"reply-{number}.wav")
        token = ("--token-file", self.gateway.facts["tokenFile"])
        done = run(
            *("replay-audio", path, "--url", self.gateway.url, *token),
            *("--codec", codec, "--save-audio", reply, "--timeout", "200s", "--format", "jsonl"),
            timeout=400,
        )
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return done, events, reply

    def replay_all(self, cases):
        """Plays every (file, codec); (file, codec, process, events, reply) of each."""
        with concurrent.futures.ThreadPoolExecutor(self.callers) as pool:
            runs = [pool.submit(self.replay, i, path, codec) for i, (path, codec, *_) in enumerate(cases)]
            return [(case, *each.result()) for case, each in zip(cases, runs)]

    def check_turn(self, done, events, reply):
        self.assertEqual(done.returncode, 0, done.stderr)
        kinds = [event["type"] for event in events]
        positions = [kinds.index(kind) for kind in ORDER if kind in kinds]
        self.assertEqual(len(positions), len(ORDER), kinds)
        self.assertEqual(positions, sorted(positions), kinds)
        stopped = positions[-1]
        for kind in ("final_asr", "tts_play", "agent_delta", "agent_final"):
            self.assertIn(kind, kinds[stopped:], kinds)
        # The last reply is heard to its end: after its words, and after its audio has begun.
        final = len(kinds) - 1 - kinds[::-1].index("agent_final")
        self.assertGreater(final, kinds.index("tts_play"), kinds)
        self.assertGreater(final, kinds.index("agent_delta"), kinds)
        self.assertEqual(events[final]["data"]["status"], "completed", events[final])
        self.assertGreater(events[final]["data"]["usage"]["totalTokens"], 0)
        self.assertEqual([event for event in events if event["type"] == "error"], [])
        rate, samples = speech.read_wav(reply)
        self.assertGreater(len(samples) / rate, 1.0)
        self.assertGreater(speech.loud_seconds(samples, rate), 1.0, "the reply is not speech")
        self.assertGreater(speech.loudness(samples), 0.01)
        # What is said and what is heard is one reply: its words and its sound have a plausible relation.
        text = "".join(event["data"]["text"] for event in events if event["type"] == "agent_delta")
        self.assertGreater(len(samples) / rate, len(text) / 40, text)
        return " ".join(event["text"] for event in events if event["type"] == "final_asr")


class LibriVox(SpokenTurn):
    def test_a_reader_is_understood_and_answered_in_both_codecs(self):
        clips = speech.librivox_clips()
        self.assertEqual(len(clips), 5)
        codecs = ("opus", "pcm16")
        # Under a sanitizer each clip goes through one codec.
        cases = [(path, codecs[i % 2], said) for i, (path, said) in enumerate(clips)]
        if not SANITIZED:
            cases += [(path, codecs[1 - i % 2], said) for i, (path, said) in enumerate(clips)]
        heard_words = []
        for (path, codec, said), done, events, reply in self.replay_all(cases):
            with self.subTest(clip=path.name, codec=codec):
                heard = self.check_turn(done, events, reply)
                heard_words.append(speech.overlap(heard, said))
                # A sanitizer makes the machine so slow that an utterance may be given up unrecognised.
                if heard or not SANITIZED:
                    self.assertGreater(heard_words[-1], 0.25, f"heard: {heard}\nsaid: {said}")
        if not SANITIZED:
            self.assertGreater(sum(heard_words) / len(heard_words), 0.5, heard_words)


class Prompts(SpokenTurn):
    def test_the_prompts_of_a_telephone_exchange_are_answered_in_both_codecs(self):
        names = ("hello-world", "queue-thankyou", "tt-allbusy", "conf-onlyperson")
        cases = [(speech.prompt(name), ("opus", "pcm16")[i % 2]) for i, name in enumerate(names)]
        for (path, codec), done, events, reply in self.replay_all(cases):
            with self.subTest(prompt=path.name, codec=codec):
                self.check_turn(done, events, reply)


del SpokenTurn

if __name__ == "__main__":
    unittest.main()
