"""What supply puts into a snapshot, and what `verify` checks of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Site
from cycles.models import Plan
from cycles.registry import Problem, SectionRow
from supply.frames import load_constrained, load_policy, load_production, load_supply_costs
from supply.frames.results import PREMIUM_COLUMNS, PRODUCTION_COLUMNS
from supply.models import SupplySeries
from supply.selectors import pins_in_force, supply_state

#: A service has no stock, which is not a stock of 0.
NOT_STOCKED = {"opening": None, "inventory": None}


def supply_rows(plan: Plan) -> Iterator[SectionRow]:
    """Production per item × site, then shipments per item × market: milli-units and cents per month."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")["code"].to_dict()
    uoms = hierarchy.items.set_index("item_id")["uom"].to_dict()
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    services = set(hierarchy.items.loc[hierarchy.items["is_service"], "item_id"])
    sites = dict(Site.objects.values_list("id", "code"))
    made, costs, sent = load_production(plan), load_supply_costs(plan), load_constrained(plan)
    rows = [
        SectionRow(
            ("production", items[item], sites[site]),
            {
                "uom": uoms[item],
                "opening": int(made.opening[row]),
                **{name: getattr(made, name)[row].tolist() for name in PRODUCTION_COLUMNS},
                **(NOT_STOCKED if item in services else {}),
                **{name: getattr(costs, name)[row].tolist() for name in PREMIUM_COLUMNS},
            },
        )
        for row, (item, site) in enumerate(zip(made.item_ids.tolist(), made.site_ids.tolist(), strict=True))
    ]
    rows += [
        SectionRow(
            ("shipment", items[item], markets[market]),
            {"ship": sent.ship[row].tolist(), "short": sent.short[row].tolist()},
        )
        for row, (item, market) in enumerate(zip(sent.item_ids.tolist(), sent.market_ids.tolist(), strict=True))
    ]
    yield from sorted(rows, key=lambda row: row.key)


def supply_header(plan: Plan) -> dict[str, Any]:
    """Totals in milli-units, the run, the policy of the objective, the day of the opening stock."""
    made, sent, state = load_production(plan), load_constrained(plan), supply_state(plan)
    return {
        "run": state.run.pk if state.run else None,
        "opening_stock_day": state.run.result.get("opening_stock_day") if state.run else None,
        "policy": {name: str(value) for name, value in asdict(load_policy().costs).items()},
        "allocation": load_policy().allocation.value,
        "pins": len(pins_in_force(plan)),
        "made": int((made.make + made.overtime).sum()),
        "bought": int(made.buy.sum()),
        "shipped": int(sent.ship.sum()),
        "short": int(sent.short.sum()),
    }


def supply_problems() -> Iterator[Problem]:
    """Rows whose stock does not roll forward exactly from the stored opening, or falls below 0."""
    for plan in Plan.objects.order_by("first_month"):
        made = load_production(plan)
        rows = SupplySeries.objects.filter(plan=plan).order_by("item_id", "site_id")
        opening = np.array(rows.values_list("opening", flat=True), np.int64)
        moved = made.make + made.overtime + made.buy - made.consumed - made.shipped
        broken = (opening[:, None] + np.cumsum(moved, axis=1) != made.inventory) | (made.inventory < 0)
        for row, month in np.argwhere(broken).tolist():
            where = f"supply_supplyseries plan {plan.number} item {made.item_ids[row]} site {made.site_ids[row]}"
            yield Problem(where, f"stock does not roll forward in month {month + 1}")
