"""What stands beside the cells of the grid: closed months, rows to compare with, and net prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date, month_index
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.references import load_reference_rows
from catalog.frames.series_rows import read_series
from catalog.models import Company, ReferencePlan
from cycles.models import Plan, User
from cycles.selectors import Scope, scope_of
from demand.frames import (
    SeriesBlock,
    load_actuals,
    load_baseline,
    load_consensus,
    load_loaded_months,
    load_rates,
    plan_months,
)
from demand.models import EditKind
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
YEAR = 12
LAST_YEAR, BASELINE, BUDGET, LAST_CYCLE = "last_year", "baseline", "budget", "last_cycle"


@dataclass(frozen=True)
class Beside:
    """Figures aligned with months, of series by key: `units`, `cents` (n, T) milli-units and cents.

    `known`, `priced` (n, T): where units and where cents are known; elsewhere they are n/a, never 0. `above`:
    by row id of the grid what is given at that row only, (units, cents) per month, None = not given.
    """

    label: str
    keys: Ints
    units: Ints
    cents: Ints
    known: Mask
    priced: Mask
    above: dict[str, tuple[list[int | None], list[int | None]]] = field(default_factory=dict)

    def only(self, rows: Mask) -> Beside:
        """The series of a mask (n,)."""
        return replace(
            self,
            keys=self.keys[rows],
            units=self.units[rows],
            cents=self.cents[rows],
            known=self.known[rows],
            priced=self.priced[rows],
        )

    def seen(self, scope: Scope) -> Beside:
        """Only the series inside a scope."""
        items, markets = self.keys // PAIR, self.keys % PAIR
        family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(items).to_numpy()
        return self.only(scope.mask(family, markets))

    def shifted(self, months: int, horizon: int) -> Beside:
        """The same figures over `horizon` months that begin `months` later; not known where these did not reach."""
        shared = max(min(self.units.shape[1] - months, horizon), 0)
        units, cents = np.zeros((2, len(self.keys), horizon), np.int64)
        known, priced = np.zeros((2, len(self.keys), horizon), bool)
        units[:, :shared], cents[:, :shared] = (
            block[:, months : months + shared] for block in (self.units, self.cents)
        )
        known[:, :shared], priced[:, :shared] = (
            block[:, months : months + shared] for block in (self.known, self.priced)
        )
        return replace(self, units=units, cents=cents, known=known, priced=priced)


@dataclass(frozen=True)
class PriceBlock:
    """Net prices of the plan's series: keys (n,), millionths of the reporting currency per unit (n, H), −1 = none."""

    keys: Ints
    micro: Ints


def history_of(plan: Plan, *, months: int, user: User) -> tuple[list[int], Beside]:
    """Sales of the last closed months before the plan, and their month numbers; series without any sale are left out.

    Months before the company's history are not there; a month that was not loaded is not known.
    """
    first = max(plan.first_month_index - months, month_index(Company.objects.current().history_start))
    span = list(range(first, plan.first_month_index))
    sold = load_actuals(first, plan.first_month_index - 1)
    keys = sold.item_ids.astype(np.int64) * PAIR + sold.market_ids
    loaded = _loaded(span)
    known = np.broadcast_to(loaded, sold.units.shape)
    found = Beside("Sold", keys, sold.units, sold.net_cents, known, known).seen(scope_of(user))
    return span, found.only((found.units != 0).any(axis=1) | (found.cents != 0).any(axis=1))


def compare_with(plan: Plan, name: str, *, user: User) -> Beside:
    """The row to compare with of that name: last_year, baseline, budget, last_cycle or a stream of the ledger.

    Raises:
        KeyError: there is none of that name.
    """
    ways: dict[str, Callable[[Plan, Scope], Beside]] = {
        LAST_YEAR: _last_year,
        BASELINE: lambda plan, scope: _valued(plan, "Baseline", load_baseline(plan)),
        BUDGET: _budget,
        LAST_CYCLE: _last_cycle,
    }
    scope = scope_of(user)
    if name in ways:
        return ways[name](plan, scope).seen(scope)
    kinds = {kind.value: kind for kind in EditKind}
    return _stream(plan, kinds[name]).seen(scope)


def prices_of(plan: Plan, *, user: User) -> PriceBlock:
    """Net prices of every series that the person sees, over the plan's months."""
    series = load_consensus(plan)
    items, markets = series.item_ids.astype(np.int64), series.market_ids.astype(np.int64)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(items).to_numpy()
    seen = scope_of(user).mask(family, markets)
    items, markets = items[seen], markets[seen]
    rates = load_rates(plan, items, markets)
    micro = np.rint(rates.net_price4.astype(np.float64) * rates.fx6 / 10_000).astype(np.int64)
    return PriceBlock(items * PAIR + markets, np.where(rates.missing, -1, micro))


def _loaded(span: list[int]) -> Mask:
    """(T,) which months were loaded."""
    if not span:
        return np.zeros(0, bool)
    loaded = load_loaded_months(span[0], span[-1])
    return np.array([month in loaded for month in span], bool)


def _valued(plan: Plan, label: str, block: SeriesBlock) -> Beside:
    """Units at the plan's net prices."""
    items, markets = block.item_ids.astype(np.int64), block.market_ids.astype(np.int64)
    rates = load_rates(plan, items, markets)
    cents = to_cents(block.units, np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1))
    shape = block.units.shape
    priced = ~rates.missing | (block.units == 0)
    return Beside(label, items * PAIR + markets, block.units, cents, np.ones(shape, bool), priced)


def _last_year(plan: Plan, scope: Scope) -> Beside:
    """Sold a year before as booked; where that month is not closed, the plan's own."""
    first, ahead = plan.first_month_index, plan.horizon - YEAR
    own = _valued(plan, "", load_consensus(plan))
    sold = load_actuals(first - YEAR, first - 1)
    keys = np.union1d(own.keys, sold.item_ids.astype(np.int64) * PAIR + sold.market_ids)
    units, cents = np.zeros((2, len(keys), max(plan.horizon, YEAR)), np.int64)
    known, priced = np.ones((2, len(keys), max(plan.horizon, YEAR)), bool)
    rows = np.searchsorted(keys, sold.item_ids.astype(np.int64) * PAIR + sold.market_ids)
    units[rows, :YEAR], cents[rows, :YEAR] = sold.units, sold.net_cents
    known[:, :YEAR] = priced[:, :YEAR] = _loaded(list(range(first - YEAR, first)))
    if ahead > 0:
        rows = np.searchsorted(keys, own.keys)
        units[rows, YEAR:], cents[rows, YEAR:] = own.units[:, :ahead], own.cents[:, :ahead]
        priced[rows, YEAR:] = own.priced[:, :ahead]
    span = slice(0, plan.horizon)
    return Beside("Last year", keys, units[:, span], cents[:, span], known[:, span], priced[:, span])


def _last_cycle(plan: Plan, scope: Scope) -> Beside:
    """The consensus of the cycle before in the same months, at that plan's prices; n/a where it did not reach."""
    nothing = np.zeros((0, plan.horizon), np.int64)
    before = plan.previous
    if before is None:
        return Beside("Last cycle", nothing[:, 0], nothing, nothing, nothing != 0, nothing != 0)
    theirs = _valued(before, f"Plan {before.number}", load_consensus(before))
    return theirs.shifted(plan.first_month_index - before.first_month_index, plan.horizon)


def _stream(plan: Plan, kind: EditKind) -> Beside:
    """What the gestures of one stream add, undone ones and their undoing included: they cancel."""
    keys, (delta,) = read_series(
        "SELECT l.item_id::int4, l.market_id::int4, l.delta FROM demand_editline l"
        " JOIN demand_edit e ON e.id = l.edit_id WHERE l.plan_id = %s AND e.kind = %s",
        keys=2,
        columns=1,
        months=plan.horizon,
        parameters=[plan.pk, kind.value],
    )
    series, row = np.unique(keys[0].astype(np.int64) * PAIR + keys[1], return_inverse=True)
    units = np.zeros((len(series), plan.horizon), np.int64)
    np.add.at(units, row, delta)
    return _valued(
        plan, kind.label, SeriesBlock((series // PAIR).astype(np.int32), (series % PAIR).astype(np.int32), units)
    )


def _budget(plan: Plan, scope: Scope) -> Beside:
    """The budget where it is given: at series, and above them at the narrowest row of the tree that holds it."""
    months = plan_months(plan)
    years = range(month_date(months[0]).year, month_date(months[-1]).year + 2)
    rows = pd.concat([load_reference_rows(ReferencePlan.BUDGET, year) for year in years], ignore_index=True)
    rows = rows[rows["month"].between(months[0], months[-1])]
    rows = rows[_inside(rows, scope)]
    leaf = (rows["item_id"] >= 0) & (rows["market_id"] >= 0)
    series = rows[leaf]
    keys, row = np.unique(series["item_id"].to_numpy(np.int64) * PAIR + series["market_id"], return_inverse=True)
    units, cents = np.zeros((2, len(keys), plan.horizon), np.int64)
    given, priced = np.zeros((2, len(keys), plan.horizon), bool)
    at = (row, series["month"].to_numpy(np.int64) - months[0])
    np.add.at(units, at, series["units_milli"].fillna(0).to_numpy(np.int64))
    np.add.at(cents, at, series["revenue_cents"].to_numpy(np.int64))
    given[at], priced[at] = series["units_milli"].notna().to_numpy(bool), True
    return Beside("Budget", keys, units, cents, given, priced, _above(rows[~leaf], months))


def _inside(rows: pd.DataFrame, scope: Scope) -> Mask:
    """(r,) which rows of the budget lie wholly inside a scope; a limited person sees those of one family and market."""
    if scope.is_everything:
        return np.ones(len(rows), bool)
    items = load_hierarchy().items.set_index("item_id")["family_id"]
    family = rows["family_id"].where(rows["item_id"] < 0, items.reindex(rows["item_id"]).to_numpy()).to_numpy(np.int64)
    market = rows["market_id"].to_numpy(np.int64)
    return scope.mask(family, market) & (family >= 0) & (market >= 0)


def _above(rows: pd.DataFrame, months: list[int]) -> dict[str, tuple[list[int | None], list[int | None]]]:
    """Units and cents per month of the rows of the tree that something was given for."""
    named = pd.Series("all", index=rows.index)
    for level, letter in (("category_id", "c"), ("family_id", "f"), ("item_id", "i")):
        named = named.where(rows[level] < 0, letter + rows[level].astype(str))
    sums = rows.assign(row=named).groupby(["row", "month"])[["units_milli", "revenue_cents"]].sum(min_count=1)
    found: dict[str, tuple[list[int | None], list[int | None]]] = {}
    for name, part in sums.groupby(level="row"):
        by_month = part.droplevel("row").reindex(months)
        units, cents = (by_month[column] for column in ("units_milli", "revenue_cents"))
        found[str(name)] = (_optional(units), _optional(cents))
    return found


def _optional(values: pd.Series) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in values]
