"""What the work behind the grid costs at least: the same rows read and written in plain SQL, nothing judged."""

from __future__ import annotations

import json
import time

import numpy as np
from django.db import connection, transaction

from benchmarks.plans import MONTHS, BenchPlan
from catalog.frames.series_rows import read_series, write_series


def floor_of_load(bench: BenchPlan) -> float:
    """Seconds to read baseline and consensus of every series and to write the consensus as JSON."""
    start = time.perf_counter()
    query = "SELECT item_id::int4, market_id::int4, baseline, consensus FROM demand_series WHERE plan_id = %s"
    keys, (_, units) = read_series(query, keys=2, columns=2, months=MONTHS, parameters=[bench.plan.pk])
    json.dumps([keys[0].tolist(), keys[1].tolist(), units.tolist()])
    return time.perf_counter() - start


def floor_of_edit(bench: BenchPlan, rows: np.ndarray) -> float:
    """Seconds to lock the plan, append lines for some series by COPY, move them in one statement, and commit."""
    items, markets = bench.items[rows], bench.markets[rows]
    _create_lines()
    delta = np.zeros((len(rows), MONTHS), np.int64)
    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT revision FROM cycles_plan WHERE id = %s FOR UPDATE", [bench.plan.pk])
        write_series(
            "floor_lines", ["edit_id", "item_id", "market_id"], ["delta", "touched", "typed"],
            [1, items, markets], [delta] * 3,
        )  # fmt: skip
        cursor.execute(
            "UPDATE demand_series s SET consensus = s.consensus FROM unnest(%s::bigint[], %s::bigint[]) AS k (i, m)"
            " WHERE s.plan_id = %s AND s.item_id = k.i AND s.market_id = k.m",
            [items.tolist(), markets.tolist(), bench.plan.pk],
        )
        cursor.execute("UPDATE cycles_plan SET revision = revision WHERE id = %s", [bench.plan.pk])
    return time.perf_counter() - start


def _create_lines() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor_lines")
        cursor.execute(
            "CREATE TEMPORARY TABLE floor_lines"
            " (edit_id int4, item_id int4, market_id int4, delta bigint[], touched bigint[], typed bigint[])"
        )
