"""Actions by month: what is promised, how far it answers, what of it came a cycle later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cycles.errors import ReasonMissing
from demand.models import ActualSeries
from finance.frames.promises import history_of, promise_ledger
from finance.models import ActionDriver, ActionState
from finance.selectors import family_gaps, open_actions
from finance.services.actions import ActionRefused, ByMonth, Promise, add_action, carry_actions, move_action
from finance.services.adjustments import Scope
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.finance.services.test_answers import next_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
JUNE = date(2014, 6, 1)
# June of lamps as it was landed: 25 units at 90 % of 40 + 60 in four markets, standard 22 + 33
LAMPS_JUNE = 25 * 90 * 4 * 100
LAMPS_JUNE_MARGIN = LAMPS_JUNE - 25 * (22 + 33) * 4 * 100


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def promise(sample: Sample, revenue: tuple[int, ...] = (600_00, 400_00), **changed: object) -> Promise:
    count = len(revenue)
    said = Promise(
        title="Lamp week",
        owner=sample.cast.supply_planner,
        due_on=date(2014, 7, 15),
        scope=Scope(family_id=sample.company.families["LAMPS"].pk),
        months=ByMonth(JUNE, revenue, tuple(cents // 4 for cents in revenue), (0,) * count),
        driver=ActionDriver.VOLUME,
        probability=50,
    )
    return replace(said, **changed)  # type: ignore[arg-type]


def close_june(units: int) -> None:
    """June closes with so many units of every series, at the prices and costs of May."""
    for row in ActualSeries.objects.all():
        for name in ("units", "net_cents", "list_cents", "cogs_cents"):
            kept = getattr(row, name)
            setattr(row, name, [*kept, kept[-1] * units // 20])
        row.save()


def test_a_promise_keeps_its_months_and_the_landing_it_was_given_on(landed: Sample) -> None:
    action = add_action(plan=landed.plan, promise=promise(landed), actor=landed.cast.finance)
    assert (action.revenue_cents, action.expected_cents) == (1_000_00, 500_00)
    assert action.base_revenue_months == [LAMPS_JUNE, LAMPS_JUNE]
    assert action.base_margin_months == [LAMPS_JUNE_MARGIN, LAMPS_JUNE_MARGIN]
    assert [(move.before, move.after) for move in action.moves.all()] == [("", "proposed")]


def test_totals_without_months_are_spread_from_the_due_month_to_the_year_end(landed: Sample) -> None:
    said = promise(landed, months=None, due_on=date(2014, 10, 9), revenue_cents=100_00, margin_cents=10)
    action = add_action(plan=landed.plan, promise=said, actor=landed.cast.finance)
    assert action.first_month == date(2014, 10, 1)
    assert action.revenue_months == [33_34, 33_33, 33_33]  # October to December
    assert action.margin_months == [4, 3, 3]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"months": ByMonth(JUNE, (0,), (0,), (0,))}, "revenue"),
        ({"months": ByMonth(JUNE, (1, 2), (1,), (0, 0))}, "months"),
        ({"months": ByMonth(date(2014, 5, 1), (1,), (1,), (0,))}, "first_month"),
        ({"months": ByMonth(date(2015, 5, 1), (1, 1), (1, 1), (0, 0))}, "first_month"),
        ({"probability": 0}, "probability"),
        ({"scope": Scope(category_id=1, family_id=1)}, "family"),
    ],
)
def test_a_promise_that_contradicts_itself_is_refused(landed: Sample, changed: dict[str, object], field: str) -> None:
    with pytest.raises(ActionRefused) as refused:
        add_action(plan=landed.plan, promise=promise(landed, **changed), actor=landed.cast.finance)
    assert refused.value.field == field
    assert refused.value.reason and refused.value.remedy
    assert not landed.plan.actions.exists()


def test_an_action_answers_as_far_as_its_expected_amount(landed: Sample) -> None:
    company = landed.company.company
    company.unanswered_amount_cents, company.unanswered_fraction = 1_000_00, 0
    company.save()
    (gap,) = [gap for gap in family_gaps(landed.plan) if gap.node.subject == "LAMPS"]
    twice = promise(landed, (-2 * gap.cents,))  # half of it is expected
    add_action(plan=landed.plan, promise=twice, actor=landed.cast.finance)
    after = {gap.node.subject: gap for gap in family_gaps(landed.plan)}
    assert (after["LAMPS"].left, after["LAMPS"].answer) == (0, "Action: Lamp week")
    assert after["CHAIRS"].answer == ""
    assert after["company"].left == after["company"].cents - gap.cents


def test_a_closed_action_is_opened_or_dropped_with_a_reason(landed: Sample) -> None:
    action = add_action(plan=landed.plan, promise=promise(landed), actor=landed.cast.finance)
    with pytest.raises(ReasonMissing, match="proposed → dropped needs a reason"):
        move_action(action_id=action.pk, state=ActionState.DROPPED, actor=landed.cast.finance)
    move_action(action_id=action.pk, state=ActionState.DONE, actor=landed.cast.finance)
    with pytest.raises(ReasonMissing):
        move_action(action_id=action.pk, state=ActionState.AGREED, actor=landed.cast.finance)
    move_action(action_id=action.pk, state=ActionState.AGREED, actor=landed.cast.finance, note="Not delivered yet")
    moves = [(move.after, move.note) for move in action.moves.all()]
    assert moves == [("proposed", ""), ("done", ""), ("agreed", "Not delivered yet")]


def test_a_cycle_later_what_came_stands_beside_what_was_promised(landed: Sample) -> None:
    add_action(plan=landed.plan, promise=promise(landed), actor=landed.cast.finance)
    other = promise(landed, (200_00,), title="Lamp leaflet")
    add_action(plan=landed.plan, promise=other, actor=landed.cast.finance)
    assert promise_ledger(landed.plan) == []
    plan = next_plan(landed)
    carry_actions(plan=plan, previous=landed.plan, actor=landed.cast.finance)
    close_june(units=30)
    week, leaflet = open_actions(plan)
    assert (week.revenue_cents, leaflet.revenue_cents) == (400_00, 0)  # June's part has had its time
    (ledger,) = promise_ledger(plan)
    change, margin = (30 - 25) * 90 * 4 * 100, (30 - 25) * (90 - 22 - 33) * 4 * 100
    assert ledger.owner == landed.cast.supply_planner
    assert [(row.promised, row.came) for row in ledger.promises] == [
        (600_00, change * 600 // 800),
        (200_00, change - change * 600 // 800),
    ]
    assert [row.came_margin for row in ledger.promises] == [margin * 150 // 200, margin - margin * 150 // 200]
    assert (ledger.promised, ledger.came, ledger.unknown) == (800_00, change, 0)
    assert [move.after for move in history_of(plan)[week.pk]] == ["proposed"]
