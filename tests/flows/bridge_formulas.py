"""The bridge's formulas once more, in Decimal, from the columns of `leaves.parquet` alone (FORMULAS §2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

DRIVERS = ("volume", "mix", "price", "fx", "new", "discontinued", "supply_constraint")
ZERO = Decimal(0)
NUMBERS = ("qb", "pb", "fb", "qu", "qa", "pa", "fa")
AMOUNTS = ("budget", "upside", "landing")
Row = dict[str, Any]


def largest_miss(leaves: pd.DataFrame) -> tuple[Decimal, str]:
    """The largest difference, in cents, between a stored driver and its formula, and where it is."""
    worst, where = ZERO, ""
    for row, expected in _expected(leaves):
        for driver in DRIVERS:
            miss = abs(Decimal(row[f"{driver}_cents"]) - expected.get(driver, ZERO) * 100)
            if miss > worst:
                worst, where = miss, f"{driver} of {row['item']} in {row['market']}, {row['month']}"
    return worst, where


def _expected(leaves: pd.DataFrame) -> Iterator[tuple[Row, dict[str, Decimal]]]:
    rows = leaves.to_dict("records")
    for row in rows:
        row |= {name: Decimal(repr(float(row[name]))) for name in NUMBERS}
        row |= {name: Decimal(int(row[f"{name}_cents"])) / 100 for name in AMOUNTS}
    for row, (promised, expected) in zip(rows, _group_units(rows), strict=True):
        yield row, {**_revenue_drivers(row, promised, expected), "supply_constraint": _constraint(row)}


def _group_units(rows: list[Row]) -> Iterator[tuple[Decimal, Decimal]]:
    """Qb and Qa of each row's mix group: family × market × unit × month, over leaves neither new nor discontinued."""
    promised: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    expected: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    keys = [tuple(row[name] for name in ("family", "market", "uom", "month")) for row in rows]
    for key, row in zip(keys, rows, strict=True):
        if row["flag"] == "":
            promised[key] += row["qb"]
            expected[key] += row["qu"]
    for key in keys:
        yield promised[key], expected[key]


def _revenue_drivers(row: Row, promised: Decimal, expected: Decimal) -> dict[str, Decimal]:
    """Dollars per driver of the unconstrained amount; an amount without units stands in price."""
    credit = row["budget"] if row["qb"] == 0 else ZERO
    if row["flag"] == "new":
        return {"new": row["upside"], "price": -row["budget"]}
    if row["flag"] == "discontinued":
        return {"discontinued": credit - row["budget"], "price": row["upside"] - credit}
    if promised <= 0 and (row["qb"] or row["qu"]):
        return {"volume": row["upside"] - row["budget"]}
    local = row["qu"] * row["pa"] if row["qu"] else row["upside"] / row["fa"]
    share = row["qb"] / promised if promised > 0 else ZERO
    at_budget = row["pb"] * row["fb"]
    return {
        "volume": (expected - promised) * share * at_budget,
        "mix": (row["qu"] - expected * share) * at_budget,
        "price": local * row["fb"] - row["qu"] * at_budget - credit,
        "fx": local * (row["fa"] - row["fb"]),
    }


def _constraint(row: Row) -> Decimal:
    if row["qu"]:
        return Decimal((row["qa"] - row["qu"]) * row["pa"] * row["fa"])
    return Decimal(row["landing"] - row["upside"])
