"""What a person asks of the ledger, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cycles.errors import DomainError
from demand.models import Edit, EditKind, Intent
from demand.services.series_store import SeriesValues


class Mode(StrEnum):
    """How a gesture moves its cells."""

    SET = "set"
    CHANGE = "change"
    SCALE = "scale"
    FILL = "fill"
    LAST_YEAR = "last_year"
    RESET = "reset"

    @property
    def intent(self) -> Intent:
        """What it means when the baseline moves later."""
        return _INTENTS[self]


_INTENTS = {
    Mode.SET: Intent.SET,
    Mode.FILL: Intent.SET,
    Mode.LAST_YEAR: Intent.SET,
    Mode.CHANGE: Intent.CHANGE,
    Mode.SCALE: Intent.CHANGE,
    Mode.RESET: Intent.RESET,
}


class Unit(StrEnum):
    """What a typed number counts: milli-units, or cents of the reporting currency at the plan's net prices."""

    UNITS = "units"
    VALUE = "value"


class EditInvalid(DomainError):
    """The gesture cannot be recorded at all; the message says which part and why. Nothing was written.

    `refused` are the refusals, when it was every single instruction that could not be saved.
    """

    code = "edit_invalid"

    def __init__(self, message: str, refused: tuple[Refusal, ...] = ()) -> None:
        super().__init__(message)
        self.refused = refused


class SeriesUnknown(EditInvalid):
    """There is no such item, family or market, or not in what this person sees."""

    code = "series_unknown"


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the plan: None on a key means all of them. Item and market together name one series."""

    family_id: int | None = None
    item_id: int | None = None
    market_id: int | None = None
    category_id: int | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether it is one series."""
        return self.item_id is not None and self.market_id is not None


@dataclass(frozen=True, slots=True)
class Instruction:
    """One value for the cells of some nodes in some months, all or nothing.

    `months`: month numbers. `value` by mode: set and change the amount of the whole instruction (spread over its
    leaves), in the gesture's unit; scale ten-thousandths (500 = +5 %); fill, last year and reset take none.
    """

    nodes: tuple[Node, ...]
    months: tuple[int, ...]
    value: int = 0


@dataclass(frozen=True, slots=True)
class Gesture:
    """One act of a person: a cell, a range, a paste. `base_revision` is the plan's revision that the person saw.

    `session` tells two windows of one person apart. `event` is the code of the promotion that the gesture puts into the
    plan: its price actions are in force there as long as the gesture holds. `about` is kept with the edit: what stands behind
    it (a promotion's days and shape, an opportunity's probability, a launch curve), in plain values. `reason_code` is one of the
    company's codes, or ""; `reason` may be empty beside it.
    """

    mode: Mode
    instructions: tuple[Instruction, ...]
    reason: str
    base_revision: int
    session: str
    kind: EditKind = EditKind.OVERRIDE
    event: str = ""
    about: Mapping[str, object] = field(default_factory=dict)
    unit: Unit = Unit.UNITS
    reason_code: str = ""

    @property
    def words(self) -> str:
        """Why, as it is kept: the comment, else the code."""
        return self.reason.strip() or self.reason_code


class Cause(StrEnum):
    """Why an instruction was not saved."""

    CONFLICT = "conflict"
    MONTH_LOCKED = "month_locked"
    NOT_ON_MARKET = "not_on_market"
    UNKNOWN_ROW = "unknown_row"
    BELOW_ZERO = "below_zero"
    NOT_A_STEP = "not_a_step"
    NO_PRICE = "no_price"
    NOTHING_THERE = "nothing_there"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An instruction that was not saved: why, and what helps, in words.

    Of a conflict also what its cells sum to now (milli-units), and the entry that won; `edit` is None otherwise.
    """

    instruction: int
    cause: Cause
    reason: str
    remedy: str
    value_now: int = 0
    edit: Edit | None = None

    @property
    def by(self) -> str:
        """Who won, '' when it is no conflict."""
        return str(self.edit.author.get_full_name() or self.edit.author.get_username()) if self.edit else ""

    @property
    def at(self) -> datetime | None:
        """When."""
        return self.edit.created_at if self.edit else None


@dataclass(frozen=True, slots=True)
class EditResult:
    """What became of a gesture. `saved`: positions of instructions that hold now (also when nothing had to change).

    `edit` is None when nothing had to change or all was refused; `series` are the moved series as they are now and
    `delta` (m, H) what the gesture moved them by; `owner` (m, H) the position of the instruction of each touched cell, −1
    elsewhere. `revision` is the plan's.
    """

    saved: tuple[int, ...]
    refused: tuple[Refusal, ...]
    edit: Edit | None
    revision: int
    series: SeriesValues
    delta: NDArray[np.int64]
    owner: NDArray[np.int64]
