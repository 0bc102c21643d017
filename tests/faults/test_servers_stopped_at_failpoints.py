"""A month in which PostgreSQL is stopped -m immediate, or Redis killed, at every named point: the month is the same."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from cycles.failpoints import POINTS
from sop_portal.embedded import locations
from sop_portal.embedded.postgres import EmbeddedPostgres
from sop_portal.embedded.redis import EmbeddedRedis
from sop_portal.testing.databases import Clone, build_template, use_database
from tests.faults.conftest import Make
from tests.faults.forked import World, ending_of, workers_compute
from tests.faults.short_month import first_deed_after, walk, write_outcome

pytestmark = pytest.mark.long

HELD_SECONDS = 0.5
MONTH_SECONDS = 400.0
RUNNING_AGAIN_SECONDS = 60.0
#: Where things wait for a message; at all other points something is half written, and PostgreSQL is stopped.
REDIS_DIES_AT = {
    "run.claimed",
    "run.computed",
    "run.committed",
    "run.wake_up",
    "import.staged",
    "stage.half_approved",
}
#: Points that every run comes by: each is held at another run, because no run is let die more than three times.
SPREAD = ("run.claimed", "run.computed", "run.published", "run.committed", "import.half_applied")


class Servers:
    """A PostgreSQL and a Redis of this test's own, on ports that stay."""

    def __init__(self, home: Path) -> None:
        self.home, self.postgres, self.redis = home, EmbeddedPostgres(home, durable=True), EmbeddedRedis(home)
        self.postgres.start()
        self.redis.start()

    @property
    def urls(self) -> dict[str, str]:
        """Their addresses, as the environment would name them."""
        owner, app = self.postgres.url("sop_owner"), self.postgres.url("sop_app")
        return {"DATABASE_URL": app, "DATABASE_OWNER_URL": owner, "REDIS_URL": self.redis.url()}

    def stop_hard(self, point: str) -> None:
        """End the server whose turn it is at a point, as a crash would, and start it again."""
        server, signum = (self.redis, signal.SIGKILL) if point in REDIS_DIES_AT else (self.postgres, signal.SIGQUIT)
        assert server.process is not None
        server.process.send_signal(signum)
        server.process.wait(20)
        server.start(server.port)

    def remove(self) -> None:
        """End both and delete their files."""
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.home)


@pytest.fixture
def servers_of_my_own(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Servers]:
    """Servers that nobody else's tests use."""
    with django_db_blocker.unblock():
        made = Servers(locations.home("fault-servers"))
        yield made
        made.remove()


@pytest.fixture
def world(servers_of_my_own: Servers, servers: dict[str, str], tmp_path: Path) -> World:
    """An empty migrated database on them."""
    urls, before = servers_of_my_own.urls, str(connections["default"].settings_dict["NAME"])
    clone = Clone(urls, build_template(urls), 1)
    clone.create()
    use_database(before, servers)
    return World(urls, clone.name, tmp_path, broker=urls["REDIS_URL"])


def walk_and_tell(world: World, pack: Path) -> None:
    """Go on with the month and tell what came of it, how soon it went on after each stop."""
    with workers_compute():
        walk(pack)
    marks = {name: (world.folder / name).stat().st_mtime for name in POINTS if (world.folder / name).exists()}
    again = {name: first_deed_after(moment + HELD_SECONDS) for name, moment in marks.items()}
    write_outcome(world.folder / "outcome.json", again=again)


def walked(world: World, pack: Path, *, servers: Servers | None = None) -> dict[str, Any]:
    """Walk one month to its end with a worker; with `servers`, stop them whenever a new point is reached."""
    seen: set[str] = set()
    with world.worker():
        deadline = time.monotonic() + MONTH_SECONDS
        person = world.fork(lambda: walk_and_tell(world, pack), "person")
        while (code := ending_of(person)) != 0:
            assert time.monotonic() < deadline, world.said()
            reached = {name for name in POINTS if (world.folder / name).exists()} - seen
            for name in reached if servers is not None else ():
                servers.stop_hard(name)
            seen |= reached
            if code is not None:  # what the person asked for failed with the servers; they try again
                person = world.fork(lambda: walk_and_tell(world, pack), "person")
            time.sleep(0.02)
    return dict(json.loads((world.folder / "outcome.json").read_text()))


def test_servers_stopped_at_every_point(servers_of_my_own: Servers, world: World, make: Make, pack: Path) -> None:
    undisturbed = walked(make(), pack)
    reach = {name: 1 + 2 * SPREAD.index(name) if name in SPREAD else 1 for name in POINTS}
    world.orders = ", ".join(f"{name}=sleep:{HELD_SECONDS}@{reach[name]}" for name in POINTS)
    disturbed = walked(world, pack, servers=servers_of_my_own)
    again = disturbed.pop("again")
    for name, seconds in again.items():
        server = "Redis killed" if name in REDIS_DIES_AT else "PostgreSQL stopped -m immediate"
        print(f"{name}: {server}, going on {seconds or 0:.1f} s later")
    undisturbed.pop("again")
    assert set(again) == set(POINTS)
    assert max(seconds or 0 for seconds in again.values()) < RUNNING_AGAIN_SECONDS
    assert disturbed == undisturbed
