"""The closed months that earlier plans can be judged by, on aligned segments: three queries whatever the number of plans."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from catalog.calc.months import month_index
from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import Scope
from demand.calc.accuracy import LagBlock, Moves, Yardsticks, average_price4, seasonal_scale
from demand.frames import ActualBlock, load_actuals
from demand.models import EditKind
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
LAGS = 3
YEAR = 12
SCALE_MONTHS = 36
KINDS = tuple(EditKind)


class Level(StrEnum):
    """At what level forecasts are compared with sales: below it errors cannot cancel, above it they add up."""

    FAMILY = "family"
    ITEM = "item"


@dataclass(frozen=True)
class Judged:
    """Earlier plans beside what was sold, over the last twelve closed months of a plan.

    `keys` (s,) ascending: family or item × 2³¹ + market. `blocks` one per lag that has a closed month, ascending;
    `sold` (s, 12) milli-units and `net_cents` (s, 12) of those months; `plans` how many earlier plans were read.
    """

    level: Level
    keys: Ints
    families: Ints
    blocks: tuple[LagBlock, ...]
    sticks: Yardsticks
    sold: Ints
    net_cents: Ints
    plans: int

    @property
    def places(self) -> Ints:
        """(s,) family or item of each segment."""
        return self.keys // PAIR

    @property
    def markets(self) -> Ints:
        """(s,) market of each segment."""
        return self.keys % PAIR


@dataclass(frozen=True)
class _Said:
    """Series or lines of the earlier plans: `plan` (n,) place in their order, `keys` (n,) item × 2³¹ + market, arrays
    (n, LAGS) of the first open months."""

    plan: Ints
    keys: Ints
    values: tuple[Ints, ...]


def judge(plan: Plan, *, level: Level = Level.FAMILY, scope: Scope | None = None) -> Judged | None:
    """Read what plans of earlier cycles said of months closed since; None while no such month has closed.

    Reads no sale of the plan's own months. `scope` leaves out what a person may not see; None leaves out nothing.
    """
    first = plan.first_month_index
    earlier = list(Plan.objects.filter(first_month__lt=plan.first_month).order_by("first_month"))
    earlier = [old for old in earlier if old.first_month_index + LAGS > first - YEAR]
    if not earlier:
        return None
    start = month_index(Company.objects.current().history_start)
    past = load_actuals(max(start, earlier[0].first_month_index - SCALE_MONTHS - YEAR), first - 1)
    series, lines = _series(earlier), _lines(earlier)
    place = _Places(level)
    sold_keys = place.of(past.item_ids.astype(np.int64) * PAIR + past.market_ids)
    keys = np.unique(np.concatenate([sold_keys, place.of(series.keys)]))
    keys = keys[keys >= 0]
    families = place.family_of(keys)
    if scope is not None:
        seen = scope.mask(families, keys % PAIR)
        keys, families = keys[seen], families[seen]
    blocks = _blocks(earlier, first, _Aligned(keys, place), past=past, said=(series, lines))
    history = _summed(past.units, sold_keys, keys)[:, : max(earlier[0].first_month_index - past.first_month, 0)]
    sold, net = (_summed(part[:, -YEAR:], sold_keys, keys) for part in (past.units, past.net_cents))
    sticks = Yardsticks(average_price4(sold, net), seasonal_scale(history))
    return Judged(level, keys, families, blocks, sticks, sold, net, len(earlier))


class _Places:
    """Segments of series at a level."""

    def __init__(self, level: Level) -> None:
        items = load_hierarchy().items
        self._level = level
        self._family = np.full(int(items["item_id"].max()) + 1 if len(items) else 1, -1, np.int64)
        self._family[items["item_id"]] = items["family_id"]

    def of(self, keys: Ints) -> Ints:
        """(n,) segment of each series key; −1 for an item without a family."""
        item, market = keys // PAIR, keys % PAIR
        family = self._family[item]
        place = family if self._level is Level.FAMILY else item
        return np.where(family >= 0, place * PAIR + market, -1)

    def family_of(self, segments: Ints) -> Ints:
        """(s,) family of each segment."""
        place = segments // PAIR
        return place if self._level is Level.FAMILY else self._family[place]


@dataclass(frozen=True)
class _Aligned:
    """The segments that are judged, `keys` (s,) ascending, and how series find theirs."""

    keys: Ints
    places: _Places

    def rows(self, series: Ints) -> Ints:
        """(n,) row of each series' segment; −1 where it is not judged."""
        segments = self.places.of(series)
        at = np.minimum(np.searchsorted(self.keys, segments), max(len(self.keys) - 1, 0))
        known = self.keys[at] == segments if len(self.keys) else np.zeros(len(segments), bool)
        return np.where(known, at, -1)


def _blocks(
    earlier: list[Plan], first: int, aligned: _Aligned, *, past: ActualBlock, said: tuple[_Said, _Said]
) -> tuple[LagBlock, ...]:
    rows = [aligned.rows(part.keys) for part in said]
    actual_rows = aligned.rows(past.item_ids.astype(np.int64) * PAIR + past.market_ids)
    known = actual_rows >= 0
    actual = sum_by_group(past.units[known], actual_rows[known], len(aligned.keys))
    found = []
    for lag in range(1, LAGS + 1):
        judged = [
            (place, old.first_month_index + lag - 1)
            for place, old in enumerate(earlier)
            if first - YEAR <= old.first_month_index + lag - 1 < first
        ]
        if judged:
            found.append(_block(lag, judged, said=said, rows=rows, sold=(past.first_month, actual)))
    return tuple(found)


def _block(
    lag: int,
    judged: list[tuple[int, int]],
    *,
    said: tuple[_Said, _Said],
    rows: list[Ints],
    sold: tuple[int, Ints],
) -> LagBlock:
    """One lag: its months in order, each as the one plan that lies so far before it said."""
    series, lines = said
    since, actual = sold
    count = len(actual)
    baseline, consensus = (np.zeros((count, len(judged)), np.int64) for _ in range(2))
    parts = []
    for column, (place, _) in enumerate(judged):
        own = (series.plan == place) & (rows[0] >= 0)
        for target, values in zip((baseline, consensus), series.values, strict=True):
            target[:, column] = sum_by_group(values[own, lag - 1 : lag], rows[0][own], count)[:, 0]
        line = np.flatnonzero((lines.plan == place) & (rows[1] >= 0))
        stream, person = (value[line, 0] for value in lines.values[:2])
        parts.append(
            (stream, person, rows[1][line], np.full(len(line), column), lines.values[2][line, lag - 1])
        )  # fmt: skip
    months = np.array([month for _, month in judged], np.int64)
    naive = np.zeros_like(baseline)
    before = months - YEAR - since
    naive[:, before >= 0] = actual[:, before[before >= 0]]
    moves = Moves(*(np.concatenate(part).astype(np.int64) for part in zip(*parts, strict=True)))
    return LagBlock(lag, months, actual[:, months - since], naive, baseline, consensus, moves)


def _series(earlier: list[Plan]) -> _Said:
    """Baseline and consensus of the first open months of every earlier plan, one query."""
    keys, blocks = read_series(
        "SELECT array_position(%s::int[], plan_id::int)::int4, item_id::int4, market_id::int4, "
        f"baseline[1:{LAGS}], consensus[1:{LAGS}] FROM demand_series WHERE plan_id = ANY(%s)",
        keys=3,
        columns=2,
        months=LAGS,
        parameters=([plan.pk for plan in earlier], [plan.pk for plan in earlier]),
    )
    plan, item, market = (key.astype(np.int64) for key in keys)
    return _Said(plan - 1, item * PAIR + market, tuple(blocks))


def _lines(earlier: list[Plan]) -> _Said:
    """Stream, author and deltas of every line of the earlier plans' ledgers, one query."""
    keys, (delta,) = read_series(
        "SELECT array_position(%s::int[], l.plan_id::int)::int4, array_position(%s::text[], e.kind::text)::int4, "
        f"e.author_id::int4, l.item_id::int4, l.market_id::int4, l.delta[1:{LAGS}] "
        "FROM demand_editline l JOIN demand_edit e ON e.id = l.edit_id WHERE l.plan_id = ANY(%s)",
        keys=5,
        columns=1,
        months=LAGS,
        parameters=([plan.pk for plan in earlier], [kind.value for kind in KINDS], [plan.pk for plan in earlier]),
    )
    plan, stream, person, item, market = (key.astype(np.int64) for key in keys)
    return _Said(plan - 1, item * PAIR + market, (stream[:, None] - 1, person[:, None], delta))


def _summed(values: Ints, segments: Ints, keys: Ints) -> Ints:
    """(s, T) sums of series per judged segment."""
    known = np.isin(segments, keys)
    return sum_by_group(values[known], np.searchsorted(keys, segments[known]), len(keys))
