"""The access review: who may do what, who used it, what should be looked at; and that somebody has looked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cycles.errors import NotAllowedNow, ReasonMissing
from cycles.models import Assumption, AuditRow, Decision, Membership, Plan, SignOff, Stage, User
from cycles.policy import Action, Role, conflicts_of
from cycles.registry.access import AccessLine, access_sources
from cycles.selectors import latest_plan
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.workflow import StageAction, StageKind

UNUSED_AFTER = timedelta(days=90)
REVIEWED = "cycles.access.reviewed"


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One person: what they may do and where, when they last came and acted, what they approved, what to look at."""

    person: User
    roles: tuple[tuple[str, str], ...]
    last_act: datetime | None
    approved: tuple[str, ...]
    concerns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessReview:
    """All ways in at one moment: people, service users, other lists by title; `digest` names just this state."""

    lines: tuple[ReviewLine, ...]
    services: tuple[User, ...]
    others: tuple[tuple[str, tuple[AccessLine, ...]], ...]
    digest: str

    @property
    def concern_count(self) -> int:
        """How many things a reviewer should look at."""
        of_others = sum(bool(line.concern) for _, lines in self.others for line in lines)
        return sum(len(line.concerns) for line in self.lines) + of_others


def access_review() -> AccessReview:
    """Read everybody's access as it is now. A fixed number of queries, whatever the number of people."""
    plan = latest_plan()
    users = User.objects.prefetch_related("memberships__families", "memberships__markets").order_by("username")
    people = [user for user in users if not user.is_service]
    acts = dict(AuditRow.objects.values_list("actor").annotate(last=Max("at")))
    approved, owing = _approved(plan), _owing(plan)
    lines = tuple(
        _line(person, acts.get(person.pk), tuple(approved.get(person.pk, ())), owing.get(person.pk, 0))
        for person in people
    )
    others = tuple((source.title, tuple(source.lines())) for source in access_sources())
    return AccessReview(lines, tuple(user for user in users if user.is_service), others, _digest(lines, others))


def _line(person: User, last_act: datetime | None, approved: tuple[str, ...], owed: int) -> ReviewLine:
    roles = tuple((Role(row.role).label, scope_words(row)) for row in _by_role(person))
    return ReviewLine(person, roles, last_act, approved, tuple(_concerns(person, last_act, owed)))


def _by_role(person: User) -> list[Membership]:
    return sorted(person.memberships.all(), key=lambda row: row.role)


def scope_words(membership: Membership) -> str:
    """Return the limits of a role in words; families and markets are read from the prefetched rows where there are."""
    families = ", ".join(sorted(row.code for row in membership.families.all())) or "all families"
    markets = ", ".join(sorted(row.code for row in membership.markets.all())) or "all markets"
    return f"{families} × {markets}"


def _concerns(person: User, last_act: datetime | None, owed: int) -> list[str]:
    roles = [Role(row.role) for row in person.memberships.all()]
    if not person.is_active:
        return [f"switched off, but still owns {owed} open points"] if owed else []
    found = list(conflicts_of(roles))
    seen = max((moment for moment in (person.last_login, last_act, person.date_joined) if moment), default=None)
    if seen is not None and timezone.now() - seen > UNUSED_AFTER:
        found.append(f"unused for {(timezone.now() - seen).days} days")
    if not roles:
        found.append("has no role")
    if person.is_superuser:
        found.append("is a superuser of the admin site")
    return found


def _approved(plan: Plan | None) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = SignOff.objects.filter(stage__plan=plan, action=StageAction.APPROVE.value).select_related("stage")
    for row in rows:
        if row.round == row.stage.round:
            found.setdefault(row.actor_id, []).append(StageKind(row.stage.kind).label)
    return found


def _owing(plan: Plan | None) -> dict[int, int]:
    """How many open points of the plan each person owns: stages, decisions, assumptions."""
    counts: dict[int, int] = {}
    lists = (
        Stage.objects.filter(plan=plan).exclude(status="approved"),
        Decision.objects.filter(plan=plan, state="open"),
        Assumption.objects.filter(plan=plan).exclude(state="withdrawn"),
    )
    for rows in lists:
        for owner in rows.exclude(owner=None).values_list("owner_id", flat=True):
            counts[owner] = counts.get(owner, 0) + 1
    return counts


def _digest(lines: tuple[ReviewLine, ...], others: tuple[tuple[str, tuple[AccessLine, ...]], ...]) -> str:
    """Name a state of access: people with their roles and limits, and other open ways in; not when they were used."""
    state = [(line.person.pk, line.person.is_active, line.roles) for line in lines]
    ways = [(title, row.holder, row.may) for title, rows in others for row in rows if row.is_open]
    return hashlib.sha256(repr((state, ways)).encode()).hexdigest()[:16]


def sign_access_review(*, digest: str, comment: str, actor: User) -> AuditRow:
    """Keep that somebody has looked at everybody's access as it is now, with what they found; audited.

    Raises:
        ReasonMissing: no words.
        NotAllowedNow: access is no longer what `digest` (of the page) says.
        NotAllowedToYou: only finance and executives may: whoever sets people up does not review it.
    """
    authorise(actor=actor, action=Action.SIGN_ACCESS_REVIEW)
    if not comment.strip():
        raise ReasonMissing("Say what you looked at and what follows.")
    with transaction.atomic():
        review = access_review()
        if review.digest != digest:
            raise NotAllowedNow("Somebody's access was changed while you looked; look at it again.")
        after = {"people": len(review.lines), "concerns": review.concern_count, "state": review.digest}
        return record_audit(actor=actor, code=REVIEWED, subject="access", reason=comment.strip(), after=after)


def last_access_review() -> AuditRow | None:
    """Return when and by whom access was last reviewed, None if never."""
    return AuditRow.objects.filter(code=REVIEWED).select_related("actor").order_by("-id").first()
