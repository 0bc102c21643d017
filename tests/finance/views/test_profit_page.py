"""Profit and cash by period: derived figures, what is not known, the file, and who may read it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import Plan
from demand.models import ActualMonth
from finance.calc.periods import PeriodKind
from finance.models import FixedCost
from finance.selectors.periods import Statement, statement_of, stored_months
from tests.finance.sample_plan import Sample, land, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

MARKETS, CLOSED, OPEN = 4, 5, 7  # the small company's year is 2014; June is the first open month of a plan of twelve
NET = 9 * (100 + 80 + 40 + 60) * 10  # cents per unit of every item: list × 90 %
STANDARD = (60 + 48 + 22 + 33) * 100
SOLD_MONTH, PLAN_MONTH = 20 * NET * MARKETS, 25 * NET * MARKETS
SHORT = 5 * 90_00  # five oak chairs in June
COGS_SOLD, COGS_PLAN, COGS_SHORT = 20 * STANDARD * MARKETS, 25 * STANDARD * MARKETS, 5 * 60_00
OVERTIME = 1_234_00


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def read(sample: Sample, kind: PeriodKind) -> Statement:
    return statement_of(sample.plan, stored_months(sample.plan), kind)


def amounts(statement: Statement, key: str) -> list[int | None]:
    return [figure.amount for figure in statement.line(key).figures]


def test_the_year_adds_flows_and_says_what_it_does_not_know(landed: Sample) -> None:
    year = read(landed, PeriodKind.YEAR)
    revenue = CLOSED * SOLD_MONTH + OPEN * PLAN_MONTH - SHORT
    assert [period.name for period in year.periods] == ["FY2014", "FY2015"]
    assert amounts(year, "revenue") == [revenue, None], "of 2015 the plan covers five months"
    assert year.line("revenue").figures[1].known_amount == 5 * PLAN_MONTH
    assert amounts(year, "upside_gap")[0] == SHORT
    assert amounts(year, "cogs")[0] == CLOSED * COGS_SOLD + OPEN * COGS_PLAN - COGS_SHORT
    budget = 12 * MARKETS * (9_000_00 + 10_000_00)
    assert amounts(year, "revenue_gap") == [revenue - budget, None]
    overtime = year.line("overtime").figures[0]
    assert (overtime.amount, overtime.known_amount, overtime.known) == (None, OVERTIME, OPEN)
    direct = year.line("direct").figures[0]
    assert direct.amount is None and direct.is_partial, "the cash of closed months is not known"
    assert amounts(year, "inventory") == [1_000 * STANDARD, None], "a stock is that of December"


def test_quarters_and_months_carry_the_same_cents(landed: Sample) -> None:
    year, quarters, months = (read(landed, kind) for kind in (PeriodKind.YEAR, PeriodKind.QUARTER, PeriodKind.MONTH))
    for key in ("revenue", "cogs", "upside", "budget_revenue", "gross_margin"):
        whole = amounts(year, key)[0]
        assert sum(amounts(quarters, key)[:4]) == whole  # type: ignore[arg-type]
        assert sum(amounts(months, key)[:12]) == whole  # type: ignore[arg-type]
    assert amounts(quarters, "direct")[:2] == [None, None] and None not in amounts(quarters, "direct")[2:4]
    assert amounts(quarters, "direct") == amounts(quarters, "indirect")


def test_rolling_twelve_months_reach_back_to_last_years_sales(landed: Sample) -> None:
    rolling = read(landed, PeriodKind.ROLLING)
    assert rolling.periods[0].name == "12 months to 2014-05"
    assert amounts(rolling, "revenue")[:2] == [12 * SOLD_MONTH, 11 * SOLD_MONTH + PLAN_MONTH - SHORT]
    assert amounts(rolling, "revenue")[-1] == 12 * PLAN_MONTH - SHORT
    assert amounts(rolling, "direct")[0] is None and amounts(rolling, "direct")[-1] is not None


def test_a_closed_month_without_sales_is_not_zero(landed: Sample) -> None:
    ActualMonth.objects.get(month=date(2014, 3, 1)).delete()
    months, year = read(landed, PeriodKind.MONTH), read(landed, PeriodKind.YEAR)
    assert amounts(months, "revenue")[2] is None and amounts(months, "gross_margin")[2] is None
    assert amounts(year, "revenue")[0] is None and year.line("revenue").figures[0].known == 11


def test_days_stand_on_the_twelve_months_to_the_periods_end(landed: Sample) -> None:
    months, quarters, year = (read(landed, kind) for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR))
    assert months.ratios[11].days == quarters.ratios[3].days == year.ratios[0].days
    owed = year.line("receivables").figures[0].amount
    revenue = CLOSED * SOLD_MONTH + OPEN * PLAN_MONTH - SHORT
    assert owed is not None and year.ratios[0].days.dso == owed / revenue * 365
    june = months.ratios[5].days.dso
    assert june == months.line("receivables").figures[5].amount / (11 * SOLD_MONTH + PLAN_MONTH - SHORT) * 365
    assert quarters.ratios[0].days.dso is None, "the balances of closed months are not known"


def test_fixed_costs_are_lines_above_the_operating_margin(landed: Sample) -> None:
    assert amounts(read(landed, PeriodKind.QUARTER), "operating_margin")[2] is None, "no fixed cost is not 0"
    for month in range(1, 13):
        for line, cents in (("Rent", 700_00), ("Salaries", 2_000_00)):
            FixedCost.objects.create(line=line, month=date(2014, month, 1), amount_cents=cents, budget_cents=600_00)
    Plan.objects.filter(pk=landed.plan.pk).update(rates_revision=1, revision=1)
    landed.plan.refresh_from_db()
    land(landed)
    year = read(landed, PeriodKind.YEAR)
    fixed = 12 * (700_00 + 2_000_00)
    assert amounts(year, "fixed:Rent")[0] == 12 * 700_00 and amounts(year, "fixed_cost")[0] == fixed
    margin = amounts(year, "gross_margin")[0]
    assert margin is not None and amounts(year, "operating_margin")[0] == margin - fixed
    assert amounts(year, "fixed_gap")[0] == fixed - 12 * 2 * 600_00
    assert [block.heading for block in year.result_blocks][-2:] == [
        "Fixed cost and operating margin",
        "Balances at the end",
    ]
    cash = read(landed, PeriodKind.QUARTER)
    assert amounts(cash, "fixed_paid")[2] == 3 * (700_00 + 2_000_00)
    assert amounts(cash, "direct") == amounts(cash, "indirect")


@pytest.mark.parametrize("by", [*PeriodKind, "nonsense"])
def test_the_page_shows_every_kind_of_period(landed: Sample, by: str) -> None:
    client = Client()
    client.force_login(landed.cast.finance)
    for show in ("value", "units"):
        answer = client.get(reverse("finance:cash", args=["2014-06"]), {"by": by, "show": show})
        html = answer.content.decode()
        assert answer.status_code == 200 and "style=" not in html
        assert answer.context["kind"] == (by if by in list(PeriodKind) else "month")
    assert answer.context["statement"].line("landed").figures


def test_the_file_holds_what_the_page_shows(landed: Sample) -> None:
    client = Client()
    client.force_login(landed.cast.viewer)
    answer = client.get(reverse("finance:statement", args=["2014-06"]), {"by": "year", "show": "value"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["block", "line", "FY2014", "FY2015"]
    revenue = (CLOSED * SOLD_MONTH + OPEN * PLAN_MONTH - SHORT) // 100
    assert ["Revenue", "Revenue", f"{revenue}.00", "n/a"] in rows
    units = client.get(reverse("finance:statement", args=["2014-06"]), {"by": "year", "show": "units"})
    sold = 16 * (CLOSED * 20 + OPEN * 25) - 5
    assert f"Units,Plan,{sold}.000,n/a" in units.content.decode("utf-8-sig")


@pytest.mark.parametrize(("who", "status"), [("finance", 200), ("viewer", 200), ("outsider", 404)])
def test_who_may_read_the_file(landed: Sample, who: str, status: int) -> None:
    client = Client()
    client.force_login(getattr(landed.cast, who))
    assert client.get(reverse("finance:statement", args=["2014-06"])).status_code == status
    assert Client().get(reverse("finance:statement", args=["2014-06"])).status_code == 302
    assert client.post(reverse("finance:statement", args=["2014-06"])).status_code == 405
