"""Subjects of the cycle itself: which keys lead where, and who sees a place."""

from __future__ import annotations

from datetime import date

import pytest

from catalog.models import Family, Market
from cycles import registry
from cycles.models import Plan
from cycles.registry import Gate
from cycles.registry.subjects import Place
from cycles.services.answers import Question, record_decision
from cycles.services.cycles import open_cycle
from cycles.services.runs import request_run
from cycles.services.subjects import find_place, people_who_see, place_for
from cycles.workflow import StageKind
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import blocking
from tests.small_company import small_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast, settings: object) -> Plan:
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


def label(plan: Plan, kind: str, key: str) -> str:
    place = find_place(plan, kind, key)
    return place.label if place else ""


def test_stages_decisions_and_runs_are_found_by_their_keys(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=Question("a.b", "Road Bikes", "Promote?"), actor=cast.finance)
    run = request_run(kind="demand.baseline", plan=plan, actor=cast.finance)
    assert label(plan, "stage", "reconciliation") == "Pre-S&OP · 2014-01"
    assert label(plan, "decision", str(decision.pk)) == "Road Bikes"
    assert label(plan, "run", str(run.pk)) == f"demand.baseline #{run.pk}"


def test_a_decision_of_another_plan_is_not_found(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=Question("a.b", "Road Bikes", "Promote?"), actor=cast.finance)
    cycle = type(plan.cycle).objects.create(month=date(2014, 2, 1), opened_by=cast.finance)
    other = Plan.objects.create(cycle=cycle, number="2014-02", first_month=date(2014, 2, 1))
    assert label(other, "decision", str(decision.pk)) == ""


def test_a_finding_is_what_its_gate_reports(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate("test.bolts", StageKind.DEMAND, "Bolts are tight", blocking())
    monkeypatch.setitem(registry._gates, gate.code, gate)
    found = find_place(plan, "finding", "test.bolts|bolt")
    assert found is not None
    assert (found.label, found.path) == ("Bolts are tight · bolt", "/demand/2014-01/")
    for key in ("test.bolts|nut", "test.bolts", "test.nothing|bolt", "|"):
        assert find_place(plan, "finding", key) is None


@pytest.mark.parametrize("key", ["", "0", "x", "-1", "1 OR 1=1", "9" * 40, "٣"])
@pytest.mark.parametrize(
    "kind", ["decision", "assumption", "batch", "run", "series", "overload", "adjustment", "action"]
)
def test_a_key_that_names_nothing_leads_nowhere(plan: Plan, kind: str, key: str) -> None:
    assert find_place(plan, kind, key) is None


def test_a_place_is_seen_by_those_whose_scope_meets_it(plan: Plan, cast: Cast) -> None:
    chairs, north = Family.objects.get(code="CHAIRS"), Market.objects.get(code="NORTH/DIRECT")
    cast.supply_planner.memberships.get().families.set([Family.objects.get(code="LAMPS")])
    cast.viewer.memberships.get().families.set([chairs])
    series = Place("x", "/", frozenset({chairs.pk}), frozenset({north.pk}))
    seeing = people_who_see(series)
    assert cast.viewer in seeing
    assert cast.supply_planner not in seeing
    assert {cast.outsider} & set(seeing) == set()
    whole_market = Place("x", "/", None, frozenset({north.pk}))
    assert cast.supply_planner in people_who_see(whole_market)


def test_naming_people_costs_the_same_for_few_and_many(
    plan: Plan, cast: Cast, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(people_who_see(Place("x", "/"))) == 9
    assert place_for(cast.outsider, plan=plan, kind="stage", key="data") is None
