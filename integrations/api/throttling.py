"""How often a key may knock: counted in Redis, so that all web processes count together."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from integrations.models import ApiKey

REQUESTS = 600
WINDOW_SECONDS = 60
PATIENCE_SECONDS = 0.5
logger = logging.getLogger(__name__)


class PerKeyThrottle(BaseThrottle):
    """So many requests per key and minute of the clock. Without Redis a key is let through, and the log says so."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this request is still among those allowed; requests without a key were refused before."""
        if not isinstance(request.auth, ApiKey):
            return True
        try:
            return count_request(request.auth.prefix, now=time.time()) <= REQUESTS
        except redis.RedisError as error:
            logger.warning("Requests of machine keys are not counted: %s", type(error).__name__)
            return True

    def wait(self) -> float:
        """Seconds until the next window opens."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS


def count_request(prefix: str, *, now: float) -> int:
    """Count one request of a key and return how many its window has seen, this one included.

    Args:
        prefix: which key.
        now: seconds since the epoch; the window is the minute it lies in.

    Raises:
        redis.RedisError: Redis is away, full or slow.
    """
    name = f"sop:api:{prefix}:{int(now // WINDOW_SECONDS)}"
    pipe = _client(settings.REDIS_URL).pipeline(transaction=True)
    pipe.incr(name)
    pipe.expire(name, 2 * WINDOW_SECONDS)
    count: int = pipe.execute()[0]
    return count


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    """One pool of connections per process and address."""
    return redis.Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
