"""Small supply problems for tests, written down node by node."""

from dataclasses import replace

import numpy as np

from supply.calc.capacity import RoutingLines
from supply.calc.explosion import BomLines
from supply.calc.problem import Centres, Costs, DemandGroups, Nodes, PinRows, SupplyProblem


def no_pins() -> PinRows:
    return PinRows((), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


def simple_problem(demand: list[list[float]], hours: list[float], *, overtime: float = 0.0) -> SupplyProblem:
    """Made items A, B, … of one hour each on one work centre W; no stock, no components.

    A made unit costs 10, holding 1 a month, a shortage 100, an hour of overtime 6.

    Args:
        demand: units (item, month). hours: regular hours (month,). overtime: fraction of them on top.
    """
    units = np.array(demand, dtype=np.float64)
    count, months = units.shape
    ones = np.ones((count, months))
    labels = tuple("ABCDEFGH"[:count])
    zeros = np.zeros(count, np.int64)
    regular = np.array([hours], dtype=np.float64)
    return SupplyProblem(
        nodes=Nodes(
            labels=labels,
            can_make=np.ones(count, bool),
            can_buy=np.zeros(count, bool),
            stocked=np.ones(count, bool),
            opening=zeros,
            safety=zeros,
            end_stock=zeros,
            quantum=np.full(count, 10),
            buy_from=zeros,
            buy_limit=np.full(count, np.inf),
        ),
        groups=DemandGroups(labels, np.rint(units * 1000).astype(np.int64), np.arange(count), np.arange(count), zeros),
        bom=BomLines(zeros[:0], zeros[:0], np.zeros(0), np.zeros((0, months), bool)),
        routing=RoutingLines(np.arange(count), zeros, np.ones(count)),
        centres=Centres(("W",), regular, regular * overtime),
        pins=no_pins(),
        receipts=np.zeros((count, months), np.int64),
        ordered=np.zeros((count, months), np.int64),
        freight=np.zeros(count),
        costs=Costs(
            make=10 * ones,
            buy=10 * ones,
            expedite=12 * ones,
            holding=ones,
            safety_penalty=3 * ones,
            shortage=100 * ones,
            freight=np.zeros(count),
            overtime=np.full((1, months), 6.0),
        ),
        month_names=tuple(f"2014-{month + 1:02d}" for month in range(months)),
    )


def changed_nodes(problem: SupplyProblem, **values: object) -> SupplyProblem:
    """The problem with other columns of its nodes."""
    return replace(problem, nodes=replace(problem.nodes, **values))
