"""Bridges between any two references of the small company: totals by hand, closure at every level, what is missing."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from django.db.models import F
from pytest_django import DjangoDbBlocker

from catalog.models import Item, ReferenceRow
from cycles.models import SnapshotRow
from cycles.selectors import Scope
from demand.models import ActualSeries
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference, StepKey
from finance.frames.landing_inputs import load_landing
from finance.models import Adjustment, BridgeLeaf, CashMonth, InventoryMoney
from finance.selectors import position_of
from finance.selectors.bridges import Bridge, BridgeQuestion, bridge_between, bridge_of
from finance.services.landing import compute_landing
from finance.services.landing_store import RESULTS, replace_results
from finance.services.reforecast import _copy
from tests.finance.approved_plan import LATE, STANDARD, THEN_HELD, approved_in_may
from tests.finance.sample_plan import DISCOUNT, HORIZON, ITEMS, OVERTIME_CENTS, Sample, land, sample_plan
from tests.flows.conftest import own_database as own_database

pytestmark = pytest.mark.django_db

EVERYTHING = Scope(((None, None),))
MARKETS = 4
LIST = sum(int(row[1]) for row in ITEMS.values())
MEASURES = (BridgeMeasure.REVENUE, BridgeMeasure.COGS, BridgeMeasure.MARGIN)
PER_UNIT_OF_ALL = int(MARKETS * LIST * DISCOUNT * 100)
"""Cents that one unit of every item in every market brings."""


@pytest.fixture(scope="module")
def landed(own_database: str, django_db_blocker: DjangoDbBlocker) -> Sample:
    """Landed once; every test looks at it, and changes it, inside a transaction of its own."""
    with django_db_blocker.unblock():
        sample = sample_plan()
        land(sample)
        return sample


def asked(sample: Sample, base: Reference, other: Reference, by: BridgeLevel | None = None) -> Bridge:
    return bridge_between(sample.plan, measure=BridgeMeasure.REVENUE, base=base, other=other, scope=EVERYTHING, by=by)


def closes(bridge: Bridge) -> None:
    """Every row closes, and the rows add to the total step by step."""
    total = bridge.total
    assert total is not None and total.unexplained == 0
    for row in bridge.rows:
        assert row.start + sum(row.steps.values()) + row.unexplained == row.end
    if bridge.rows:
        assert sum(row.start for row in bridge.rows) == total.start
        assert sum(row.end for row in bridge.rows) == total.end
        for key, cents in total.steps.items():
            assert sum(row.steps[key] for row in bridge.rows) == cents


def test_budget_to_landing_is_the_stored_bridge(landed: Sample) -> None:
    position = position_of(landed.plan)
    total = asked(landed, Reference.BUDGET, Reference.LANDING).total
    assert position is not None and total is not None
    assert (total.start, total.end) == (position.budget, position.landing)
    assert {key.value: cents for key, cents in total.steps.items()} == {
        driver.value: cents for driver, cents in position.drivers.items()
    }


def test_last_year_to_landing_by_hand(landed: Sample) -> None:
    """20 a month then, 20 in five closed months and 25 in seven open ones now: 7 × 5 more units of everything."""
    bridge = asked(landed, Reference.LAST_YEAR, Reference.LANDING)
    assert bridge.total is not None
    assert bridge.total.start == 12 * 20 * PER_UNIT_OF_ALL
    assert bridge.total.steps[StepKey.VOLUME] == 7 * 5 * PER_UNIT_OF_ALL
    assert bridge.total.steps[StepKey.CONSTRAINT] == -int(5 * 100 * DISCOUNT * 100)
    assert bridge.total.unexplained == 0


def test_last_cycle_to_landing_lists_the_months_that_only_one_has(landed: Sample) -> None:
    approved_in_may(landed)
    bridge = asked(landed, Reference.LAST_CYCLE, Reference.LANDING)
    assert bridge.total is not None
    assert [bridge.months[0] % 12 + 1, bridge.months[-1] % 12 + 1] == [5, 12]
    assert [month % 12 + 1 for month in bridge.only_other] == [1, 2, 3, 4]
    assert bridge.total.start == 8 * 20 * PER_UNIT_OF_ALL
    assert bridge.total.steps[StepKey.VOLUME] == 7 * 5 * PER_UNIT_OF_ALL
    assert any("2014-05" in note for note in bridge.notes)
    assert bridge.steps()[0].label == "Last cycle" and bridge.steps()[-1].label == "Landing"


def test_nodes_and_spans_close(landed: Sample) -> None:
    for by in (BridgeLevel.ITEM, BridgeLevel.CATEGORY, BridgeLevel.CHANNEL, BridgeLevel.QUARTER):
        closes(asked(landed, Reference.LAST_YEAR, Reference.LANDING, by))


@pytest.mark.long
def test_every_pair_closes_at_every_level(landed: Sample) -> None:
    approved_in_may(landed, share=0.7)
    there = [Reference.BUDGET, Reference.LANDING, Reference.LAST_CYCLE, Reference.LAST_YEAR, Reference.ACTUALS]
    answered = 0
    for base, other in permutations(there, 2):
        for by in (None, *BridgeLevel):
            bridge = asked(landed, base, other, by)
            assert not bridge.missing, bridge.missing
            closes(bridge)
            answered += 1
    assert answered == 5 * 4 * (1 + len(BridgeLevel))


def test_a_bridge_of_a_node_is_the_nodes_row(landed: Sample) -> None:
    whole = asked(landed, Reference.LAST_YEAR, Reference.LANDING, BridgeLevel.FAMILY)
    for row in whole.rows:
        assert row.key is not None
        question = BridgeQuestion(
            BridgeMeasure.REVENUE, Reference.LAST_YEAR, Reference.LANDING, BridgeLevel.ITEM,
            within=((BridgeLevel.FAMILY, row.key),),
        )  # fmt: skip
        inside = bridge_of(landed.plan, question, scope=EVERYTHING)
        assert inside.total is not None
        assert (inside.total.start, inside.total.end, inside.total.steps) == (row.start, row.end, row.steps)
        closes(inside)


def test_a_limited_scope_sees_its_own_families(landed: Sample) -> None:
    family = next(iter(landed.company.items.values())).family_id
    scope = Scope(((frozenset([family]), None),))
    bridge = bridge_between(
        landed.plan, measure=BridgeMeasure.REVENUE, base=Reference.LAST_YEAR, other=Reference.LANDING, scope=scope,
        by=BridgeLevel.FAMILY,
    )  # fmt: skip
    assert [row.key for row in bridge.rows] == [family]


@pytest.mark.parametrize("base", [Reference.REFORECAST, Reference.LAST_CYCLE])
def test_a_reference_that_is_not_there_is_said(landed: Sample, base: Reference) -> None:
    bridge = asked(landed, base, Reference.LANDING)
    assert bridge.total is None and bridge.steps() == [] and bridge.missing


def test_nothing_is_bridged_before_a_landing(landed: Sample) -> None:
    for model in RESULTS:
        model._default_manager.filter(plan=landed.plan).delete()
    assert "landing" in asked(landed, Reference.LAST_YEAR, Reference.LANDING).missing
    assert "budget" in asked(landed, Reference.BUDGET, Reference.ACTUALS).missing


def test_a_budget_without_cogs_has_no_margin(landed: Sample) -> None:
    ReferenceRow.objects.filter(plan=landed.company.budget).update(cogs_cents=None)
    bridge = bridge_between(
        landed.plan, measure=BridgeMeasure.MARGIN, base=Reference.BUDGET, other=Reference.LANDING, scope=EVERYTHING
    )
    assert bridge.total is None and "n/a" in bridge.missing


def test_a_dropped_leaf_is_unexplained(landed: Sample) -> None:
    """Negative control: the stored totals know what the leaves have lost."""
    leaf = BridgeLeaf.objects.filter(plan=landed.plan).first()
    assert leaf is not None
    cents = sum(leaf.landing_cents) - sum(leaf.budget_cents)
    leaf.delete()
    total = asked(landed, Reference.BUDGET, Reference.LANDING).total
    assert total is not None and total.unexplained == cents != 0


def test_dropped_sales_are_unexplained(landed: Sample) -> None:
    """Negative control: the control totals of a year ago know more than the sales that are stored now."""
    row = ActualSeries.objects.first()
    assert row is not None
    then = sum(row.net_cents[-17:-5])
    row.delete()
    bridge = asked(landed, Reference.LAST_YEAR, Reference.BUDGET, BridgeLevel.MONTH)
    assert bridge.total is not None and bridge.total.unexplained == -then != 0
    assert sum(row.unexplained for row in bridge.rows) == -then


def cost_bridge(sample: Sample, measure: BridgeMeasure, base: Reference, by: BridgeLevel | None = None) -> Bridge:
    return bridge_between(sample.plan, measure=measure, base=base, other=Reference.LANDING, scope=EVERYTHING, by=by)


def test_cogs_against_last_year_by_hand(landed: Sample) -> None:
    """5 more units of everything in seven months at standard, 5 chairs short at 60, one overtime premium."""
    total = cost_bridge(landed, BridgeMeasure.COGS, Reference.LAST_YEAR).total
    assert total is not None and total.unexplained == 0
    assert total.start == 12 * 20 * MARKETS * STANDARD
    assert total.steps[StepKey.VOLUME] == 7 * 5 * MARKETS * STANDARD
    assert total.steps[StepKey.RATE] == 0
    assert total.steps[StepKey.CONSTRAINT] == -5 * 60_00
    assert total.steps[StepKey.OVERTIME] == OVERTIME_CENTS


def test_margin_is_revenue_less_cogs_step_by_step(landed: Sample) -> None:
    position = position_of(landed.plan)
    assert position is not None
    for by in (None, BridgeLevel.FAMILY, BridgeLevel.QUARTER):
        revenue, cogs, margin = (cost_bridge(landed, m, Reference.LAST_YEAR, by) for m in MEASURES)
        assert revenue.total and cogs.total and margin.total
        assert margin.total.end == position.margin == revenue.total.end - cogs.total.end
        for key, cents in margin.total.steps.items():
            assert cents == revenue.total.steps.get(key, 0) - cogs.total.steps.get(key, 0), key
        closes(margin)
        closes(cogs)


def test_the_budgets_cogs_comes_to_leaves_whole(landed: Sample) -> None:
    rows = ReferenceRow.objects.filter(plan=landed.company.budget)
    rows.update(cogs_cents=F("revenue_cents") / 2)
    for by in (BridgeLevel.ITEM, BridgeLevel.MONTH):
        bridge = cost_bridge(landed, BridgeMeasure.MARGIN, Reference.BUDGET, by)
        assert bridge.total is not None, bridge.missing
        assert bridge.total.start == sum(row.revenue_cents - (row.cogs_cents or 0) for row in rows)
        closes(bridge)


def test_adjustments_stand_at_their_node_and_above(landed: Sample) -> None:
    family = landed.company.families["CHAIRS"]
    Adjustment.objects.create(
        plan=landed.plan, kind="risk", measure="revenue", title="Strike", reason="Port", first_month=date(2014, 7, 1),
        cents=[-70_00, -30_00], expires_on=date(2014, 12, 1), revision=1, family=family, author=landed.cast.finance,
        owner=landed.cast.finance, named_by=landed.cast.finance,
    )  # fmt: skip
    position = position_of(landed.plan)
    assert position is not None
    by_family, by_item, by_month = (
        asked(landed, Reference.BUDGET, Reference.LANDING, by)
        for by in (BridgeLevel.FAMILY, BridgeLevel.ITEM, BridgeLevel.MONTH)
    )
    for bridge in (by_family, by_item, by_month):
        assert bridge.total is not None and bridge.total.end == position.finance_landing
        assert bridge.total.steps[StepKey.ADJUSTMENTS] == -100_00
        closes(bridge)
    assert {row.key: row.steps[StepKey.ADJUSTMENTS] for row in by_family.rows}[family.pk] == -100_00
    assert [row.steps[StepKey.ADJUSTMENTS] for row in by_item.rows if row.key is None] == [-100_00]
    assert [row.steps[StepKey.ADJUSTMENTS] for row in by_month.rows][6:8] == [-70_00, -30_00]


def test_the_last_cycle_keeps_the_adjustments_that_were_approved_with_it(landed: Sample) -> None:
    """100 of risk were frozen with the plan of May and were withdrawn since: they come back as a step."""
    snapshot = approved_in_may(landed)
    frozen = Adjustment.objects.create(
        plan=landed.plan, kind="risk", measure="revenue", title="Strike", reason="Port", first_month=date(2014, 7, 1),
        cents=[-70_00, -30_00], expires_on=date(2014, 5, 1), revision=1, author=landed.cast.finance,
        owner=landed.cast.finance, named_by=landed.cast.finance,
    )  # fmt: skip
    SnapshotRow.objects.create(
        snapshot=snapshot, section="finance", position=9_999, key=["adjustment", f"{frozen.pk:012d}"], fields={},
        digests={}, digest="0" * 64,
    )  # fmt: skip
    bridge = asked(landed, Reference.LAST_CYCLE, Reference.LANDING, BridgeLevel.MONTH)
    assert bridge.total is not None and bridge.total.steps[StepKey.ADJUSTMENTS] == 100_00
    assert bridge.total.start == 8 * 20 * PER_UNIT_OF_ALL - 100_00
    closes(bridge)


def test_a_reforecast_is_a_reference_with_its_own_number(landed: Sample) -> None:
    """The landing set as reforecast and bridged to itself: nothing changed, and COGS differs by what it cannot hold."""
    position = position_of(landed.plan)
    assert position is not None
    _copy(landed.plan, position, "FY2014-R1")
    bridge = asked(landed, Reference.REFORECAST, Reference.LANDING, BridgeLevel.FAMILY)
    assert bridge.total is not None, bridge.missing
    assert bridge.total.start == bridge.total.end == position.finance_landing
    closes(bridge)
    assert any("FY2014-R1" in note for note in bridge.notes)


def land_again(sample: Sample) -> None:
    """Land although no revision moved, as after a new hierarchy."""
    replace_results(sample.plan, compute_landing(load_landing(sample.plan)))


def company_bridge(sample: Sample, measure: BridgeMeasure, by: BridgeLevel | None = None) -> Bridge:
    return bridge_between(
        sample.plan, measure=measure, base=Reference.LAST_CYCLE, other=Reference.LANDING, scope=EVERYTHING, by=by
    )


def test_cash_against_last_cycle(landed: Sample) -> None:
    """Customers were to pay 7 later in each of the seven open months of the year: now they do not."""
    approved_in_may(landed)
    position = position_of(landed.plan)
    total = company_bridge(landed, BridgeMeasure.CASH).total
    assert position is not None and total is not None
    assert total.end == position.cash and total.unexplained == 0
    assert {key: cents for key, cents in total.steps.items() if cents} == {StepKey.RECEIVABLES: 7 * LATE}
    closes(company_bridge(landed, BridgeMeasure.CASH, BridgeLevel.QUARTER))
    assert "not held by family" in company_bridge(landed, BridgeMeasure.CASH, BridgeLevel.FAMILY).missing


def test_a_lost_cash_line_is_unexplained(landed: Sample) -> None:
    """Negative control: the direct flow does not follow a line that was changed after the fact."""
    approved_in_may(landed)
    row = CashMonth.objects.filter(plan=landed.plan).first()
    assert row is not None
    CashMonth.objects.filter(pk=row.pk).update(payables_change_cents=row.payables_change_cents + 500)
    total = company_bridge(landed, BridgeMeasure.CASH).total
    assert total is not None and total.unexplained == -500


def test_inventory_against_last_cycle(landed: Sample) -> None:
    """1,000 of each item instead of 900 at the year's end, at one standard: somebody chose to hold more."""
    approved_in_may(landed)
    position = position_of(landed.plan)
    bridge = company_bridge(landed, BridgeMeasure.INVENTORY, BridgeLevel.ITEM)
    assert position is not None and bridge.total is not None
    assert bridge.total.start == THEN_HELD * STANDARD and bridge.total.end == position.closing_inventory
    assert bridge.total.unexplained == 0 and bridge.total.steps[StepKey.COST] == 0
    assert bridge.total.steps[StepKey.POLICY] + bridge.total.steps[StepKey.VOLUME] == (1_000 - THEN_HELD) * STANDARD
    closes(bridge)
    closes(company_bridge(landed, BridgeMeasure.INVENTORY, BridgeLevel.FAMILY))
    months = company_bridge(landed, BridgeMeasure.INVENTORY, BridgeLevel.MONTH)
    assert months.rows[-1].end == bridge.total.end and len(months.rows) == len(months.months) == 7
    assert all(row.unexplained == 0 for row in months.rows)
    assert "not held by market" in company_bridge(landed, BridgeMeasure.INVENTORY, BridgeLevel.MARKET).missing


def test_lost_stock_is_unexplained(landed: Sample) -> None:
    """Negative control: an item's stock is gone, the company's inventory still knows it."""
    approved_in_may(landed)
    row = InventoryMoney.objects.filter(plan=landed.plan).first()
    assert row is not None
    row.delete()
    total = company_bridge(landed, BridgeMeasure.INVENTORY).total
    assert total is not None and total.unexplained == row.value_cents[6]


@pytest.mark.parametrize("measure", [BridgeMeasure.INVENTORY, BridgeMeasure.CASH])
def test_a_budget_has_neither_stock_nor_cash(landed: Sample, measure: BridgeMeasure) -> None:
    bridge = bridge_between(
        landed.plan, measure=measure, base=Reference.BUDGET, other=Reference.LANDING, scope=EVERYTHING
    )
    assert bridge.total is None and "Budget has no" in bridge.missing and "n/a" in bridge.missing


def test_items_that_moved_since_the_approval_are_listed_and_counted_where_they_are_now(landed: Sample) -> None:
    approved_in_may(landed)
    item, lamps = landed.company.items["CHAIR-OAK"], landed.company.families["LAMPS"]
    Item.objects.filter(pk=item.pk).update(family=lamps)
    land_again(landed)
    bridge = asked(landed, Reference.LAST_CYCLE, Reference.LANDING, BridgeLevel.FAMILY)
    assert [(row.item, row.family_before, row.family_now) for row in bridge.moved] == [("CHAIR-OAK", "CHAIRS", "LAMPS")]
    closes(bridge)
    starts = {row.code: row.start for row in bridge.rows}
    prices = {code: int(row[1]) for code, row in ITEMS.items()}
    of_lamps = sum(price for code, price in prices.items() if code == "CHAIR-OAK" or code.startswith("LAMP"))
    assert starts["LAMPS"] == int(8 * 20 * MARKETS * of_lamps * DISCOUNT * 100)


def test_other_months_than_the_fiscal_year_may_be_asked(landed: Sample) -> None:
    """The plan reaches to May 2015: the whole horizon against the same months of the approved plan, which ends in April."""
    approved_in_may(landed)
    first = landed.plan.first_month_index
    question = BridgeQuestion(
        BridgeMeasure.REVENUE, Reference.LAST_CYCLE, Reference.LANDING, BridgeLevel.YEAR,
        months=range(first, first + HORIZON),
    )  # fmt: skip
    bridge = bridge_of(landed.plan, question, scope=EVERYTHING)
    assert bridge.months == tuple(range(first, first + HORIZON - 1))
    assert bridge.only_other == (first + HORIZON - 1,)
    assert [row.code for row in bridge.rows] == ["FY2014", "FY2015"]
    closes(bridge)
