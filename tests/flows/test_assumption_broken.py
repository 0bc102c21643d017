"""An assumption of one month meets the actuals of the next cycle: carried, broken, answered, not carried again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from unittest import mock

import pytest
from django.test import Client

from cycles.gates import assumptions_held
from cycles.models import Plan, Run
from cycles.selectors import stage_of
from cycles.services.assumptions import Measure, Statement, confirm_assumption, record_assumption
from cycles.services.cycles import open_next_cycle
from cycles.services.holding import KIND, request_checks
from cycles.services.runs import finish_run
from cycles.services.stages import approve_stage, submit_stage
from cycles.workflow import StageKind, StageStatus
from demand.models import ActualMonth, ActualSeries
from tests.cycles.stand_ins import alone
from tests.demand.scene import Scene, make_scene, sell

pytestmark = pytest.mark.django_db
JANUARY = date(2014, 1, 1)
HISTORY = [20] * 24  # January 2012 to December 2013


@pytest.fixture
def scene(settings: object) -> Scene:
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    made = make_scene()
    sell(made.company, {("CHAIR-OAK", "NORTH/DIRECT"): HISTORY})
    return made


def approve_whole(scene: Scene) -> None:
    """Walk the plan from its demand stage to the approval, with gates that pass."""
    people = {
        StageKind.DEMAND: ("demand_planner", "finance"), StageKind.SUPPLY: ("supply_planner", "finance"),
        StageKind.RECONCILIATION: ("finance", "executive"), StageKind.EXECUTIVE: ("finance", "executive"),
    }  # fmt: skip
    with alone():
        for kind, (submitter, approver) in people.items():
            stage = stage_of(scene.plan, kind)
            submit_stage(stage_id=stage.pk, actor=getattr(scene.cast, submitter))
            approve_stage(stage_id=stage.pk, actor=getattr(scene.cast, approver))


def load_january(units: int) -> None:
    """January's sales at 10 USD a unit."""
    for series in ActualSeries.objects.all():
        for name, value in (("units", units * 1000), ("net_cents", units * 1000), ("list_cents", 0), ("cogs_cents", 0)):
            setattr(series, name, [*getattr(series, name), value])
        series.save()
    last = ActualMonth.objects.latest("month")
    ActualMonth.objects.create(
        month=JANUARY, batch=last.batch, rows=1, units=0, net_cents=0, list_cents=0, cogs_cents=0
    )


def hand_in_data(plan: Plan, scene: Scene) -> None:
    """Submit and approve the data stage; signals are real, so the comparison is asked for."""
    stage = stage_of(plan, StageKind.DATA)
    with mock.patch("cycles.services.stages.pass_gates"):
        submit_stage(stage_id=stage.pk, actor=scene.cast.demand_planner)
        approve_stage(stage_id=stage.pk, actor=scene.cast.finance)


def test_the_actual_month_breaks_what_the_cycle_before_took_for_granted(scene: Scene) -> None:
    statement = Statement(
        "january", "January sells 40 chairs.", owner=scene.cast.demand_planner,
        measure=Measure("demand.units", JANUARY, JANUARY, Decimal(40), Decimal(10)),
    )  # fmt: skip
    record_assumption(plan=scene.plan, statement=statement, actor=scene.cast.demand_planner)
    scene.plan.stages.filter(kind="data").update(
        status=StageStatus.APPROVED, submitted_by=scene.cast.demand_planner, submitted_at="2014-01-06T00:00Z",
        approved_by=scene.cast.finance, approved_at="2014-01-06T00:00Z",
    )  # fmt: skip
    approve_whole(scene)
    following = open_next_cycle(actor=scene.cast.finance)
    load_january(30)
    hand_in_data(following, scene)
    assert finish_run(Run.objects.get(kind=KIND, plan=following).pk).state == "succeeded"

    carried = following.assumptions.get()
    check = carried.checks.get()
    # 30 sold of 40 expected, 10 % of 40 allowed is 4; ten chairs too few at 10 USD
    assert (check.verdict, check.deviation, check.allowed, check.money_cents) == ("broken", 30 - 40, 4, -10 * 10 * 100)
    client = Client()
    client.force_login(scene.cast.demand_planner)
    for number in (following.number, scene.plan.number):  # the cycle before shows it too
        text = client.get(f"/cycles/{number}/assumptions/").content.decode()
        assert "Broken" in text
        assert "−10 units (−25.0 %)" in text
    assert "Plan on it still" in client.get(f"/cycles/{following.number}/assumptions/").content.decode()

    confirm_assumption(assumption_id=carried.pk, actor=scene.cast.demand_planner)
    carried.refresh_from_db()
    assert carried.state == "confirmed"
    assert "To answer" not in client.get(f"/cycles/{following.number}/assumptions/").content.decode()


def test_restated_actuals_judge_an_earlier_cycle_again_and_only_warn(scene: Scene) -> None:
    measure = Measure("demand.units", date(2013, 12, 1), date(2013, 12, 1), Decimal(20), Decimal(10))
    statement = Statement("december", "December sold 20 chairs.", measure=measure)
    stated = record_assumption(plan=scene.plan, statement=statement, actor=scene.cast.finance)
    assert finish_run(Run.objects.get(kind=KIND).pk).state == "succeeded"
    cycle = type(scene.plan.cycle).objects.create(month=date(2014, 2, 1), opened_by=scene.cast.finance)
    later = Plan.objects.create(cycle=cycle, number="2014-02", first_month=date(2014, 2, 1), previous=scene.plan)
    series = ActualSeries.objects.get()
    series.units[-1] = 8_000  # milli-units: December is restated to 8
    series.save()
    run = request_checks(plan=later, actor=scene.cast.finance)
    assert run is not None
    assert finish_run(run.pk).result == {"read": 1, "written": 1, "broken": 1}
    checks = stated.checks.values_list("plan__number", "verdict", "actual")
    assert list(checks) == [("2014-01", "held", 20), ("2014-02", "broken", 8)]
    (found,) = assumptions_held(later)
    assert (found.severity, found.subject) == ("warn", "december")
