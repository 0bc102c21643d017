"""Every exception of a plan with the answer it has now, the largest dollars first."""

from __future__ import annotations

from django.db.models import Q

from cycles.models import Plan
from cycles.selectors import Scope
from demand.calc.exceptions import holds_for
from demand.models import AnswerKind, Edit, EditKind, EditLine, ExceptionAnswer
from demand.services.exception_entry import DemandException, ExceptionState
from demand.services.exception_found import found_exceptions
from demand.services.replay import undone_edits

OPEN, ASKED, CHANGING, ANSWERED = ExceptionState


def exceptions_of(plan: Plan, *, scope: Scope | None = None) -> list[DemandException]:
    """Every exception of a plan at its present revision, each with what was answered; the largest dollars first.

    What has a part without a price comes before everything else: its dollars cannot be said. Those above the company's
    amount, and those without a price, ask for an answer; smaller ones are told and may pass. An answer holds by the rule
    of its kind (`ExceptionAnswer`): it survives a new baseline, and an exception that grew on is asked anew.

    Args:
        plan: its own months' sales are never read.
        scope: only what lies in these families and markets; None is everything.
    """
    found = found_exceptions(plan)
    if scope is not None:
        found = [one for one in found if scope.allows(one.spot.family_id or None, one.spot.market_id)]
    judged = _judged(plan, found)
    return sorted(judged, key=lambda one: (one.stake.whole_cents is not None, -abs(one.stake.cents), one.key))


def open_exceptions(plan: Plan, *, scope: Scope | None = None) -> list[DemandException]:
    """The exceptions that ask for an answer and have none that holds; a question to somebody is no answer yet."""
    return [one for one in exceptions_of(plan, scope=scope) if one.is_asked and one.is_open]


def _judged(plan: Plan, found: list[DemandException]) -> list[DemandException]:
    given = ExceptionAnswer.objects.filter(plan=plan).select_related("author", "asked").order_by("id")
    answers = {(answer.code, answer.subject): answer for answer in given}
    changing = [a for one in found if (a := answers.get((one.code, one.subject))) and a.how == AnswerKind.CHANGE.value]
    edits = _edits_after(plan, min(answer.revision for answer in changing)) if changing else []
    return [_answered(one, answers.get((one.code, one.subject)), edits) for one in found]


def _answered(one: DemandException, answer: ExceptionAnswer | None, edits: list[EditLine]) -> DemandException:
    """The exception in the state that its last answer gives it."""
    if answer is None:
        return one
    by = str(answer.author)
    if answer.how == AnswerKind.ASK.value:
        return one.settled(ASKED, answer, by=by, text=answer.reason)
    if answer.how == AnswerKind.CHANGE.value:
        edit = _edit_of(one, answer, edits)
        if edit is None:
            return one.settled(CHANGING, answer, by=by)
        by, text = str(edit.author), edit.reason
    else:
        text = answer.reason
    if not holds_for(answer.money_cents, one.stake.whole_cents):
        return one.settled(OPEN, answer, by=by, text=text)
    return one.settled(ANSWERED, answer, by=by, text=text)


def _edit_of(one: DemandException, answer: ExceptionAnswer, edits: list[EditLine]) -> Edit | None:
    """The latest gesture of a person on the exception's cells since the answer."""
    for line in edits:
        below = line.item_id == one.spot.item_id or (
            one.spot.item_id is None and line.item.family_id == one.spot.family_id
        )
        if below and line.market_id == one.spot.market_id and line.edit.revision > answer.revision:
            return line.edit
    return None


def _edits_after(plan: Plan, revision: int) -> list[EditLine]:
    """Lines of people's gestures above a revision that hold, the latest first."""
    lines = EditLine.objects.filter(plan=plan, edit__revision__gt=revision, edit__undoes__isnull=True)
    lines = lines.exclude(Q(edit__kind=EditKind.SYSTEM.value) | Q(edit_id__in=undone_edits(plan)))
    return list(lines.select_related("edit__author", "item").defer("delta", "touched", "typed").order_by("-edit_id"))
