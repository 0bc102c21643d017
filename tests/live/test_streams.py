"""A web process with real streams, PostgreSQL and Redis: who gets in, what arrives, how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from cycles.models import Plan, User
from cycles.services.plans import bump_revision, lock_plan
from sop_portal.embedded.processes import wait_until
from sop_portal.kept_connections import KEPT
from sop_portal.live import hub as hub_module
from tests.cast import Cast
from tests.live.conftest import cookie_of
from tests.live.reader import Reader
from tests.live.serving import Serving

Read = Callable[..., Reader]


def edit(plan: Plan, actor: User) -> int:
    """One entry of the ledger; its revision."""
    with transaction.atomic():
        return bump_revision(lock_plan(plan.pk), ledger="demand", actor=actor)


def test_an_edit_arrives_in_every_process(serve: Serving, read: Read, plan: Plan, cast: Cast) -> None:
    readers = [read(serve().port, cast.viewer, plan.number), read(serve().port, cast.finance, plan.number)]
    for reader in readers:
        assert reader.wait_for("hello").detail == {"revision": 0, "running": "", "missed": False, "up": True}
    revision = edit(plan, cast.demand_planner)
    for reader in readers:
        heard = reader.wait_for("edited")
        assert heard.detail == {"revision": revision, "ledger": "demand", "by": cast.demand_planner.pk}


@pytest.mark.long
def test_a_browser_comes_back_to_another_process_and_has_missed_nothing(
    serve: Serving, read: Read, plan: Plan, cast: Cast
) -> None:
    first, second = serve(), serve()
    read(second.port, cast.viewer, plan.number).wait_for("hello")  # the second process listens already
    away = read(first.port, cast.finance, plan.number)
    away.wait_for("hello")
    edit(plan, cast.demand_planner)
    away.wait_for("edited")
    away.close()
    revision = edit(plan, cast.demand_planner)
    assert wait_until(lambda: second.hub._ring[-1].detail.get("revision") == revision, timeout_seconds=5)
    back = read(second.port, cast.finance, plan.number, last=away.last)
    assert back.wait_for("edited").detail["revision"] == revision
    assert back.names() == ["hello", "edited"]
    assert back.heard[0].detail["missed"] is False


def test_headers_keep_proxies_from_waiting_and_caches_from_keeping(
    serve: Serving, read: Read, plan: Plan, cast: Cast
) -> None:
    reader = read(serve().port, cast.viewer, plan.number)
    reader.wait_for("hello")
    assert reader.headers["content-type"] == "text/event-stream"
    assert reader.headers["x-accel-buffering"] == "no"
    assert "no-store" in reader.headers["cache-control"]
    assert "content-length" not in reader.headers
    assert "default-src 'none'" in reader.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("who", "number", "status"),
    [(None, None, 401), ("outsider", None, 404), ("viewer", "PLAN-1999-01", 404), ("viewer", "", 404)],
)
def test_who_does_not_get_in(
    serve: Serving, read: Read, plan: Plan, cast: Cast, who: str | None, number: str | None, status: int
) -> None:
    served = serve()
    reader = read(served.port, getattr(cast, who) if who else None, plan.number if number is None else number)
    reader.wait_until_ended()
    assert (reader.statuses, len(served.hub)) == ([status], 0)


def test_a_server_that_cannot_stream_tells_the_browser_to_stay_away(plan: Plan, cast: Cast, settings: Any) -> None:
    settings.SOP_LIVE = True
    client = Client()
    assert client.get(f"/live/?plan={plan.number}").status_code == 401
    client.force_login(cast.viewer)
    assert client.get(f"/live/?plan={plan.number}").status_code == 204
    assert client.post(f"/live/?plan={plan.number}").status_code == 405


@pytest.mark.long
def test_one_stream_too_many_is_refused_with_a_time_to_come_back(
    serve: Serving, read: Read, plan: Plan, cast: Cast
) -> None:
    served = serve(most_per_user=1)
    read(served.port, cast.viewer, plan.number).wait_for("hello")
    refused = read(served.port, cast.viewer, plan.number)
    refused.wait_until_ended()
    assert (refused.statuses, refused.headers["retry-after"]) == ([503], "30")
    read(served.port, cast.finance, plan.number).wait_for("hello")


@pytest.mark.long
def test_a_disabled_person_is_out_at_once_and_stays_out(serve: Serving, read: Read, plan: Plan, cast: Cast) -> None:
    served = serve()
    reader = read(served.port, cast.viewer, plan.number, returns=True)
    other = read(served.port, cast.finance, plan.number, returns=True)
    reader.wait_for("hello")
    other.wait_for("hello")
    User.objects.get(pk=cast.viewer.pk)
    cast.viewer.is_active = False
    cast.viewer.save()
    assert wait_until(lambda: reader.statuses == [200, 401], timeout_seconds=10), reader.statuses
    assert (other.is_open, other.statuses) == (True, [200])


@pytest.mark.long
def test_without_an_event_the_end_of_a_stream_puts_a_disabled_person_out(
    serve: Serving, read: Read, plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`update` sends no signal. The control: a stream whose life is not over goes on."""
    served = serve()
    lasting = read(served.port, cast.viewer, plan.number, returns=True)
    lasting.wait_for("hello")
    monkeypatch.setattr(hub_module, "LIFETIME_SECONDS", (1.0, 1.2))
    ending = read(served.port, cast.viewer, plan.number, returns=True)
    ending.wait_for("hello")
    User.objects.filter(pk=cast.viewer.pk).update(is_active=False)
    assert wait_until(lambda: ending.statuses == [200, 401], timeout_seconds=8), ending.statuses
    assert (lasting.is_open, lasting.statuses) == (True, [200])


@pytest.mark.long
def test_signing_out_ends_the_stream_of_that_session(serve: Serving, read: Read, plan: Plan, cast: Cast) -> None:
    served = serve()
    client = Client()
    client.force_login(cast.viewer)
    reader = read(served.port, cast.viewer, plan.number, returns=True)
    name, _, value = reader.cookie.partition("=")
    reader.wait_for("hello")
    client.cookies[name] = value
    client.post("/logout/")
    assert wait_until(lambda: reader.statuses == [200, 401], timeout_seconds=10), reader.statuses


@pytest.mark.long
def test_redis_away_is_told_and_when_it_is_back_everybody_connects_anew(
    serve: Serving, read: Read, plan: Plan, cast: Cast, settings: Any
) -> None:
    """Redis itself is killed in tests/faults; here its address is wrong for a while."""
    right, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    reader = read(serve().port, cast.viewer, plan.number, returns=True)
    assert reader.wait_for("hello").detail["up"] is False
    settings.REDIS_URL = right
    assert reader.wait_for("hello", up=True, seconds=15).detail["up"] is True
    edit(plan, cast.demand_planner)
    reader.wait_for("edited")


@pytest.mark.long
def test_open_streams_hold_no_database_connection_and_no_thread(
    serve: Serving, read: Read, plan: Plan, cast: Cast
) -> None:
    def connections() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    served = serve()
    read(served.port, cast.viewer, plan.number).wait_for("hello")
    threads = threading.active_count()
    readers = [read(served.port, cast.viewer, plan.number) for _ in range(12)]
    for reader in readers:
        reader.wait_for("hello")

    def none_but_the_kept() -> bool:
        KEPT.close()  # these wait for the next requests, no stream holds them
        return connections() == 0

    assert wait_until(none_but_the_kept, timeout_seconds=5), connections()
    assert wait_until(lambda: threading.active_count() <= threads + len(readers), timeout_seconds=5)


@pytest.mark.long
def test_an_unattended_page_does_not_keep_a_session_alive(
    serve: Serving, read: Read, plan: Plan, cast: Cast, settings: Any
) -> None:
    cookie = cookie_of(cast.viewer)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie.partition("=")[2]
    before = client.session.get_expiry_date()
    assert client.get(f"/live/?plan={plan.number}").status_code == 204
    assert "session_seen" not in client.session
    client.get("/cycles/")
    assert "session_seen" in client.session
    assert client.session.get_expiry_date() >= before
