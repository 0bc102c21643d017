"""The approved plan for machines: who may read it, what it says, and that pages of it never move."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from integrations.models import Acknowledgement, Scope
from integrations.services.keys import KeyWish, issue_key
from tests.integrations.frozen import AMOUNT, HORIZON, ITEMS, MARKETS, QUANTITY, Frozen, freeze, frozen_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
SERIES = len(ITEMS) * len(MARKETS)
LATEST = "/api/v1/plans/approved/latest"
LINES = "/api/v1/plans/2026-10/lines"
SUPPLY = "/api/v1/plans/2026-10/supply"
LOADED = "/api/v1/plans/2026-10/acknowledgements"
READS = (LATEST, "/api/v1/plans/2026-10", LINES, SUPPLY)


frozen_once = kept(frozen_plan)


@pytest.fixture
def frozen(frozen_once: Frozen) -> Frozen:
    """A frozen plan and a key; counters and totals of earlier tests are forgotten."""
    cache.clear()
    return fresh(frozen_once)


def all_pages(client: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """The rows of every page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(path, {**query, "cursor": cursor}).json()
        rows += page["rows"]
        cursor = page["next_cursor"]
        if not cursor:
            return rows


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_without_a_key(frozen: Frozen, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("role", ["admin", "executive", "viewer", "outsider"])
def test_a_session_is_no_key(frozen: Frozen, role: str) -> None:
    client = Client()
    client.force_login(getattr(frozen.cast, role))
    assert client.get(LATEST).status_code == 401


@pytest.mark.parametrize("path", READS)
def test_a_key_without_the_scope_is_told_which_it_lacks(frozen: Frozen, path: str) -> None:
    token = issue_key(wish=KeyWish("ack", [Scope.ACKNOWLEDGE]), actor=frozen.cast.admin).token
    answer = frozen.client(token).get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "plans:read" in answer.json()["detail"]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reading_is_all_there_is(frozen: Frozen, path: str, method: str) -> None:
    answer = getattr(frozen.client(), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("number", ["2026-11", "nothing", "2026-10.1", "approved", "%00"])
@pytest.mark.parametrize("tail", ["", "/lines", "/supply"])
def test_what_was_not_approved_is_not_there(frozen: Frozen, number: str, tail: str) -> None:
    answer = frozen.client().get(f"/api/v1/plans/{number}{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_latest_plan_states_its_control_totals(frozen: Frozen) -> None:
    header = frozen.client().get(LATEST).json()
    assert (header["plan_number"], header["snapshot_hash"]) == ("2026-10", frozen.snapshot.root)
    assert (header["status"], header["replaces"], header["superseded_by"]) == ("approved", "whole_horizon", None)
    assert header["totals"]["rows"] == str(SERIES * HORIZON)
    assert Decimal(header["totals"]["amount"]) == Decimal(sum(AMOUNT) * SERIES) / 100
    assert Decimal(header["totals"]["quantity"]) == Decimal(sum(QUANTITY) * SERIES) / 1000


def test_pages_add_to_the_control_totals(frozen: Frozen) -> None:
    rows = all_pages(frozen.client(), LINES, page_size=1)
    totals = frozen.client().get(LINES).json()["totals"]
    assert len(rows) == int(totals["rows"])
    for name in ("amount", "quantity", "unconstrained_quantity"):
        assert sum(Decimal(row[name]) for row in rows) == Decimal(totals[name])


def test_pages_are_the_whole_in_the_same_order(frozen: Frozen) -> None:
    whole = frozen.client().get(LINES, {"page_size": 50_000}).json()
    assert whole["next_cursor"] is None
    assert all_pages(frozen.client(), LINES, page_size=HORIZON) == whole["rows"]
    keys = [(row["item"], row["market"], row["period_start"]) for row in whole["rows"]]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_a_pull_during_changes_is_the_same_pull(frozen: Frozen) -> None:
    before = frozen.client().get(LINES, {"page_size": 1}).json()
    frozen.snapshot.plan.revision += 7
    frozen.snapshot.plan.save()
    freeze(frozen.snapshot.plan, frozen.cast)
    after = frozen.client().get(LINES, {"page_size": 1}).json()
    assert after == before
    again = frozen.client().get(LINES, {"cursor": before["next_cursor"]}).json()
    assert again["snapshot_hash"] == frozen.snapshot.root


def test_zeros_are_told_and_the_only_shipping_site_is_named(frozen: Frozen) -> None:
    rows = frozen.client().get(LINES).json()["rows"]
    assert [row["quantity"] for row in rows[:HORIZON]] == ["0", "1", "2.25", "1.25", "0.5", "0.001"]
    assert {row["item"]: row["site"] for row in rows} == {"A-1": "MAIN", "B-2": "", "=C-3": ""}


def test_whole_units_keep_the_sum(frozen: Frozen) -> None:
    rows = frozen.client().get(LINES, {"whole_units": "true"}).json()["rows"][:HORIZON]
    assert [row["quantity"] for row in rows] == ["0", "1", "2", "2", "0", "0"]
    assert [row["amount"] for row in rows] == ["0.00", "100.00", "225.00", "-125.00", "50.00", "0.10"]


def test_csv_is_the_whole_list_and_inert(frozen: Frozen) -> None:
    answer = frozen.client().get(LINES, {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["SOP-Total-Rows"] == str(len(rows)) == str(SERIES * HORIZON)
    assert rows[0]["item"] == "'=C-3"
    assert rows[3]["amount"] == "-125.00"
    by_header = frozen.client().get(LINES, headers={"accept": "text/csv"})
    assert by_header.content == answer.content


@pytest.mark.parametrize("path", [LINES, SUPPLY])
def test_parquet_is_the_csv_with_types(frozen: Frozen, path: str) -> None:
    answer = frozen.client().get(path, {"format": "parquet"})
    assert answer["Content-Type"] == "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    told = list(csv.DictReader(io.StringIO(frozen.client().get(path, {"format": "csv"}).content.decode())))
    assert len(table) == len(told) == int(answer["SOP-Total-Rows"])
    numbers = {name for name, value in table[0].items() if isinstance(value, Decimal)}
    assert {"quantity", "unconstrained_quantity", "amount"} <= numbers or "production_quantity" in numbers
    for typed, text in zip(table, told, strict=True):
        assert {name: typed[name] for name in numbers if text[name]} == {
            n: Decimal(text[n]) for n in numbers if text[n]
        }
        assert typed["period_start"].isoformat() == text["period_start"]
        assert typed["item"] == text["item"].removeprefix("'")


def test_supply_is_told_per_site(frozen: Frozen) -> None:
    page = frozen.client().get(SUPPLY).json()
    assert len(page["rows"]) == int(page["totals"]["rows"]) == 4 * HORIZON
    row = page["rows"][-1]
    assert (row["item"], row["site"], row["production_quantity"], row["freight_amount"]) == (
        "B-2",
        "POZ",
        "1.5",
        "0.25",
    )
    assert Decimal(page["totals"]["overtime_amount"]) == Decimal("0.25") * 4 * HORIZON


@pytest.mark.parametrize("path", READS)
def test_an_unchanged_answer_is_not_sent_again(frozen: Frozen, path: str) -> None:
    etag = frozen.client().get(path)["ETag"]
    answer = frozen.client().get(path, headers={"if-none-match": f'"other", {etag}'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert frozen.client().get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_an_amendment_becomes_the_latest_and_the_old_one_says_so(frozen: Frozen) -> None:
    etag = frozen.client().get("/api/v1/plans/2026-10")["ETag"]
    freeze(frozen.snapshot.plan, frozen.cast)
    assert frozen.client().get(LATEST).json()["plan_number"] == "2026-10.1"
    old = frozen.client().get("/api/v1/plans/2026-10", headers={"if-none-match": etag})
    assert (old.status_code, old.json()["status"], old.json()["superseded_by"]) == (200, "superseded", "2026-10.1")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "Zm9vOmxpbmVzOjE=", "%00"])
def test_a_foreign_cursor_is_refused(frozen: Frozen, cursor: str) -> None:
    answer = frozen.client().get(LINES, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_a_cursor_belongs_to_its_list(frozen: Frozen) -> None:
    cursor = frozen.client().get(LINES, {"page_size": 1}).json()["next_cursor"]
    assert frozen.client().get(SUPPLY, {"cursor": cursor}).json()["code"] == "cursor_invalid"


@pytest.mark.parametrize("query", [{"page_size": "0"}, {"page_size": "x"}, {"page_size": 10**9}, {"whole_units": "?"}])
def test_a_bad_parameter_is_named(frozen: Frozen, query: dict[str, Any]) -> None:
    answer = frozen.client().get(LINES, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert list(answer.json()["faults"]) == list(query)


def test_reading_lines_asks_the_database_a_fixed_number_of_times(
    frozen: Frozen, django_assert_max_num_queries: Any
) -> None:
    frozen.client().get(LINES)
    with django_assert_max_num_queries(7):
        frozen.client().get(LINES)


def acknowledge(frozen: Frozen, body: Any, key: str = "one", token: str = "") -> Any:
    """Post an acknowledgement."""
    return frozen.client(token).post(
        LOADED, json.dumps(body), content_type="application/json", headers={"idempotency-key": key}
    )


def right_body() -> dict[str, Any]:
    """What an ERP says that loaded everything."""
    return {"loaded_rows": SERIES * HORIZON, "loaded_amount": f"{Decimal(sum(AMOUNT) * SERIES) / 100:.2f}"}


def test_the_erp_says_what_it_loaded(frozen: Frozen) -> None:
    answer = acknowledge(frozen, right_body())
    assert answer.status_code == 201
    assert answer.json()["agrees"] is True
    assert acknowledge(frozen, {**right_body(), "loaded_rows": 1}, key="two").json()["agrees"] is False


def test_the_same_key_and_body_give_the_same_answer(frozen: Frozen) -> None:
    first, second = acknowledge(frozen, right_body()), acknowledge(frozen, right_body())
    assert first.json() == second.json()
    assert Acknowledgement.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(frozen: Frozen) -> None:
    acknowledge(frozen, right_body())
    answer = acknowledge(frozen, {**right_body(), "loaded_rows": 1})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_an_acknowledgement_needs_its_scope_and_its_key(frozen: Frozen) -> None:
    token = issue_key(wish=KeyWish("read", [Scope.READ_PLANS]), actor=frozen.cast.admin).token
    assert acknowledge(frozen, right_body(), token=token).status_code == 403
    assert acknowledge(frozen, right_body(), key="").json()["faults"].keys() == {"Idempotency-Key"}
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"loaded_rows": -1, "loaded_amount": "1"}, {"loaded_rows": 1, "loaded_amount": "1.001"}]
)
def test_a_bad_acknowledgement_is_refused(frozen: Frozen, body: Any) -> None:
    answer = acknowledge(frozen, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_machine_gets_no_session(frozen: Frozen) -> None:
    client = frozen.client()
    assert client.get(LATEST).status_code == 200
    assert client.cookies == {} and Session.objects.count() == 0
