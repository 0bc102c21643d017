"""Two currencies: prices in euro, the report in dollars, and an exchange-rate driver that is the rates' difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalog.models import Currency, FxRate, ListPrice
from finance.models import MoneySeries
from finance.selectors import summary_of
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
