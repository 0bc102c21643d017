"""Whose word an exception waits for: who was asked, else the demand planners whose limits hold its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from cycles.models import Membership, User
from cycles.policy import Role
from cycles.selectors import Scope, scope_from
from demand.services.exception_entry import DemandException, ExceptionState

NAMED = 3
Planners = Mapping[int, tuple[User, Scope]]


@dataclass(frozen=True)
class Share:
    """Open exceptions that wait for the same people, the largest first. `owners` () = they lie in nobody's limits.

    `cents` Σ|dollars| of those whose dollars are known; `unpriced` counts the others.
    """

    owners: tuple[User, ...]
    rows: tuple[DemandException, ...]

    @property
    def cents(self) -> int:
        """Known dollars at stake, without sign."""
        return sum(abs(row.stake.whole_cents or 0) for row in self.rows)

    @property
    def unpriced(self) -> int:
        """How many have a part without a price."""
        return sum(row.stake.whole_cents is None for row in self.rows)

    @property
    def names(self) -> str:
        """The owners for people; '' for nobody."""
        return names_of(self.owners)

    @property
    def subject(self) -> str:
        """The owners as a stable key: usernames in order, 'nobody' for none."""
        return " ".join(sorted(owner.username for owner in self.owners)) or "nobody"


def names_of(owners: tuple[User, ...]) -> str:
    """Any one of these people: 'Ann', 'Ann or Bob', past three 'any of 5 demand planners'; '' for nobody."""
    if len(owners) > NAMED:
        return f"any of {len(owners)} demand planners"
    return " or ".join(str(owner) for owner in owners)


def planners() -> dict[int, tuple[User, Scope]]:
    """Every active demand planner with the limits of that role, by id; three queries."""
    rows = Membership.objects.filter(role=Role.DEMAND_PLANNER.value, user__is_active=True, user__is_service=False)
    rows = rows.select_related("user").prefetch_related("families", "markets").order_by("user_id")
    return {
        key: (memberships[0].user, scope_from(memberships))
        for key, memberships in ((key, list(group)) for key, group in groupby(rows, key=lambda row: row.user_id))
    }


def owners_of(row: DemandException, known: Planners) -> tuple[User, ...]:
    """Who may settle it now: who was asked, alone, while it is open; else every planner whose limits hold its place."""
    if row.answer is not None and row.answer.asked is not None and row.state == ExceptionState.ASKED:
        return (row.answer.asked,)
    return tuple(person for person, own in known.values() if own.allows(row.spot.family_id, row.spot.market_id))


def waits_for(row: DemandException, person: User, known: Planners) -> bool:
    """Whether an open exception waits for this person's word."""
    return row.is_open and any(owner.pk == person.pk for owner in owners_of(row, known))


def shares_of(rows: Iterable[DemandException]) -> list[Share]:
    """Exceptions put to the people that they wait for, the largest dollars first, what nobody owns before everything."""
    known = planners()
    held: dict[tuple[int, ...], tuple[tuple[User, ...], list[DemandException]]] = {}
    for row in rows:
        owners = owners_of(row, known)
        held.setdefault(tuple(owner.pk for owner in owners), (owners, []))[1].append(row)
    shares = [Share(owners, tuple(own)) for owners, own in held.values()]
    return sorted(shares, key=lambda share: (bool(share.owners), -share.cents, share.subject))
