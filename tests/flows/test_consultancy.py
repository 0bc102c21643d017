"""A consultancy runs a month: hours and appointments, no stock; revenue, hours, cost and cash recomputed from the files.

The pack of tests/files/consultancy: three practices, eight services, two regions × two channels, 36 months of sales,
hours per practice and month, the bench as a planned absorption variance. Nothing in it is stocked, bought or made of
components.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from catalog.models import Item, Market
from cycles.models import Plan, Snapshot, SnapshotRow, Waiver
from cycles.selectors import is_approved
from finance.models import CashMonth, CompanyMonth, InventoryMoney
from finance.selectors.position import position_of
from supply.models import ShipSeries, Shortage, SupplySeries, WorkCentreLoad
from tests.cast import make_cast
from tests.flows.walks import RULES, run_cycle, summary_of

PACK = Path(__file__).parents[1] / "files" / "consultancy"
MONTH = "2025-04"
HORIZON = 12
#: No rule for findings: a company of services must not be asked to waive anything about stock.
ALLOWED = {rule: RULES[rule] for rule in ("gap", "exceptions", "overloads")}
CENT, MILLI = Decimal("0.01"), Decimal("0.001")

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(scope="module")
def month(own_database: str, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The month, run once; the folder of its results."""
    out = tmp_path_factory.mktemp("consultancy")
    with django_db_blocker.unblock():
        (out / "printed.txt").write_text(run_cycle(PACK, out, f"--month={MONTH}", "--new", rules=ALLOWED))
    return out


@pytest.fixture
def plan(month: Path) -> Plan:
    return Plan.objects.get(number=MONTH)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (PACK / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def months(plan: Plan) -> list[date]:
    first = plan.first_month_index
    return [date((first + k) // 12, (first + k) % 12 + 1, 1) for k in range(plan.horizon)]


def shipped(plan: Plan) -> Iterator[tuple[str, str, list[Decimal]]]:
    """Item, market and units per month of the constrained plan."""
    items, markets = (dict(model.objects.values_list("id", "code")) for model in (Item, Market))
    for series in ShipSeries.objects.filter(plan=plan):
        yield items[series.item_id], markets[series.market_id], [Decimal(units) / 1000 for units in series.ship]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def company_months(plan: Plan) -> list[CompanyMonth]:
    return list(CompanyMonth.objects.filter(plan=plan, is_closed=False).order_by("month"))


def test_the_month_is_approved_and_its_snapshot_verifies(month: Path, plan: Plan) -> None:
    assert is_approved(plan) and plan.horizon == HORIZON
    call_command("verify")
    summary = summary_of(month)
    assert summary["unexplained"] == "0.00"
    assert sum(Decimal(value) for value in summary["drivers"].values()) == Decimal(summary["gap"])
    assert Decimal(summary["gap"]) == Decimal(summary["landing"]) - Decimal(summary["budget"])


def test_nobody_was_asked_about_stock(plan: Plan) -> None:
    """Without a rule for findings the month went through: only the gap to the budget was waived."""
    assert set(Waiver.objects.filter(plan=plan).values_list("code", flat=True)) <= {"finance.family_gap"}


def test_revenue_is_shipped_hours_times_price_less_discount(plan: Plan) -> None:
    prices = {row["sku"]: Decimal(row["list_price"]) for row in rows("price_history") if not row["valid_to"]}
    discount = {f"{row['market']}/{row['channel']}": Decimal(row["discount"]) for row in rows("planned_discounts")}
    expected = [Decimal(0)] * plan.horizon
    for item, market, units in shipped(plan):
        net = (prices[item] * (1 - discount[market])).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        expected = [total + cents(hours * net) for total, hours in zip(expected, units, strict=True)]
    assert [Decimal(row.revenue_cents) / 100 for row in company_months(plan)] == expected


def test_cost_of_hours_delivered_at_standard(plan: Plan) -> None:
    cost = {row["sku"]: Decimal(row["standard_cost"]) for row in rows("cost_history")}
    expected = [Decimal(0)] * plan.horizon
    for item, _, units in shipped(plan):
        expected = [total + cents(hours * cost[item]) for total, hours in zip(expected, units, strict=True)]
    assert [Decimal(row.cogs_cents) / 100 for row in company_months(plan)] == expected


def test_hours_of_the_practices(plan: Plan) -> None:
    """Planned hours are delivered units × hours per unit, within the calendar and the overtime the file allows."""
    used: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * plan.horizon)
    needs = [(row["sku"], row["work_centre"], Decimal(row["std_hours_per_unit"])) for row in rows("routings")]
    for item, _, units in shipped(plan):
        for _, centre, hours in [need for need in needs if need[0] == item]:
            used[centre] = [total + amount * hours for total, amount in zip(used[centre], units, strict=True)]
    calendar = {(row["work_centre"], row["month"]): Decimal(row["hours"]) for row in rows("capacity_calendar")}
    limit = {row["work_centre"]: Decimal(row["overtime_limit"]) for row in rows("work_centres")}
    loads = {load.work_centre.code: load for load in WorkCentreLoad.objects.filter(plan=plan)}
    assert loads.keys() == used.keys() == limit.keys()
    for code, load in loads.items():
        assert [Decimal(hours) / 1000 for hours in load.planned] == [
            hours.quantize(MILLI, ROUND_HALF_UP) for hours in used[code]
        ]
        regular = [calendar[code, day.isoformat()] for day in months(plan)]
        assert [Decimal(hours) / 1000 for hours in load.available] == regular
        assert all(hours <= own * (1 + limit[code]) for hours, own in zip(used[code], regular, strict=True))


def test_hours_of_a_quiet_month_are_lost_not_kept_for_a_busy_one(plan: Plan) -> None:
    """Managed support is short in November though engineers had free hours before: nothing can be delivered ahead."""
    november = date(2025, 11, 1)
    assert Shortage.objects.filter(plan=plan, item__code="TECH-RUN", month=november, cause="capacity").exists()
    load = WorkCentreLoad.objects.get(plan=plan, work_centre__code="TECHNOLOGY")
    before = months(plan).index(november)
    assert sum(load.available[:before]) > sum(load.planned[:before]) - sum(load.overtime[:before])
    for row in SupplySeries.objects.filter(plan=plan):
        delivered = [make + extra for make, extra in zip(row.make, row.overtime, strict=True)]
        assert delivered == row.shipped and not any(row.buy) and not any(row.consumed)


def test_appointments_are_whole(plan: Plan) -> None:
    whole = {row["sku"] for row in rows("products") if row["uom"] == "APPT"}
    assert whole == {"COACH-ONE", "COACH-TEAM"}
    assert all(units % 1 == 0 for item, _, series in shipped(plan) if item in whole for units in series)


def test_inventory_is_absent_not_zero(month: Path, plan: Plan) -> None:
    assert not InventoryMoney.objects.filter(plan=plan).exists()
    assert {(row.inventory_cents, row.revaluation_cents) for row in company_months(plan)} == {(None, None)}
    assert all(row.opening == 0 and not any(row.inventory) for row in SupplySeries.objects.filter(plan=plan))
    position = position_of(plan)
    assert position is not None and position.is_without_stock and position.days is not None
    assert (position.days.dio, position.days.ccc) == (None, None) and position.days.dso is not None
    assert summary_of(month)["closing_inventory"] is None
    frozen = SnapshotRow.objects.filter(snapshot=Snapshot.objects.get(), section="supply", key__0="production")
    assert {(row.fields["opening"], row.fields["inventory"]) for row in frozen} == {(None, None)}


def test_cash_has_no_part_in_stock(plan: Plan) -> None:
    """Both ways equal; nothing is tied up, what is not paid for people is travel on supplier terms."""
    bench = defaultdict(Decimal)
    for row in rows("planned_variances"):
        bench[row["month"]] += Decimal(row["amount"])
    cash = list(CashMonth.objects.filter(plan=plan).order_by("month"))
    assert len(cash) == plan.horizon
    for row, result in zip(cash, company_months(plan), strict=True):
        assert row.direct_cents == row.indirect_cents and row.inventory_change_cents == 0
        assert result.cogs_cents == row.conversion_cents + row.purchases_cents
        assert Decimal(row.other_variances_cents) / 100 == bench[f"{row.month}"] == Decimal(result.variance_cents) / 100


@pytest.mark.parametrize("url", ["supply:review", "finance:reconciliation", "finance:cash", "finance:executive"])
def test_the_pages_say_that_nothing_is_stocked(plan: Plan, client: Client, url: str) -> None:
    client.force_login(make_cast().finance)
    answer = client.get(reverse(url, args=[plan.number]))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "Nothing is stocked" in shown and "stock-figure" not in shown
