"""What the last plan hands on, as offers: each stands in the plan until a planner accepts it, or declines it with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from cycles.errors import ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.models import CarriedAcceptance, Edit, EditKind
from demand.services.ledger import EditInvalid, EditResult, Node, undo_edit
from demand.services.replay import undone_edits
from demand.services.streams import stream_edits


class OfferState(StrEnum):
    """What became of a carried edit."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        """The name people read."""
        return {"open": "Waits", "accepted": "Accepted", "declined": "Declined"}[self]


@dataclass(frozen=True)
class Offer:
    """A carried edit: milli-units and cents that it adds in what the person sees, over `series`, and its answer.

    `answer` is who accepted or declined it, with `words`; '' where it waits."""

    edit: Edit
    units: int
    cents: int
    series: int
    state: OfferState
    answer: str
    words: str

    @property
    def origin(self) -> dict[str, object]:
        """Plan, revision, kind, author and reason of the gesture that is carried; empty where several are together."""
        found: dict[str, object] = self.edit.gesture.get("source", {})
        return found


def offers_of(plan: Plan, user: User) -> list[Offer]:
    """The carried edits of a plan in what a person sees, those that wait first, the largest money first."""
    accepted = {row.edit_id: row for row in CarriedAcceptance.objects.filter(edit__plan=plan).select_related("author")}
    undoings = (
        Edit.objects.filter(plan=plan, undoes__kind=EditKind.CARRIED.value).select_related("author").order_by("id")
    )
    gone = undone_edits(plan)
    declined = {edit.undoes_id: edit for edit in undoings}
    found = []
    for row in stream_edits(plan, Node(), user=user, stream=EditKind.CARRIED):
        if row.edit.undoes_id is not None:
            continue
        state, answer, words = OfferState.OPEN, "", ""
        if row.edit.pk in gone:
            no = declined[row.edit.pk]
            state, answer, words = OfferState.DECLINED, str(no.author), no.reason
        elif row.edit.pk in accepted:
            yes = accepted[row.edit.pk]
            state, answer, words = OfferState.ACCEPTED, str(yes.author), yes.reason
        found.append(Offer(row.edit, row.units, row.cents, row.series, state, answer, words))
    return sorted(found, key=lambda offer: offer.state is not OfferState.OPEN)


def accept_offers(*, plan_id: int, revisions: list[int], reason: str, actor: User) -> int:
    """Keep a planner's yes to carried edits; returns how many. No figure moves; audited. A second call keeps nothing more.

    Raises:
        EditInvalid: a revision is no carried edit that waits, in what the person sees.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        offers = {offer.edit.revision: offer for offer in offers_of(plan, actor)}
        if unknown := [revision for revision in revisions if revision not in offers]:
            raise EditInvalid(f"There is no carried edit r{unknown[0]}.")
        waiting = [offers[key].edit for key in revisions if offers[key].state is OfferState.OPEN]
        for edit in waiting:
            CarriedAcceptance.objects.create(edit=edit, reason=reason.strip(), author=actor)
            subject = f"r{edit.revision}"
            record_audit(actor=actor, code="demand.carried.accepted", plan=plan, subject=subject, reason=reason.strip())
        return len(waiting)


def decline_offer(*, plan: Plan, revision: int, reason: str, actor: User) -> EditResult:
    """Take a carried edit back with a reason: units, and the prices of its event; one edit, which can be taken back itself.

    Refused with the winner where somebody has written over one of its cells since the plan was opened; what else was carried
    into the cell stays.

    Raises:
        ReasonMissing: no reason.
        EditInvalid: no such carried edit in what the person sees.
        NotAllowedToYou, NotAllowedNow: by the rights table, series outside one's limits, or it was declined already.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the last plan's edit does not hold any more.")
    edit = next((offer.edit for offer in offers_of(plan, actor) if offer.edit.revision == revision), None)
    if edit is None:
        raise EditInvalid(f"There is no carried edit r{revision}.")
    words, carried = f"Declined: {reason.strip()}", Edit.objects.filter(plan=plan, kind=EditKind.CARRIED.value)
    # what was carried with it lies above it and is nobody's later word; several may stand in one cell
    together = carried.filter(undoes__isnull=True).aggregate(last=Max("revision"))["last"]
    return undo_edit(edit_id=edit.pk, base_revision=together, session=uuid4().hex, actor=actor, reason=words)
