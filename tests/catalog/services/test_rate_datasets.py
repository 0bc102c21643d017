"""Prices, costs, discounts, exchange rates and budgets from files: levels, periods, inversion, control totals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from catalog.models import FxRate, ImportBatch, ListPrice, PlannedDiscount, ReferencePlan, ReferenceRow, StandardCost
from catalog.services.company import ensure_currency
from catalog.services.imports import apply_batch, stage_file
from tests.small_company import SmallCompany, small_company

pytestmark = pytest.mark.django_db

PRICES = "sku,market,channel,valid_from,valid_to,list_price,currency"
COSTS = "sku,valid_from,valid_to,standard_cost,material_cost,conversion_cost,currency"
DISCOUNTS = "market,channel,family,sku,first_month,last_month,discount"
FX = "month,from_currency,to_currency,average_rate,kind"
BUDGET = "fiscal_year,month,sku,family,category,market,channel,units,revenue,standard_cogs,basis"


@pytest.fixture
def made() -> SmallCompany:
    return small_company()


def load(dataset: str, header: str, *lines: str) -> ImportBatch:
    actor = get_user_model()(username="finance")
    content = "\n".join([header, *lines, ""]).encode()
    batch = stage_file(dataset=dataset, file_name="file.csv", content=content, actor=actor)
    return apply_batch(batch_id=batch.id, actor=actor) if batch.status == "staged" else batch


def faults(batch: ImportBatch) -> list[tuple[int, str]]:
    return [(fault["row"], fault["column"]) for fault in batch.faults]


def test_prices_at_three_levels_replace_what_was_there(made) -> None:
    batch = load(
        "price_history",
        PRICES,
        "CHAIR-OAK,,,2014-01-01,,100.5,",
        "CHAIR-OAK,NORTH,,2014-01-01,,101,USD",
        "CHAIR-OAK,NORTH,DEALER,2014-01-01,2014-06-30,102.1234,USD",
    )
    assert (batch.status, batch.added, batch.removed) == ("applied", 3, 4)
    found = ListPrice.objects.order_by("price").values_list("region__code", "market__code", "price")
    assert list(found) == [
        (None, None, Decimal("100.5")),
        ("NORTH", None, Decimal(101)),
        (None, "NORTH/DEALER", Decimal("102.1234")),
    ]


def test_prices_that_are_refused(made) -> None:
    overlap = ["CHAIR-OAK,,,2014-01-01,,1,", "CHAIR-OAK,,,2013-01-01,2014-01-01,1,", "CHAIR-PINE,,,2013-01-01,,1,"]
    assert faults(load("price_history", PRICES, *overlap)) == [(2, "valid_from")]
    assert faults(load("price_history", PRICES, "CHAIR-OAK,,DEALER,2014-01-01,,1,")) == [(2, "channel")]
    assert faults(load("price_history", PRICES, "CHAIR-OAK,,,2014-01-02,2014-01-01,1,")) == [(2, "valid_to")]
    assert faults(load("price_history", PRICES, "CHAIR-OAK,,,2014-01-01,,-1,")) == [(2, "list_price")]
    assert faults(load("price_history", PRICES, "TABLE,,,2014-01-01,,1,")) == [(2, "sku")]
    assert faults(load("price_history", PRICES, "CHAIR-OAK,,,2014-01-01,,1.00001,")) == [(2, "list_price")]
    assert faults(load("price_history", PRICES, "CHAIR-OAK,,,2014-01-01,,1,SEK")) == [(2, "currency")]


def test_costs_and_their_parts(made) -> None:
    batch = load("cost_history", COSTS, "CHAIR-OAK,2014-01-01,,60,40,20,USD", "CHAIR-PINE,2014-01-01,,48,,,")
    assert (batch.status, StandardCost.objects.count()) == ("applied", 2)
    assert faults(load("cost_history", COSTS, "CHAIR-OAK,2014-01-01,,60,40,19,")) == [(2, "material_cost")]
    assert faults(load("cost_history", COSTS, "CHAIR-OAK,2014-01-01,,60,40,,")) == [(2, "material_cost")]
    ensure_currency("EUR")
    assert faults(load("cost_history", COSTS, "CHAIR-OAK,2014-01-01,,60,,,EUR")) == [(2, "currency")]


def test_discounts(made) -> None:
    batch = load(
        "planned_discounts", DISCOUNTS, "NORTH,DEALER,CHAIRS,,2014-01,2014-06,0.4", "NORTH,DEALER,,,2014-01,,0.1"
    )
    assert batch.status == "applied"
    found = PlannedDiscount.objects.values_list("market__code", "family__code", "fraction").order_by("fraction")
    assert list(found) == [("NORTH/DEALER", None, Decimal("0.1")), ("NORTH/DEALER", "CHAIRS", Decimal("0.4"))]
    assert faults(load("planned_discounts", DISCOUNTS, "NORTH,DEALER,,,2014-01,,40")) == [(2, "discount")]
    assert faults(load("planned_discounts", DISCOUNTS, "NORTH,DEALER,CHAIRS,CHAIR-OAK,2014-01,,0.4")) == [(2, "family")]


def test_exchange_rates_are_turned_and_the_unused_left_out(made) -> None:
    ensure_currency("EUR")
    made.regions["SOUTH"].currency_id = "EUR"
    made.regions["SOUTH"].save()
    # 1 / 0.75 = 1.333333 to six places; nobody sells in AUD.
    batch = load("fx_rates", FX, "2014-01-01,USD,EUR,0.75,", "2014-01-01,USD,AUD,1.1,", "2014-02-01,EUR,USD,1.3,plan")
    found = FxRate.objects.order_by("month").values_list("currency_id", "kind", "rate")
    assert list(found) == [("EUR", "actual", Decimal("1.333333")), ("EUR", "plan", Decimal("1.3"))]
    assert batch.totals["rows of currencies that no market sells in"] == "1"
    assert faults(load("fx_rates", FX, "2014-01-01,USD,EUR,0.75,", "2014-01-01,EUR,USD,1.3,")) == [(3, "to_currency")]
    assert faults(load("fx_rates", FX, "2014-01-01,USD,EUR,0,")) == [(2, "average_rate")]


def test_budget_at_every_level_with_control_totals(made) -> None:
    batch = load(
        "budget",
        BUDGET,
        "2015,2015-01-01,CHAIR-OAK,CHAIRS,FURNITURE,NORTH,DEALER,10,1000.01,600,own",
        "2015,2015-01-01,,LAMPS,LIGHTING,NORTH,,,2000.02,,",
        "2015,2015-02-01,,,FURNITURE,,DEALER,5.5,-3.03,,",
        "2015,2015-03-01,,,,,,,4,,",
    )
    assert batch.status == "applied", batch.faults
    names = ("item__code", "family__code", "category__code", "market__code", "region__code", "channel__code")
    rows = ReferenceRow.objects.filter(plan__fiscal_year=2015).order_by("id").values_list(*names)
    assert list(rows) == [
        ("CHAIR-OAK", None, None, "NORTH/DEALER", None, None),
        (None, "LAMPS", None, None, "NORTH", None),
        (None, None, "FURNITURE", None, None, "DEALER"),
        (None, None, None, None, None, None),
    ]
    plan = ReferencePlan.objects.get(fiscal_year=2015)
    assert (plan.row_count, plan.units_milli, plan.revenue_cents, plan.cogs_cents) == (4, 15_500, 300_100, 60_000)
    assert batch.totals["revenue FY2015"] == "3,001.00"
    assert made.budget.rows.count() == 96, "another year is left alone"


def test_budgets_that_are_refused(made) -> None:
    assert faults(load("budget", BUDGET, "2014,2015-01-01,,CHAIRS,,,,1,1,1,")) == [(2, "fiscal_year")]
    assert faults(load("budget", BUDGET, "2015,2015-01-01,,CHAIRS,LIGHTING,,,1,1,1,")) == [(2, "category")]
    same = ["2015,2015-01-01,,CHAIRS,FURNITURE,,,1,1,1,", "2015,2015-01-01,,CHAIRS,,,,1,1,1,"]
    assert faults(load("budget", BUDGET, *same)) == [(3, "")]
    assert faults(load("budget", BUDGET, same[0], same[0])) == [
        (3, "fiscal_year + month + sku + family + category + market + channel")
    ]
