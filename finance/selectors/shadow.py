"""Reads of the shadow-model check: which models there are, the differences of one check with where each stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import BigIntegerField, QuerySet, Sum
from django.db.models.functions import Coalesce

from cycles.models import Plan, User
from cycles.registry import Problem
from cycles.selectors import scope_of
from finance.models import ShadowAnswer, ShadowChange, ShadowCheck, ShadowDelta, ShadowState

FILTERED = ("kind", "state", "change")


@dataclass(frozen=True)
class DeltaLine:
    """A difference and what was said to it last. `is_lost` marks an adjustment that was withdrawn since."""

    delta: ShadowDelta
    answer: ShadowAnswer | None
    is_lost: bool

    @property
    def state(self) -> ShadowState:
        """Where it stands."""
        return ShadowState(self.answer.state) if self.answer else ShadowState.OPEN


@dataclass(frozen=True)
class CheckTotals:
    """The sum of a check, cents: theirs − plan = differences + lost + rounding + unexplained.

    `count` and `open_count` differences, `unpriced` of them without dollars; `is_part` when the person sees only some
    families and markets: then `differences` are those, and the sum is the company's.
    """

    count: int
    open_count: int
    differences: int
    unexplained: int
    unpriced: int
    is_part: bool


def latest_checks(plan: Plan) -> QuerySet[ShadowCheck]:
    """The latest check of every model of a plan, the newest first; the files themselves are not read."""
    found = ShadowCheck.objects.filter(plan=plan, replaced_by__isnull=True).defer("content")
    return found.select_related("uploaded_by", "replaces").order_by("-id")


def checks_of(plan: Plan) -> QuerySet[ShadowCheck]:
    """All checks of a plan, later ones first; the files themselves are not read."""
    found = ShadowCheck.objects.filter(plan=plan).defer("content")
    return found.select_related("uploaded_by", "replaces", "replaced_by").order_by("-id")


def deltas_of(check: ShadowCheck, user: User) -> QuerySet[ShadowDelta]:
    """The differences of a check in the families and markets that the person sees, in their order."""
    condition = scope_of(user).condition(family="family", market="market")
    return ShadowDelta.objects.filter(condition, check_run=check).order_by("position")


def visible_deltas(plan: Plan, user: User) -> QuerySet[ShadowDelta]:
    """Every difference of a plan that the person sees."""
    condition = scope_of(user).condition(family="family", market="market")
    return ShadowDelta.objects.filter(condition, check_run__plan=plan).select_related("check_run")


def delta_lines(check: ShadowCheck, user: User) -> list[DeltaLine]:
    """The differences of a check with their latest answers; three queries."""
    deltas = list(deltas_of(check, user))
    answers = ShadowAnswer.objects.filter(delta__check_run=check).order_by("id")
    latest = {
        answer.delta_id: answer
        for answer in answers.select_related(
            "author", "owner", "adjustment__superseded_by", "proposal__answer", "proposal__answer__author"
        )
    }
    return [_line(delta, latest.get(delta.pk)) for delta in deltas]


def _line(delta: ShadowDelta, answer: ShadowAnswer | None) -> DeltaLine:
    made = answer.adjustment if answer is not None else None
    return DeltaLine(delta, answer, made is not None and hasattr(made, "superseded_by"))


def narrowed(lines: list[DeltaLine], wanted: dict[str, str]) -> list[DeltaLine]:
    """The lines that fit filters by kind, state and change; a filter that is '' holds for all."""

    def fits(line: DeltaLine) -> bool:
        held = {"kind": line.delta.kind, "state": line.state.value, "change": line.delta.change}
        return all(not wanted.get(name) or held[name] == wanted[name] for name in FILTERED)

    return [line for line in lines if fits(line)]


def totals_of(check: ShadowCheck, lines: list[DeltaLine], user: User) -> CheckTotals:
    """The sum of a check as it stands in the database, added up from its own rows."""
    everything = ShadowDelta.objects.filter(check_run=check)
    all_cents = sum(everything.values_list("money_cents", flat=True))
    return CheckTotals(
        count=len(lines),
        open_count=sum(line.state == ShadowState.OPEN for line in lines),
        differences=sum(line.delta.money_cents for line in lines),
        unexplained=check.gap_cents - all_cents - check.lost_cents - check.rounding_cents,
        unpriced=sum(not line.delta.is_priced for line in lines),
        is_part=not scope_of(user).is_everything,
    )


def gone_since(check: ShadowCheck, user: User) -> list[ShadowDelta]:
    """Differences of the check before that this one does not have any more."""
    if check.replaces is None:
        return []
    kept = ShadowDelta.objects.filter(check_run=check, before__isnull=False).values("before_id")
    return list(deltas_of(check.replaces, user).exclude(pk__in=kept))


def shadow_problems() -> Iterator[Problem]:
    """Checks whose sum does not close any more: theirs − plan is not their differences, lost lines and rounding."""
    listed = Coalesce(Sum("deltas__money_cents"), 0, output_field=BigIntegerField())
    for check in ShadowCheck.objects.defer("content").annotate(listed=listed).select_related("plan"):
        left = check.gap_cents - check.listed - check.lost_cents - check.rounding_cents
        if left:
            where = f"finance_shadowcheck, {check.plan.number}, check {check.pk}, theirs_cents"
            yield Problem(where, f"{left / 100:,.2f} of the difference are in no line of the check.")


def change_counts(lines: list[DeltaLine]) -> dict[str, int]:
    """How many differences are new, changed and the same."""
    return {change.value: sum(line.delta.change == change for line in lines) for change in ShadowChange}
