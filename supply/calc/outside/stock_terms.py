"""What a document asks of an item's stock: periods of supply, shelf life, room, and periods that are frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supply.calc.cover_target import Cover
from supply.calc.outside.fields import Fields, ProblemFormError
from supply.calc.parts.shelf_life import ShelfLife
from supply.calc.parts.storage import Storage
from supply.calc.problem import MILLI, Floats, PinRows


@dataclass(frozen=True)
class StockTerms:
    """Stock terms of one item; series are (period,).

    ``cover`` periods of coming demand to keep, 0 = none, at ``cover_penalty`` per unit missing; ``life`` period ends that
    a unit may stand on stock, −1 = for ever, at ``expiry`` per unit that expires; ``room`` that a unit takes; ``frozen``
    units to make in the first periods.
    """

    cover: float
    cover_penalty: Floats
    life: int
    expiry: Floats
    room: float
    frozen: tuple[float, ...]


@dataclass(frozen=True)
class RoomTerms:
    """Room for all stock at the end of each period (period,); ``outside`` cost per unit of room kept elsewhere, infinite =
    there is none."""

    room: Floats
    outside: float


def read_stock_terms(fields: Fields, months: int) -> StockTerms:
    """Read the stock terms of an item.

    Raises:
        ProblemFormError: A value is missing, or more periods are frozen than there are.
    """
    life = fields.number("shelf_life", -1.0)
    if life >= 0 and not life.is_integer():
        raise ProblemFormError(f"{fields.place}.shelf_life", life, "is not a whole number", "Count period ends")
    frozen = fields.raw("frozen", [])
    if not isinstance(frozen, list) or len(frozen) > months:
        raise ProblemFormError(
            f"{fields.place}.frozen", frozen, "is no list of at most all periods", "Write [units, …]"
        )
    held = fields.series("frozen", len(frozen)) if frozen else np.zeros(0)
    return StockTerms(
        cover=fields.number("cover", 0.0),
        cover_penalty=fields.series("cover_penalty", months, None if fields.has("cover") else 0.0),
        life=int(life),
        expiry=fields.series("expiry_cost", months, 0.0),
        room=fields.number("room", 0.0),
        frozen=tuple(held.tolist()),
    )


def read_room(fields: Fields, months: int) -> RoomTerms | None:
    """Read the room of the document; None where its stock is not limited."""
    if not fields.has("storage"):
        return None
    inner = Fields(fields.raw("storage"), f"{fields.place}.storage")
    terms = RoomTerms(inner.series("room", months), inner.number("outside_cost", np.inf))
    inner.end()
    return terms


def cover_of(terms: Sequence[StockTerms], months: int) -> Cover | None:
    """Periods of supply as days of periods of one day."""
    days = np.array([row.cover if row.cover else np.nan for row in terms])
    return Cover(days, np.ones(months)) if np.isfinite(days).any() else None


def shelf_life_of(terms: Sequence[StockTerms], opening: Sequence[float]) -> ShelfLife | None:
    """Shelf lives; opening stock counts as new."""
    months = np.array([row.life for row in terms], np.int64)
    if not (months >= 0).any():
        return None
    return ShelfLife(months, np.array([[units] for units in opening]), np.array([row.expiry for row in terms]))


def storage_of(terms: Sequence[StockTerms], room: RoomTerms | None) -> Storage | None:
    """The room of the document as that of one site."""
    if room is None:
        return None
    takes = np.array([row.room for row in terms])
    nodes = np.zeros(len(terms), np.int64)
    return Storage(("the document",), nodes, takes, room.room[None, :], np.array([room.outside]))


def frozen_of(terms: Sequence[StockTerms]) -> PinRows | None:
    """Units of the frozen periods, None where nothing is frozen."""
    held = [(row, month, units) for row, each in enumerate(terms) for month, units in enumerate(each.frozen)]
    if not held:
        return None
    node, month, units = zip(*held, strict=True)
    return PinRows(
        ("make",) * len(held),
        np.array(node, np.int64),
        np.array(month, np.int64),
        np.rint(np.array(units) * MILLI).astype(np.int64),
    )
