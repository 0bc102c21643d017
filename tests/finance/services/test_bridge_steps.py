"""The steps of the page's bridges: they lead from total to total, say what is unexplained, and never start from a 0."""

from __future__ import annotations

from itertools import accumulate

import pytest

from catalog.models import ReferencePlan
from finance.models import BridgeLeaf
from finance.selectors import position_of
from finance.selectors.bridges import BridgeStep, StepsDoNotAdd, cash_steps, margin_steps, revenue_steps
from finance.selectors.position import Position
from tests.finance.sample_plan import land, sample_plan

pytestmark = pytest.mark.django_db


def landed(*, with_budget: bool = True) -> Position:
    sample = sample_plan()
    if not with_budget:
        ReferencePlan.objects.all().delete()
    land(sample)
    position = position_of(sample.plan)
    assert position is not None
    return position


def adds(steps: list[BridgeStep]) -> bool:
    """The changes after the first total lead to the last one."""
    *before, last = [step.cents for step in steps]
    return list(accumulate(before))[-1] == last and steps[0].is_total and steps[-1].is_total


def test_all_three_lead_from_their_first_total_to_their_last() -> None:
    position = landed()
    for steps in (revenue_steps(position), margin_steps(position), cash_steps(position)):
        assert adds(steps), steps
    assert revenue_steps(position)[0] == BridgeStep("Budget", position.budget or 0, True)
    assert revenue_steps(position)[-1].cents == position.landing


def test_without_a_budget_they_leave_from_what_is_known() -> None:
    position = landed(with_budget=False)
    assert position.budget is None
    revenue, margin = revenue_steps(position), margin_steps(position)
    assert [step.label for step in revenue] == ["Actuals to date", "Plan, open months", "Landing"]
    assert margin[0] == BridgeStep("Revenue", position.landing, True)
    assert adds(revenue) and adds(margin)


def test_what_no_driver_explains_is_a_step() -> None:
    """A leaf is lost: the drivers miss its change, and the page says by how much."""
    position = landed()
    leaf = BridgeLeaf.objects.filter(plan=position.run.plan).first()
    assert leaf is not None
    change = sum(leaf.landing_cents) - sum(leaf.budget_cents)
    leaf.delete()
    now = position_of(leaf.plan)
    assert now is not None and change
    steps = revenue_steps(now)
    assert adds(steps)
    assert [step.cents for step in steps if step.label == "Unexplained"] == [change]


def test_a_cash_line_that_is_missing_is_refused() -> None:
    position = landed()
    for row in position.cash_months:
        row.receivables_change_cents += 1
    with pytest.raises(StepsDoNotAdd, match="Operating cash"):
        cash_steps(position)
