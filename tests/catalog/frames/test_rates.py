"""Rates as arrays: the narrowest price in force on the last day, costs, discounts and exchange rates; −1 is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalog.calc.months import month_index
from catalog.frames.rates import (
    load_fx,
    load_list_prices,
    load_material_costs,
    load_planned_discounts,
    load_standard_costs,
)
from catalog.models import FxRate, ListPrice, Market, PlannedDiscount, StandardCost
from catalog.services.company import ensure_currency
from tests.small_company import SmallCompany, small_company

pytestmark = pytest.mark.django_db

JAN = month_index(date(2014, 1, 1))
YEAR = range(JAN, JAN + 3)


@pytest.fixture
def made() -> SmallCompany:
    return small_company()


def price(item, day: date, amount: str, **scope) -> ListPrice:
    return ListPrice.objects.create(item=item, valid_from=day, price=Decimal(amount), currency_id="USD", **scope)


def test_narrowest_price_wins(made: SmallCompany) -> None:
    oak = made.items["CHAIR-OAK"]
    price(oak, date(2014, 2, 28), "110", region=made.regions["NORTH"])
    price(oak, date(2014, 3, 31), "120", market=made.markets["NORTH/DEALER"])
    markets = [made.markets[code].id for code in ("NORTH/DEALER", "NORTH/DIRECT", "SOUTH/DIRECT")]
    prices = load_list_prices([oak.id] * 3, markets, YEAR)
    assert prices.tolist() == [
        [1_000_000, 1_100_000, 1_200_000],
        [1_000_000, 1_100_000, 1_100_000],
        [1_000_000, 1_000_000, 1_000_000],
    ]


def test_price_of_a_day_before_month_end_does_not_count(made: SmallCompany) -> None:
    pine = made.items["CHAIR-PINE"]
    pine.list_prices.update(valid_to=date(2014, 2, 27))
    assert load_list_prices([pine.id], [made.markets["SOUTH/DEALER"].id], YEAR).tolist() == [[800_000, -1, -1]]


def test_month_in_which_an_item_ends_has_the_rate_of_its_last_day(made: SmallCompany) -> None:
    pine, market = made.items["CHAIR-PINE"], made.markets["SOUTH/DEALER"].id
    pine.end_date = date(2014, 2, 20)
    pine.save()
    pine.list_prices.update(valid_to=date(2014, 2, 20))
    pine.standard_costs.update(valid_to=date(2014, 2, 20))
    assert load_list_prices([pine.id], [market], YEAR).tolist() == [[800_000, 800_000, -1]]
    assert load_standard_costs([pine.id], YEAR).tolist() == [[480_000, 480_000, -1]]


def test_price_in_another_currency_is_missing(made: SmallCompany) -> None:
    ensure_currency("EUR")
    made.regions["SOUTH"].currency_id = "EUR"
    made.regions["SOUTH"].save()
    prices = load_list_prices(
        [made.items["CHAIR-OAK"].id] * 2, [m.id for m in Market.objects.filter(channel__code="DIRECT")], YEAR
    )
    assert prices.tolist() == [[1_000_000] * 3, [-1] * 3]


def test_unknown_market_is_an_error(made: SmallCompany) -> None:
    with pytest.raises(Market.DoesNotExist):
        load_list_prices([made.items["CHAIR-OAK"].id], [10**6], YEAR)


def test_costs_and_their_material(made: SmallCompany) -> None:
    desk = made.items["LAMP-DESK"]
    StandardCost.objects.create(item=desk, valid_from=date(2014, 2, 1), total=Decimal("25"))
    desk.standard_costs.filter(material=15).update(valid_to=date(2014, 1, 31))
    assert load_standard_costs([desk.id], YEAR).tolist() == [[220_000, 250_000, 250_000]]
    assert load_material_costs([desk.id], YEAR).tolist() == [[150_000, -1, -1]]


def test_undated_cost_counts_only_without_dated_ones(made: SmallCompany) -> None:
    oak, pine = made.items["CHAIR-OAK"], made.items["CHAIR-PINE"]
    for item in (oak, pine):
        item.undated_cost = Decimal("1.5")
        item.save()
    pine.standard_costs.all().delete()
    assert load_standard_costs([oak.id, pine.id, oak.id], [JAN]).tolist() == [[600_000], [15_000], [600_000]]


def test_discount_of_item_before_family_before_market(made: SmallCompany) -> None:
    market, oak, pine, desk = (
        made.markets["NORTH/DEALER"],
        *(made.items[c] for c in ("CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK")),
    )
    add = PlannedDiscount.objects.create
    add(market=market, first_month=date(2014, 1, 1), fraction=Decimal("0.10"))
    add(market=market, family=made.families["CHAIRS"], first_month=date(2014, 2, 1), fraction=Decimal("0.20"))
    add(market=market, item=oak, first_month=date(2014, 2, 1), last_month=date(2014, 2, 1), fraction=Decimal("0.30"))
    assert load_planned_discounts([i.id for i in (oak, pine, desk)], [market.id] * 3, YEAR).tolist() == [
        [1000, 3000, 2000],
        [1000, 2000, 2000],
        [1000, 1000, 1000],
    ]
    assert load_planned_discounts([oak.id], [made.markets["SOUTH/DIRECT"].id], YEAR).tolist() == [[-1, -1, -1]]


def test_exchange_rates(made: SmallCompany) -> None:
    ensure_currency("EUR")
    made.regions["SOUTH"].currency_id = "EUR"
    made.regions["SOUTH"].save()
    for kind in ("plan", "actual"):
        FxRate.objects.create(currency_id="EUR", month=date(2014, 2, 1), kind=kind, rate=Decimal("1.300001"))
    markets = [made.markets["NORTH/DIRECT"].id, made.markets["SOUTH/DIRECT"].id]
    assert load_fx(markets, YEAR, "plan").tolist() == [[1_000_000] * 3, [-1, 1_300_001, 1_300_001]]
    assert load_fx(markets, YEAR, "actual").tolist() == [[1_000_000] * 3, [-1, 1_300_001, -1]]


def test_empty(made: SmallCompany) -> None:
    assert load_list_prices([], [], YEAR).shape == (0, 3)
    assert load_standard_costs([], YEAR).shape == (0, 3)
    assert load_fx([], YEAR, "plan").shape == (0, 3)
    assert load_planned_discounts([], [], YEAR).shape == (0, 3)


def test_queries_do_not_grow_with_series(made: SmallCompany, django_assert_num_queries) -> None:
    items, markets = zip(*((i.id, m.id) for i in made.items.values() for m in made.markets.values()), strict=True)
    with django_assert_num_queries(1):
        load_list_prices(items, markets, YEAR)
