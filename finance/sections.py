"""The `finance` section of a snapshot, and what `verify` recomputes of dollars.

Rows, by the first word of the key:

* ("money", item, market): one series over the horizon. Text: family, category, uom, region, channel, currency (the
  reporting currency of the amounts), market_currency. Lists of `horizon` integers: quantity (approved constrained
  shipments) and unconstrained_quantity in milli-units; amount, upside_amount, cogs, cost_to_serve in cents; net_price4
  and cost4 in ten-thousandths per unit, fx6 in millionths (−1 = missing). `amount` = quantity × net_price4 × fx6.
* ("company", YYYY-MM): the result of the month in cents, None where it is not known; is_closed 0 or 1.
* ("cash", YYYY-MM): operating cash both ways in cents.
* ("bridge", family, market): 12 months of the fiscal year in cents: budget, landing and each driver.
* ("adjustment", number): a valid named adjustment; cents per month from first_month; who named it, who answers for
  it, and its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from catalog.calc.dollars import to_cents
from catalog.frames.hierarchy import Hierarchy, load_hierarchy
from catalog.models import Company
from cycles.models import Plan, SnapshotRow
from cycles.registry import Problem, SectionRow
from finance.calc.bridge import Driver
from finance.frames.results import load_bridge, load_money
from finance.models import Adjustment, CashMonth, CompanyMonth
from finance.selectors.answers import valid_adjustments
from finance.selectors.position import position_of
from finance.selectors.ties import window_of

NAME = "finance"
MONEY_COLUMNS = {
    "shipped_units": "quantity",
    "unconstrained_units": "unconstrained_quantity",
    "revenue_cents": "amount",
    "upside_cents": "upside_amount",
    "cogs_cents": "cogs",
    "cost_to_serve_cents": "cost_to_serve",
    "net_price4": "net_price4",
    "cost4": "cost4",
    "fx6": "fx6",
}
MONTH_FIELDS = {"id", "plan", "month"}
VERIFIED_ROWS_AT_ONCE = 2_000


def finance_rows(plan: Plan) -> Iterator[SectionRow]:
    """Every row of the section in order of its key."""
    hierarchy = load_hierarchy()
    rows = [*_money_rows(plan, hierarchy), *_month_rows(plan), *_bridge_rows(plan, hierarchy)]
    rows += [_adjustment_row(row) for row in valid_adjustments(plan)]
    yield from sorted(rows, key=lambda row: row.key)


def finance_header(plan: Plan) -> dict[str, Any]:
    """Totals of the fiscal year in cents, the run, and the rules that a reader could doubt."""
    position = position_of(plan)
    if position is None:
        return {}
    return {
        "run": position.run.pk,
        "fiscal_year": position.fiscal_year,
        "currency": position.currency,
        "mix_level": position.run.result.get("mix_level"),
        "notes": position.notes,
        "landing": position.landing,
        "budget": position.budget,
        "gap": position.gap,
        "adjustments": position.adjustments,
        "unexplained": position.unexplained.cents,
        "drivers": {driver.value: cents for driver, cents in position.drivers.items()},
    }


def finance_problems() -> Iterator[Problem]:
    """Frozen series whose amount is not quantity × price × exchange rate, and frozen cash that does not tie."""
    rows = SnapshotRow.objects.filter(section=NAME).order_by("snapshot_id", "position")
    for row in rows.iterator(chunk_size=VERIFIED_ROWS_AT_ONCE):
        where = f"snapshot {row.snapshot_id} {'/'.join(row.key)}"
        if row.key[0] == "money":
            yield from _money_problems(where, row.fields)
        elif row.key[0] == "cash" and row.fields["direct_cents"] != row.fields["indirect_cents"]:
            yield Problem(where, "direct_cents differs from indirect_cents")


def _money_problems(where: str, fields: dict[str, Any]) -> Iterator[Problem]:
    price, fx = np.array(fields["net_price4"]), np.array(fields["fx6"])
    usable = np.where(fx > 0, np.maximum(price, 0), 0)
    for units, amount in (("quantity", "amount"), ("unconstrained_quantity", "upside_amount")):
        expected = to_cents(np.array(fields[units]), usable, np.where(fx > 0, fx, 1_000_000))
        if (expected != np.array(fields[amount])).any():
            yield Problem(where, f"{amount} is not {units} × price × exchange rate")


def _money_rows(plan: Plan, hierarchy: Hierarchy) -> Iterator[SectionRow]:
    items, markets, blocks = load_money(plan, *MONEY_COLUMNS)
    item_of = hierarchy.items.set_index("item_id")[["code", "family", "category", "uom"]].to_dict("index")
    market_of = hierarchy.markets.set_index("market_id")[["code", "region", "channel", "currency"]].to_dict("index")
    currency = Company.objects.current().currency_id
    lists = [block.tolist() for block in blocks]
    for row, (item, market) in enumerate(zip(items.tolist(), markets.tolist(), strict=True)):
        product, place = item_of[item], market_of[market]
        fields: dict[str, Any] = {name: values[row] for name, values in zip(MONEY_COLUMNS.values(), lists, strict=True)}
        fields |= {name: product[name] for name in ("family", "category", "uom")}
        fields |= {"region": place["region"], "channel": place["channel"], "market_currency": place["currency"]}
        yield SectionRow(("money", product["code"], place["code"]), fields | {"currency": currency})


def _month_rows(plan: Plan) -> Iterator[SectionRow]:
    for word, model in (("company", CompanyMonth), ("cash", CashMonth)):
        names = [field.name for field in model._meta.concrete_fields if field.name not in MONTH_FIELDS]
        for values in model._default_manager.filter(plan=plan).order_by("month").values("month", *names):
            month = values.pop("month")
            yield SectionRow(
                (word, f"{month:%Y-%m}"), {k: int(v) if isinstance(v, bool) else v for k, v in values.items()}
            )


def _bridge_rows(plan: Plan, hierarchy: Hierarchy) -> Iterator[SectionRow]:
    bridge = load_bridge(plan, fiscal_start=window_of(plan).start)
    families = hierarchy.items.drop_duplicates("family_id").set_index("family_id")["family"].to_dict()
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    blocks = {"budget": bridge.blocks["budget_cents"], "landing": bridge.blocks["landing_cents"]}
    blocks |= {driver.value: bridge.drivers[position] for position, driver in enumerate(Driver)}
    nodes, group = np.unique(bridge.keys[["family_id", "market_id"]].to_numpy(), axis=0, return_inverse=True)
    for position, (family, market) in enumerate(nodes.tolist()):
        fields = {name: block[group == position].sum(axis=0).tolist() for name, block in blocks.items()}
        yield SectionRow(("bridge", families.get(family, ""), markets[market]), fields)


def _adjustment_row(row: Adjustment) -> SectionRow:
    return SectionRow(
        ("adjustment", f"{row.pk:012d}"),
        {
            "kind": row.kind,
            "measure": row.measure,
            "title": row.title,
            "reason": row.reason,
            "scope": row.scope_label,
            "first_month": f"{row.first_month:%Y-%m}",
            "expires_on": f"{row.expires_on:%Y-%m}",
            "cents": list(row.cents),
            "author": row.author.username,
            "named_by": (row.named_by or row.author).username,
            "owner": (row.owner or row.named_by or row.author).username,
            "evidence": row.evidence,
        },
    )
