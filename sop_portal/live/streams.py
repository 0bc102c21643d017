"""The portal as an ASGI application with live streams: Django authorises, the event loop streams.

A request for a stream goes through Django like every other one (all middleware, session, rights), at most two at a
time; that request is over, its thread and its database connection are given back, before the first event is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from sop_portal.live.hub import Hub, NoRoom, Stream, Ticket

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH = "/live/"
SEAT = "sop.live.seat"
AUTHORISED_AT_ONCE = 2
FIRST_SUBSCRIPTION_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
FAREWELL_SECONDS = 1.0
RETRY_AFTER_SECONDS = 30


class Seat:
    """Where the view leaves the ticket for the stream that waits outside of Django."""

    def __init__(self) -> None:
        """An empty seat."""
        self.ticket: Ticket | None = None


class Answer:
    """What Django answered, held back until it is known whether a stream follows."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        """Keep one message of the answer."""
        self.messages.append(message)

    def start_of_stream(self) -> Message:
        """The answer's status and headers, without a length."""
        start = self.messages[0]
        kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        return {"type": "http.response.start", "status": start["status"], "headers": kept}


class LiveStreams:
    """Passes everything on to the portal, and turns an authorised request for a stream into one."""

    def __init__(self, portal: Application, hub: Hub) -> None:
        """Wrap the Django application of this process."""
        self.hub = hub
        self._portal = portal
        self._authorising = asyncio.Semaphore(AUTHORISED_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._portal(scope, receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except NoRoom as error:
            await _refuse(send, str(error))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.hub.refuse_when_full()
        self.hub.start()
        await self.hub.wait_until_up(FIRST_SUBSCRIPTION_SECONDS)
        place, seat, answer = self.hub.place(), Seat(), Answer()
        async with self._authorising:
            await self._portal({**scope, SEAT: seat}, receive, answer.take)
        if seat.ticket is None or not answer.messages:
            for message in answer.messages:
                await send(message)
            return
        stream = self.hub.join(seat.ticket, place=place, last=_last_event(scope))
        try:
            await send(answer.start_of_stream())
            await _pump(stream, receive, send)
        finally:
            self.hub.leave(stream)


def _last_event(scope: Scope) -> str:
    """Key of the last event that the browser had: its header, or the address when it opened a new stream."""
    for name, value in scope["headers"]:
        if name == b"last-event-id":
            return str(value.decode("latin1"))
    return parse_qs(scope.get("query_string", b"").decode("latin1")).get("last", [""])[0]


async def _refuse(send: Send, text: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store, private"),
        (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


async def _pump(stream: Stream, receive: Receive, send: Send) -> None:
    """Write until the stream ends or the browser goes; a reader that is stuck at the end is left."""
    writing = asyncio.create_task(_write(stream, send))
    leaving = asyncio.create_task(_gone(receive))
    ending = asyncio.create_task(stream.ended.wait())
    try:
        await asyncio.wait({writing, leaving, ending}, return_when=asyncio.FIRST_COMPLETED)
        if ending.done() and not leaving.done():
            await asyncio.wait({writing, leaving}, timeout=FAREWELL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (writing, leaving, ending):
            task.cancel()
        await asyncio.wait({writing, leaving, ending})
    if not writing.cancelled() and (error := writing.exception()) is not None and not isinstance(error, OSError):
        raise error


async def _write(stream: Stream, send: Send) -> None:
    while True:
        try:
            piece = await asyncio.wait_for(stream.next_frame(), HEARTBEAT_SECONDS)
        except TimeoutError:
            piece = b":\n\n"
        if piece is None:
            break
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"event: bye\ndata: {}\n\n", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Return when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        continue
