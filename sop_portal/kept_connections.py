"""Open connections between the requests of a process: opening one costs as much as a typed cell's whole work.

Under ASGI every request has a thread of its own, so Django's connections, which belong to a thread, die with each request.
Here a thread borrows an open one and leaves it behind. Never more are kept than requests work at a time.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

#: A connection that lay unused longer is closed instead of lent: a network may have forgotten it without a word.
IDLE_SECONDS = 60
#: A connection is opened anew, and its role judged anew, after this long.
LIFE_SECONDS = 10 * 60
ADDRESS = (("NAME", "dbname"), ("HOST", "host"), ("PORT", "port"), ("USER", "user"))


@dataclass(frozen=True)
class _Kept:
    connection: BaseDatabaseWrapper
    opened_at: float
    left_at: float

    def is_good(self) -> bool:
        """Whether it may be lent: young, to the right database, and nothing was said on it, which would be its end."""
        raw, now, told = self.connection.connection, time.monotonic(), self.connection.settings_dict
        if raw.closed or now - self.left_at > IDLE_SECONDS or now - self.opened_at > LIFE_SECONDS:
            return False
        here = raw.info.dsn_parameters
        if any(str(told[name] or "") != here.get(key, "") for name, key in ADDRESS):
            return False
        waiting = select.poll()
        waiting.register(raw.fileno(), select.POLLIN)
        return not waiting.poll(0)


class KeptConnections:
    """At most `SOP_WEB_CONNECTIONS` open connections that wait for the next request of this process."""

    def __init__(self) -> None:
        """Nothing is opened before a request needs it."""
        self._free: deque[_Kept] = deque()

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """Lend this thread a connection, and keep the one that it has at the end.

        A thread that came with connections of its own (a test's, a command's) only has them closed, except inside a
        transaction that began before.
        """
        if connections.all(initialized_only=True):
            try:
                yield
            finally:
                _close_all()
            return
        opened_at = time.monotonic()
        if (kept := self._take()) is not None:
            connections[DEFAULT_DB_ALIAS], opened_at = kept.connection, kept.opened_at
        try:
            yield
        finally:
            self._leave(opened_at)

    def close(self) -> None:
        """Close what is kept."""
        while self._free:
            self._free.pop().connection.close()

    def _take(self) -> _Kept | None:
        while self._free:
            try:
                kept = self._free.pop()
            except IndexError:
                return None
            if kept.is_good():
                return kept
            kept.connection.close()
        return None

    def _leave(self, opened_at: float) -> None:
        mine = {connection.alias: connection for connection in connections.all(initialized_only=True)}
        connection = mine.pop(DEFAULT_DB_ALIAS, None)
        for other in mine.values():
            other.close()
        if connection is None:
            return
        if not _is_clean(connection) or len(self._free) >= settings.SOP_WEB_CONNECTIONS:
            connection.close()
            return
        del connections[DEFAULT_DB_ALIAS]
        if not connection.allow_thread_sharing:
            connection.inc_thread_sharing()
        self._free.append(_Kept(connection, opened_at, time.monotonic()))


KEPT = KeptConnections()


def _is_clean(connection: BaseDatabaseWrapper) -> bool:
    """Whether nothing of the request is left on it: open, no transaction, no error, nothing waiting for a commit."""
    return (
        connection.connection is not None
        and not connection.connection.closed
        and connection.connection.info.transaction_status == TRANSACTION_STATUS_IDLE
        and not connection.in_atomic_block
        and not connection.errors_occurred
        and not connection.run_on_commit
        and bool(connection.get_autocommit())
    )


def _close_all() -> None:
    """Close this thread's connections, except one inside a transaction that began before the request (a test's)."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
