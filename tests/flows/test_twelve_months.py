"""A year of AdventureWorks on one database, rolled forward month by month: every identity in every cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import call_command
from django.db import transaction

from cycles.models import Plan, Snapshot, SnapshotRow
from cycles.registry import gates_of
from cycles.selectors import is_approved
from cycles.workflow import StageKind
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference
from finance.models import CashMonth, CompanyMonth
from finance.selectors.bridges import bridge_between
from supply.models import ShipSeries, SupplySeries
from tests.flows.dollar_checks import check_policies_and_a_new_standard
from tests.flows.test_adventureworks_month import EVERYTHING, WAIVABLE
from tests.flows.walks import run_cycle, summary_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

MONTHS = [f"{2013 + (4 + k) // 12}-{(4 + k) % 12 + 1:02d}" for k in range(12)]
ACTUAL_YEAR = Decimal("36277592") + Decimal("15053485")
BUDGET = "51706374.13"


@pytest.fixture(scope="module")
def year(own_database: str, adventureworks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year")
    printed = run_cycle(adventureworks, folder, f"--months={MONTHS[0]}..{MONTHS[-1]}", "--new")
    (folder / "printed.txt").write_text(printed)
    print(printed)
    return folder


@pytest.fixture(scope="module")
def summaries(year: Path) -> list[dict[str, Any]]:
    return [summary_of(year / month) for month in MONTHS]


@pytest.fixture(params=MONTHS)
def plan(year: Path, request: pytest.FixtureRequest) -> Plan:
    return Plan.objects.get(number=request.param)


def test_twelve_approved_cycles_each_from_the_one_before(year: Path) -> None:
    plans = list(Plan.objects.order_by("first_month"))
    assert [plan.number for plan in plans] == MONTHS
    assert all(is_approved(plan) for plan in plans)
    assert [plan.previous for plan in plans] == [None, *plans[:-1]]


def test_every_snapshot_verifies(year: Path) -> None:
    """The command recomputes every digest, root and identity of all of them, and knows a root kept outside."""
    snapshots = list(Snapshot.objects.order_by("sequence"))
    assert [snapshot.number for snapshot in snapshots] == MONTHS
    printed = StringIO()
    call_command("verify", expect=snapshots[0].root, stdout=printed)
    told = printed.getvalue()
    assert all(f"ok  snapshot {month}, " in told for month in MONTHS)
    assert "Everything is as it was approved." in told


def test_every_landing_is_explained(summaries: list[dict[str, Any]]) -> None:
    actuals = [Decimal(summary["actuals_to_date"]) for summary in summaries]
    assert actuals[0] == 0 and actuals == sorted(actuals)
    for summary in summaries:
        assert (summary["budget"], summary["unexplained"], summary["fiscal_year"]) == (BUDGET, "0.00", 2014)
        drivers = sum(Decimal(text) for text in summary["drivers"].values())
        assert drivers == Decimal(summary["gap"]) == Decimal(summary["landing"]) - Decimal(BUDGET)


def test_the_landing_comes_near_the_year_that_was(summaries: list[dict[str, Any]]) -> None:
    misses = [abs(Decimal(summary["landing"]) / ACTUAL_YEAR - 1) for summary in summaries]
    assert max(misses[6:]) < Decimal("0.05"), misses


def test_waivers_are_counted_with_their_dollars(year: Path, summaries: list[dict[str, Any]]) -> None:
    printed = (year / "printed.txt").read_text()
    assert printed.count("  waivers: ") == len(MONTHS)
    for summary in summaries:
        assert set(summary["waivers"]) <= WAIVABLE
        assert all(row["count"] > 0 and Decimal(row["dollars"]) >= 0 for row in summary["waivers"].values())


def test_accuracy_is_printed_beside_the_seasonal_naive(year: Path) -> None:
    printed = (year / "printed.txt").read_text()
    assert printed.count("WMAPE of earlier plans / seasonal naive") == len(MONTHS) - 1
    last = pd.read_csv(year / MONTHS[-1] / "accuracy.csv")
    everything = last[last["family"] == "(all)"].set_index("lag")
    assert everything.index.tolist() == [1, 2, 3]
    assert everything["months"].tolist() == [11, 10, 9]
    assert (everything["wmape"] < everything["naive_wmape"]).all(), everything


def stored_cash(plan: Plan) -> Iterator[tuple[CashMonth, CompanyMonth]]:
    company = {row.month: row for row in CompanyMonth.objects.filter(plan=plan)}
    for row in CashMonth.objects.filter(plan=plan).order_by("month"):
        yield row, company[row.month]


def test_cash_is_equal_both_ways_in_every_month(plan: Plan) -> None:
    """Both flows added up again from stored lines: margin from the company's month, ΔAR and ΔAP from the balances."""
    months = 0
    before: CashMonth | None = None
    inventory_before = 0
    for row, company in stored_cash(plan):
        paid = row.payments_cents + row.conversion_cents + row.cost_to_serve_cents + row.other_variances_cents
        direct = row.collections_cents - paid
        cost = company.cogs_cents + (company.variance_cents or 0) + company.cost_to_serve_cents
        change = row.receivables_change_cents + row.inventory_change_cents - row.payables_change_cents
        indirect = company.revenue_cents - cost - change
        assert direct == indirect == row.direct_cents == row.indirect_cents, row
        if before is not None:
            assert row.receivables_change_cents == row.receivables_cents - before.receivables_cents
            assert row.payables_change_cents == row.payables_cents - before.payables_cents
            moved = (company.inventory_cents or 0) - inventory_before - (company.revaluation_cents or 0)
            assert row.inventory_change_cents == moved
        assert row.receivables_change_cents == company.revenue_cents - row.collections_cents
        before, inventory_before, months = row, company.inventory_cents or 0, months + 1
    assert months == plan.horizon


def test_cash_and_stock_hold_under_both_policies_and_a_new_standard(plan: Plan) -> None:
    check_policies_and_a_new_standard(plan)


def test_inventory_rolls_per_item_and_month(plan: Plan) -> None:
    rows = list(SupplySeries.objects.filter(plan=plan))
    assert rows
    for row in rows:
        flows = np.array([row.make, row.overtime, row.buy]).sum(axis=0) - np.array([row.consumed, row.shipped]).sum(
            axis=0
        )
        assert (row.opening + np.cumsum(flows)).tolist() == row.inventory
        assert min(row.inventory) >= 0


def test_what_leaves_stock_is_what_markets_get(plan: Plan) -> None:
    left: dict[int, Any] = defaultdict(int)
    for row in SupplySeries.objects.filter(plan=plan):
        left[row.item_id] = left[row.item_id] + np.array(row.shipped)
    got: dict[int, Any] = defaultdict(int)
    for series in ShipSeries.objects.filter(plan=plan):
        got[series.item_id] = got[series.item_id] + np.maximum(np.array(series.ship), 0)
    for item, units in got.items():
        assert np.array_equal(units, left[item]), item


def test_every_bridge_from_the_last_cycle_closes(plan: Plan) -> None:
    """Revenue, COGS, margin, inventory and cash, from the plan approved a month before to this landing."""
    for measure in BridgeMeasure:
        found = bridge_between(
            plan, measure=measure, base=Reference.LAST_CYCLE, other=Reference.LANDING, scope=EVERYTHING,
            by=BridgeLevel.MONTH,
        )  # fmt: skip
        if plan.number == MONTHS[0]:
            assert "No earlier cycle" in found.missing or "n/a" in found.missing
            continue
        assert found.total is not None, found.missing
        assert [row.unexplained for row in found.rows] == [0] * len(found.rows), measure
        assert found.total.start + sum(found.total.steps.values()) == found.total.end


def test_dropping_one_payment_breaks_the_cash_identity(plan: Plan) -> None:
    (gate,) = [gate for gate in gates_of(StageKind.RECONCILIATION) if gate.code == "finance.cash_ties"]
    row = CashMonth.objects.filter(plan=plan, payments_cents__gt=0).first()
    assert row is not None and not list(gate.check(plan))
    with transaction.atomic():
        CashMonth.objects.filter(pk=row.pk).update(payments_cents=0)
        (finding,) = gate.check(plan)
        assert (finding.severity, finding.waivable, finding.money_cents) == ("block", False, row.payments_cents)
        with pytest.raises(AssertionError):
            test_cash_is_equal_both_ways_in_every_month(plan)
        transaction.set_rollback(True)
    assert not list(gate.check(plan))


def test_the_rules_answer_from_the_past_only(year: Path) -> None:
    """The snapshot of November 2013 holds no sale of a month that was still open then."""
    snapshot = Snapshot.objects.get(number="2013-11")
    rows = SnapshotRow.objects.filter(snapshot=snapshot, section="finance", key__0="company")
    closed = [row.key[1] for row in rows.order_by("position") if row.fields["is_closed"]]
    assert closed == MONTHS[:6]
