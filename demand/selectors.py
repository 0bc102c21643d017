"""Reads of demand: how many edits, whether there is a baseline."""

from __future__ import annotations

from cycles.models import Plan
from demand.models import Edit, EditKind, Series


def edit_count(plan: Plan) -> int:
    """How many gestures people made in this plan; carried and system edits do not count."""
    return Edit.objects.filter(plan=plan).exclude(kind__in=[EditKind.CARRIED.value, EditKind.SYSTEM.value]).count()


def has_series(plan: Plan) -> bool:
    """Whether the plan has any series: a baseline has run, or somebody has edited."""
    return Series.objects.filter(plan=plan).exists()
