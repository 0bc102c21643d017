"""What people owe, as data: every app tells its own lines, and "My work" ranks them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from cycles.registry import _add

if TYPE_CHECKING:
    from cycles.models import Plan, User


class Weight(StrEnum):
    """How a duty presses: a block holds its stage back, a task is to be done, a note is to be looked at."""

    BLOCK = "block"
    TASK = "task"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that one person owes. Grain: one subject of one source.

    `verb` and `url` are its only link. `money_cents`: cents of the reporting currency at stake, None where it cannot be
    said. `due_on`: the last day on which it is in time, None without one.
    """

    title: str
    why: str
    verb: str
    url: str
    icon: str = "clipboard-check"
    weight: Weight = Weight.TASK
    money_cents: int | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class DutySource:
    """Where duties come from: `duties(user, plan)` yields what this person owes in this plan now; it writes nothing.

    Only sources that `is_quick` (a query or two, no arrays) are asked for the count beside "My work" on every page; the
    page itself asks them all. `instead_of`: the code of a gate whose findings stand on the list through this source, as
    what each person owes of them.
    """

    name: str
    duties: Callable[[User, Plan], Iterable[Duty]]
    is_quick: bool = True
    instead_of: str = ""


_sources: dict[str, DutySource] = {}


def register_duties(source: DutySource) -> None:
    """Add a source of duties; a duplicate name is a start-up error."""
    _add(_sources, source.name, source, "Duty source")


def duty_sources(*, with_slow: bool) -> tuple[DutySource, ...]:
    """Return the sources by name, the quick ones or all."""
    return tuple(_sources[name] for name in sorted(_sources) if with_slow or _sources[name].is_quick)


def rank_duties(duties: Iterable[Duty], today: date) -> list[Duty]:
    """Return duties in the order in which they press: late, then by weight, money at stake, due date, title.

    Money counts by its size, not its sign; what has no money or no date comes after what has.
    """
    weights = list(Weight)

    def pressure(duty: Duty) -> tuple[bool, int, int, date, str]:
        due = duty.due_on or date.max
        return (due >= today, weights.index(duty.weight), -abs(duty.money_cents or 0), due, duty.title)

    return sorted(duties, key=pressure)
