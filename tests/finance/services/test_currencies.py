"""Two currencies: prices in euro, the report in dollars, and an exchange-rate driver that is the rates' difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalog.models import Currency, FxRate, ListPrice
from finance.frames.landing_inputs import load_landing
from finance.models import CompanyMonth, MoneySeries
from finance.selectors import summary_of
from finance.services.landing import compute_landing
from tests.finance.sample_plan import ITEMS, Sample, land, sample_plan
from tests.small_company import HISTORY_START

pytestmark = pytest.mark.django_db

PLAN, BUDGET, ACTUAL = Decimal("1.17"), Decimal("1.10"), Decimal("1.12")
SOUTH_MARKETS, OPEN, CLOSED = 2, 7, 5


@pytest.fixture
def european() -> Sample:
    """The SOUTH sells in euro at the same figures as its list in dollars."""
    sample = sample_plan()
    south = sample.company.regions["SOUTH"]
    south.currency = Currency.objects.create(code="EUR")
    south.save()
    for code, row in ITEMS.items():
        item = sample.company.items[code]
        ListPrice.objects.create(
            item=item, region=south, valid_from=HISTORY_START, price=Decimal(row[1]), currency_id="EUR"
        )
    for kind, rate in (("plan", PLAN), ("budget", BUDGET)):
        FxRate.objects.create(currency_id="EUR", month=date(2014, 1, 1), kind=kind, rate=rate)
    for month in range(1, CLOSED + 1):
        FxRate.objects.create(currency_id="EUR", month=date(2014, month, 1), kind="actual", rate=ACTUAL)
    land(sample)
    return sample


def test_the_plan_is_valued_at_the_plan_rate(european: Sample) -> None:
    market = european.company.markets["SOUTH/DIRECT"]
    row = MoneySeries.objects.get(plan=european.plan, item=european.company.items["CHAIR-OAK"], market=market)
    assert row.upside_cents == [int(25 * 90 * PLAN * 100)] * european.plan.horizon


def test_fx_is_the_difference_of_the_rates(european: Sample) -> None:
    """Actuals were booked at 1.12, the plan stands at 1.17, the budget at 1.10: local amount × difference."""
    summary = summary_of(european.plan)
    local_open = OPEN * SOUTH_MARKETS * 25 * 280 * Decimal("0.9")
    booked = CLOSED * SOUTH_MARKETS * 20 * 280 * Decimal("0.9")
    expected = local_open * (PLAN - BUDGET) + booked / ACTUAL * (ACTUAL - BUDGET)
    assert sum(int(row[1]) for row in ITEMS.values()) == 280
    assert abs(summary["drivers"]["fx"] - expected * 100) <= 8 * 12
    assert sum(summary["drivers"].values()) == summary["gap"]
    assert summary["unexplained"] == 0


def test_every_month_says_what_exchange_rates_moved(european: Sample) -> None:
    """The SOUTH's share of a month at the rate used less the same at the budget rate; the NORTH sells in dollars."""
    months = list(CompanyMonth.objects.filter(plan=european.plan).order_by("month"))
    local = SOUTH_MARKETS * 280 * Decimal("0.9") * 100
    booked = [row.fx_effect_cents for row in months if row.is_closed]
    planned = [row.fx_effect_cents for row in months if not row.is_closed]
    assert booked == [round(20 * local * (1 - BUDGET / ACTUAL))] * CLOSED
    assert planned == [round(25 * local * (PLAN - BUDGET))] * european.plan.horizon


def test_without_a_budget_rate_the_effect_is_not_known(european: Sample) -> None:
    FxRate.objects.filter(kind="budget").delete()
    FxRate.objects.create(currency_id="EUR", month=date(2014, 8, 1), kind="budget", rate=BUDGET)
    at_budget = compute_landing(load_landing(european.plan)).revenue_at_budget
    assert at_budget[:7] == [None] * 7
    assert at_budget[7] == round(4 * 25 * 280 * 90 + 2 * 25 * 280 * 90 * (BUDGET - 1))
