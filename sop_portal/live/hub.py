"""One hub per web process: one Redis subscription in, one bounded queue per browser out. Lives in the event loop."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from dataclasses import dataclass

from redis import RedisError

from sop_portal.live.ending import before_the_server_ends
from sop_portal.live.events import Detail, Event, EventName, frame
from sop_portal.live.subscription import follow

log = logging.getLogger(__name__)
RING_EVENTS = 500
WAITING_FRAMES = 200
LIFETIME_SECONDS = (35.0, 45.0)
RETRY_MILLISECONDS = (500, 2500)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
CALL_BACK_SECONDS = 2.0


class NoRoom(Exception):
    """Too many streams, of this person or of this process, or the process ends; says so in words."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a stream belongs to and what they look at, as authorised at connect.

    `revision` and `running` (ids of unfinished runs) are the plan's at that moment; a page compares them with its own.
    """

    user_id: int
    plan_id: int
    revision: int
    running: tuple[int, ...] = ()


class Stream:
    """One browser's queue. It is filled by the hub and emptied by whoever writes to the browser."""

    def __init__(self, ticket: Ticket) -> None:
        """An open, empty stream."""
        self.ticket = ticket
        self.ended = asyncio.Event()
        self._frames: deque[bytes] = deque()
        self._moved = asyncio.Event()

    def offer(self, piece: bytes) -> None:
        """Add one frame; a reader who is too far behind is dropped, and comes back by himself."""
        if len(self._frames) >= WAITING_FRAMES:
            log.warning("A live stream of user %s is read too slowly; it is closed.", self.ticket.user_id)
            self.end(flush=False)
        elif not self.ended.is_set():
            self._frames.append(piece)
            self._moved.set()

    def end(self, *, flush: bool = True) -> None:
        """Take nothing more; with `flush` what waits is still read."""
        if not flush:
            self._frames.clear()
        self.ended.set()
        self._moved.set()

    async def next_frame(self) -> bytes | None:
        """The next frame as soon as there is one, None at the end."""
        while not self._frames:
            if self.ended.is_set():
                return None
            self._moved.clear()
            await self._moved.wait()
        return self._frames.popleft()


class Hub:
    """Spreads what Redis says over the streams of this process, and remembers the latest for those who come back.

    `RING_EVENTS` are kept. Each hub publishes a mark when it has subscribed and every few seconds after, so that the
    rings of all processes always have a place in common: a browser may come back to any of them.
    """

    def __init__(self, *, most_streams: int, most_per_user: int) -> None:
        """No task and no connection before the first stream."""
        self.is_up = asyncio.Event()
        self.is_ending = False
        self._most_streams, self._most_per_user = most_streams, most_per_user
        self._streams: set[Stream] = set()
        self._of_user: Counter[int] = Counter()
        self._ring: deque[Event] = deque(maxlen=RING_EVENTS)
        self._listening: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def start(self) -> None:
        """Begin to listen in the running loop, once."""
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen(), name="live-hub")
            before_the_server_ends(self.end)

    async def wait_until_up(self, seconds: float) -> bool:
        """Give the first subscription a moment; False when Redis is away."""
        try:
            await asyncio.wait_for(self.is_up.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def place(self) -> str:
        """Key of the newest event, '' when there is none."""
        return self._ring[-1].key if self._ring else ""

    def refuse_when_full(self) -> None:
        """Raise `NoRoom` when this process takes no further stream."""
        if self.is_ending:
            raise NoRoom("This process is ending; connect again.")
        if len(self._streams) >= self._most_streams:
            raise NoRoom("Too many live pages in this process; the page asks by itself instead.")

    def join(self, ticket: Ticket, *, place: str, last: str = "") -> Stream:
        """Open a stream: a greeting, what happened since `last` (or since `place`), then whatever happens.

        Args:
            ticket: as authorised.
            place: the newest event before the ticket was made; nothing after it is lost.
            last: key of the last event that the browser had; unknown here, the greeting says `missed`.

        Raises:
            NoRoom: by the caps on streams.
        """
        self.refuse_when_full()
        if self._of_user[ticket.user_id] >= self._most_per_user:
            raise NoRoom(f"More than {self._most_per_user} live pages of one person; close some.")
        known = [event.key for event in self._ring]
        missed = bool(last) and last not in known
        since = last if last in known else place
        stream = Stream(ticket)
        stream.offer(f"retry: {random.randint(*RETRY_MILLISECONDS)}\n\n".encode())
        stream.offer(self._greeting(ticket, missed=missed, key=since))
        for event in list(self._ring)[known.index(since) + 1 if since in known else 0 :]:
            self._offer(stream, event)
        self._streams.add(stream)
        self._of_user[ticket.user_id] += 1
        asyncio.get_running_loop().call_later(random.uniform(*LIFETIME_SECONDS), stream.end)
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream; a second call changes nothing."""
        if stream in self._streams:
            self._streams.discard(stream)
            self._of_user[stream.ticket.user_id] -= 1
            stream.end(flush=False)

    def spread(self, event: Event) -> None:
        """Give an event to everybody whom it concerns; a change of access ends the streams of those people."""
        self._ring.append(event)
        for stream in list(self._streams):
            if event.name == EventName.ACCESS and stream.ticket.user_id in event.user_ids:
                stream.end(flush=False)
            else:
                self._offer(stream, event)

    def end(self) -> None:
        """End all streams and take no new one; the process is about to end."""
        self.is_ending = True
        for stream in list(self._streams):
            stream.end(flush=False)
        if self._listening is not None:
            self._listening.cancel()

    def _offer(self, stream: Stream, event: Event) -> None:
        ticket = stream.ticket
        if event.concerns(plan_id=ticket.plan_id, user_id=ticket.user_id):
            stream.offer(event.frame())

    def _greeting(self, ticket: Ticket, *, missed: bool, key: str) -> bytes:
        running = ",".join(str(run_id) for run_id in ticket.running)
        detail: Detail = {"revision": ticket.revision, "running": running, "missed": missed, "up": self.is_up.is_set()}
        return frame("hello", detail, key=key)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async for event in follow():
                    if not self.is_up.is_set():
                        pause = FIRST_PAUSE_SECONDS
                        self._come_back()
                    self.spread(event)
            except (RedisError, OSError) as error:
                self._lose(error)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _lose(self, error: Exception) -> None:
        """Redis is away: pages are told, and ask by themselves until it is back."""
        if self.is_up.is_set():
            log.warning("Live events have stopped, pages ask by themselves: %s", type(error).__name__)
            self.is_up.clear()
            for stream in list(self._streams):
                stream.offer(frame("away", {}))

    def _come_back(self) -> None:
        """Redis is there (again): nobody knows what was missed, so whoever waited connects anew and compares."""
        self._ring.clear()
        self.is_up.set()
        if self._streams:
            log.info("Live events have begun again.")
        for stream in list(self._streams):
            asyncio.get_running_loop().call_later(random.uniform(0, CALL_BACK_SECONDS), stream.end)
