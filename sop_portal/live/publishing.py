"""Publishing one event: at most a quarter of a second, and not at all for a while after Redis was away."""

from __future__ import annotations

import logging
import threading
import time

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from sop_portal.live.events import Event, channel

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 0.25
PAUSE_SECONDS = 5.0


class Publisher:
    """Sends events to Redis. A failure is logged once and opens a pause in which nothing is tried.

    A lost event costs nobody anything but time: pages compare revisions when their stream comes back, and ask again
    by themselves while it is away.
    """

    def __init__(self, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Nothing is connected before the first event."""
        self._pause_seconds = pause_seconds
        self._paused_until = 0.0
        self._is_away = False
        self._clients: dict[str, redis.Redis] = {}
        self._lock = threading.Lock()

    def publish(self, event: Event) -> bool:
        """Send one event now; False when it was not sent."""
        if time.monotonic() < self._paused_until:
            return False
        try:
            self._client().publish(channel(), event.packed())
        except (redis.RedisError, OSError) as error:
            self._note_failure(error)
            return False
        if self._is_away:
            self._is_away = False
            log.info("Live events are published again.")
        return True

    def _note_failure(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + self._pause_seconds
        if not self._is_away:
            self._is_away = True
            log.warning("Live events are not published, pages ask by themselves: %s", type(error).__name__)

    def _client(self) -> redis.Redis:
        url = settings.REDIS_URL
        with self._lock:
            if url not in self._clients:
                self._clients[url] = redis.Redis.from_url(
                    url,
                    socket_connect_timeout=PATIENCE_SECONDS,
                    socket_timeout=PATIENCE_SECONDS,
                    retry=Retry(NoBackoff(), 0),
                )
            return self._clients[url]


PUBLISHER = Publisher()


def publish_on_commit(event: Event) -> None:
    """Publish when the running transaction commits, at once outside of one; nothing when live pages are off."""
    if settings.SOP_LIVE:
        transaction.on_commit(lambda: PUBLISHER.publish(event), robust=True)
