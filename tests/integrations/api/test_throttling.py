"""Requests of a key are counted over all processes; Redis away lets them through and says so."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import Any

import pytest
import redis

from integrations.api import throttling
from integrations.api.throttling import WINDOW_SECONDS, count_request
from sop_portal.embedded.locations import CHECKOUT
from tests.integrations.frozen import Frozen, frozen_plan

pytestmark = pytest.mark.django_db
LATEST = "/api/v1/plans/approved/latest"
NOON = 1_793_620_800.0


@pytest.fixture
def frozen(settings: Any, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Frozen:
    """A frozen plan and a key, in a minute that stands still; nothing is counted yet."""
    settings.REDIS_URL = redis_url
    monkeypatch.setattr(throttling.time, "time", lambda: NOON)
    made = frozen_plan()
    with redis.Redis.from_url(redis_url) as client:
        for name in client.scan_iter("sop:api:*"):
            client.delete(name)
    return made


def test_one_too_many_is_told_when_to_come_back(frozen: Frozen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "REQUESTS", 2)
    answers = [frozen.client().get(LATEST) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= WINDOW_SECONDS + 1


def test_the_next_minute_begins_anew(frozen: Frozen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "REQUESTS", 1)
    assert [frozen.client().get(LATEST).status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr(throttling.time, "time", lambda: NOON + WINDOW_SECONDS)
    assert frozen.client().get(LATEST).status_code == 200


def test_keys_do_not_count_for_each_other(frozen: Frozen) -> None:
    assert [count_request("a", now=NOON), count_request("a", now=NOON), count_request("b", now=NOON)] == [1, 2, 1]


@pytest.mark.long
def test_another_process_counts_along(frozen: Frozen, redis_url: str) -> None:
    code = f"import django; django.setup(); from integrations.api.throttling import count_request; print(count_request('a', now={NOON}))"
    environment = {**os.environ, "REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "sop_portal.settings"}
    count_request("a", now=NOON)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )
    assert (int(done.stdout), count_request("a", now=NOON)) == (2, 3)


def test_a_counter_goes_by_itself(frozen: Frozen, redis_url: str) -> None:
    count_request("a", now=NOON)
    with redis.Redis.from_url(redis_url) as client:
        (name,) = client.scan_iter("sop:api:a:*")
        assert 0 < client.ttl(name) <= 2 * WINDOW_SECONDS


def test_without_redis_a_key_is_let_through_and_it_is_told(
    frozen: Frozen, settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "REQUESTS", 0)
    assert frozen.client().get(LATEST).status_code == 429
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with caplog.at_level(logging.WARNING, logger="integrations.api.throttling"):
        assert frozen.client().get(LATEST).status_code == 200
    assert "not counted: ConnectionError" in caplog.text
