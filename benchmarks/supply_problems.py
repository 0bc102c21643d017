"""Supply problems of any size for the benchmarks and the properties: a two-level factory with shared work centres."""

from __future__ import annotations

import numpy as np

from supply.calc.capacity import RoutingLines, required_hours
from supply.calc.explosion import BomLines, explode
from supply.calc.problem import Centres, Costs, DemandGroups, Nodes, PinRows, SupplyProblem

SOLD, PARTS = 0.6, 0.2
"""Shares of the items that are sold and made, and made as parts; the rest is bought."""


def factory(*, items: int, months: int, centres: int, load: float = 1.0, seed: int = 1) -> SupplyProblem:
    """A factory: 60 % of the items are sold, 20 % parts made for them, 20 % bought.

    A sold item takes two operations, a part one; it contains two parts and two bought items. Demand is seasonal and
    sparse at random; the hours of a work centre are what the mean month needs ÷ ``load``, so that with 1.0 the season
    must be built ahead, worked in overtime or lost.

    Args:
        items: Number of items, at least 10.
        months: Number of months.
        centres: Number of work centres, at least 2.
        load: Mean load of the work centres.
        seed: Of the random numbers; the same seed gives the same problem.
    """
    random = np.random.default_rng(seed)
    sold, parts = int(items * SOLD), int(items * PARTS)
    made = np.arange(items) < sold + parts
    standard = np.round(random.lognormal(3.0, 0.8, items), 2)
    demand = _demand(random, sold, months)
    bom = _bom(random, sold, parts, items, months)
    node = np.concatenate([np.repeat(np.arange(sold), 2), np.arange(sold, sold + parts)])
    routing = RoutingLines(
        node, random.integers(0, centres, len(node)), np.round(random.uniform(0.05, 0.6, len(node)), 3)
    )
    labels = tuple(f"I{number:05}" for number in range(items))
    gross = explode(np.vstack([demand, np.zeros((items - sold, months))]), bom, labels)
    needed = required_hours(np.where(made[:, None], gross, 0.0), routing, centres)
    regular = np.repeat(np.maximum(needed.mean(axis=1, keepdims=True), 1.0) / load, months, axis=1)
    milli = np.rint(demand * 1000).astype(np.int64)
    lanes = np.arange(sold)
    return SupplyProblem(
        nodes=_nodes(random, labels, made, gross),
        groups=DemandGroups(labels[:sold], milli, lanes, lanes, np.zeros(sold, np.int64)),
        bom=bom,
        routing=routing,
        centres=Centres(
            tuple(f"W{number:02}" for number in range(centres)), np.round(regular, 1), np.round(regular / 4, 1)
        ),
        pins=PinRows((), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)),
        receipts=np.zeros((items, months), np.int64),
        ordered=np.zeros((items, months), np.int64),
        freight=np.zeros(sold),
        costs=_costs(random, standard, bom, sold, centres),
        month_names=tuple(f"M{month + 1:02}" for month in range(months)),
    )


def _demand(random: np.random.Generator, sold: int, months: int) -> np.ndarray:
    level = random.lognormal(4.0, 1.0, (sold, 1))
    season = 1 + random.uniform(0, 0.6, (sold, 1)) * np.sin(
        2 * np.pi * (np.arange(months) + random.integers(0, 3, (sold, 1))) / 12
    )
    noise = random.uniform(0.7, 1.3, (sold, months)) * (random.random((sold, months)) > 0.1)
    return np.round(level * season * noise, 0)


def _bom(random: np.random.Generator, sold: int, parts: int, items: int, months: int) -> BomLines:
    parent = np.repeat(np.arange(sold), 4)
    component = np.stack(
        [
            sold + random.integers(0, parts, sold),
            sold + random.integers(0, parts, sold),
            random.integers(sold + parts, items, sold),
            random.integers(sold + parts, items, sold),
        ],
        axis=1,
    ).ravel()
    kept = np.unique(parent * items + component, return_index=True)[1]
    parent, component = parent[kept], component[kept]
    return BomLines(
        parent, component, random.integers(1, 4, len(parent)).astype(float), np.ones((len(parent), months), bool)
    )


def _nodes(random: np.random.Generator, labels: tuple[str, ...], made: np.ndarray, gross: np.ndarray) -> Nodes:
    mean = gross.mean(axis=1)
    safety = np.rint(mean * random.uniform(0.1, 0.5, len(labels))).astype(np.int64) * 1000
    return Nodes(
        labels=labels,
        can_make=made,
        can_buy=~made,
        stocked=np.ones(len(labels), bool),
        opening=np.rint(mean * random.uniform(0.2, 1.2, len(labels))).astype(np.int64) * 1000,
        safety=safety,
        end_stock=safety,
        quantum=np.full(len(labels), 1000),
        buy_from=np.where(made, 0, random.integers(0, 4, len(labels))),
        buy_limit=np.where(random.random(len(labels)) < 0.3, np.round(mean * 1.2 + 1), np.inf),
    )


def _costs(random: np.random.Generator, standard: np.ndarray, bom: BomLines, sold: int, centres: int) -> Costs:
    """Making costs a fifth of the item's own standard; a missing unit 1.2 to 2 times all that is in it."""
    months = bom.valid.shape[1]
    wide = np.repeat(standard[:, None], months, axis=1)
    whole = standard.copy()
    whole[:sold] *= 0.2
    np.add.at(whole, bom.parent, bom.quantity * standard[bom.component])
    shortage = (whole[:sold] * random.uniform(1.2, 2.0, sold))[:, None] * (1.0 - 0.0005 * np.arange(months))
    return Costs(
        make=wide * 0.2,
        buy=wide,
        expedite=wide * 1.25,
        holding=wide * 0.01,
        safety_penalty=wide * 0.03,
        shortage=shortage,
        freight=np.zeros(sold),
        overtime=np.repeat(random.uniform(10, 40, (centres, 1)), months, axis=1),
    )
