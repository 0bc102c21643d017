"""What supply puts into a snapshot, and what `verify` checks of its tables and of what was frozen.

Rows, by the first word of the key; units are milli-units, hours milli-hours, money cents of the reporting currency:

* ("production", item, site): make, overtime, buy, expedite, subcontract, consumed, shipped, inventory and the premiums
  by month; family, uom, standard4 (ten-thousandths per unit, −1 = missing), inventory_cents = inventory × standard4.
* ("shipment", item, market): ship and short by month; where demand waits also late, what is open at the month's end.
* ("revenue", family, market): ship, short, amount and upside_amount by month; ship and short are the sums of its series.
* ("load", work centre): hours needed, planned, available, overtime, what one more hour is worth between price_from and
  price_to, the overtime premium, the hours it lacks, and what it costs.
* ("stock", item): what the inventory page says of it, value and band by month, the demand that it lost.
* ("requirement", item): what is needed and ordered by when, per month.
* ("storage", site): room, what is taken and kept outside, what one unit of room is worth; of sites with a limit.
* ("stock_budget", YYYY-MM), ("supplier", item), ("shortage", item, YYYY-MM), ("choice", item, number),
  ("overload", work centre, YYYY-MM, number), ("pin", number), ("people", work centre): heads, hired, released and cents.

Pages of an approved plan read these rows (`supply.approved`), so that no later file or rule moves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Site
from cycles.models import Plan, Snapshot, SnapshotRow
from cycles.registry import Problem, SectionRow
from supply.approved import SECTION
from supply.frames import ConstrainedBlock, load_constrained, load_policy, load_production, load_supply_costs
from supply.frames.alternatives import load_rerouted
from supply.frames.plan_rates import load_plan_families, load_plan_standards
from supply.frames.results import PREMIUM_COLUMNS, PRODUCTION_COLUMNS, ProductionBlock, load_stock_aims
from supply.models import SupplySeries, WorkCentre
from supply.selectors import pins_in_force, supply_state
from supply.services.frozen_figures import answer_rows, load_rows, supplier_rows
from supply.services.frozen_requirements import requirement_rows
from supply.services.frozen_stock import stock_rows
from supply.services.plan_revenue import revenue_rows
from supply.services.stock_terms import storage_rows
from supply.services.workforce import people_problems, people_rows

CHECKED = ("production", "shipment", "revenue")
ROWS_AT_ONCE = 2_000
#: A service has no stock, which is not a stock of 0.
NOT_STOCKED = {"opening": None, "inventory": None, "inventory_cents": None}

#: What besides production and shipments is frozen, each by its own reader.
PARTS = (
    revenue_rows,
    load_rows,
    stock_rows,
    storage_rows,
    supplier_rows,
    requirement_rows,
    answer_rows,
    people_rows,
)


def supply_rows(plan: Plan) -> Iterator[SectionRow]:
    """Production per item × site, then shipments per item × market: milli-units and cents per month."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")["code"].to_dict()
    uoms = hierarchy.items.set_index("item_id")["uom"].to_dict()
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    services = set(hierarchy.items.loc[hierarchy.items["is_service"], "item_id"])
    sites = dict(Site.objects.values_list("id", "code"))
    made, costs, sent = load_production(plan), load_supply_costs(plan), load_constrained(plan)
    families, standard4 = load_plan_families(plan), load_plan_standards(plan, made.item_ids)
    value = to_cents(made.inventory, np.maximum(standard4, 0))
    rows = [
        SectionRow(
            ("production", items[item], sites[site]),
            {
                "uom": uoms[item],
                "family": families[item],
                "standard4": standard4[row].tolist(),
                "inventory_cents": value[row].tolist(),
                "opening": int(made.opening[row]),
                **{name: getattr(made, name)[row].tolist() for name in PRODUCTION_COLUMNS},
                **(NOT_STOCKED if item in services else {}),
                **{name: getattr(costs, name)[row].tolist() for name in PREMIUM_COLUMNS},
            },
        )
        for row, (item, site) in enumerate(zip(made.item_ids.tolist(), made.site_ids.tolist(), strict=True))
    ]
    rows += _shipment_rows(sent, items, markets)
    for more in PARTS:
        rows += more(plan)
    yield from sorted(rows, key=lambda row: row.key)


def _shipment_rows(sent: ConstrainedBlock, items: Mapping[Any, str], markets: Mapping[Any, str]) -> list[SectionRow]:
    return [
        SectionRow(
            ("shipment", items[item], markets[market]),
            {
                "ship": sent.ship[row].tolist(),
                "short": sent.short[row].tolist(),
                **({"late": sent.late[row].tolist()} if sent.late[row].any() else {}),
            },
        )
        for row, (item, market) in enumerate(zip(sent.item_ids.tolist(), sent.market_ids.tolist(), strict=True))
    ]


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
        yield from people_problems(plan)
        yield from _rerouted_problems(plan, made)


def _rerouted_problems(plan: Plan, made: ProductionBlock) -> Iterator[Problem]:
    """Operations of which more goes to alternative work centres than is made at their site."""
    items, operations, centres, units = load_rerouted(plan)
    site_of = dict(WorkCentre.objects.filter(pk__in=set(centres.tolist())).values_list("id", "site_id"))
    keys = zip(made.item_ids.tolist(), made.site_ids.tolist(), strict=True)
    left = dict(zip(keys, made.make + made.overtime, strict=True))
    sums: dict[tuple[int, int, int], NDArray[np.int64]] = {}
    for item, operation, centre, moved in zip(
        items.tolist(), operations.tolist(), centres.tolist(), units, strict=True
    ):
        key = (item, site_of.get(centre, 0), operation)
        sums[key] = sums.get(key, np.zeros_like(moved)) + moved
    for (item, site, operation), moved in sums.items():
        if (moved > left.get((item, site), np.zeros_like(moved))).any():
            where = f"supply_reroutedseries plan {plan.number} item {item} operation {operation}"
            yield Problem(where, "more goes another way than is made at the site")


def delivery_problems() -> Iterator[Problem]:
    """Rows in which more is late than was asked for, something is late after the last month, or more has expired than
    stands there."""
    for plan in Plan.objects.order_by("first_month"):
        sent, made, aims = load_constrained(plan), load_production(plan), load_stock_aims(plan)
        wrong = (sent.late < 0) | ((sent.lost < 0) & (sent.ship >= 0))
        wrong[:, -1:] |= sent.late[:, -1:] != 0
        for row, month in np.argwhere(wrong).tolist():
            where = f"supply_shipseries plan {plan.number} item {sent.item_ids[row]} market {sent.market_ids[row]}"
            yield Problem(where, f"late and lost units are not what is short in month {month + 1}")
        if len(aims.item_ids) != len(made.item_ids):
            continue
        for row, month in np.argwhere(np.cumsum(aims.expired, axis=1) > made.inventory).tolist():
            where = f"supply_supplyseries plan {plan.number} item {made.item_ids[row]} site {made.site_ids[row]}"
            yield Problem(where, f"more has expired than is on stock in month {month + 1}")


def frozen_problems() -> Iterator[Problem]:
    """Frozen stock that is not units × standard, and frozen revenue whose units are not those of its series."""
    for snapshot in Snapshot.objects.order_by("sequence"):
        rows = SnapshotRow.objects.filter(snapshot=snapshot, section=SECTION).order_by("position")
        sums = dict.fromkeys(("ship", "short"), 0)
        for row in rows.filter(key__0__in=CHECKED).iterator(chunk_size=ROWS_AT_ONCE):
            where = f"snapshot {snapshot.number} {'/'.join(row.key)}"
            if row.key[0] == "production":
                yield from _stock_problems(where, row.fields)
            else:
                sign = 1 if row.key[0] == "shipment" else -1
                sums = {name: total + sign * sum(row.fields[name]) for name, total in sums.items()}
        has_revenue = rows.filter(key__0="revenue").exists()
        for name, rest in sums.items() if has_revenue else ():
            if rest:
                where = f"snapshot {snapshot.number} supply/revenue"
                yield Problem(where, f"{name} misses that of the shipments by {rest / 1000:,.3f}")


def _stock_problems(where: str, fields: dict[str, Any]) -> Iterator[Problem]:
    if fields.get("inventory_cents") is None:
        return
    expected = to_cents(np.array(fields["inventory"], np.int64), np.maximum(np.array(fields["standard4"], np.int64), 0))
    if expected.tolist() != fields["inventory_cents"]:
        yield Problem(where, "inventory_cents is not inventory × standard4")
