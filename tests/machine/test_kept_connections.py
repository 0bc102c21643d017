"""A request takes over the connection that an earlier one left, and only one on which nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection

from sop_portal import kept_connections
from sop_portal.kept_connections import KeptConnections

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[KeptConnections]:
    made = KeptConnections()
    yield made
    made.close()


def backend() -> int:
    """The number of the server's process behind this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def request(kept: KeptConnections, *work: Callable[[], object]) -> int:
    """One request in a thread of its own, as the web server does; which server process it had."""

    def answer() -> int:
        with kept.borrowed():
            number = backend()
            for act in work:
                act()
        return number

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(answer).result()


def begin() -> None:
    connection.set_autocommit(False)
    backend()


def fail() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT nothing_like_this")


def end_it() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_the_next_request_has_the_same_connection(kept: KeptConnections) -> None:
    first = request(kept)
    assert request(kept) == first == request(kept)


def test_a_thread_with_a_connection_of_its_own_keeps_it(kept: KeptConnections) -> None:
    before = backend()
    with kept.borrowed():
        assert backend() == before
    assert backend() == before != request(kept)


@pytest.mark.parametrize("what_happened", [begin, fail, end_it, lambda: connection.close()])
def test_what_a_request_left_behind_goes_to_nobody(kept: KeptConnections, what_happened: Callable[[], object]) -> None:
    first = request(kept, what_happened)
    assert request(kept) != first


def test_a_connection_that_the_server_ended_meanwhile_is_not_lent(kept: KeptConnections) -> None:
    first = request(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    assert request(kept) != first


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LIFE_SECONDS"])
def test_an_old_connection_is_not_lent(kept: KeptConnections, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = request(kept)
    monkeypatch.setattr(kept_connections, limit, 0)
    assert request(kept) != first


def test_a_connection_to_another_database_is_not_lent(kept: KeptConnections, monkeypatch: pytest.MonkeyPatch) -> None:
    first = request(kept)
    monkeypatch.setitem(connection.settings_dict, "NAME", "postgres")
    assert request(kept) != first


def test_no_more_are_kept_than_work_at_a_time(kept: KeptConnections, settings: LazySettings) -> None:
    settings.SOP_WEB_CONNECTIONS = 1
    inner: list[int] = []
    outer = request(kept, lambda: inner.append(request(kept)))
    assert outer != inner[0]
    assert request(kept) == inner[0]
