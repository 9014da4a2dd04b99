# SPDX-License-Identifier: Apache-2.0
"""A session over a raw websocket: typed turns, controls, and interruption."""

import array
import asyncio
import functools
import unittest

import speech
from support import AsyncTest, Gateway, GatewayTest
from voice_client import connect, ready

LONG_STORY = "Please tell me a long story."


def audio_seconds(client, codec, rate):
    if codec == "opus":
        return len(client.frames) * 0.02
    return sum(len(frame) for frame in client.frames) / 2 / rate


class TextTurn(GatewayTest):
    async def check_turn(self, codec, rate):
        query = {"codec": codec, **({"rate": rate} if codec == "pcm16" else {})}
        async with ready(self.gateway, **query) as client:
            facts = client.events[0]["data"]
            self.assertEqual(facts["codec"], codec)
            self.assertEqual(facts["frameMs"], 20)
            if codec == "pcm16":
                self.assertEqual(facts["rate"], rate)
            promised = {"sessionId", "supportedFormats", "maxFrameSize", "sampleRates", "upstream", "version"}
            self.assertEqual(promised - set(facts), set())
            final = (await client.text_turn("Hello there, who are you?"))["data"]

            kinds = [event["type"] for event in client.events]
            self.assertEqual(client.of_type("final_asr")[0]["text"], "Hello there, who are you?")
            self.assertLess(kinds.index("final_asr"), kinds.index("agent_delta"))
            self.assertEqual(kinds.count("tts_play"), 1)
            played = client.of_type("tts_play")[0]["data"]
            self.assertEqual((played["codec"], played["itemId"]), (codec, final["itemId"]))
            text = "".join(event["data"]["text"] for event in client.of_type("agent_delta"))
            self.assertEqual(text, final["text"])
            self.assertGreater(len(client.of_type("agent_delta")), 1, "the words came all at once")
            self.assertEqual(final["status"], "completed")
            self.assertGreater(final["latency"]["firstTokenMs"], 0)
            for name in ("inputTokens", "outputTokens", "totalTokens"):
                self.assertGreater(final["usage"][name], 0)
            # People speak about fifteen letters a second.
            seconds = audio_seconds(client, codec, rate)
            self.assertGreater(seconds, max(1.0, len(text) / 30), text)
            self.assertLess(seconds, len(text) / 6, text)
            if codec == "pcm16":
                self.assertEqual({len(frame) for frame in client.frames}, {rate // 50 * 2})
                samples = array.array("h", b"".join(client.frames))
                self.assertGreater(speech.loud_seconds(samples, rate), seconds / 3)
            else:
                self.assertLess(max(map(len, client.frames)), 400)
            self.check_pace(client)

    def check_pace(self, client):
        """Audio comes at the pace it is heard at, with a bounded lead; at once, the lead would be all."""
        length = len(client.frames) * 0.02
        took = client.frame_times[-1] - client.frame_times[0]
        self.assertGreater(took, length - 1.5, f"{length} s of audio came within {took} s")
        # Nor does its second half come in a burst.
        middle = len(client.frames) // 2
        behind = client.frame_times[-1] - client.frame_times[middle]
        self.assertGreater(behind, (len(client.frames) - middle) * 0.02 - 1.5)

    async def test_a_typed_turn_is_answered_with_words_and_paced_speech(self):
        await asyncio.gather(
            self.check_turn("opus", None), self.check_turn("pcm16", 24000), self.check_turn("pcm16", 8000)
        )

    async def test_a_second_turn_follows_the_first(self):
        async with ready(self.gateway) as client:
            first = await client.text_turn("Repeat after me: one two three.")
            second = await client.text_turn("Repeat after me: four five six.")
            self.assertIn("one two three", first["data"]["text"].lower())
            self.assertIn("four five six", second["data"]["text"].lower())
            self.assertNotEqual(first["data"]["itemId"], second["data"]["itemId"])

    async def test_a_spoken_command_of_the_clients_is_a_turn_like_any_other(self):
        async with ready(self.gateway) as client:
            command = "Repeat after me: lights on."
            await client.say("voice_command", command=command, params={"room": "kitchen"})
            final = await client.until("agent_final")
            self.assertEqual(client.of_type("final_asr")[0]["text"], command)
            self.assertIn("lights on", final["data"]["text"].lower())


class Controls(GatewayTest):
    async def test_a_ping_is_answered_with_its_id(self):
        async with ready(self.gateway) as client:
            for name in ("first", 2, None):
                await client.say("ping", **({} if name is None else {"id": name}))
                pong = await client.until("pong")
                self.assertEqual(pong.get("id"), name)
                self.assertGreater(pong["timestamp"], 0)

    async def test_the_subprotocol_is_echoed_if_it_is_offered(self):
        async with connect(self.gateway, subprotocols=["voice.v1"]) as client:
            self.assertEqual(client.socket.subprotocol, "voice.v1")
        async with connect(self.gateway) as client:
            self.assertIsNone(client.socket.subprotocol)

    async def test_voice_activity_is_told_while_the_microphone_is_open(self):
        path, said = speech.librivox_clips()[1]
        async with ready(self.gateway, codec="pcm16", rate=16000) as client:
            await client.control("start_recording")
            await client.until("mic_opened")
            speaking = asyncio.ensure_future(speech.speak(client, path))
            final = await client.until("agent_final")
            await speaking
            self.assertEqual(final["data"]["status"], "completed")
            started = client.of_type("speech_started")[0]["data"]["atMs"]
            stopped = client.of_type("speech_stopped")[-1]["data"]["atMs"]
            self.assertLess(started, 1500)
            self.assertGreater(stopped, started + 1000)
            self.assertGreater(speech.overlap(client.of_type("final_asr")[0]["text"], said), 0.2)
            readings = client.of_type("vad")
            self.assertGreater(len(readings), 10)
            self.assertLess(len(readings), 60, "more than ten a second")
            self.assertTrue(all(0 <= reading["level"] <= 1 for reading in readings))
            self.assertEqual({reading["active"] for reading in readings}, {True, False})
            loud = [reading["level"] for reading in readings if reading["active"]]
            quiet = [reading["level"] for reading in readings if not reading["active"]]
            self.assertGreater(sum(loud) / len(loud), sum(quiet) / len(quiet))

    async def test_stopping_the_recording_commits_what_was_heard(self):
        path, said = speech.librivox_clips()[1]
        async with ready(self.gateway, codec="pcm16", rate=16000) as client:
            await client.control("start_recording")
            speaking = asyncio.ensure_future(speech.speak(client, path, trailing=0))
            await client.until("speech_started")
            await speaking
            await client.control("stop_recording")
            await client.until("mic_closed")
            await client.until("agent_final")
            self.assertGreater(speech.overlap(client.of_type("final_asr")[0]["text"], said), 0.2)
            # What is sent now is dropped: no event, and a turn can be typed.
            readings = len(client.of_type("vad"))
            for _ in range(20):
                await client.socket.send(bytes(640))
            await client.pong("after")
            self.assertEqual(len(client.of_type("vad")), readings)
            await client.control("start_recording")
            await client.until("mic_opened")

    async def test_the_first_frame_opens_the_microphone(self):
        async with ready(self.gateway, codec="pcm16", rate=16000) as client:
            await client.socket.send(bytes(640))
            await client.until("mic_opened")
            await client.socket.send(bytes(640))
            await client.pong("after")
            self.assertEqual(len(client.of_type("mic_opened")), 1)

    async def test_a_cleared_session_goes_on(self):
        async with ready(self.gateway) as client:
            await client.text_turn("Hello there.")
            await client.control("clear_session")
            await client.until("cleared")
            final = await client.text_turn("Repeat after me: still here.")
            self.assertEqual(final["data"]["status"], "completed")
            self.assertIn("still here", final["data"]["text"].lower())

    async def test_what_is_not_a_message_is_told_and_the_session_goes_on(self):
        async with ready(self.gateway) as client:
            wrong = (
                {"type": "no_such_type"},
                {"type": "control", "action": "no_such_action"},
                {"type": "control"},
                {"type": "text_input"},
                {"type": "text_input", "text": 7},
                {"type": "tool_result", "callId": "none", "output": "x"},
                {"type": "playback", "itemId": "x", "playedMs": "much"},
                {"text": "no type"},
            )
            for message in wrong:
                members = {name: value for name, value in message.items() if name != "type"}
                if "type" in message:
                    await client.say(message["type"], **members)
                else:
                    await client.socket.send('{"text": "no type"}')
                error = await client.until("error")
                self.assertEqual((error["code"], error["fatal"]), ("BAD_MESSAGE", False), message)
                self.assertTrue(error["message"])
            await client.pong("still here")


class Interruption(GatewayTest):
    async def start_story(self, client):
        await client.say("text_input", text=LONG_STORY)
        played = await client.until("tts_play")
        await client.until_frames(25)
        return played["data"]["itemId"]

    async def test_a_reply_is_interrupted_by_a_control(self):
        async with ready(self.gateway) as client:
            item = await self.start_story(client)
            await client.control("interrupt_tts")
            final = (await client.until("agent_final"))["data"]
            self.assertEqual((final["itemId"], final["status"]), (item, "interrupted"))
            self.check_played(client, final["playedMs"])
            await self.check_silence(client)
            self.assertEqual(client.of_type("barge_in"), [], "the client asked for it: it needs no telling")

    async def test_a_reply_is_interrupted_by_voice(self):
        path, said = speech.librivox_clips()[1]
        async with ready(self.gateway, codec="pcm16", rate=16000) as client:
            item = await self.start_story(client)
            speaking = asyncio.ensure_future(speech.speak(client, path))
            barge_in = (await client.until("barge_in"))["data"]
            frames = len(client.frames)
            interrupted = (await client.until("agent_final"))["data"]
            self.assertEqual(barge_in["itemId"], item)
            self.assertEqual((interrupted["itemId"], interrupted["status"]), (item, "interrupted"))
            self.check_played(client, barge_in["playedMs"])
            self.assertEqual(interrupted["playedMs"], barge_in["playedMs"])
            self.assertEqual(len(client.frames), frames, "the story went on after barge_in")
            # What was said instead is heard and answered.
            final = (await client.until("agent_final"))["data"]
            await speaking
            self.assertEqual(final["status"], "completed")
            self.assertNotEqual(final["itemId"], item)
            self.assertGreater(speech.overlap(client.of_type("final_asr")[-1]["text"], said), 0.2)

    async def test_a_reply_is_held_over_a_cough_and_goes_on(self):
        rate = 16000
        room = functools.partial(speech.noise, rate=rate, level=0.002)
        async with ready(self.gateway, codec="pcm16", rate=rate) as client:
            item = await self.start_story(client)
            sounds = room(1.0) + speech.noise(0.2, rate, 0.2) + room(1.0)
            coughing = asyncio.ensure_future(speech.send(client, sounds, rate))
            pause = (await client.until("tts_pause"))["data"]
            frames = len(client.frames)
            resume = (await client.until("tts_resume"))["data"]
            self.assertEqual(len(client.frames), frames, "the story went on under the cough")
            self.assertEqual((pause["itemId"], resume["itemId"]), (item, item))
            await coughing
            await client.until_frames(25)
            self.assertEqual(client.of_type("barge_in") + client.of_type("speech_started"), [])

    async def test_a_reply_is_interrupted_by_typing(self):
        async with ready(self.gateway) as client:
            item = await self.start_story(client)
            await client.say("text_input", text="Repeat after me: enough of that.")
            interrupted = (await client.until("agent_final"))["data"]
            self.assertEqual((interrupted["itemId"], interrupted["status"]), (item, "interrupted"))
            final = (await client.until("agent_final"))["data"]
            self.assertEqual(final["status"], "completed")
            self.assertIn("enough of that", final["text"].lower())

    async def test_an_interruption_with_nothing_to_interrupt_is_harmless(self):
        async with ready(self.gateway) as client:
            await client.control("interrupt_tts")
            await client.pong("after")
            self.assertEqual(client.of_type("error"), [])
            await client.text_turn("Repeat after me: fine.")

    def check_played(self, client, played_ms):
        """No more than was sent, and about as much as had the time to be heard."""
        sent = len(client.frames) * 20
        self.assertGreater(played_ms, 0)
        self.assertLessEqual(played_ms, sent + 20)
        self.assertGreater(played_ms, sent - 3000)

    async def check_silence(self, client):
        """Nothing of the story follows: what answers the ping has seen the control before it."""
        frames = len(client.frames)
        await client.pong("after")
        final = await client.text_turn("Repeat after me: yes.")
        self.assertIn("yes", final["data"]["text"].lower())
        self.assertLess(len(client.frames) - frames, 200, "the story went on")


class HangTime(AsyncTest):
    async def end_of_first_utterance(self, hang_time):
        """In ms of audio, where a prompt follows another after 700 ms of quiet; and where the first ends."""
        rate, first = speech.read_wav(speech.prompt("vm-incorrect"))
        _, second = speech.read_wav(speech.prompt("pbx-invalid"))
        sounds = first + speech.noise(0.7, rate, 0.001) + second + speech.noise(3.0, rate, 0.001)
        gateway = Gateway(environment={"VOICE_VAD_HANG_TIME": hang_time})
        self.addCleanup(gateway.finish)
        async with ready(gateway, codec="pcm16", rate=rate) as client:
            speaking = asyncio.ensure_future(speech.send(client, sounds, rate))
            stopped = await client.until("speech_stopped")
            await speaking
        return stopped["data"]["atMs"], len(first) * 1000 // rate

    async def test_a_pause_shorter_than_it_ends_nothing(self):
        end, first = await self.end_of_first_utterance("400ms")
        self.assertLess(end, first + 600)
        end, first = await self.end_of_first_utterance("2s")
        self.assertGreater(end, first + 1000)


if __name__ == "__main__":
    unittest.main()
