"""A publisher whose Redis is away costs a request next to nothing, once; and it comes back by itself."""

from __future__ import annotations

import logging
import socket
import time
from typing import Any

import pytest

from sop_portal.live.events import Event, EventName
from sop_portal.live.publishing import PATIENCE_SECONDS, Publisher

EVENT = Event(EventName.EDITED, {"revision": 1}, 1)


def seconds_of(publisher: Publisher) -> float:
    """How long it takes not to publish."""
    began = time.monotonic()
    assert publisher.publish(EVENT) is False
    return time.monotonic() - began


def test_redis_away_is_tried_once_per_pause_and_logged_once(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publisher = Publisher(pause_seconds=0.2)
    with caplog.at_level(logging.INFO, "sop_portal.live.publishing"):
        assert seconds_of(publisher) < PATIENCE_SECONDS
        assert seconds_of(publisher) < 0.01, "nothing is tried in the pause"
        time.sleep(0.25)
        seconds_of(publisher)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_redis_that_accepts_and_is_silent_costs_the_patience_once(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        publisher = Publisher()
        assert PATIENCE_SECONDS * 0.9 < seconds_of(publisher) < PATIENCE_SECONDS * 4
        assert seconds_of(publisher) < 0.01


def test_it_publishes_again_when_redis_is_back(settings: Any, redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publisher = Publisher(pause_seconds=0.05)
    assert publisher.publish(EVENT) is False
    settings.REDIS_URL = redis_url
    assert publisher.publish(EVENT) is False, "still in the pause"
    time.sleep(0.06)
    with caplog.at_level(logging.INFO, "sop_portal.live.publishing"):
        assert publisher.publish(EVENT) is True
    assert caplog.records[-1].getMessage() == "Live events are published again."
