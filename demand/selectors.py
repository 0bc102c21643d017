"""Reads of demand: how many edits, whether there is a baseline, which changes somebody proposes."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.calc.undo_stacks import undo_stacks
from demand.models import Cleansing, Edit, EditKind, EditProposal, SegmentForecast, Series


def edit_count(plan: Plan) -> int:
    """How many gestures people made in this plan; carried and system edits do not count."""
    return Edit.objects.filter(plan=plan).exclude(kind__in=[EditKind.CARRIED.value, EditKind.SYSTEM.value]).count()


#: What is kept with a gesture of another page (an event, a deal, a launch); that page takes it back as a whole.
ABOUT = ["promotion", "opportunity", "launch", "launch_of", "taken4", "events"]
LATEST = 80


def undoable_edits(plan: Plan, person: User) -> tuple[list[Edit], list[Edit]]:
    """A person's own gestures in the grid of a plan that can be undone, and redone, the next one last.

    Of the LATEST entries, carried and system ones and gestures of other pages left out, whatever window made them.
    """
    own = Edit.objects.filter(plan=plan, author=person)
    own = own.exclude(kind__in=[EditKind.CARRIED.value, EditKind.SYSTEM.value]).exclude(gesture__has_any_keys=ABOUT)
    own = own.exclude(session__startswith="proposal-").exclude(session__startswith="pipeline-")
    latest = {edit.pk: edit for edit in reversed(own.order_by("-pk")[:LATEST])}
    done, undone = undo_stacks((edit.pk, edit.undoes_id) for edit in latest.values())
    return [latest[key] for key in done], [latest[key] for key in undone]


def has_series(plan: Plan) -> bool:
    """Whether the plan has any series: a baseline has run, or somebody has edited."""
    return Series.objects.filter(plan=plan).exists()


def proposals_of(plan: Plan, user: User) -> QuerySet[EditProposal]:
    """Proposed changes of a plan in the families and markets that the person sees, the largest money first."""
    found = EditProposal.objects.filter(plan=plan).select_related("author", "item__family", "family", "answer__author")
    scope = scope_of(user)
    if not scope.is_everything:
        allowed = Q(pk__in=[])
        for families, markets in scope.rectangles:
            part = Q()
            if families is not None:
                part &= Q(item__family__in=families) | Q(family__in=families)
            if markets is not None:
                part &= Q(market_ids__contained_by=list(markets)) & ~Q(market_ids=[])
            allowed |= part
        found = found.filter(allowed)
    return found.order_by("answer__id", "-money_cents", "id")


def open_proposals(plan: Plan, user: User) -> QuerySet[EditProposal]:
    """Those of them that nobody answered yet."""
    return proposals_of(plan, user).filter(answer__isnull=True)


def named_cleansings(plan: Plan, user: User) -> list[Cleansing]:
    """Months of the plan's past that a run of this or an earlier plan named, in force or taken back, the latest first.

    Only in the families and markets that the person sees.
    """
    found = Cleansing.objects.filter(
        takes_back__isnull=True, plan__first_month__lte=plan.first_month, month__lt=plan.first_month
    ).select_related("family", "market", "author", "plan", "taken_back_by__author")
    scope = scope_of(user)
    return [row for row in found if scope.allows(row.family_id, row.market_id)]


def drifting_forecasts(plan: Plan, user: User) -> list[SegmentForecast]:
    """The plan's forecasts whose errors lie on one side, or which fell behind the naive, over the cycles; largest first."""
    found = SegmentForecast.objects.filter(plan=plan).select_related("family", "market")
    scope = scope_of(user)
    seen = [row for row in found if scope.allows(row.family_id, row.market_id) and (row.runs_away or row.fell_behind)]
    return sorted(seen, key=lambda row: -sum(row.points))


def waiting_carried(plan: Plan) -> QuerySet[Edit]:
    """Carried edits of a plan that nobody has accepted and nobody has taken back."""
    found = Edit.objects.filter(plan=plan, kind=EditKind.CARRIED.value, undoes__isnull=True)
    return found.filter(acceptance__isnull=True, undone_by__isnull=True).order_by("id")
