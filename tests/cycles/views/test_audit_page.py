"""The audit page: each filter, paging with a fixed number of queries, before → after, and the files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Family
from cycles.models import AuditRow, Plan
from cycles.policy import Role
from cycles.services import audit as audit_service
from cycles.services.audit import record_audit
from cycles.services.people import grant_membership
from cycles.templatetags.changes import changes
from tests.cast import Cast
from tests.cycles.views.conftest import SignedIn

PAGE = "/cycles/audit/"


@pytest.fixture
def rows(plan: Plan, cast: Cast) -> None:
    """Beside the opened cycle: a decision of finance, a waiver of the planner, one that looks like a formula."""
    with transaction.atomic():
        record_audit(actor=cast.finance, code="cycles.decision.taken", plan=plan, subject="Chairs", reason="Promote")
        record_audit(actor=cast.demand_planner, code="cycles.finding.waived", plan=plan, subject="Lamps", reason="ok")
        record_audit(actor=cast.admin, code="cycles.person.changed", subject="=1+2", before={"a": 1}, after={"a": 2})


def subjects(client: object, query: str) -> set[str]:
    answer = client.get(f"{PAGE}csv/?{query}")  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return {row["Subject"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("code=cycles.decision.taken", {"Chairs"}),
        ("code=cycles.finding.", {"Lamps"}),
        ("actor=finance&code=cycles.decision.", {"Chairs"}),
        ("actor=Demand", {"Lamps"}),
        ("subject=promo", {"Chairs"}),
        ("plan=2014-01&subject=lam", {"Lamps"}),
        ("subject=nothing+like+it", set()),
    ],
)
def test_each_filter_narrows(rows: None, signed_in: SignedIn, query: str, found: set[str]) -> None:
    assert subjects(signed_in("viewer"), query) == found


def test_days_are_inclusive_and_must_be_in_order(rows: None, signed_in: SignedIn) -> None:
    client, today = signed_in("finance"), AuditRow.objects.latest("id").at.date()
    assert "Chairs" in subjects(client, f"since={today}&until={today}")
    assert subjects(client, f"until={today - timedelta(days=1)}") == set()
    text = client.get(f"{PAGE}?since={today}&until={today - timedelta(days=1)}").content.decode()
    assert "This is before the first day." in text
    assert "No act fits these filters." in text


def test_the_page_shows_what_changed_and_both_files(rows: None, signed_in: SignedIn) -> None:
    text = signed_in("finance").get(f"{PAGE}?code=cycles.person.changed").content.decode()
    assert "<del>1</del> → <ins>2</ins>" in text
    assert f'href="{PAGE}xlsx/?code=cycles.person.changed"' in text


def test_a_formula_is_inert_in_both_files(rows: None, signed_in: SignedIn) -> None:
    client = signed_in("finance")
    assert subjects(client, "code=cycles.person.") == {"'=1+2"}
    answer = client.get(f"{PAGE}xlsx/?code=cycles.person.")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cell = sheet["F2"]
    assert (cell.value, cell.data_type) == ("=1+2", "s")


def test_taking_the_rows_away_is_itself_kept(rows: None, cast: Cast, signed_in: SignedIn) -> None:
    subjects(signed_in("viewer"), "subject=Chairs")
    row = AuditRow.objects.latest("id")
    assert (row.code, row.actor) == ("cycles.audit.exported", cast.viewer)
    assert row.after == {"format": "csv", "rows": 1, "filters": {"subject": "Chairs"}}


def test_a_file_is_bounded(rows: None, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_service, "EXPORTED_AT_MOST", AuditRow.objects.count() - 1)
    answer = signed_in("finance").get(f"{PAGE}csv/")
    assert answer.status_code == 422
    assert "too many for one file" in answer.content.decode()
    assert not AuditRow.objects.filter(code="cycles.audit.exported").exists()


def test_a_limited_person_reads_the_own_acts_and_the_moves_of_plans(
    rows: None, plan: Plan, cast: Cast, signed_in: SignedIn
) -> None:
    family = Family.objects.get(code="CHAIRS")
    grant_membership(user=cast.outsider, role=Role.DEMAND_PLANNER, actor=cast.admin, families=[family.pk])
    seen = subjects(signed_in("outsider"), "")
    assert {"Chairs", "Lamps", "outsider"}.isdisjoint(seen)
    assert {"2014-01", "data"} <= seen


def test_a_stranger_reads_and_takes_nothing(rows: None, signed_in: SignedIn) -> None:
    client = signed_in("outsider")
    assert "0 acts" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}csv/").status_code == 403


def test_queries_do_not_grow_with_rows(rows: None, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in("finance")

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    client.get(PAGE)
    before = queries(PAGE)
    with transaction.atomic():
        for number in range(60):
            record_audit(actor=cast.executive, code="cycles.person.changed", subject=f"more {number}")
    assert queries(PAGE) == before
    assert queries(f"{PAGE}?page=2") == before


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("b", "2", "3")]),
        (None, {"days": [1, 2], "on": True}, [("days", None, "1, 2"), ("on", None, "yes")]),
        ({"x": None}, {"x": {"y": ""}}, [("x", "–", "y: –")]),
        ({"owner_id": 3}, None, [("owner id", "3", None)]),
        ({"a": 1}, {"a": 1}, [("a", "1", "1")]),
        ({"cents": [-123456]}, {"cents": [5]}, [("amount", "−1,234.56", "0.05")]),
        (
            None,
            {"margin_cents": None, "overtime_milli": 385_720},
            [("margin", None, "–"), ("overtime", None, "385.720")],
        ),
    ],
)
def test_what_an_act_changed_in_words(before: object, after: object, said: list[tuple[str, object, object]]) -> None:
    found = changes(AuditRow(before=before, after=after))
    assert [(change.name, change.was, change.now) for change in found] == said
