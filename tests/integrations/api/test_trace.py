"""The trace by API: figures equal to the pages, the snapshot and the plan's lines; who may ask; when it is not given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cycles.models import Snapshot, Stage
from cycles.services.snapshots import freeze_snapshot
from cycles.workflow import StageKind, StageStatus
from finance.calc.bridge import Driver
from finance.selectors import position_of
from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key
from tests.finance.edited_plan import Edited, edited_plan
from tests.finance.sample_plan import land
from tests.flows.conftest import own_database as own_database

pytestmark = pytest.mark.django_db
NUMBER = "2014-06"
TRACE = f"/api/v1/plans/{NUMBER}/trace"
SERIES = {"item": "CHAIR-OAK", "market": "NORTH/DIRECT"}
CELL = SERIES | {"month": "2014-06"}
OPERATIONS = [
    (TRACE, {}),
    (f"{TRACE}/children", {"by": "item"}),
    (f"{TRACE}/cells", SERIES),
    (f"{TRACE}/edits", CELL),
    (f"{TRACE}/edits/1", {}),
]


@pytest.fixture(scope="module")
def edited(own_database: str, django_db_blocker: DjangoDbBlocker) -> Edited:
    """The edited plan, approved and frozen, made once for this module; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        found = edited_plan()
        approve(found)
        with transaction.atomic():
            freeze_snapshot(plan=found.sample.plan, actor=found.sample.cast.executive)
    return found


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    """Requests and totals of earlier tests are forgotten."""
    cache.clear()


def executive_stage(edited: Edited) -> QuerySet[Stage]:
    return Stage.objects.filter(plan=edited.sample.plan, kind=StageKind.EXECUTIVE.value)


def approve(edited: Edited) -> None:
    """Sign the executive stage without the work of the others."""
    people = {"submitted_by": edited.sample.cast.finance, "approved_by": edited.sample.cast.executive}
    now = timezone.now()
    executive_stage(edited).update(status=StageStatus.APPROVED.value, submitted_at=now, approved_at=now, **people)


def client_of(edited: Edited, *scopes: Scope) -> Client:
    """A client with a key of these scopes."""
    token = issue_key(wish=KeyWish("BI", scopes or (Scope.READ_TRACE,)), actor=edited.sample.cast.admin).token
    return Client(headers={"authorization": f"Bearer {token}"})


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


def drivers(figures: dict[str, Any]) -> dict[str, int]:
    return {each["driver"]: cents(each["amount"]) for each in figures["drivers"]}


@pytest.mark.parametrize(("path", "query"), OPERATIONS)
def test_who_may_ask(edited: Edited, path: str, query: dict[str, str]) -> None:
    assert Client().get(path, query).status_code == 401
    refused = client_of(edited, Scope.READ_PLANS, Scope.ACKNOWLEDGE).get(path, query)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    client = client_of(edited)
    assert client.get(path, query).status_code == 200
    assert client.post(path, query).status_code == 405
    person = Client()
    person.force_login(edited.sample.cast.finance)
    assert person.get(path, query).status_code == 401


@pytest.mark.parametrize("driver", [Driver.VOLUME, Driver.CONSTRAINT])
def test_down_and_up_with_equal_figures(edited: Edited, driver: Driver) -> None:
    """The headline's driver → family → item → market → month, each the row of the step before; the cell the page's."""
    client = client_of(edited)
    position = position_of(edited.sample.plan)
    assert position is not None
    told, node = position.drivers[driver], {}
    for level, code in (("family", "CHAIRS"), ("item", SERIES["item"]), ("market", SERIES["market"])):
        here = client.get(TRACE, node).json()
        assert drivers(here["figures"])[driver] == drivers(here["trail"][-1]["figures"])[driver] == told
        rows = client.get(f"{TRACE}/children", {**node, "by": level}).json()["rows"]
        assert sum(drivers(row["figures"])[driver] for row in rows) == told
        told = next(drivers(row["figures"])[driver] for row in rows if row["code"] == code)
        node = {**node, level: code}
    cells = client.get(f"{TRACE}/cells", SERIES).json()
    assert drivers(cells["figures"])[driver] == told
    june = next(cell for cell in cells["cells"] if cell["period_start"] == "2014-06-01")
    viewer = Client()
    viewer.force_login(edited.sample.cast.viewer)
    address = f"{reverse('finance:cell', args=[NUMBER])}?item={edited.item.pk}&market={edited.market.pk}&month=2014-06"
    page = viewer.get(address).context["trace"]
    assert dict(page.drivers)[driver] == drivers(june["figures"])[driver]
    assert (june["is_closed"], cents(june["figures"]["landing"])) == (False, page.planned.revenue)


def test_a_cell_and_its_edits_with_person_reason_and_time(edited: Edited) -> None:
    """17 of the statistics, +10 of the first planner, −2 of the second, 5 short; a unit sells at 90."""
    cell = client_of(edited).get(f"{TRACE}/edits", CELL).json()
    assert (cell["baseline_quantity"], cents(cell["baseline_amount"])) == ("17", 17 * 90_00)
    told = [(each["revision"], each["person"], each["reason"], each["stream"]) for each in cell["edits"]]
    assert told == [
        (1, "demand_planner", "Spring promotion", "promotion"),
        (2, "demand_planner2", "Dealer cut his order", "override"),
    ]
    moved = [cents(each["moved"]["unconstrained_revenue"]) for each in cell["edits"]]
    assert moved == [10 * 90_00, -2 * 90_00]
    assert cents(cell["baseline_amount"]) + sum(moved) + cents(cell["rounding"]) == cents(cell["unconstrained_amount"])
    assert cents(cell["unconstrained_amount"]) + cents(cell["constraint_amount"]) == cents(cell["amount"])


def test_the_snapshot_and_the_lines_say_the_same(edited: Edited) -> None:
    snapshot = Snapshot.objects.get(number=NUMBER)
    frozen = snapshot.rows.get(section="finance", key=["money", SERIES["item"], SERIES["market"]]).fields
    client = client_of(edited, Scope.READ_TRACE, Scope.READ_PLANS)
    cell = client.get(f"{TRACE}/edits", CELL).json()
    assert (cents(cell["amount"]), cents(cell["unconstrained_amount"])) == (
        frozen["amount"][0],
        frozen["upside_amount"][0],
    )
    line = next(
        row
        for row in client.get(f"/api/v1/plans/{NUMBER}/lines", {"page_size": 50_000}).json()["rows"]
        if (row["item"], row["market"], row["period_start"]) == (SERIES["item"], SERIES["market"], "2014-06-01")
    )
    assert (line["amount"], line["quantity"]) == (cell["amount"], cell["quantity"])
    bridge = snapshot.rows.get(section="finance", key=["bridge", "CHAIRS", SERIES["market"]]).fields
    node = client.get(TRACE, {"family": "CHAIRS", "market": SERIES["market"]}).json()
    assert {driver.value: sum(bridge[driver.value]) for driver in Driver} == drivers(node["figures"])
    assert node["snapshot_hash"] == snapshot.root


def test_one_edit_up_in_money(edited: Edited) -> None:
    """15 of its 20 units are shipped, at 90 and a standard of 60; paid and collected before the year ends."""
    told = client_of(edited).get(f"{TRACE}/edits/1").json()
    year = {name: cents(told["year"][name]) for name in ("revenue", "cogs", "margin", "cash")}
    assert year == {"revenue": 15 * 90_00, "cogs": 15 * 60_00, "margin": 15 * 30_00, "cash": 15 * 30_00}
    opened = cents(told["open_receivables"]) - cents(told["open_payables"])
    assert year["cash"] == year["margin"] - opened
    assert sum(cents(cell["moved"]["revenue"]) for cell in told["cells"]) == cents(told["horizon"]["revenue"])
    june = next(cell for cell in told["cells"] if cell["period_start"] == "2014-06-01")
    here = client_of(edited).get(f"{TRACE}/edits", CELL).json()["edits"][0]
    assert june["moved"] == here["moved"] and told["edit"]["person"] == here["person"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (TRACE, {"family": "NONE"}, 404),
        (TRACE, {"family": "LAMPS", "item": "CHAIR-OAK"}, 404),
        (f"{TRACE}/children", {"by": "moon"}, 400),
        (f"{TRACE}/cells", {"item": "CHAIR-OAK"}, 400),
        (f"{TRACE}/edits", SERIES | {"month": "June"}, 400),
        (f"{TRACE}/edits", SERIES | {"month": "2014-13"}, 404),
        (f"{TRACE}/edits", SERIES | {"month": "2014-02"}, 404),
        (f"{TRACE}/edits", SERIES | {"month": "2019-02"}, 404),
        (f"{TRACE}/edits/99", {}, 404),
        ("/api/v1/plans/2014-07/trace", {}, 404),
    ],
)
def test_what_is_not_there_is_told(edited: Edited, path: str, query: dict[str, str], status: int) -> None:
    assert client_of(edited).get(path, query).status_code == status


def test_a_plan_that_moved_on_is_not_given_out(edited: Edited) -> None:
    """Landed anew after the approval, then reopened: 409 both times; a plan never approved is a 404."""
    client = client_of(edited)
    assert client.get(TRACE).status_code == 200
    executive_stage(edited).update(status=StageStatus.NOT_STARTED.value, approved_by=None, approved_at=None)
    assert (client.get(TRACE).status_code, client.get(TRACE).json()["code"]) == (409, "trace_moved_on")
    type(edited.sample.plan).objects.filter(pk=edited.sample.plan.pk).update(revision=7, demand_revision=7)
    land(edited.sample)
    approve(edited)
    assert client.get(TRACE).json()["code"] == "trace_moved_on"
