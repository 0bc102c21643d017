"""The ordinary way, for information: one tall frame per fact, merged, and rows written by executemany."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from django.db import connection
from psycopg2.extras import execute_values

from benchmarks.plans import MONTHS, BenchPlan

PAGE_ROWS = 10_000


def measure_naive(bench: BenchPlan, wanted: np.ndarray) -> float:
    """Seconds to merge units with prices and costs cell by cell and to store the dollars."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS naive_out")
        cursor.execute("CREATE TEMPORARY TABLE naive_out (item int4, market int4, month int4, revenue int8, cogs int8)")
    keys = {
        "item": np.repeat(bench.items, MONTHS),
        "market": np.repeat(bench.markets, MONTHS),
        "month": np.tile(np.arange(MONTHS), len(bench.items)),
    }
    units = pd.DataFrame({**keys, "units": wanted.reshape(-1)})
    prices = pd.DataFrame({**keys, "price": bench.rates.net_price4.reshape(-1)})
    costs = pd.DataFrame({**keys, "cost": bench.rates.cost4.reshape(-1)})
    start = time.perf_counter()
    merged = units.merge(prices, on=list(keys)).merge(costs, on=list(keys))
    merged["revenue"] = (merged["units"] * merged["price"] // 100_000).astype("int64")
    merged["cogs"] = (merged["units"] * merged["cost"] // 100_000).astype("int64")
    rows = merged[["item", "market", "month", "revenue", "cogs"]].to_numpy().tolist()
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, "INSERT INTO naive_out VALUES %s", rows, page_size=PAGE_ROWS)
    return time.perf_counter() - start
