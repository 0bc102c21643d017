"""Proposed changes of the plan: made by anybody who plans, accepted as an edit of the ledger, or declined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from catalog.calc.months import month_index
from cycles.errors import DomainError, NotAllowedNow, ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.models import EditProposal, ProposalAnswer, ProposalState
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_whole_edit


class ProposalUnfit(DomainError):
    """The proposal names no item or family, no open month, or changes nothing."""

    code = "proposal_unfit"


@dataclass(frozen=True)
class ProposedChange:
    """A change in words of the plan: signed milli-units per month from `first_month`, on an item or a family.

    `market_ids` are the markets, () for all; `money_cents` what it is worth; `origin` and `path` say where it comes from.
    """

    label: str
    first_month: date
    units: tuple[int, ...]
    money_cents: int
    reason: str
    origin: str
    path: str
    item_id: int | None = None
    family_id: int | None = None
    market_ids: tuple[int, ...] = ()


def propose_edit(*, plan: Plan, change: ProposedChange, actor: User) -> EditProposal:
    """Put a change before the demand planners; audited. No figure of the plan moves.

    Anybody who plans, at any time; a second call proposes a second time.

    Raises:
        ReasonMissing: no reason.
        ProposalUnfit: not exactly one of item and family, nothing to change, or a month that is not open.
        NotAllowedToYou: by the rights table.
    """
    if not change.reason.strip():
        raise ReasonMissing("Say why the plan should change.")
    if (change.item_id is None) == (change.family_id is None):
        raise ProposalUnfit("Only an item or a family can be edited: the proposal has to name one.")
    if not any(change.units):
        raise ProposalUnfit("The proposal changes no units in an open month.")
    last = month_index(change.first_month) + len(change.units) - 1
    if change.first_month < plan.first_month or last >= plan.first_month_index + plan.horizon:
        raise ProposalUnfit("A proposal changes open months of the plan only; closed months hold actuals.")
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.PROPOSE_EDIT, plan=plan)
        proposal = EditProposal.objects.create(
            plan=plan, item_id=change.item_id, family_id=change.family_id, market_ids=list(change.market_ids),
            label=change.label[:200], first_month=change.first_month, units=list(change.units),
            money_cents=change.money_cents, reason=change.reason.strip(), origin=change.origin[:200],
            path=change.path, author=actor,
        )  # fmt: skip
        record_audit(
            actor=actor,
            code="demand.proposal.made",
            plan=plan,
            subject=proposal.label,
            reason=proposal.reason,
            after={"proposal": proposal.pk, "units": proposal.units, "first_month": f"{proposal.first_month:%Y-%m}"},
        )
    return proposal


def accept_proposal(*, proposal_id: int, reason: str, actor: User) -> ProposalAnswer:
    """Record the proposed change as one edit of the demand ledger and keep the answer; audited, one transaction.

    Demand planners, while the demand stage is open. The edit's reason is the proposal's, with its origin.

    Raises:
        EditProposal.DoesNotExist: no such proposal.
        NotAllowedNow, NotAllowedToYou: by the rights table, or it was answered already.
        EditInvalid, SeriesUnknown, ProposalUnfit: the ledger does not take it, or nothing would change.
    """
    with transaction.atomic():
        proposal, plan = _locked(proposal_id, actor)
        gesture = Gesture(
            mode=Mode.CHANGE,
            instructions=_instructions(proposal),
            reason=f"{proposal.reason} ({proposal.origin}, proposed by {proposal.author})",
            base_revision=plan.revision,
            session=f"proposal-{proposal.pk}",
        )
        result = record_whole_edit(plan_id=plan.pk, gesture=gesture, actor=actor)
        if result.edit is None:
            raise ProposalUnfit("The plan would not change: the items are not on the market in these months.")
        answer = ProposalAnswer.objects.create(
            proposal=proposal, state=ProposalState.ACCEPTED.value, edit=result.edit, reason=reason.strip(), author=actor
        )
        _audit(answer, plan, actor, "demand.proposal.accepted")
    return answer


def decline_proposal(*, proposal_id: int, reason: str, actor: User) -> ProposalAnswer:
    """Keep the planner's no, with its reason; audited. The plan stays.

    Raises:
        EditProposal.DoesNotExist: no such proposal.
        ReasonMissing: no reason.
        NotAllowedNow, NotAllowedToYou: by the rights table, or it was answered already.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the plan is right as it is.")
    with transaction.atomic():
        proposal, plan = _locked(proposal_id, actor)
        answer = ProposalAnswer.objects.create(
            proposal=proposal, state=ProposalState.DECLINED.value, reason=reason.strip(), author=actor
        )
        _audit(answer, plan, actor, "demand.proposal.declined")
    return answer


def _locked(proposal_id: int, actor: User) -> tuple[EditProposal, Plan]:
    proposal = EditProposal.objects.select_related("author").get(pk=proposal_id)
    plan = lock_plan(proposal.plan_id)
    authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
    if ProposalAnswer.objects.filter(proposal=proposal).exists():
        raise NotAllowedNow("This proposal was answered already.")
    return proposal, plan


def _instructions(proposal: EditProposal) -> tuple[Instruction, ...]:
    """One per month that changes, over all its markets."""
    markets: list[int | None] = [*proposal.market_ids] or [None]
    nodes = tuple(Node(proposal.family_id, proposal.item_id, market) for market in markets)
    first = month_index(proposal.first_month)
    return tuple(Instruction(nodes, (first + place,), units) for place, units in enumerate(proposal.units) if units)


def _audit(answer: ProposalAnswer, plan: Plan, actor: User, code: str) -> None:
    record_audit(
        actor=actor,
        code=code,
        plan=plan,
        subject=answer.proposal.label,
        reason=answer.reason,
        after={"proposal": answer.proposal_id, "edit": answer.edit_id},
    )
