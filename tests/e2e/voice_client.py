# SPDX-License-Identifier: Apache-2.0
"""A voice.v1 client for the tests, that waits for events."""

import asyncio
import contextlib
import json
import time
import urllib.parse

import websockets
from support import PATIENCE


class Client:
    """A voice.v1 client that remembers everything it gets, in order, with its time."""

    def __init__(self, socket):
        self.socket = socket
        self.events = []
        self.frames = []
        self.frame_times = []

    async def receive(self):
        """The next event, or None for a frame of audio."""
        try:
            message = await asyncio.wait_for(self.socket.recv(), PATIENCE)
        except asyncio.TimeoutError:
            raise AssertionError(f"nothing came for {PATIENCE} s after {self.story()}") from None
        except websockets.ConnectionClosed as closed:
            raise AssertionError(f"closed with {closed.code} {closed.reason} after {self.story()}") from None
        if isinstance(message, bytes):
            self.frames.append(message)
            self.frame_times.append(time.monotonic())
            return None
        event = json.loads(message)
        self.events.append(event)
        return event

    async def until(self, kind, **wanted):
        """Reads on until an event of that type with those members has come."""
        while True:
            event = await self.receive()
            if event is None:
                continue
            if event["type"] == kind and all(event.get(name) == value for name, value in wanted.items()):
                return event
            if event["type"] == "error" and event.get("fatal"):
                raise AssertionError(f"{event} while waiting for {kind}")

    async def until_frames(self, count):
        """Reads on until that many more frames of audio have come."""
        goal = len(self.frames) + count
        while len(self.frames) < goal:
            await self.receive()

    async def until_closed(self):
        """Reads on until the gateway closes; the close code."""
        while True:
            try:
                message = await asyncio.wait_for(self.socket.recv(), PATIENCE)
            except websockets.ConnectionClosed:
                return self.socket.close_code
            if isinstance(message, str):
                self.events.append(json.loads(message))

    async def say(self, kind, **members):
        await self.socket.send(json.dumps({"type": kind, **members}))

    async def control(self, action, **params):
        await self.say("control", action=action, **({"params": params} if params else {}))

    async def pong(self, name):
        """Everything sent before this has been read by the gateway when it returns."""
        await self.say("ping", id=name)
        return await self.until("pong", id=name)

    async def text_turn(self, text, **members):
        """Types something and reads the whole reply; its agent_final."""
        await self.say("text_input", text=text, **members)
        return await self.until("agent_final")

    def of_type(self, kind):
        return [event for event in self.events if event["type"] == kind]

    def story(self):
        return " ".join(event["type"] for event in self.events if event["type"] != "vad") or "nothing"


@contextlib.asynccontextmanager
async def connect(gateway, token=None, subprotocols=None, **query):
    """A client that is through with the handshake; `ready` has not been read."""
    url = gateway.url + ("?" + urllib.parse.urlencode(query) if query else "")
    socket = await asyncio.wait_for(
        websockets.connect(
            url,
            extra_headers={"Authorization": "Bearer " + (token or gateway.token)},
            subprotocols=subprotocols,
            compression=None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            close_timeout=PATIENCE,
            open_timeout=PATIENCE,
        ),
        PATIENCE,
    )
    try:
        yield Client(socket)
    finally:
        await socket.close()


@contextlib.asynccontextmanager
async def ready(gateway, **options):
    """A client whose session is up."""
    async with connect(gateway, **options) as client:
        await client.until("ready")
        yield client
