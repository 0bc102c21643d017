"""Keeping a check: the file, its differences, what became of those of the check before. Append-only."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from django.db import transaction

from catalog.calc.months import month_date
from cycles.errors import ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.services.runs import latest_result
from finance.frames.shadow import Names, load_names
from finance.models import ShadowAnswer, ShadowChange, ShadowCheck, ShadowDelta, ShadowState
from finance.selectors.position import KIND
from finance.services.shadow.checking import Check, Delta, NothingToCompare, check_file
from finance.services.shadow.naming import NodeKey
from finance.services.shadow.wording import family_and_market

MOST_LISTED = 2_000


@dataclass(frozen=True)
class TheirModel:
    """A file and whose forecast it is. `figures`: 'units' or 'money' where a person says so, '' to tell by itself."""

    model_name: str
    file_name: str
    content: bytes
    figures: str = ""


def record_check(*, plan: Plan, model: TheirModel, actor: User) -> ShadowCheck:
    """Compare a file with the plan and keep check and differences; audited. No figure of the plan moves.

    The same file for the same landing changes nothing and returns the check that is there. Another file, or a later
    landing, makes a check that replaces the latest of that model: answers to differences that are still the same are
    taken over. Finance, at any time.

    Raises:
        ReasonMissing: nobody says whose model it is.
        NothingToCompare: there is no landing.
        FileRefused: the file cannot be read.
        NotAllowedToYou: by the rights table.
    """
    authorise(actor=actor, action=Action.CHECK_MODEL, plan=plan)
    if not model.model_name.strip():
        raise ReasonMissing("Say whose forecast it is.")
    landing = latest_result(plan, KIND)
    if landing is None:
        raise NothingToCompare("The plan has no landing yet: there are no dollars to compare with.")
    digest = hashlib.sha256(model.content).hexdigest()
    latest = _latest(plan, model.model_name.strip())
    if latest is not None and (latest.sha256, latest.figures, latest.landing_run) == (
        digest, model.figures, landing.pk,
    ):  # fmt: skip
        return latest
    check = check_file(plan, model.content, wanted=model.figures)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        latest = _latest(plan, model.model_name.strip())
        if latest is not None and (latest.sha256, latest.landing_run) == (digest, landing.pk):
            return latest
        columns = {"sha256": digest, "landing_run": landing.pk, "replaces": latest, "uploaded_by": actor}
        kept = _keep(plan, model, check, columns)
        _keep_deltas(kept, check, load_names(), actor)
        record_audit(
            actor=actor,
            code="finance.shadow.checked",
            plan=plan,
            subject=kept.model_name,
            before=None if latest is None else {"check": latest.pk, "gap_cents": latest.gap_cents},
            after={"check": kept.pk, "file": kept.file_name, "gap_cents": kept.gap_cents, "deltas": len(check.deltas)},
        )
    return kept


def _latest(plan: Plan, name: str) -> ShadowCheck | None:
    return ShadowCheck.objects.filter(plan=plan, model_name=name, replaced_by__isnull=True).first()


def _keep(plan: Plan, model: TheirModel, check: Check, columns: dict[str, object]) -> ShadowCheck:
    return ShadowCheck.objects.create(
        plan=plan,
        model_name=model.model_name.strip(),
        file_name=model.file_name[:200],
        content=model.content,
        figures=model.figures,
        plan_revision=plan.revision,
        basis=check.basis,
        is_money=check.is_money,
        rounded_to=check.rounded_to,
        first_month=month_date(check.months[0]),
        last_month=month_date(check.months[-1]),
        rows=check.rows,
        theirs_cents=check.theirs_cents,
        plan_cents=check.plan_cents,
        lost_cents=check.lost_cents,
        rounding_cents=check.rounding_cents,
        rounded_cells=check.rounded_cells,
        lost=[asdict(line.why) | {"cents": line.cents, "amount": f"{line.amount:f}"} for line in check.lost],
        faults=[asdict(fault) for fault in check.faults],
        notes=check.notes,
        **columns,
    )


def _keep_deltas(kept: ShadowCheck, check: Check, names: Names, actor: User) -> None:
    """Write the differences, each beside what stood there in the check before, and take its answer over."""
    earlier = list(ShadowDelta.objects.filter(check_run=kept.replaces_id)) if kept.replaces_id else []
    for position, delta in enumerate(check.deltas, 1):
        before = _before(delta, earlier)
        change = ShadowChange.NEW
        if before is not None:
            earlier.remove(before)
            is_same = (before.kind, tuple(before.theirs), tuple(before.figures)) == (
                delta.kind.value, delta.theirs, delta.plan,
            )  # fmt: skip
            change = ShadowChange.SAME if is_same else ShadowChange.CHANGED
        row = _keep_delta(kept, position, delta, names, (change, before))
        if before is not None and change == ShadowChange.SAME:
            _carry(before, row)


def _before(delta: Delta, earlier: list[ShadowDelta]) -> ShadowDelta | None:
    """The difference of the check before on the same row in overlapping months, the one of the same kind first."""
    node = delta.node
    last = month_date(delta.last)
    found = [
        row
        for row in earlier
        if (row.what, row.what_id, row.place, row.place_id) == (node.what, node.what_id, node.where, node.where_id)
        and row.first_month <= last
        and month_date(delta.first) <= row.last_month
    ]
    return min(found, key=lambda row: row.kind != delta.kind.value, default=None)


def _keep_delta(
    kept: ShadowCheck, position: int, delta: Delta, names: Names, story: tuple[ShadowChange, ShadowDelta | None]
) -> ShadowDelta:
    node: NodeKey = delta.node
    family, market = family_and_market(node, names)
    return ShadowDelta.objects.create(
        check_run=kept,
        position=position,
        kind=delta.kind.value,
        label=delta.label[:200],
        other=delta.other[:200],
        what=node.what,
        what_id=node.what_id,
        place=node.where,
        place_id=node.where_id,
        family_id=family,
        market_id=market,
        first_month=month_date(delta.first),
        theirs=list(delta.theirs),
        figures=list(delta.plan),
        cents=list(delta.cents),
        money_cents=delta.money_cents,
        moved_cents=delta.moved_cents,
        is_priced=delta.is_priced,
        explanation=delta.explanation[:300],
        change=story[0].value,
        before=story[1],
    )


def _carry(before: ShadowDelta, row: ShadowDelta) -> None:
    """The last answer of the earlier difference holds on, in the name of who gave it."""
    last = before.answers.order_by("-id").first()
    if last is None or last.state == ShadowState.OPEN and last.owner_id is None:
        return
    ShadowAnswer.objects.create(
        delta=row, state=last.state, owner_id=last.owner_id, reason=last.reason, adjustment_id=last.adjustment_id,
        proposal_id=last.proposal_id, is_carried=True, author_id=last.author_id,
    )  # fmt: skip
