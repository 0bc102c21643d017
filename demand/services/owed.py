"""Who still owes what in the demand review: people, their limits, and what waits for them there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from catalog.models import Family, Market
from cycles.models import Assumption, AssumptionState, Notification, Plan, User
from cycles.selectors import Scope
from demand.models import Edit, EditKind, EditLine, FamilyConfirmation, Series
from demand.selectors import open_proposals
from demand.services.exception_list import open_exceptions
from demand.services.exception_owners import owners_of, planners, waits_for

REMINDER = "demand.review.owed"
OWN_KINDS = [kind.value for kind in EditKind if kind not in (EditKind.CARRIED, EditKind.SYSTEM)]


@dataclass(frozen=True, slots=True)
class Owes:
    """What waits for one person: demand planners inside their limits, and whoever was asked about an exception.

    An exception that somebody was asked about waits for them only; else what two people could answer counts with both.
    `exception_cents` is Σ|money| of the open exceptions, `unpriced` how many have no price and are not in it; `families` those that nobody edited or confirmed on the present
    baseline; `assumptions` to re-confirm that are theirs; `last_edit` their latest in the plan.
    """

    person: User
    limits: str
    exceptions: int
    exception_cents: int
    unpriced: int
    families: tuple[str, ...]
    assumptions: tuple[str, ...]
    proposals: int
    last_edit: datetime | None
    is_reminded: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for them."""
        return not (self.exceptions or self.families or self.assumptions or self.proposals)


@dataclass(frozen=True, slots=True)
class Owed:
    """The whole of it, each thing counted once. `families` (id, code) that nobody looked at; `assumptions` of the plan
    still to re-confirm; `orphans` open exceptions that lie in nobody's limits."""

    people: tuple[Owes, ...]
    exceptions: int
    exception_cents: int
    unpriced: int
    families: tuple[tuple[int, str], ...]
    assumptions: tuple[Assumption, ...]
    orphans: int

    @property
    def is_done(self) -> bool:
        """Whether the review owes nothing."""
        return not (self.exceptions or self.families or self.assumptions)


def owed_in(plan: Plan, *, scope: Scope) -> Owed:
    """What is still owed in a plan, inside the limits of the one who looks."""
    exceptions = open_exceptions(plan, scope=scope)
    families = tuple((key, code) for key, code in unseen_families(plan) if scope.meets(frozenset({key}), None))
    waiting = Assumption.objects.filter(plan=plan, state=AssumptionState.TO_CONFIRM.value).select_related("owner")
    assumptions = tuple(waiting.order_by("code"))
    known = planners()
    asked = {
        row.answer.asked.pk: (row.answer.asked, Scope(())) for row in exceptions if row.answer and row.answer.asked
    }
    told, edited, names = _told_today(plan), _last_edits(plan), _Names()
    people = []
    for person, own in (asked | known).values():
        mine = [row for row in exceptions if waits_for(row, person, known)]
        people.append(
            Owes(
                person=person,
                limits=names.of(own),
                exceptions=len(mine),
                exception_cents=sum(abs(row.money_cents) for row in mine),
                unpriced=sum(row.stake.whole_cents is None for row in mine),
                families=tuple(code for key, code in families if own.meets(frozenset({key}), None)),
                assumptions=tuple(row.code for row in assumptions if row.owner_id == person.pk),
                proposals=open_proposals(plan, person).count() if person.pk in known else 0,
                last_edit=edited.get(person.pk),
                is_reminded=person.pk in told,
            )
        )
    return Owed(
        people=tuple(sorted(people, key=lambda row: (-row.exception_cents, -len(row.families), str(row.person)))),
        exceptions=len(exceptions),
        exception_cents=sum(abs(row.money_cents) for row in exceptions),
        unpriced=sum(row.stake.whole_cents is None for row in exceptions),
        families=families,
        assumptions=assumptions,
        orphans=sum(not owners_of(row, known) for row in exceptions),
    )


def unseen_families(plan: Plan) -> list[tuple[int, str]]:
    """Families with series in the plan that nobody has edited, and nobody has confirmed on the present baseline."""
    planned = Series.objects.filter(plan=plan).values("item__family_id").distinct()
    edited = EditLine.objects.filter(plan=plan, edit__kind__in=OWN_KINDS).values("item__family_id").distinct()
    confirmed = FamilyConfirmation.objects.filter(plan=plan, baseline_version=plan.baseline_version)
    found = Family.objects.filter(pk__in=planned).exclude(pk__in=edited).exclude(pk__in=confirmed.values("family_id"))
    return list(found.order_by("code").values_list("id", "code"))


def reminder_key(plan: Plan, person_id: int) -> str:
    """The event of a reminder: one per person, plan and day."""
    return f"{REMINDER}:{plan.number}:{person_id}:{timezone.localdate():%Y-%m-%d}"


class _Names:
    """Scopes in words."""

    def __init__(self) -> None:
        self._sides = (
            dict(Family.objects.values_list("id", "code")),
            dict(Market.objects.values_list("id", "code")),
        )

    def of(self, scope: Scope) -> str:
        """The families and markets of a scope; '' for one that holds nothing."""
        parts = []
        for rectangle in scope.rectangles:
            sides = [self._words(keys, names) for keys, names in zip(rectangle, self._sides, strict=True)]
            parts.append(" in ".join(side for side in sides if side) or "everything")
        return "; ".join(parts)

    def _words(self, keys: frozenset[int] | None, names: dict[int, str]) -> str:
        return "" if keys is None else ", ".join(sorted(names[key] for key in keys if key in names))


def _told_today(plan: Plan) -> set[int]:
    tail = f":{timezone.localdate():%Y-%m-%d}"
    rows = Notification.objects.filter(plan=plan, kind=REMINDER, event_key__endswith=tail)
    return set(rows.values_list("recipient_id", flat=True))


def _last_edits(plan: Plan) -> dict[int, datetime]:
    rows = Edit.objects.filter(plan=plan, kind__in=OWN_KINDS).values_list("author_id").annotate(Max("created_at"))
    return dict(rows.order_by())
