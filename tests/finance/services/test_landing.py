"""The landing run on the small company: totals by hand, ties, and every mutation that must be noticed."""

from __future__ import annotations

import pytest
from django.db import transaction

from catalog.models import ReferenceRow
from cycles.registry import gates_of
from cycles.workflow import StageKind
from demand.models import ActualSeries
from finance.calc.bridge import Driver
from finance.frames.landing_inputs import load_landing
from finance.models import BridgeLeaf, CashMonth, InventoryMoney, MoneySeries
from finance.selectors import position_of, summary_of, unexplained_of
from finance.services.landing import compute_landing
from finance.services.landing_store import replace_results
from tests.finance.sample_plan import DISCOUNT, ITEMS, OVERTIME_CENTS, Sample, land, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

MARKETS = 4
LIST = sum(int(row[1]) for row in ITEMS.values())
STANDARD = sum(int(row[2]) + int(row[3]) for row in ITEMS.values())
CLOSED, OPEN = 5, 7
ACTUAL = int(CLOSED * MARKETS * 20 * LIST * DISCOUNT * 100)
UPSIDE_OPEN = int(OPEN * MARKETS * 25 * LIST * DISCOUNT * 100)
SHORT_CENTS = int(5 * 100 * DISCOUNT * 100)
BUDGET = 12 * MARKETS * (9_000 + 10_000) * 100


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def gate_findings(sample: Sample, code: str) -> list[object]:
    (wanted,) = [gate for gate in gates_of(StageKind.RECONCILIATION) if gate.code == code]
    return list(wanted.check(sample.plan))


def test_totals_by_hand(landed: Sample) -> None:
    summary = summary_of(landed.plan)
    assert summary["actuals_to_date"] == ACTUAL
    assert summary["upside"] == ACTUAL + UPSIDE_OPEN
    assert summary["plan"] == UPSIDE_OPEN - SHORT_CENTS
    assert summary["landing"] == ACTUAL + UPSIDE_OPEN - SHORT_CENTS
    assert summary["budget"] == BUDGET
    assert summary["gap"] == summary["landing"] - BUDGET == sum(summary["drivers"].values())
    assert summary["drivers"]["supply_constraint"] == -SHORT_CENTS
    assert summary["unexplained"] == 0
    cogs = (CLOSED * MARKETS * 20 + OPEN * MARKETS * 25) * STANDARD - 5 * 60
    assert summary["cogs"] == cogs * 100
    assert summary["cost_to_serve"] == OVERTIME_CENTS
    assert summary["margin"] == summary["landing"] - summary["cogs"] - OVERTIME_CENTS
    assert summary["closing_inventory"] == 1000 * STANDARD * 100


def test_mix_is_zero_at_family_level_and_every_leaf_closes(landed: Sample) -> None:
    for leaf in BridgeLeaf.objects.filter(plan=landed.plan):
        drivers = [sum(values) for values in zip(*(getattr(leaf, d.value) for d in Driver), strict=True)]
        assert drivers == [a - b for a, b in zip(leaf.landing_cents, leaf.budget_cents, strict=True)]
    assert abs(summary_of(landed.plan)["drivers"]["mix"]) <= 16 * 12


def test_cash_both_ways_and_inventory_identity(landed: Sample) -> None:
    rows = list(CashMonth.objects.filter(plan=landed.plan))
    assert len(rows) == landed.plan.horizon
    assert [row.tie_difference_cents for row in rows] == [0] * 12
    first = rows[0]
    assert first.collections_cents == ACTUAL // CLOSED
    assert first.receivables_cents == (UPSIDE_OPEN // OPEN) - SHORT_CENTS
    for stock in InventoryMoney.objects.filter(plan=landed.plan):
        assert stock.revaluation_cents == [0] * 12


def test_cost_to_serve_reaches_the_series_whole(landed: Sample) -> None:
    assert sum(sum(row.cost_to_serve_cents) for row in MoneySeries.objects.filter(plan=landed.plan)) == OVERTIME_CENTS


def test_landing_twice_stores_the_same(landed: Sample) -> None:
    before = summary_of(landed.plan)
    land(landed)
    assert summary_of(landed.plan) == before


def test_gates_pass_after_a_landing(landed: Sample) -> None:
    for code in ("landing_current", "gap_unexplained", "missing_cost", "missing_price", "cash_ties"):
        assert gate_findings(landed, f"finance.{code}") == [], code


def test_gap_over_the_threshold_needs_an_answer(landed: Sample) -> None:
    subjects = [finding.subject for finding in gate_findings(landed, "finance.family_gap")]  # type: ignore[attr-defined]
    gap = position_of(landed.plan)
    assert gap is not None and gap.gap is not None
    over = abs(gap.gap) > max(landed.company.company.unanswered_amount_cents, BUDGET // 20)
    assert ("company" in subjects) == over


def test_deleting_one_leaf_is_noticed(landed: Sample) -> None:
    leaf = BridgeLeaf.objects.filter(plan=landed.plan).first()
    assert leaf is not None
    change = sum(leaf.landing_cents) - sum(leaf.budget_cents)
    leaf.delete()
    assert unexplained_of(landed.plan).cents == change != 0
    assert gate_findings(landed, "finance.gap_unexplained")


@pytest.mark.parametrize("again", [False, True])
def test_deleting_one_budget_row_is_noticed(landed: Sample, again: bool) -> None:
    row = ReferenceRow.objects.filter(plan=landed.company.budget).first()
    assert row is not None
    cents = row.revenue_cents
    row.delete()
    if again:
        force(landed)
    assert abs(unexplained_of(landed.plan).cents) == cents
    assert gate_findings(landed, "finance.gap_unexplained")


@pytest.mark.parametrize("again", [False, True])
def test_deleting_one_actual_row_is_noticed(landed: Sample, again: bool) -> None:
    row = ActualSeries.objects.first()
    assert row is not None
    cents = sum(row.net_cents[-CLOSED:])
    row.delete()
    if again:
        force(landed)
    assert abs(unexplained_of(landed.plan).cents) == cents
    assert gate_findings(landed, "finance.gap_unexplained")


def test_dropping_one_payment_is_noticed(landed: Sample) -> None:
    row = CashMonth.objects.filter(plan=landed.plan, payments_cents__gt=0).first()
    assert row is not None
    CashMonth.objects.filter(pk=row.pk).update(payments_cents=0)
    (finding,) = gate_findings(landed, "finance.cash_ties")
    assert finding.money_cents == row.payments_cents  # type: ignore[attr-defined]


def test_a_missing_cost_blocks_and_cannot_be_waived(landed: Sample) -> None:
    landed.company.items["LAMP-DESK"].standard_costs.all().delete()
    force(landed)
    (finding,) = gate_findings(landed, "finance.missing_cost")
    assert (finding.severity, finding.waivable, finding.subject) == ("block", False, "LAMP-DESK")  # type: ignore[attr-defined]
    assert finding.money_cents == 12 * MARKETS * 25 * 36_00  # type: ignore[attr-defined]


def force(sample: Sample) -> None:
    """Land again although no revision moved, as after a repair in the database."""
    with transaction.atomic():
        replace_results(sample.plan, compute_landing(load_landing(sample.plan)))
