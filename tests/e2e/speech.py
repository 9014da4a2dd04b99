# SPDX-License-Identifier: Apache-2.0
"""Recordings of people for the tests, and how alike two texts and how loud a recording are."""

import array
import asyncio
import pathlib
import random
import re
import time
import wave

LIBRIVOX = pathlib.Path("/usr/share/pocketsphinx/test/data/librivox")
PROMPTS = pathlib.Path("/usr/share/asterisk/sounds")


def librivox_clips():
    """(file, what is said in it) of the clips that come with pocketsphinx's test data."""
    clips = []
    for line in (LIBRIVOX / "transcription").read_text().splitlines():
        said, name = re.fullmatch(r"<s> (.*) </s> \((.*)\)", line.strip()).groups()
        clips.append((LIBRIVOX / f"{name}.wav", said))
    return clips


def prompt(name):
    """A prompt of Asterisk's, wherever the package keeps its language."""
    return next(iter(sorted(PROMPTS.glob(f"*/{name}.wav"))))


def words(text):
    return re.findall(r"[a-z']+", text.lower())


def overlap(heard, said):
    """The share of the words said that were heard, in whatever order."""
    rest = words(heard)
    found = 0
    for word in words(said):
        if word in rest:
            rest.remove(word)
            found += 1
    return found / max(1, len(words(said)))


def read_wav(path):
    """Rate and samples of a mono 16-bit WAV."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 1 and file.getsampwidth() == 2, path
        return file.getframerate(), array.array("h", file.readframes(file.getnframes()))


def loudness(samples):
    """Root mean square over full scale."""
    return (sum(sample * sample for sample in samples) / max(1, len(samples))) ** 0.5 / 32768


def loud_seconds(samples, rate):
    """How much of a recording is louder than a quiet room, by windows of 20 ms."""
    window = rate // 50
    windows = [samples[i : i + window] for i in range(0, len(samples), window)]
    return sum(1 for each in windows if loudness(each) > 0.01) / 50


def noise(seconds, rate, level):
    """White noise, its loudness over full scale."""
    peak = level * 3**0.5 * 32768
    source = random.Random(1)
    return array.array("h", (int(source.uniform(-peak, peak)) for _ in range(int(seconds * rate))))


async def send(client, samples, rate):
    """Sends samples as PCM16 at their own pace; the client is read elsewhere."""
    size = rate // 50
    due = time.monotonic()
    for i in range(0, len(samples), size):
        await client.socket.send(samples[i : i + size].tobytes())
        due += 0.02
        # The pace of the audio, not a wait for something to happen.
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def speak(client, path, trailing=1.0):
    """Sends a recording, then silence."""
    rate, samples = read_wav(path)
    samples.extend([0] * int(rate * trailing))
    await send(client, samples, rate)
