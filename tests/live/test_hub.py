"""The hub alone: who hears what, what a returning browser is told, and who is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sop_portal.live import hub as hub_module
from sop_portal.live.events import Event, EventName
from sop_portal.live.hub import Hub, NoRoom, Stream, Ticket

ANN, BOB = 1, 2
PLAN, OTHER_PLAN = 10, 11


def in_loop(test: Callable[[Hub], Awaitable[None]]) -> None:
    """Run a test inside an event loop with a hub of its own."""

    async def run() -> None:
        await test(Hub(most_streams=3, most_per_user=2))

    asyncio.run(run())


def waiting(stream: Stream) -> list[str]:
    """Names of the events that wait in a stream, in order, without its greeting."""
    lines = b"".join(stream._frames).decode().splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")][1:]


def join(hub: Hub, *, user: int = ANN, plan: int = PLAN, last: str = "") -> Stream:
    return hub.join(Ticket(user, plan, revision=1), place=hub.place(), last=last)


def test_an_event_of_a_plan_reaches_those_who_look_at_it() -> None:
    async def test(hub: Hub) -> None:
        mine, other = join(hub), join(hub, plan=OTHER_PLAN)
        hub.spread(Event(EventName.EDITED, {"revision": 2}, PLAN))
        hub.spread(Event(EventName.IMPORTED, {"dataset": "sales"}))
        assert waiting(mine) == ["edited", "imported"]
        assert waiting(other) == ["imported"]

    in_loop(test)


def test_a_notification_reaches_its_people_only_and_names_nobody() -> None:
    async def test(hub: Hub) -> None:
        ann, bob = join(hub, user=ANN), join(hub, user=BOB)
        hub.spread(Event(EventName.NOTIFIED, user_ids=frozenset({BOB})))
        assert (waiting(ann), waiting(bob)) == ([], ["notified"])
        assert bob._frames[-1].endswith(b"event: notified\ndata: {}\n\n")

    in_loop(test)


def test_a_change_of_access_ends_the_streams_of_that_person_at_once() -> None:
    async def test(hub: Hub) -> None:
        ann, bob = join(hub, user=ANN), join(hub, user=BOB)
        hub.spread(Event(EventName.ACCESS, user_ids=frozenset({ANN})))
        assert (ann.ended.is_set(), bob.ended.is_set()) == (True, False)
        assert await ann.next_frame() is None, "what waited for somebody without access is not read any more"
        assert waiting(bob) == []

    in_loop(test)


def test_a_returning_browser_gets_what_happened_since_its_last_event() -> None:
    async def test(hub: Hub) -> None:
        for revision in (2, 3, 4):
            hub.spread(Event(EventName.EDITED, {"revision": revision}, PLAN, key=f"k{revision}"))
        back = join(hub, last="k2")
        assert waiting(back) == ["edited", "edited"]
        assert b'"missed":false' in back._frames[1]

    in_loop(test)


def test_a_browser_whose_last_event_is_unknown_is_told_that_it_missed_something() -> None:
    async def test(hub: Hub) -> None:
        hub.spread(Event(EventName.EDITED, {"revision": 2}, PLAN))
        back = join(hub, last="of-another-time")
        assert b'"missed":true' in back._frames[1]
        assert waiting(back) == []

    in_loop(test)


def test_what_happens_between_place_and_join_is_not_lost() -> None:
    async def test(hub: Hub) -> None:
        place = hub.place()
        hub.spread(Event(EventName.EDITED, {"revision": 2}, PLAN))
        assert waiting(hub.join(Ticket(ANN, PLAN, 1), place=place)) == ["edited"]

    in_loop(test)


def test_a_slow_reader_is_dropped_and_the_others_go_on() -> None:
    async def test(hub: Hub) -> None:
        slow, quick = join(hub), join(hub)
        for revision in range(hub_module.WAITING_FRAMES):
            hub.spread(Event(EventName.EDITED, {"revision": revision}, PLAN))
            while quick._frames:
                await quick.next_frame()
        assert (slow.ended.is_set(), quick.ended.is_set()) == (True, False)
        assert await slow.next_frame() is None

    in_loop(test)


def test_caps_per_person_and_per_process() -> None:
    async def test(hub: Hub) -> None:
        first = join(hub)
        join(hub)
        with pytest.raises(NoRoom, match="More than 2 live pages of one person"):
            join(hub)
        join(hub, user=BOB)
        with pytest.raises(NoRoom, match="Too many live pages in this process"):
            join(hub, user=BOB)
        hub.leave(first)
        hub.leave(first)
        assert len(hub) == 2
        join(hub)

    in_loop(test)


def test_an_ending_hub_ends_every_stream_and_takes_none() -> None:
    async def test(hub: Hub) -> None:
        streams = [join(hub), join(hub)]
        hub.end()
        assert all(stream.ended.is_set() for stream in streams)
        with pytest.raises(NoRoom, match="ending"):
            join(hub)

    in_loop(test)


def test_a_stream_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LIFETIME_SECONDS", (0.05, 0.1))

    async def test(hub: Hub) -> None:
        await asyncio.wait_for(join(hub).ended.wait(), 2)

    in_loop(test)


def test_reauthorisation_comes_within_a_minute() -> None:
    """The longest life of a stream, and the longest pause before a browser is back, together."""
    longest = max(hub_module.LIFETIME_SECONDS) + max(hub_module.RETRY_MILLISECONDS) / 1000
    assert longest < 60
