"""Who has a plan open, and in which row they are: kept in Redis for seconds, told by the live stream, never stored."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry

from cycles.models import Plan, User
from cycles.signals import person_moved

log = logging.getLogger(__name__)
PRESENT_SECONDS = 25
PATIENCE_SECONDS = 0.25
PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class Presence:
    """One window on a plan: whose, in which row of the grid ('' = none), and whether they are typing there."""

    session: str
    name: str
    row: str
    editing: bool


class PresenceStore:
    """Windows per plan in one Redis hash. When Redis is away nobody is seen for a while, and nothing fails."""

    def __init__(self) -> None:
        """Nothing is connected before the first window."""
        self._paused_until = 0.0
        self._clients: dict[str, redis.Redis] = {}
        self._lock = threading.Lock()

    def note(self, key: str, window: Presence) -> list[Presence] | None:
        """Keep a window for `PRESENT_SECONDS`; return all windows as they were before, None when nobody can be seen."""
        packed = json.dumps({**asdict(window), "at": time.time()})
        return self._ask(key, lambda pipe: pipe.hset(key, window.session, packed))

    def forget(self, key: str, session: str) -> None:
        """Take a window away."""
        self._ask(key, lambda pipe: pipe.hdel(key, session))

    def _ask(self, key: str, change: Callable[[Pipeline], object]) -> list[Presence] | None:
        if time.monotonic() < self._paused_until:
            return None
        try:
            with self._client().pipeline(transaction=False) as pipe:
                pipe.hgetall(key)
                change(pipe)
                pipe.expire(key, 2 * PRESENT_SECONDS)
                held, *_ = pipe.execute()
        except (redis.RedisError, OSError) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("Who else is in the plan is not known for a while: %s", type(error).__name__)
            return None
        rows = [json.loads(packed) for packed in held.values()]
        fresh = [row for row in rows if row.pop("at") > time.time() - PRESENT_SECONDS]
        return sorted((Presence(**row) for row in fresh), key=lambda window: (window.name, window.session))

    def _client(self) -> redis.Redis:
        with self._lock:
            if settings.REDIS_URL not in self._clients:
                self._clients[settings.REDIS_URL] = redis.Redis.from_url(
                    settings.REDIS_URL,
                    socket_connect_timeout=PATIENCE_SECONDS,
                    socket_timeout=PATIENCE_SECONDS,
                    retry=Retry(NoBackoff(), 0),
                )
            return self._clients[settings.REDIS_URL]


STORE = PresenceStore()


def note_presence(*, plan: Plan, actor: User, session: str, row: str, editing: bool) -> list[Presence]:
    """Say that somebody has a window on a plan; tells the others when it moved, and returns theirs.

    Nothing while live pages are off. A second call moves the window; it is forgotten `PRESENT_SECONDS` after the last one.
    """
    if not settings.SOP_LIVE:
        return []
    window = Presence(session, actor.get_full_name() or actor.get_username(), row, editing)
    before = STORE.note(_key(plan), window)
    if before is None:
        return []
    if window not in before:
        person_moved.send(sender=Plan, plan_id=plan.pk, window={**asdict(window), "gone": False})
    return [other for other in before if other.session != session]


def end_presence(*, plan: Plan, actor: User, session: str) -> None:
    """Say that a window was closed; a second call changes nothing."""
    if settings.SOP_LIVE:
        STORE.forget(_key(plan), session)
        gone = Presence(session, actor.get_full_name() or actor.get_username(), "", False)
        person_moved.send(sender=Plan, plan_id=plan.pk, window={**asdict(gone), "gone": True})


def _key(plan: Plan) -> str:
    database = settings.DATABASES["default"]
    return f"sop-present:{database.get('HOST', '')}:{database.get('PORT', '')}:{database['NAME']}:{plan.pk}"
