"""The upside and what it is compared with, as one frame per side on family × market; every side in units and cents.

A side that is not known says why; it is never 0. Budget rows above family × market keep −1 where they name nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.months import fiscal_year_of, month_date, month_index
from catalog.frames.hierarchy import NONE, Hierarchy
from catalog.frames.references import load_reference_rows
from catalog.frames.series_rows import read_series
from catalog.models import Company, ReferencePlan
from cycles.models import Plan, Snapshot
from cycles.selectors import Scope
from demand.frames import load_actuals, load_loaded_months
from demand.services.upside.period import Period
from demand.services.upside.priced import Priced

Ints = NDArray[np.int64]
KEYS = ["family_id", "category_id", "market_id", "region_id", "channel_id"]
AMOUNTS = ["units", "cents"]
YEAR = 12


@dataclass(frozen=True)
class Side:
    """Amounts of a period on nodes: columns of `KEYS` (−1 = above that level) and `units` (milli), `cents`.

    `missing` says why the side is not known ('' when it is); `units_missing` why its units are not. `name` for people.
    """

    name: str
    frame: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*KEYS, *AMOUNTS], dtype=np.int64))
    missing: str = ""
    units_missing: str = ""

    def total(self, *, in_units: bool) -> int | None:
        """Sum of milli-units or cents; None where it is not known."""
        if self.missing or (in_units and self.units_missing):
            return None
        return int(self.frame["units" if in_units else "cents"].sum())


@dataclass(frozen=True)
class Sides:
    """The upside of a period and its three references. `unpriced` milli-units of open months have no price, so no cents.

    `closed_cents`, `closed_units`: what of the upside was sold in the period's closed months.
    """

    period: Period
    upside: Side
    budget: Side
    last_cycle: Side
    last_year: Side
    unpriced: int
    closed_units: int
    closed_cents: int

    @property
    def references(self) -> tuple[Side, Side, Side]:
        """What the upside is compared with, in the order of the page."""
        return self.budget, self.last_cycle, self.last_year


def sides_of(priced: Priced, scope: Scope) -> Sides:
    """Everything the review compares over a period, inside what a person may see.

    Upside: actual net sales of the period's closed months, then consensus × net price × plan FX. Last cycle: the same of
    the last approved snapshot, as it was frozen. Last year: actual sales of the same months a year before.
    """
    plan, period, nodes = priced.plan, priced.period, _Nodes(priced.hierarchy, scope)
    closed = _sold(period.closed, nodes)
    seen = scope.mask(priced.families, priced.markets)
    every = np.arange(len(priced.items))
    cents = priced.cents(priced.units, every).sum(axis=1)
    planned = nodes.summed(priced.items, priced.markets, priced.units.sum(axis=1), cents)
    return Sides(
        period=period,
        upside=Side("Upside", _stacked([closed, planned])),
        budget=_budget(period, nodes),
        last_cycle=_last_cycle(plan, period, nodes),
        last_year=_last_year(plan, period, nodes),
        unpriced=int(priced.units[priced.missing & seen[:, None]].sum()),
        closed_units=int(closed["units"].sum()),
        closed_cents=int(closed["cents"].sum()),
    )


class _Nodes:
    """Puts series on the nodes that people see."""

    def __init__(self, hierarchy: Hierarchy, scope: Scope) -> None:
        self.items = hierarchy.items.set_index("item_id")
        self.families = hierarchy.items.drop_duplicates("family_id").set_index("family_id")["category_id"]
        self.markets = hierarchy.markets.set_index("market_id")
        self.scope = scope

    def summed(self, items: Ints, markets: Ints, units: Ints, cents: Ints) -> pd.DataFrame:
        """Series (n,) and their amounts (n,) summed per family × market that the person sees."""
        family = self.items["family_id"].reindex(items).to_numpy(np.int64)
        frame = pd.DataFrame({"family_id": family, "market_id": markets, "units": units, "cents": cents})
        frame = frame[self.scope.mask(family, markets)]
        return self.named(frame.groupby(["family_id", "market_id"], as_index=False)[AMOUNTS].sum())

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with category, region and channel of its families and markets."""
        places = self.markets.reindex(frame["market_id"])
        return frame.assign(
            category_id=self.families.reindex(frame["family_id"]).fillna(NONE).to_numpy(np.int64),
            region_id=places["region_id"].fillna(NONE).to_numpy(np.int64),
            channel_id=places["channel_id"].fillna(NONE).to_numpy(np.int64),
        )[[*KEYS, *AMOUNTS]]


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames).groupby(KEYS, as_index=False)[AMOUNTS].sum()


def _sold(months: range, nodes: _Nodes) -> pd.DataFrame:
    block = load_actuals(months.start, months.stop - 1)
    items, markets = block.item_ids.astype(np.int64), block.market_ids.astype(np.int64)
    return nodes.summed(items, markets, block.units.sum(axis=1), block.net_cents.sum(axis=1))


def _last_year(plan: Plan, period: Period, nodes: _Nodes) -> Side:
    months = range(period.first - YEAR, period.last + 1 - YEAR)
    if months[-1] >= plan.first_month_index:
        return Side("Last year", missing=f"{period.label} compares with months that have not closed yet")
    absent = sorted(set(months) - load_loaded_months(months[0], months[-1]))
    if absent:
        return Side("Last year", missing=f"no sales are loaded for {_span(absent)}")
    return Side("Last year", _sold(months, nodes))


def _last_cycle(plan: Plan, period: Period, nodes: _Nodes) -> Side:
    """The last approved plan of an earlier cycle, frozen; months closed before it as they were sold."""
    before = Snapshot.objects.filter(first_month__lt=plan.first_month).order_by("-first_month", "-amendment")
    snapshot = before.first()
    if snapshot is None:
        return Side("Last cycle", missing="no earlier cycle was approved")
    first = month_index(snapshot.first_month)
    if period.last > first + snapshot.horizon - 1:
        return Side("Last cycle", missing=f"plan {snapshot.number} does not reach {month_date(period.last):%B %Y}")
    names = ("unconstrained_quantity", "upside_amount")
    arrays = ", ".join(f"ARRAY(SELECT jsonb_array_elements_text(r.fields->'{name}')::bigint)" for name in names)
    keys, (units, cents) = read_series(
        f"SELECT i.id::int4, m.id::int4, {arrays} FROM cycles_snapshotrow r "
        "JOIN catalog_item i ON i.code = r.key[2] JOIN catalog_market m ON m.code = r.key[3] "
        "WHERE r.snapshot_id = %s AND r.section = 'finance' AND r.key[1] = 'money'",
        keys=2,
        columns=2,
        months=snapshot.horizon,
        parameters=(snapshot.pk,),
    )
    columns = slice(max(period.first - first, 0), period.last + 1 - first)
    items, markets = keys[0].astype(np.int64), keys[1].astype(np.int64)
    planned = nodes.summed(items, markets, units[:, columns].sum(axis=1), cents[:, columns].sum(axis=1))
    sold = _sold(range(period.first, max(period.first, first)), nodes)
    return Side(f"Last cycle ({snapshot.number})", _stacked([sold, planned]))


def _budget(period: Period, nodes: _Nodes) -> Side:
    """Budget rows of the period's months at the level at which they were given."""
    start = Company.objects.current().fiscal_year_start_month
    years = sorted({fiscal_year_of(month, start) for month in period.months})
    rows = pd.concat([load_reference_rows(ReferencePlan.BUDGET, year) for year in years], ignore_index=True)
    rows = rows[rows["month"].isin(period.months)]
    absent = sorted(set(period.months) - set(rows["month"].tolist()))
    if absent:
        return Side("Budget", missing=f"no budget is loaded for {_span(absent)}")
    rows = _on_levels(rows, nodes)
    if not nodes.scope.is_everything:
        whole = (rows["family_id"] != NONE) & (rows["market_id"] != NONE)
        rows = rows[whole & nodes.scope.mask(rows["family_id"].to_numpy(), rows["market_id"].to_numpy())]
    without = int(rows["units_milli"].isna().sum())
    words = f"{without} of {len(rows)} budget rows name no units" if without else ""
    frame = rows.assign(units=rows["units_milli"].fillna(0).astype(np.int64), cents=rows["revenue_cents"])
    return Side("Budget", frame.groupby(KEYS, as_index=False)[AMOUNTS].sum(), units_missing=words)


def _on_levels(rows: pd.DataFrame, nodes: _Nodes) -> pd.DataFrame:
    """The rows with the levels above what each names filled in."""

    def above(column: str, lookup: pd.Series[int], key: str) -> pd.Series[int]:
        found = lookup.reindex(rows[key]).fillna(NONE).astype(np.int64).to_numpy()
        return rows[column].where(rows[key] == NONE, found)

    rows = rows.assign(family_id=above("family_id", nodes.items["family_id"], "item_id"))
    rows = rows.assign(category_id=above("category_id", nodes.families, "family_id"))
    for level in ("region_id", "channel_id"):
        rows = rows.assign(**{level: above(level, nodes.markets[level], "market_id")})
    return rows


def _span(months: list[int]) -> str:
    first, last = month_date(months[0]), month_date(months[-1])
    return f"{first:%b %Y}" if first == last else f"{first:%b %Y} – {last:%b %Y}"
