"""The work queue of exceptions: what one person sees of them, filtered, with how far the answering is."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Family, Market
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.models import EditKind, EditLine, ExceptionKind
from demand.services.exception_entry import DemandException, ExceptionState
from demand.services.exception_list import exceptions_of
from demand.services.exception_owners import names_of, owners_of, planners, waits_for


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see of the queue. '' and None leave a filter open.

    `only_mine`: asked of this person, or under an edit of theirs. `only_waiting`: open, and waiting for this person's word.
    `with_small`: also those too small to need an answer.
    """

    kind: str = ""
    family_id: int | None = None
    market_id: int | None = None
    only_mine: bool = False
    only_open: bool = False
    only_waiting: bool = False
    with_small: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether something is filtered out that would be shown."""
        return bool(
            self.kind or self.family_id or self.market_id or self.only_mine or self.only_open or self.only_waiting
        )


@dataclass(frozen=True)
class Queue:
    """Exceptions of one person's families and markets.

    `rows` pass the filter; the counts are of everything that needs an answer there, whatever the filter: `asked`, of
    them `answered`; `open_cents` the sum of their dollars at stake without sign, `open_unpriced` those whose dollars
    cannot be said. `small` need none, with `small_cents`. The choices hold what occurs. `rows` come with whom each waits
    for; `waiting` of the open ones wait for this person, with `waiting_cents`.
    """

    rows: list[tuple[DemandException, str]]
    asked: int
    answered: int
    open_cents: int
    open_unpriced: int
    small: int
    small_cents: int
    waiting: int
    waiting_cents: int
    kinds: list[ExceptionKind]
    families: list[tuple[int, str]]
    markets: list[tuple[int, str]]

    @property
    def open_count(self) -> int:
        """How many still need somebody's word."""
        return self.asked - self.answered


def queue_of(plan: Plan, *, user: User, wanted: Wanted) -> Queue:
    """The exceptions that a person sees, the largest dollars first; those without a price before them."""
    found = exceptions_of(plan, scope=scope_of(user))
    asked = [one for one in found if one.is_asked]
    known = planners()
    waiting = [one for one in asked if one.is_open]
    own = [one for one in waiting if waits_for(one, user, known)]
    small = [one for one in found if not one.is_asked]
    mine = _cells_of(plan, user) if wanted.only_mine else set()
    shown = [one for one in found if _passes(one, wanted) and (not wanted.only_mine or _is_mine(one, user, mine))]
    if wanted.only_waiting:
        shown = [one for one in shown if waits_for(one, user, known)]
    listed = found if wanted.with_small else asked
    return Queue(
        rows=[(one, names_of(owners_of(one, known)) if one.is_open else "") for one in shown],
        asked=len(asked),
        answered=len(asked) - len(waiting),
        open_cents=sum(abs(one.stake.cents) for one in waiting),
        open_unpriced=sum(one.stake.whole_cents is None for one in waiting),
        small=len(small),
        small_cents=sum(abs(one.stake.cents) for one in small),
        waiting=len(own),
        waiting_cents=sum(abs(one.stake.cents) for one in own),
        kinds=[kind for kind in ExceptionKind if any(one.kind == kind for one in listed)],
        families=_choices({one.spot.family_id: one.spot.family for one in listed}),
        markets=_choices({one.spot.market_id: one.spot.market for one in listed}),
    )


def exception_named(plan: Plan, key: str) -> tuple[str, Family, Market] | None:
    """Label, family and market of an exception's key, also of one that is settled by now; None for no such place."""
    kind, *numbers = key.split("-")
    if kind.upper() not in ExceptionKind.__members__ or len(numbers) != 3 or not all(n.isdecimal() for n in numbers):
        return None
    family = Family.objects.filter(pk=int(numbers[0])).first()
    market = Market.objects.filter(pk=int(numbers[2])).first()
    if family is None or market is None:
        return None
    item = family.items.filter(pk=int(numbers[1])).first() if int(numbers[1]) else None
    place = item.code if item else family.code
    return f"{ExceptionKind[kind.upper()].label}: {place} in {market.code}", family, market


def _passes(one: DemandException, wanted: Wanted) -> bool:
    return (
        (one.is_asked or wanted.with_small)
        and wanted.kind in ("", one.code)
        and wanted.family_id in (None, one.spot.family_id)
        and wanted.market_id in (None, one.spot.market_id)
        and (one.is_open or not wanted.only_open)
    )


def _is_mine(one: DemandException, user: User, cells: set[tuple[int, int | None, int]]) -> bool:
    if one.state == ExceptionState.ASKED and one.answer and one.answer.asked_id == user.pk:
        return True
    spot = one.spot
    return any(
        (family == spot.family_id if spot.item_id is None else item == spot.item_id) and market == spot.market_id
        for item, family, market in cells
    )


def _cells_of(plan: Plan, user: User) -> set[tuple[int, int | None, int]]:
    """Item, family and market of every series that a person edited in this plan."""
    lines = EditLine.objects.filter(plan=plan, edit__author=user).exclude(edit__kind=EditKind.SYSTEM.value)
    return set(lines.values_list("item_id", "item__family_id", "market_id").distinct())


def _choices(found: dict[int, str]) -> list[tuple[int, str]]:
    return sorted(found.items(), key=lambda pair: pair[1])
