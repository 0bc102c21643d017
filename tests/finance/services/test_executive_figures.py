"""What the executive page adds to the landing: service, the five numbers against the last cycle, changes, exposures."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from catalog.calc.months import month_index
from catalog.models import Item
from cycles.models import Cycle, Plan
from finance.models import AdjustmentKind, Measure
from finance.selectors import position_of
from finance.selectors.changes import changes_of
from finance.selectors.exposure import Exposure, exposures_of
from finance.selectors.refill import refill_of
from finance.selectors.scorecard import Score, scorecard
from finance.selectors.service import service_of
from finance.services.actions import Promise, add_action
from finance.services.adjustments import Scope, Wording, name_adjustment
from tests.finance.sample_plan import (
    FIRST_MONTH,
    HORIZON,
    ITEMS,
    Sample,
    land,
    open_reconciliation,
    sample_plan,
    supply,
    want,
)
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
JUNE = month_index(FIRST_MONTH)
MARKETS = 4
CHAIRS, LAMPS = 100 + 80, 40 + 60  # list prices of the two items of each family; net prices are 90 % of them
YEAR = range(JUNE, JUNE + 7)


def _sample() -> Sample:
    return sample_plan()


sample_once = kept(_sample)


@pytest.fixture
def sample(sample_once: Sample) -> Sample:
    return fresh(sample_once)


def next_plan(sample: Sample) -> Plan:
    """July's plan of the same company: the same wishes, the same shortage in its first month, nothing sold in June."""
    july = date(2014, 7, 1)
    cycle = Cycle.objects.create(month=july, opened_by=sample.cast.finance)
    plan = Plan.objects.create(
        cycle=cycle, number="2014-07", first_month=july, horizon=HORIZON, baseline_version=1, previous=sample.plan
    )
    want(sample.company, plan)
    supply(sample.company, plan)
    return plan


def by_key(scores: list[Score]) -> dict[str, Score]:
    return {score.key: score for score in scores}


def test_service_is_shipped_over_asked_for(sample: Sample) -> None:
    land(sample)
    found = service_of(sample.plan, YEAR, is_constrained=True)
    assert found is not None
    asked = 7 * 25 * len(ITEMS) * MARKETS
    assert (found.wanted_units, found.shipped_units) == (asked * 1000, (asked - 5) * 1000)
    assert found.by_quantity == pytest.approx((asked - 5) / asked)
    value = 7 * 25 * MARKETS * (CHAIRS + LAMPS) * 90  # cents
    assert found.by_value == pytest.approx((value - 5 * 100 * 90) / value)


@pytest.mark.parametrize(
    ("months", "is_constrained"),
    [(YEAR, False), (range(JUNE - 1, JUNE + 2), True), (range(JUNE, JUNE + HORIZON + 1), True), (range(0), True)],
)
def test_service_is_not_said_without_supply_or_months(sample: Sample, months: range, is_constrained: bool) -> None:
    land(sample)
    assert service_of(sample.plan, months, is_constrained=is_constrained) is None


def test_the_five_numbers_without_a_last_cycle(sample: Sample) -> None:
    land(sample)
    position = position_of(sample.plan)
    assert position is not None
    scores = by_key(scorecard(sample.plan, position))
    assert list(scores) == ["revenue", "margin", "inventory", "cash", "service"]
    assert scores["revenue"].plan == position.finance_landing
    assert scores["revenue"].to_budget == position.gap
    assert all(score.last_cycle is None and score.to_last_cycle is None for score in scores.values())
    assert [scores[key].budget for key in ("inventory", "cash", "service")] == [None, None, None]


def test_the_last_cycle_is_compared_over_the_same_months(sample: Sample) -> None:
    land(sample)
    before = position_of(sample.plan)
    plan = next_plan(sample)
    land(Sample(sample.company, sample.cast, plan))
    now = position_of(plan)
    assert before is not None and now is not None
    scores = by_key(scorecard(plan, now))
    assert scores["revenue"].last_cycle == before.finance_landing
    assert scores["margin"].last_cycle == before.margin
    assert scores["inventory"].last_cycle == before.closing_inventory
    july_on = [row.direct_cents for row in before.cash_months if date(2014, 7, 1) <= row.month <= date(2014, 12, 1)]
    assert scores["cash"].last_cycle == sum(july_on)
    assert scores["service"].last_cycle == 1.0  # June's shortage is not among the months that both plans have open
    in_units = by_key(scorecard(plan, now, in_units=True))
    assert in_units["revenue"].last_cycle == (5 * 20 * 16 + 7 * 25 * 16 - 5) * 1000
    assert in_units["inventory"].plan == 4 * 1000 * 1000  # four items, a thousand each, milli-units


def test_changes_add_up_in_units_and_in_money(sample: Sample) -> None:
    land(sample)
    assert changes_of(sample.plan) is None
    plan = next_plan(sample)
    land(Sample(sample.company, sample.cast, plan))
    changes = changes_of(plan)
    assert changes is not None and changes.since == "2014-06"
    lost = 25 * 2 * MARKETS  # a month of both items everywhere: June, planned then, not sold now
    assert {row.name: (row.units, row.cents) for row in changes.lines} == {
        "Chairs": (-lost * 1000, -25 * MARKETS * CHAIRS * 90),
        "Lamps": (-lost * 1000, -25 * MARKETS * LAMPS * 90),
    }
    assert (changes.total.units, changes.total.cents) == (
        sum(row.units for row in changes.lines),
        sum(row.cents for row in changes.lines),
    )
    (largest, rest) = changes_of(plan, limit=1).lines  # type: ignore[union-attr]
    assert (largest.name, rest.name, rest.cents) == ("Chairs", "Other families", -25 * MARKETS * LAMPS * 90)


def test_refilled_safety_stock_is_named_with_its_dollars(sample: Sample) -> None:
    oak = sample.company.items["CHAIR-OAK"]
    Item.objects.filter(pk=oak.pk).update(safety_stock_milli=900_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE supply_supplyseries SET opening = 400000, make[1] = make[1] + 600000 WHERE item_id = %s", (oak.pk,)
        )
    land(sample)
    refill = refill_of(sample.plan)
    assert refill is not None
    assert (refill.month, refill.item_count) == (FIRST_MONTH, 1)
    assert refill.cents == (900 - 400) * 60 * 100  # up to the safety stock, not to the closing 1,000; standard 60


def test_without_a_refill_nothing_is_named(sample: Sample) -> None:
    Item.objects.filter(pk=sample.company.items["CHAIR-OAK"].pk).update(safety_stock_milli=900_000)
    land(sample)
    assert refill_of(sample.plan) is None


def test_exposures_have_dollars_and_owners(sample: Sample) -> None:
    land(sample)
    open_reconciliation(sample)
    name_adjustment(
        plan=sample.plan,
        wording=Wording(
            kind=AdjustmentKind.RISK,
            measure=Measure.COGS,
            title="Scrap of a wet delivery",
            reason="Seen at the gate",
            first_month=FIRST_MONTH,
            cents=(700_00,),
            expires_on=FIRST_MONTH,
            scope=Scope(),
        ),
        actor=sample.cast.finance,
    )
    add_action(
        plan=sample.plan,
        promise=Promise("Second shift", sample.cast.supply_planner, FIRST_MONTH, 5_000_00, 2_000_00, Scope()),
        actor=sample.cast.finance,
    )
    found = [(row.title, row.cents, row.owner, row.is_risk) for row in exposures_of(sample.plan)]
    assert found == [
        ("Scrap of a wet delivery", -700_00, sample.cast.finance, True),
        ("Second shift", 5_000_00, sample.cast.supply_planner, False),
        ("Chairs: short supply", 5 * 90 * 100, None, False),
    ]


def test_an_expectation_is_money_times_probability() -> None:
    assert Exposure("a", "", -1_01, None, probability=0.5).expected_cents == -51  # half a cent away from zero
    assert Exposure("a", "", 1_00, None).expected_cents == 1_00
    assert Exposure("a", "", None, None, probability=0.5).expected_cents is None
    assert Exposure("a", "", None, None).is_risk
