"""The month by hand: five people take the demo company from data to approval, and one edit's dollars are followed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import AuditRow, Plan, Snapshot, User
from cycles.policy import Role
from cycles.services.cycles import open_cycle
from cycles.services.packs import load_pack
from demand.models import EditLine
from finance.frames.results import leaf_rows, load_bridge
from finance.selectors.ties import window_of
from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key
from sop_portal.demo import company
from sop_portal.demo.generate import generate_pack
from sop_portal.demo.people import create_people
from tests.e2e import pages
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.long]
Team = dict[Role, Visitor]
NUMBER = f"{company.FIRST_CYCLE:%Y-%m}"
WALK = (
    ("data", Role.DEMAND_PLANNER, Role.SUPPLY_PLANNER),
    ("demand", Role.DEMAND_PLANNER, Role.FINANCE),
    ("supply", Role.SUPPLY_PLANNER, Role.FINANCE),
    ("reconciliation", Role.FINANCE, Role.EXECUTIVE),
    ("executive", Role.FINANCE, Role.EXECUTIVE),
)


@pytest.fixture
def people(transactional_db: None, settings: object, tmp_path: Path) -> dict[Role, User]:
    """The demo company with its files loaded and its first cycle open; nobody has done anything yet."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    found = create_people()
    generate_pack(tmp_path, cycle=company.FIRST_CYCLE)
    for run in load_pack(directory=tmp_path, actor=found[Role.DEMAND_PLANNER]):
        assert run.state == "succeeded", run.message
    open_cycle(month=company.FIRST_CYCLE, actor=found[Role.DEMAND_PLANNER])
    return found


@pytest.fixture
def team(people: dict[Role, User], visit: Callable[..., Visitor]) -> Team:
    """The five of them, each signed in in a window of their own, and a viewer."""
    return {role: visit(user.username) for role, user in people.items() if role != Role.ADMIN}


def _prepare(team: Team, kind: str) -> None:
    """What has to be answered before a stage can be submitted."""
    if kind == "demand":
        pages.answer_exceptions(team[Role.DEMAND_PLANNER], NUMBER, "Agreed with the regions")
    elif kind == "supply":
        pages.decide_overloads(team[Role.SUPPLY_PLANNER], NUMBER, "Overtime is inside the frame")
    elif kind == "reconciliation":
        pages.answer_gaps(team[Role.FINANCE], NUMBER, "Reforecast this family?")
    elif kind == "executive":
        pages.take_decisions(team[Role.EXECUTIVE], NUMBER, "Reforecast", "The market has moved")


def _pass_stage(team: Team, work: pages.Work, step: tuple[str, Role, Role]) -> None:
    kind, submitter, approver = step
    _prepare(team, kind)
    pages.move(team[submitter], NUMBER, kind, verb="submit", words="Ready")
    pages.move(team[approver], NUMBER, kind, verb="approve", words="Agreed")
    work()


def _api_lines(people: dict[Role, User]) -> list[dict[str, object]]:
    key = issue_key(wish=KeyWish(name="ERP", scopes=(Scope.READ_PLANS,)), actor=people[Role.ADMIN])
    client, rows, cursor = Client(headers={"Authorization": f"Bearer {key.token}"}), [], ""
    while True:
        page = client.get(f"/api/v1/plans/{NUMBER}/lines", {"cursor": cursor} if cursor else {}).json()
        rows += page["rows"]
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return rows


def _grid_cents(visitor: Visitor, line: EditLine) -> int:
    """What the demand grid shows in value for the first month of the edited series."""
    answer = visitor.page.request.get(f"{visitor.address}/demand/{NUMBER}/grid/?show=value").json()
    found = [row for row in answer["series"] if row[:2] == [line.item_id, line.market_id]]
    return int(found[0][4][0])


def _bridge_cents(plan: Plan, line: EditLine) -> tuple[int, int]:
    """Upside and landing of the edited series and month in the bridge."""
    rows = leaf_rows(load_bridge(plan, fiscal_start=window_of(plan).start), load_hierarchy())
    here = (rows["item"] == line.item.code) & (rows["market"] == line.market.code)
    found = rows[here & (rows["month"] == company.FIRST_CYCLE)].iloc[0]
    return int(found["upside"]), int(found["landing"])


def test_month_from_data_to_the_api_returned_reopened_and_amended(
    team: Team, people: dict[Role, User], work: pages.Work
) -> None:
    _pass_stage(team, work, WALK[0])
    pages.type_into_leaf(team[Role.DEMAND_PLANNER], NUMBER, "321", "New listing in the region")
    work()
    _demand_is_returned_once(team)
    for step in WALK[1:]:
        _pass_stage(team, work, step)
    line = EditLine.objects.select_related("item", "market").get()
    snapshot = Snapshot.objects.select_related("plan").get(number=NUMBER)
    frozen = snapshot.rows.get(section="finance", key=["money", line.item.code, line.market.code]).fields
    upside, landing = frozen["upside_amount"][0], frozen["amount"][0]
    assert frozen["unconstrained_quantity"][0] == 321_000
    assert _grid_cents(team[Role.VIEWER], line) == upside
    assert _bridge_cents(snapshot.plan, line) == (upside, landing)
    here = (line.item.code, line.market.code, f"{NUMBER}-01")
    told = [row for row in _api_lines(people) if (row["item"], row["market"], row["period_start"]) == here]
    assert [Decimal(str(row["amount"])) * 100 for row in told] == [landing]
    assert [Decimal(str(row["unconstrained_quantity"])) for row in told] == [321]
    _supply_is_reopened_and_amended(team, work)


def _demand_is_returned_once(team: Team) -> None:
    planner = team[Role.DEMAND_PLANNER]
    pages.answer_exceptions(planner, NUMBER, "Agreed with the regions")
    pages.move(planner, NUMBER, "demand", verb="submit", words="Ready")
    pages.move(team[Role.FINANCE], NUMBER, "demand", verb="return", words="Look at the promotion again")
    assert pages.state_of(planner, NUMBER, "demand") == "open"


def _supply_is_reopened_and_amended(team: Team, work: pages.Work) -> None:
    finance = team[Role.FINANCE]
    assert pages.state_of(finance, NUMBER, "executive") == "approved"
    pages.move(finance, NUMBER, "supply", verb="reopen", words="A press broke down")
    assert pages.state_of(finance, NUMBER, "executive") == "not_started"
    assert Snapshot.objects.count() == 1
    for step in WALK[2:]:
        _pass_stage(team, work, step)
    assert list(Snapshot.objects.order_by("sequence").values_list("number", flat=True)) == [NUMBER, f"{NUMBER}.1"]
    assert {"cycles.stage.returned", "cycles.stage.reopened"} <= set(AuditRow.objects.values_list("code", flat=True))
    assert Plan.objects.get().number == NUMBER
