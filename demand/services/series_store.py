"""Writing series of a plan: new rows by COPY, moved consensus in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.frames.series_rows import read_series, write_series
from cycles.models import Plan
from demand.models import Series

Ints = NDArray[np.int64]
PAIR = 2**31


@dataclass(frozen=True)
class SeriesValues:
    """Series by key (item × 2³¹ + market), ascending (n,); `baseline`, `consensus` (n, H) milli-units."""

    keys: Ints
    baseline: Ints
    consensus: Ints

    @property
    def item_ids(self) -> Ints:
        """(n,) item of each series."""
        return self.keys // PAIR

    @property
    def market_ids(self) -> Ints:
        """(n,) market of each series."""
        return self.keys % PAIR


def load_values(
    plan: Plan, items: Iterable[int], markets: Iterable[int] | None = None, *, but: int | None = None
) -> SeriesValues:
    """The series of some items, in all markets or in some; ordered by key; none gives empty blocks.

    `but` leaves out a batch that this transaction has written beside the plan's series.
    """
    query = (
        "SELECT item_id::int4, market_id::int4, baseline, consensus FROM demand_series"
        " WHERE plan_id = %s AND item_id = ANY(%s)"
    )
    parameters: list[object] = [plan.pk, [int(item) for item in items]]
    if markets is not None:
        query += " AND market_id = ANY(%s)"
        parameters.append([int(market) for market in markets])
    if but is not None:
        query += " AND batch <> %s"
        parameters.append(but)
    query += " ORDER BY item_id, market_id"
    keys, blocks = read_series(query, keys=2, columns=2, months=plan.horizon, parameters=parameters)
    return SeriesValues(keys[0].astype(np.int64) * PAIR + keys[1], blocks[0], blocks[1])


def add_series(plan: Plan, keys: Ints) -> int:
    """Insert the series that the plan does not have, with an empty baseline; returns how many. Holds the plan's lock."""
    rows = Series.objects.filter(plan=plan, item_id__in=set((keys // PAIR).tolist())).values_list(
        "item_id", "market_id"
    )
    return add_empty_series(
        plan, np.setdiff1d(keys, np.array([item * PAIR + market for item, market in rows], np.int64))
    )


def add_empty_series(plan: Plan, new: Ints) -> int:
    """Insert series that the plan does not have, with an empty baseline; returns how many. Holds the plan's lock."""
    if not len(new):
        return 0
    empty = np.zeros((len(new), plan.horizon), np.int64)
    return write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["baseline", "consensus"],
        [plan.pk, new // PAIR, new % PAIR],
        [empty, empty],
    )


def move_consensus(plan: Plan, keys: Ints, delta: Ints) -> None:
    """Add `delta` (m, H) to the cached consensus of series that exist; the caller holds the plan's lock."""
    order = np.argsort(keys)
    keys, delta = keys[order], delta[order]
    values = load_values(plan, set((keys // PAIR).tolist()))
    store_consensus(plan, keys, values.consensus[np.searchsorted(values.keys, keys)] + delta)


def store_consensus(plan: Plan, keys: Ints, consensus: Ints) -> None:
    """Write the consensus (m, H) of series that exist, in one statement; the caller holds the plan's lock.

    The arrays travel as one flat array and are cut in the database: no row of text per series.
    """
    flat = f"{{{','.join(map(str, consensus.ravel().tolist()))}}}"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE demand_series AS s SET consensus = (v.flat)[(k.n - 1) * %s + 1 : k.n * %s]"
            " FROM (SELECT %s::bigint[] AS flat) AS v,"
            " unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS k (item_id, market_id, n)"
            " WHERE s.plan_id = %s AND s.item_id = k.item_id AND s.market_id = k.market_id",
            [plan.horizon, plan.horizon, flat, (keys // PAIR).tolist(), (keys % PAIR).tolist(), plan.pk],
        )
