"""The bridge's leaves, one row per leaf and month, with everything needed to recompute each driver."""

from __future__ import annotations

import pandas as pd
from django.db import connection

from catalog.calc.months import fiscal_months, month_date
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company, Family
from cycles.models import Plan
from finance.calc.bridge import Driver
from finance.models import BridgeLeaf

ARRAYS = (
    "qb_nano",
    "qu",
    "qa",
    "budget_fx6",
    "plan_fx6",
    "budget_cents",
    "upside_cents",
    "landing_cents",
    "whole_change",
)


def load_leaf_months(plan: Plan) -> pd.DataFrame:
    """Every leaf of the plan's bridge, a row per month.

    Columns: item ('' for the residual of a family), family, category, market, region, month (YYYY-MM), flag (0, 1 new,
    2 discontinued), rule, whole_change; qb, qu, qa units (budget unrounded, unconstrained, constrained or actual);
    pb, pu, pa price = amount ÷ units in the market's currency (empty without units); fb, fa exchange rates;
    budget_cents, upside_cents, landing_cents and one `<driver>_cents` per driver, reporting currency.
    """
    drivers = [driver.value for driver in Driver]
    columns = [*ARRAYS, *drivers]
    unnested = ", ".join(f"l.{connection.ops.quote_name(name)}" for name in columns)
    named = ", ".join(f"t.{connection.ops.quote_name(name)}" for name in columns)
    listed = ", ".join(connection.ops.quote_name(name) for name in columns)
    query = (
        f"SELECT l.item_id, l.family_id, l.market_id, l.fiscal_year, l.rule, l.flag, t.place, {named}"
        f" FROM {BridgeLeaf._meta.db_table} l, unnest({unnested}) WITH ORDINALITY AS t({listed}, place)"
        " WHERE l.plan_id = %s ORDER BY l.family_id, l.item_id, l.market_id, t.place"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [plan.pk])
        frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    return _named(_priced(frame), drivers)


def _priced(frame: pd.DataFrame) -> pd.DataFrame:
    """Units as decimals, exchange rates, and prices in the market's currency."""
    frame = frame.assign(
        qb=frame["qb_nano"] / 1e9, qu=frame["qu"] / 1000, qa=frame["qa"] / 1000,
        fb=frame["budget_fx6"] / 1e6, fa=frame["plan_fx6"] / 1e6,
    )  # fmt: skip
    for price, amount, units, rate in [
        ("pb", "budget_cents", "qb", "fb"),
        ("pu", "upside_cents", "qu", "fa"),
        ("pa", "landing_cents", "qa", "fa"),
    ]:
        frame[price] = (frame[amount] / 100 / frame[units].where(frame[units] != 0)) / frame[rate]
    return frame


def _named(frame: pd.DataFrame, drivers: list[str]) -> pd.DataFrame:
    """Codes for keys, months for places, the columns in their order."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")["code"]
    families = {row["id"]: row for row in Family.objects.values("id", "code", "category__code")}
    markets = hierarchy.markets.set_index("market_id")
    start = Company.objects.current().fiscal_year_start_month
    frame = frame.rename(columns={name: f"{name}_cents" for name in drivers})
    frame["item"] = frame["item_id"].map(items).fillna("")
    frame["family"] = [families[key]["code"] for key in frame["family_id"]]
    frame["category"] = [families[key]["category__code"] for key in frame["family_id"]]
    frame["market"] = frame["market_id"].map(markets["code"])
    frame["region"] = frame["market_id"].map(markets["region"])
    frame["month"] = [
        f"{month_date(fiscal_months(year, start)[place - 1]):%Y-%m}"
        for year, place in zip(frame["fiscal_year"], frame["place"], strict=True)
    ]
    keys = ["item", "family", "category", "market", "region", "month", "flag", "rule", "whole_change"]
    rates = ["qb", "pb", "fb", "qu", "pu", "qa", "pa", "fa"]
    amounts = ["budget_cents", "upside_cents", "landing_cents", *[f"{name}_cents" for name in drivers]]
    return frame[[*keys, *rates, *amounts]]
