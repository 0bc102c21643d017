"""November 2013 of AdventureWorks from its ERP files to the approved plan: every figure exact, every change noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from catalog.calc.months import month_date
from catalog.models import ReferencePlan, ReferenceRow
from cycles.models import Plan
from cycles.selectors import Scope, is_approved, latest_snapshot, stage_of
from cycles.services.findings import GateResult, evaluate_gates
from cycles.workflow import StageKind
from demand.models import ActualSeries
from finance.calc.references import BridgeLevel, BridgeMeasure, Reference
from finance.models import BridgeLeaf
from finance.selectors import unexplained_of
from finance.selectors.bridges import bridge_between
from finance.selectors.ties import window_of
from tests.flows.bridge_formulas import DRIVERS, largest_miss
from tests.flows.walks import run_cycle, summary_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]

LEVELS = ("company", "category", "family", "item", "market", "region", "month", "quarter")
EVERYTHING = Scope(((None, None),))
WAIVABLE = {
    "supply.opening_stock",
    "finance.component_cost_zero",
    "supply.component_uom",
    "supply.routing_missing",
    "finance.family_gap",
}


@pytest.fixture(scope="module")
def out(own_database: str, adventureworks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("november")
    run_cycle(adventureworks, folder, "--month=2013-11", "--new")
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> dict[str, Any]:
    return summary_of(out)


@pytest.fixture(scope="module")
def leaves(out: Path) -> pd.DataFrame:
    frame = pd.read_parquet(out / "leaves.parquet")
    quarter = [f"Q{(int(month[5:]) - 5) % 12 // 3 + 1}" for month in frame["month"]]
    return frame.assign(company="all", quarter=quarter)


@pytest.fixture
def plan(out: Path) -> Plan:
    return Plan.objects.get(number="2013-11")


def test_approved_with_the_actuals_and_the_budget_of_the_files(plan: Plan, summary: dict[str, Any]) -> None:
    assert is_approved(plan)
    assert (summary["actuals_to_date"], summary["budget"]) == ("25885731.86", "51706374.13")
    assert (summary["fiscal_year"], summary["unexplained"]) == (2014, "0.00")
    gap = Decimal(summary["landing"]) - Decimal(summary["budget"])
    assert Decimal(summary["gap"]) == gap == sum(Decimal(text) for text in summary["drivers"].values())
    assert Decimal(summary["landing"]) == Decimal(summary["actuals_to_date"]) + Decimal(summary["plan"])
    assert summary["snapshot_hash"] == latest_snapshot(plan).root  # type: ignore[union-attr]


@pytest.mark.parametrize("level", LEVELS)
def test_drivers_add_to_the_gap(leaves: pd.DataFrame, level: str) -> None:
    sums = leaves.groupby(level).sum(numeric_only=True)
    drivers = sums[[f"{driver}_cents" for driver in DRIVERS]].sum(axis=1)
    assert (drivers == sums["landing_cents"] - sums["budget_cents"]).all()


def test_leaves_add_to_the_summary(leaves: pd.DataFrame, summary: dict[str, Any]) -> None:
    for name in ("landing", "budget", "upside"):
        assert Decimal(int(leaves[f"{name}_cents"].sum())) / 100 == Decimal(summary[name])
    for driver in DRIVERS:
        assert Decimal(int(leaves[f"{driver}_cents"].sum())) / 100 == Decimal(summary["drivers"][driver])


def test_every_driver_is_its_formula(leaves: pd.DataFrame) -> None:
    miss, where = largest_miss(leaves)
    assert miss <= Decimal("1.000001"), where


def test_a_wrong_driver_is_found_by_the_formulas(leaves: pd.DataFrame) -> None:
    wrong = leaves.copy()
    row = int((wrong["volume_cents"].abs() > 1000).idxmax())
    wrong.loc[row, ["volume_cents", "mix_cents"]] += [500, -500]
    miss, where = largest_miss(wrong)
    assert miss >= 499 and str(wrong.loc[row, "item"]) in where


def test_bridge_file_adds_to_the_gap(out: Path, summary: dict[str, Any]) -> None:
    rows = pd.read_csv(out / "bridge.csv", dtype=str)
    assert list(rows.columns) == ["driver", "family", "market", "month", "amount"]
    assert sum(Decimal(text) for text in rows["amount"]) == Decimal(summary["gap"])


def test_bridges_between_all_references_close(plan: Plan, summary: dict[str, Any]) -> None:
    """Budget, landing, last year and actuals, in revenue and in margin."""
    landing, budget, actuals = Reference.LANDING, Reference.BUDGET, Reference.ACTUALS
    for base, other in ((budget, landing), (Reference.LAST_YEAR, landing), (actuals, budget), (landing, actuals)):
        for measure in (BridgeMeasure.REVENUE, BridgeMeasure.MARGIN):
            found = bridge_between(
                plan, measure=measure, base=base, other=other, scope=EVERYTHING, by=BridgeLevel.FAMILY
            )
            assert found.total is not None, found.missing
            assert found.total.unexplained == 0, (measure, base, other)
            for key, cents in found.total.steps.items():
                assert sum(row.steps[key] for row in found.rows) == cents, (measure, base, other, key)
    usual = bridge_between(
        plan, measure=BridgeMeasure.REVENUE, base=Reference.BUDGET, other=Reference.LANDING, scope=EVERYTHING
    )
    assert usual.total is not None
    assert {key.value: f"{Decimal(cents) / 100:.2f}" for key, cents in usual.total.steps.items()} == summary["drivers"]


def test_only_what_may_be_waived_was_waived(out: Path, summary: dict[str, Any]) -> None:
    assert set(summary["waivers"]) <= WAIVABLE
    rows = pd.read_csv(out / "findings.csv", dtype=str, keep_default_na=False)
    assert set(rows.loc[rows["waived_by"] != "", "code"]) == set(summary["waivers"])
    assert set(rows.loc[rows["severity"] == "block", "waived_by"]) > {""} or all(
        rows.loc[rows["severity"] == "block", "reason"].str.startswith("Rule ")
    )


def gate(plan: Plan) -> GateResult:
    results = evaluate_gates(stage_of(plan, StageKind.RECONCILIATION))
    (found,) = [result for result in results if result.gate.code == "finance.gap_unexplained"]
    return found


def drop_leaf(plan: Plan) -> None:
    leaf = next(leaf for leaf in BridgeLeaf.objects.filter(plan=plan) if sum(leaf.landing_cents))
    leaf.delete()


def drop_budget_row(plan: Plan) -> None:
    year = ReferencePlan.objects.get(code=ReferencePlan.BUDGET, fiscal_year=2014)
    row = ReferenceRow.objects.filter(plan=year, revenue_cents__gt=0).first()
    assert row is not None
    row.delete()


def drop_actual_row(plan: Plan) -> None:
    closed = window_of(plan).closed
    start = (window_of(plan).start) - (2011 * 12 + 4)
    assert month_date(2011 * 12 + 4).isoformat() == "2011-05-01"
    row = next(row for row in ActualSeries.objects.all() if sum(row.net_cents[start : start + closed]))
    row.delete()


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("drop", [drop_leaf, drop_budget_row, drop_actual_row])
def test_a_dropped_row_is_unexplained_and_blocks(plan: Plan, drop: Callable[[Plan], None]) -> None:
    assert (unexplained_of(plan).cents, gate(plan).state) == (0, "passed")
    with rolled_back():
        drop(plan)
        assert unexplained_of(plan).cents != 0
        assert gate(plan).state == "blocked"
        assert not any(judged.finding.waivable for judged in gate(plan).findings)
    assert (unexplained_of(plan).cents, gate(plan).state) == (0, "passed")


def verify(**options: Any) -> str:
    printed = StringIO()
    call_command("verify", stdout=printed, stderr=StringIO(), **options)
    return printed.getvalue()


def test_verify_is_clean_and_knows_the_hash_kept_outside(summary: dict[str, Any]) -> None:
    assert "Everything is as it was approved." in verify(expect=summary["snapshot_hash"])
    with pytest.raises(CommandError, match="1 problems"):
        verify(expect="0" * 64)


@pytest.mark.parametrize("table", ["cycles_snapshot", "cycles_snapshotrow", "demand_edit", "cycles_auditrow"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_may_not_change_what_is_kept(out: Path, table: str, change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("sop_app",)
        with pytest.raises(DatabaseError, match=r"permission denied|append-only"), transaction.atomic():
            cursor.execute(change.format(table))


class Superuser:
    """A connection on which no trigger fires, and what it must put back."""

    def __init__(self, servers: dict[str, str], database: str) -> None:
        self.address = servers["DATABASE_OWNER_URL"]
        self.options = {"user": "sop_root", "password": servers["root_password"], "dbname": database}

    def run(self, statement: str, *values: Any) -> None:
        with closing(psycopg2.connect(self.address, **self.options)) as stranger, stranger, stranger.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement, values)
            assert cursor.rowcount == 1


@pytest.fixture
def superuser(servers: dict[str, str], own_database: str) -> Superuser:
    if "root_password" not in servers:
        pytest.skip("the superuser's password of an external server is not known here")
    return Superuser(servers, own_database)


def test_a_field_changed_by_a_superuser_is_named(plan: Plan, superuser: Superuser) -> None:
    snapshot = latest_snapshot(plan)
    assert snapshot is not None
    row = snapshot.rows.filter(section="finance", key__0="money").first()
    assert row is not None
    put_back = connection.cursor()
    put_back.execute("SELECT fields::text FROM cycles_snapshotrow WHERE id = %s", [row.pk])
    (before,) = put_back.fetchone()
    superuser.run("UPDATE cycles_snapshotrow SET fields = jsonb_set(fields, '{amount,0}', '1') WHERE id = %s", row.pk)
    try:
        told = StringIO()
        with pytest.raises(CommandError):
            call_command("verify", stdout=StringIO(), stderr=told)
    finally:
        superuser.run("UPDATE cycles_snapshotrow SET fields = %s::jsonb WHERE id = %s", before, row.pk)
    assert (
        f"row {row.position} (finance: {' / '.join(row.key)}): field amount is not what was approved" in told.getvalue()
    )
    assert "Everything is as it was approved." in verify()
