"""The budget brought to the leaves of a plan's fiscal year, at the mix level that is company policy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.budget import NONE, BudgetLeaves, BudgetLevels, LeafBudget, bring_to_leaves
from catalog.calc.budget import BudgetRows as FileRows
from catalog.models import Company
from finance.calc.leaves import (
    NO_ITEM,
    BudgetRows,
    BudgetRule,
    LeafTable,
    budget_by_plan_mix,
    budget_in_own_detail,
    stacked_rows,
)
from finance.frames.budget import Budget
from finance.frames.landing_inputs import LandingInputs

Ints = NDArray[np.int64]


def place_budget(inputs: LandingInputs, budget: Budget, table: LeafTable) -> LeafTable:
    """Bring the budget to the leaves: by the plan's mix within a family, or item by item.

    Mix level family: family × market amounts (what stands above is first brought down by last year's mix), shared by
    the plan's own mix, so that mix within a family is 0. Mix level item: own detail, last year's mix, the plan's mix.
    A row that nobody can carry stays on a residual leaf of its family and market; one above that level stays out and
    shows as unexplained.
    """
    if inputs.company.mix_level == Company.MixLevel.FAMILY:
        rows = budget.rows
        if len(budget.coarse.month):
            rows = stacked_rows(rows, _placed_rows(inputs, table, budget.coarse)[0])
        return budget_by_plan_mix(table, rows)
    rows, rules = _placed_rows(inputs, table, _joined(budget.fine, budget.coarse))
    return budget_in_own_detail(table, rows, rules)


def _placed_rows(inputs: LandingInputs, table: LeafTable, given: FileRows) -> tuple[BudgetRows, Ints]:
    """Rows per item and market (and residual rows per family and market) with the rule (r,) that brought them there."""
    items, markets = _candidates(inputs, table, given)
    leaves = _budget_leaves(inputs, table, items, markets)
    placed = bring_to_leaves(given, leaves)
    used = (placed.revenue != 0).any(axis=1) | (placed.units != 0).any(axis=1)
    fine = BudgetRows(
        items=items[used],
        families=leaves.levels.family[used],
        markets=markets[used],
        units=placed.units[used],
        cents=placed.revenue[used],
    )
    residual = _residual(given, placed)
    rules = np.concatenate(
        [placed.rule[used].max(axis=1, initial=0), np.full(len(residual.items), int(BudgetRule.FAMILY_RESIDUAL))]
    )
    return stacked_rows(fine, residual), rules.astype(np.int64)


def _candidates(inputs: LandingInputs, table: LeafTable, given: FileRows) -> tuple[Ints, Ints]:
    """Every item × market that sells this year, sold last year or has a budget row of its own, ordered."""
    own = (given.levels.item != NONE) & (given.levels.market != NONE)
    pairs = np.stack(
        [
            np.concatenate([table.items, inputs.prior.items, given.levels.item[own]]),
            np.concatenate([table.markets, inputs.prior.markets, given.levels.market[own]]),
        ],
        axis=1,
    )
    unique = np.unique(pairs, axis=0)
    return unique[:, 0], unique[:, 1]


def _budget_leaves(inputs: LandingInputs, table: LeafTable, items: Ints, markets: Ints) -> BudgetLeaves:
    product = inputs.hierarchy.items.set_index("item_id").reindex(items)
    place = inputs.hierarchy.markets.set_index("market_id").reindex(markets)
    months = np.array(inputs.window.months)
    launch, end = product["launch_month"].to_numpy()[:, None], product["end_month"].to_numpy()[:, None]
    position = pd.Series(np.arange(len(items)), index=pd.MultiIndex.from_arrays([items, markets]))
    heirs = position.reindex(pd.MultiIndex.from_arrays([product["successor_id"].to_numpy(), markets]))
    prior = (inputs.prior.items, inputs.prior.markets)
    return BudgetLeaves(
        levels=BudgetLevels(
            item=items,
            family=product["family_id"].to_numpy(np.int64),
            category=product["category_id"].to_numpy(np.int64),
            market=markets,
            region=place["region_id"].to_numpy(np.int64),
            channel=place["channel_id"].to_numpy(np.int64),
        ),
        successor=heirs.fillna(NONE).to_numpy(np.int64),
        alive=(launch <= months) & (months <= end),
        prior_units=_on(position, prior, inputs.prior.wanted),
        prior_revenue=_on(position, prior, inputs.prior.revenue),
        prior_cogs=np.zeros((len(items), 12)),
        plan_units=_on(position, (table.items, table.markets), table.wanted),
    )


def _on(position: pd.Series[int], keys: tuple[Ints, Ints], block: Ints) -> NDArray[np.float64]:
    """A block (k, 12) put on the candidates' rows."""
    spread = np.zeros((len(position), 12))
    spread[position.reindex(pd.MultiIndex.from_arrays(list(keys))).to_numpy(np.int64)] = block
    return spread


def _residual(given: FileRows, placed: LeafBudget) -> BudgetRows:
    """Rows on family × market that no leaf can carry, one per key."""
    kept = placed.stranded & (given.levels.family != NONE) & (given.levels.market != NONE)
    keys = np.stack([given.levels.family[kept], given.levels.market[kept]], axis=1)
    unique, codes = np.unique(keys, axis=0, return_inverse=True)
    units, cents = np.zeros((len(unique), 12)), np.zeros((len(unique), 12), dtype=np.int64)
    np.add.at(units, (codes, given.month[kept]), given.units[kept])
    np.add.at(cents, (codes, given.month[kept]), given.revenue[kept])
    return BudgetRows(
        items=np.full(len(unique), NO_ITEM),
        families=unique[:, 0],
        markets=unique[:, 1],
        units=units,
        cents=cents,
    )


def _joined(first: FileRows, second: FileRows) -> FileRows:
    names = ("item", "family", "category", "market", "region", "channel")
    levels = {name: np.concatenate([getattr(first.levels, name), getattr(second.levels, name)]) for name in names}
    return FileRows(
        levels=BudgetLevels(**levels),
        month=np.concatenate([first.month, second.month]),
        units=np.concatenate([first.units, second.units]),
        revenue=np.concatenate([first.revenue, second.revenue]),
        cogs=np.concatenate([first.cogs, second.cogs]),
    )
