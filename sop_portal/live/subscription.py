"""The one Redis subscription of a web process."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator

from django.conf import settings
from redis import ConnectionError as RedisConnectionError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from sop_portal.live.events import Event, EventName, channel

log = logging.getLogger(__name__)
CONNECT_SECONDS = 2.0
MARK_SECONDS = 10.0
SILENT_SECONDS = 25.0


async def follow() -> AsyncIterator[Event]:
    """Every event of the channel, beginning with a mark of our own, until the connection breaks.

    A mark is published every `MARK_SECONDS`; when not even those arrive the connection is dead.

    Raises:
        RedisError, OSError: Redis is away, or has been silent for `SILENT_SECONDS`.
    """
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=SILENT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    async with client, client.pubsub(ignore_subscribe_messages=True) as subscription:
        await subscription.subscribe(channel())
        heard = time.monotonic()
        marked = -MARK_SECONDS
        while True:
            if time.monotonic() - marked >= MARK_SECONDS:
                marked = time.monotonic()
                await client.publish(channel(), Event(EventName.MARK).packed())
            message = await subscription.get_message(timeout=MARK_SECONDS)
            if message is not None:
                heard = time.monotonic()
                if (event := _event_of(message["data"])) is not None:
                    yield event
            elif time.monotonic() - heard > SILENT_SECONDS:
                raise RedisConnectionError("The subscription is silent.")


def _event_of(packed: bytes) -> Event | None:
    """The event of a message; one that is not ours is named in the log and left out."""
    try:
        return Event.unpacked(packed)
    except ValueError as error:
        log.warning("%s", error)
        return None
