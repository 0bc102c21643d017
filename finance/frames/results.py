"""The stored landing as arrays and as the leaf table that goes out of the house."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import Hierarchy
from catalog.frames.series_rows import read_series
from cycles.models import Plan
from finance.calc.bridge import BudgetSide, Driver, budget_price
from finance.calc.leaves import BudgetRule

Ints = NDArray[np.int64]

LEAF_MONTHS = 12
NANO = 1_000_000_000
NANO_PER_MILLI = 1_000_000
FX6_ONE = 1_000_000
FLAGS = ("", "new", "discontinued")
LEAF_COLUMNS = (
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


@dataclass(frozen=True)
class StoredBridge:
    """A plan's bridge leaves. `keys`: item_id (0 = residual), family_id, market_id, rule, flag, one row per leaf.

    `blocks`: column → (leaf, 12); `drivers` (driver, leaf, 12) cents in the order of `Driver`.
    """

    keys: pd.DataFrame
    blocks: dict[str, Ints]
    drivers: Ints
    first_month: int

    @property
    def change(self) -> Ints:
        """Landing − budget, cents, (leaf, 12)."""
        return self.blocks["landing_cents"] - self.blocks["budget_cents"]


def load_bridge(plan: Plan, *, fiscal_start: int) -> StoredBridge:
    """All leaves of the plan's stored bridge, ordered by family, item and market; empty before a landing.

    Args:
        plan: the plan.
        fiscal_start: month number of the year's first month.
    """
    columns = [*LEAF_COLUMNS, *(driver.value for driver in Driver)]
    keys, blocks = read_series(
        "SELECT coalesce(item_id, 0)::int4, family_id::int4, market_id::int4, rule::int4, flag::int4, "
        f"{', '.join(columns)} FROM finance_bridgeleaf WHERE plan_id = %s ORDER BY family_id, item_id, market_id",
        keys=5,
        columns=len(columns),
        months=LEAF_MONTHS,
        parameters=(plan.pk,),
    )
    names = ("item_id", "family_id", "market_id", "rule", "flag")
    count = len(LEAF_COLUMNS)
    return StoredBridge(
        keys=pd.DataFrame({name: key.astype(np.int64) for name, key in zip(names, keys, strict=True)}),
        blocks=dict(zip(LEAF_COLUMNS, blocks[:count], strict=True)),
        drivers=np.stack(blocks[count:]),
        first_month=fiscal_start,
    )


def leaf_rows(bridge: StoredBridge, hierarchy: Hierarchy) -> pd.DataFrame:
    """The bridge as one row per leaf and month, for `leaves.parquet`.

    Columns: item ('' on a family residual), family, category, market, region, month (date), rule, flag (new or
    discontinued), whole_change (its mix group has no budget units); qb, qu, qa in units (budget, unconstrained,
    constrained or actual); pb, pa in the market's currency per unit (pb of a month without budget units: the leaf's
    average of the year); fb, fa reporting currency per unit of it; budget, upside, landing and each driver in cents.
    """
    count = len(bridge.keys)
    names = _names(bridge.keys, hierarchy)
    repeated = names.loc[names.index.repeat(LEAF_MONTHS)].reset_index(drop=True)
    months = [month_date(bridge.first_month + position) for position in range(LEAF_MONTHS)]
    repeated["month"] = months * count
    for column, block in {**_units_and_prices(bridge), **_amounts(bridge)}.items():
        repeated[column] = block.reshape(-1)
    return repeated


def _names(keys: pd.DataFrame, hierarchy: Hierarchy) -> pd.DataFrame:
    items, markets = hierarchy.items.set_index("item_id"), hierarchy.markets.set_index("market_id")
    families = hierarchy.items[hierarchy.items["family_id"] > 0].drop_duplicates("family_id").set_index("family_id")
    return pd.DataFrame(
        {
            "item": items["code"].reindex(keys["item_id"]).fillna("").to_numpy(object),
            "family": families["family"].reindex(keys["family_id"]).fillna("").to_numpy(object),
            "category": families["category"].reindex(keys["family_id"]).fillna("").to_numpy(object),
            "uom": items["uom"].reindex(keys["item_id"]).fillna("").to_numpy(object),
            "market": markets["code"].reindex(keys["market_id"]).to_numpy(object),
            "region": markets["region"].reindex(keys["market_id"]).to_numpy(object),
            "rule": [BudgetRule(rule).name.lower() for rule in keys["rule"]],
            "flag": [FLAGS[flag] for flag in keys["flag"]],
        }
    )


def _units_and_prices(bridge: StoredBridge) -> dict[str, NDArray[np.generic]]:
    blocks = bridge.blocks
    fb, fa = blocks["budget_fx6"] / FX6_ONE, blocks["plan_fx6"] / FX6_ONE
    side = BudgetSide(blocks["qb_nano"] / NANO_PER_MILLI, blocks["budget_cents"])
    pb = budget_price(side, fb) * 1000 / 100
    wanted, shipped = blocks["qu"] / 1000, blocks["qa"] / 1000
    own = np.divide(blocks["upside_cents"] / 100, wanted * fa, out=np.full(fa.shape, np.nan), where=wanted != 0)
    other = np.divide(blocks["landing_cents"] / 100, shipped * fa, out=pb.copy(), where=shipped != 0)
    return {
        "qb": blocks["qb_nano"] / NANO,
        "pb": pb,
        "fb": fb,
        "qu": wanted,
        "qa": shipped,
        "pa": np.where(np.isnan(own), other, own),
        "fa": fa,
    }


def _amounts(bridge: StoredBridge) -> dict[str, NDArray[np.generic]]:
    blocks = bridge.blocks
    amounts: dict[str, NDArray[np.generic]] = {
        "budget": blocks["budget_cents"],
        "upside": blocks["upside_cents"],
        "landing": blocks["landing_cents"],
        "whole_change": blocks["whole_change"],
    }
    return amounts | {driver.value: bridge.drivers[position] for position, driver in enumerate(Driver)}


def load_money(plan: Plan, *columns: str) -> tuple[Ints, Ints, list[Ints]]:
    """Stored money series: items (n,), markets (n,) and the named array columns, each (n, horizon).

    Args:
        plan: the plan.
        columns: names of `MoneySeries` arrays.
    """
    keys, blocks = read_series(
        f"SELECT item_id::int4, market_id::int4, {', '.join(columns)} FROM finance_moneyseries WHERE plan_id = %s "
        "ORDER BY item_id, market_id",
        keys=2,
        columns=len(columns),
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    return keys[0].astype(np.int64), keys[1].astype(np.int64), blocks


def load_revenue(plan: Plan) -> tuple[Ints, Ints, Ints]:
    """Stored revenue as fast as it comes, in no order: items (n,), markets (n,), cents (n, horizon)."""
    keys, blocks = read_series(
        "SELECT item_id::int4, market_id::int4, revenue_cents FROM finance_moneyseries WHERE plan_id = %s",
        keys=2,
        columns=1,
        months=plan.horizon,
        parameters=(plan.pk,),
    )
    return keys[0].astype(np.int64), keys[1].astype(np.int64), blocks[0]
