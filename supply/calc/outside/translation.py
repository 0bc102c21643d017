"""An aggregate planning document as the supply problem that the portal solves."""

from __future__ import annotations

import numpy as np

from supply.calc.explosion import BomLines
from supply.calc.outside.document import Document, ItemTerms
from supply.calc.outside.stock_terms import cover_of, frozen_of, shelf_life_of, storage_of
from supply.calc.outside.ways import alternatives_of, make_rates, routing_of
from supply.calc.parts.backlog import Backlog
from supply.calc.parts.limits import Limits
from supply.calc.parts.people import People
from supply.calc.parts.shifts import Shifts
from supply.calc.parts.subcontract import Subcontract
from supply.calc.parts.transfers import Transfers
from supply.calc.problem import (
    MILLI,
    Centres,
    Choices,
    Costs,
    DemandGroups,
    Floats,
    Ints,
    Nodes,
    PinRows,
    SupplyProblem,
)


def as_problem(document: Document, *, whole: bool) -> SupplyProblem:
    """Every item is a node and a demand of its own, every market a demand that its items serve; units of the document become milli-units.

    With `whole` people are counted in whole heads and items with a lot are made in whole lots.
    """
    items, months = document.items, len(document.periods)
    labels, none = tuple(item.name for item in items), np.zeros((len(items), months))
    demand = _demand(document)
    groups, nodes, freight = lanes_of(document)
    return SupplyProblem(
        nodes=_nodes(items),
        groups=DemandGroups(
            (*labels, *(market.name for market in document.markets)),
            np.rint(demand * MILLI).astype(np.int64),
            groups,
            nodes,
            np.zeros(len(groups), np.int64),
        ),
        bom=_components(document),
        routing=routing_of(document),
        centres=Centres(
            tuple(centre.name for centre in document.centres),
            _table([centre.hours for centre in document.centres], months),
            _table([centre.overtime_most for centre in document.centres], months),
        ),
        pins=_pins(document),
        receipts=np.zeros((len(items), months), np.int64),
        ordered=np.zeros((len(items), months), np.int64),
        freight=freight,
        costs=Costs(
            make=make_rates(document),
            buy=none,
            expedite=none,
            holding=_holding(document),
            safety_penalty=_table([item.stock.cover_penalty for item in items], months),
            shortage=_table([none[0] if lost is None else lost for lost in _penalties(document)], months),
            freight=freight,
            overtime=_table([row.overtime_rate - row.rate + row.idle for row in document.centres], months),
        ),
        month_names=document.periods,
        choices=_choices(document, whole=whole),
    )


def _demand(document: Document) -> Floats:
    demand = _rows(document.items, "demand")
    demand[:, 0] += [item.opening_backlog for item in document.items]
    return np.concatenate([demand, _table([market.demand for market in document.markets], demand.shape[1])])


def lanes_of(document: Document) -> tuple[Ints, Ints, Floats]:
    """Group, node and freight of every lane: first each item's own, then those of the markets in order."""
    names = [item.name for item in document.items]
    lanes = [(row, row, 0.0) for row in range(len(names))]
    for row, market in enumerate(document.markets, start=len(names)):
        lanes += [(row, names.index(item), freight) for item, freight in market.lanes.items()]
    group, node, freight = zip(*lanes, strict=True)
    return np.array(group, np.int64), np.array(node, np.int64), np.array(freight, np.float64)


def _penalties(document: Document) -> list[Floats | None]:
    return [row.lost_sale for row in document.places]


def group_prices(document: Document) -> Floats:
    """Currency per unit delivered, 0 without a price, (group, period): items first, then markets."""
    none = np.zeros(len(document.periods))
    rows = [none if row.price is None else row.price for row in document.places]
    return _table(rows, len(document.periods))


def _nodes(items: tuple[ItemTerms, ...]) -> Nodes:
    """Made, stocked and never bought; without a planning step, so that textbook fractions stay what they are."""
    zeros, always = np.zeros(len(items), np.int64), np.ones(len(items), bool)
    return Nodes(
        labels=tuple(item.name for item in items),
        can_make=always,
        can_buy=~always,
        stocked=always,
        opening=np.rint(np.array([item.opening_stock for item in items]) * MILLI).astype(np.int64),
        safety=zeros,
        end_stock=zeros,
        quantum=zeros,
        buy_from=zeros,
        buy_limit=np.zeros(len(items)),
    )


def _choices(document: Document, *, whole: bool) -> Choices:
    items, months = document.items, len(document.periods)
    none, unlimited = np.zeros(months), np.full(months, np.inf)
    markets, stock = np.zeros((len(document.markets), months)), [item.stock for item in items]
    return Choices(
        subcontract=Subcontract(
            _table([none if item.subcontract is None else item.subcontract for item in items], months),
            _rows(items, "subcontract_most"),
        ),
        backlog=Backlog(
            np.concatenate([_table([none if row.backlog is None else row.backlog for row in items], months), markets]),
            np.concatenate([_rows(items, "backlog_most"), markets]),
        ),
        people=_people(document, whole=whole) if document.people else None,
        limits=Limits(
            make_least=_rows(items, "make_least"),
            make_most=_rows(items, "make_most"),
            stock_least=_rows(items, "stock_least"),
            stock_most=_rows(items, "stock_most"),
            short_most=_table([none if lost is None else unlimited for lost in _penalties(document)], months),
        ),
        alternatives=alternatives_of(document),
        shifts=_shifts(document),
        transfers=_transfers(document),
        price=group_prices(document) if has_price(document) else None,
        is_open=np.array([*(item.is_open for item in items), *(False for _ in document.markets)]),
        lot=np.array([item.lot for item in items]) if whole else None,
        is_whole_scope=True,
        cover=cover_of(stock, months),
        shelf_life=shelf_life_of(stock, [item.opening_stock for item in items]),
        storage=storage_of(stock, document.room),
        frozen=frozen_of(stock),
    )


def _transfers(document: Document) -> Transfers | None:
    """Ways between items that are the same good; None where there is none."""
    names, ways = [item.name for item in document.items], document.transfers
    if not ways:
        return None
    return Transfers(
        source=np.array([names.index(way.source) for way in ways], np.int64),
        target=np.array([names.index(way.target) for way in ways], np.int64),
        lead=np.array([way.lead for way in ways], np.int64),
        freight=np.array([way.freight for way in ways]),
        limit=np.array([way.most for way in ways]),
    )


def _shifts(document: Document) -> Shifts | None:
    """Extra shifts of the work centres: what an hour costs beyond a regular one; None where none is allowed."""
    centres, months = document.centres, len(document.periods)
    limit = _table([row.shift_most for row in centres], months)
    premium = _table([row.shift_rate - row.rate + row.idle for row in centres], months)
    return Shifts(limit, premium) if limit.any() else None


def has_price(document: Document) -> bool:
    """Whether anything earns: the plan then maximises revenue − cost."""
    return any(row.price is not None for row in document.places)


def _people(document: Document, *, whole: bool) -> People:
    pools, names = document.people, [centre.name for centre in document.centres]
    idle = {centre.name: centre.idle for centre in document.centres}

    def table(name: str) -> Floats:
        return _table([getattr(pool, name) for pool in pools], len(document.periods))

    return People(
        labels=tuple(pool.name for pool in pools),
        centre=np.array([names.index(pool.centre) for pool in pools], dtype=np.int64),
        opening=np.array([pool.opening for pool in pools]),
        hours=table("hours"),
        overtime_hours=table("overtime_hours"),
        wage=table("wage") + table("hours") * _table([idle[pool.centre] for pool in pools], len(document.periods)),
        hire=table("hire"),
        release=table("release"),
        least=table("least"),
        most=table("most"),
        hire_most=table("hire_most"),
        release_most=table("release_most"),
        busy=np.array([pool.is_busy for pool in pools], bool),
        is_whole=whole,
    )


def _holding(document: Document) -> Floats:
    """Cost of a unit in stock at the end of a period; on average stock it is paid half in this and half in the next."""
    own = _rows(document.items, "holding")
    if not document.averages_stock:
        return own
    following = np.concatenate([own[:, 1:], np.zeros((len(own), 1))], axis=1)
    mean: Floats = (own + following) / 2.0
    return mean


def _components(document: Document) -> BomLines:
    names = [item.name for item in document.items]
    lines = [
        (parent, names.index(component), units)
        for parent, item in enumerate(document.items)
        for component, units in item.components.items()
    ]
    parent, component, units = zip(*lines, strict=True) if lines else ((), (), ())
    return BomLines(
        np.array(parent, np.int64),
        np.array(component, np.int64),
        np.array(units, np.float64),
        np.ones((len(lines), len(document.periods)), bool),
    )


def _pins(document: Document) -> PinRows:
    pins = [
        (node, period, units) for node, item in enumerate(document.items) for period, units in sorted(item.pins.items())
    ]
    node, month, units = zip(*pins, strict=True) if pins else ((), (), ())
    quantity = np.rint(np.array(units, np.float64) * MILLI).astype(np.int64)
    return PinRows(("make",) * len(pins), np.array(node, np.int64), np.array(month, np.int64), quantity)


def _rows(items: tuple[ItemTerms, ...], name: str) -> Floats:
    return _table([getattr(item, name) for item in items], 0)


def _table(rows: list[Floats], months: int) -> Floats:
    table: Floats = np.array(rows, dtype=np.float64) if rows else np.zeros((0, months))
    return table
