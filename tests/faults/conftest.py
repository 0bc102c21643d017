"""Databases for tests that kill processes: worlds of their own, copied from one prepared month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from sop_portal.testing.databases import Clone, build_template, use_database
from tests.faults.forked import World, ended_as
from tests.faults.short_month import open_demand
from tests.headless.tiny_pack import write_tiny_pack

BESIDE = 600

Make = Callable[..., World]


@pytest.fixture(scope="module")
def make(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    servers: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Make]:
    """Makes worlds with an empty migrated database, or with a copy of another world's."""
    with django_db_blocker.unblock():
        before, clones = str(connections["default"].settings_dict["NAME"]), []
        template = build_template(servers)

        def world(like: str = template) -> World:
            clones.append(Clone(servers, like, BESIDE + len(clones)))
            clones[-1].create()
            use_database(before, servers)
            return World(servers, clones[-1].name, tmp_path_factory.mktemp("world"))

        yield world
        for clone in clones:
            clone.drop()
        use_database(before, servers)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the tiny company."""
    return write_tiny_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def in_demand(make: Make, pack: Path) -> str:
    """The name of a database in which the demand stage is open and the baseline is there."""
    world = make()
    assert ended_as(world.fork(lambda: open_demand(pack), "person")) == 0, world.said()
    return world.database
