"""Lines of the log: JSON with ids; nothing that somebody typed, no figure, no secret, whatever goes well or wrong."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import structlog
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from cycles.models import AuditRow
from cycles.services.runs import drain_runs
from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key
from sop_portal.log_context import RequestLines, keep_ids
from sop_portal.logs import LEFT_OUT, configure, logging_config, without_values
from tests.cast import PASSWORD
from tests.demand.scene import FIRST, make_scene

UNITS, PRICE, AMOUNT, BUDGET = "40404", "7171.71", "-90909.09", "313131"
WORDS = "zanzibar"
TYPED = (UNITS, PRICE, AMOUNT, BUDGET, WORDS, PASSWORD, "wrong-guess-of-somebody")
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What production would write to standard error."""
    stream = io.StringIO()
    configure(logging_config(level="INFO", as_json=True))
    ours = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler)
        and isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]
    ours[0].setStream(stream)
    yield stream
    configure(django_settings.LOGGING)


@pytest.fixture
def lines(written: io.StringIO) -> Lines:
    """The lines so far, parsed: a line that is no JSON fails the test."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.django_db
def test_a_round_of_work_leaves_ids_and_no_value(written: io.StringIO, lines: Lines, settings: Any) -> None:
    """Sign in (also wrongly), search, edit, hand a file in and apply it, adjust, pull by key: what was typed is not told."""
    settings.SOP_WAKE_WORKERS = False
    scene = make_scene()
    token = issue_key(wish=KeyWish("ERP", list(Scope)), actor=scene.cast.admin).token
    client = Client()
    client.post("/login/", {"username": "demand_planner", "password": "wrong-guess-of-somebody"})
    client.post("/login/", {"username": "demand_planner", "password": PASSWORD})
    assert client.get(f"/cycles/search/?q={WORDS}").status_code == 200
    assert edit(client, scene).status_code == 200
    budget = f"channel,name\nONLINE,{WORDS} {PRICE}\nOTHER,{BUDGET}\n".encode()
    batch = client.post("/cycles/imports/", {"dataset": "channels", "file": SimpleUploadedFile("c.csv", budget)})
    client.post(f"{batch['Location']}apply/")
    drain_runs()
    finance = Client()
    finance.force_login(scene.cast.finance)
    wish = {"title": WORDS, "kind": "risk", "measure": "revenue", "amount": AMOUNT, "reason": WORDS}
    finance.post(reverse("finance:adjust", args=["2014-01"]), wish)
    Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/plans/approved/latest")
    Client(headers={"authorization": f"Bearer {token}x"}).get("/api/v1/plans/approved/latest")

    told = [line for line in lines() if line["event"] == "request_finished"]
    assert len(told) == 9
    assert all(line["request_id"] and "user_id" in line and line["ip"] for line in told)
    assert [line["plan"] for line in told if "/demand/" in line["request"]] == ["2014-01"]
    secrets = (token.split("_")[2], *(c.cookies[settings.SESSION_COOKIE_NAME].value for c in (client, finance)))
    everything = written.getvalue()
    assert [word for word in (*TYPED, *secrets) if word in everything] == []
    assert AuditRow.objects.filter(request_id__in=[line["request_id"] for line in told]).exists()


def edit(client: Client, scene: Any) -> Any:
    """Type a number into the grid with a reason."""
    node = {"item": scene.company.items["CHAIR-OAK"].pk, "market": scene.company.markets["NORTH/DIRECT"].pk}
    body = {
        "base_revision": scene.plan.revision,
        "session": "window",
        "mode": "set",
        "reason": WORDS,
        "instructions": [{"nodes": [node], "months": [FIRST], "value": int(UNITS) * 10}],
    }
    return client.post(reverse("demand:edits", args=["2014-01"]), json.dumps(body), content_type="application/json")


def test_a_query_is_not_told_and_the_control_would_be(rf: RequestFactory) -> None:
    request = rf.get(f"/cycles/search/?q={WORDS}")
    assert RequestLines.format_request(request) == "GET /cycles/search/"
    assert WORDS in RequestLines.__base__.format_request(request)  # type: ignore[union-attr]


@pytest.mark.django_db
def test_a_failed_request_tells_class_and_place_once(written: io.StringIO, lines: Lines) -> None:
    """A view that dies of a typed value: where, and what kind of error; the control shows that the value was there."""

    def dies(request: Any) -> Any:
        raise ValueError(f"could not read {PRICE}")

    with pytest.raises(ValueError, match=PRICE):
        fail_in(dies)
    failed = [line for line in lines() if line["event"] == "request_failed"]
    assert len(failed) == len(lines()) == 1
    assert failed[0]["error"] == f"ValueError ({LEFT_OUT})"
    assert failed[0]["place"][-1].endswith(" dies") and ":" in failed[0]["place"][-1]
    assert PRICE not in written.getvalue()


def fail_in(view: Callable[[Any], Any]) -> None:
    """Let a view die under the middleware as Django's handler reports it."""
    request = RequestFactory().get("/cycles/")
    middleware = RequestLines(view)
    try:
        middleware(request)
    except ValueError:
        middleware.process_got_request_exception(sender=None, request=request)  # type: ignore[arg-type]
        raise


@pytest.mark.django_db
def test_a_database_error_tells_its_code_and_not_the_row() -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE prices (amount numeric UNIQUE)")
        cursor.execute("INSERT INTO prices VALUES (%s), (%s)", [PRICE, PRICE])
    assert PRICE in str(caught.value)
    told = without_values(None, "error", {"event": "x", "exc_info": (None, caught.value, None)})
    assert "23505" in told["error"] and "duplicate key" in told["error"]
    assert PRICE not in json.dumps(told)


def test_a_server_that_is_away_is_told_in_full() -> None:
    with pytest.raises(psycopg2.OperationalError) as caught:
        psycopg2.connect("postgresql://nobody@127.0.0.1:1/none", connect_timeout=1)
    told = without_values(None, "error", {"event": "x", "exc_info": (None, caught.value, None)})
    assert "port 1" in told["error"]


def test_what_celery_quotes_of_an_error_is_dropped() -> None:
    error = ValueError(PRICE)
    told = without_values(
        None, "error", {"event": "task_failed", "error": str(error), "exception": error, "exc_info": True}
    )
    assert told == {"event": "task_failed", "error": f"ValueError ({LEFT_OUT})", "place": []}


def test_a_passed_health_check_is_not_told_and_a_failed_one_is(lines: Lines, settings: Any, client: Client) -> None:
    client.get("/healthz")
    assert lines() == []
    client.post("/healthz")
    assert [(line["request"], line["code"]) for line in lines()] == [("POST /healthz", 405)]


def test_only_ids_travel_to_a_worker() -> None:
    context = {"request_id": "r", "user_id": 7, "plan": "2014-01", "ip": "10.0.0.1", "amount": AMOUNT}
    keep_ids(context)
    assert context == {"request_id": "r", "user_id": 7, "plan": "2014-01"}
