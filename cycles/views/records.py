"""Snapshots: the chain of approved plans, and whether one is still what was approved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from cycles.models import Snapshot
from cycles.selectors import visible_to
from cycles.services.snapshots import verify_snapshot
from cycles.views.answering import page


@page
@require_GET
def snapshots(request: HttpRequest) -> HttpResponse:
    """List the approved plans in the order of their chain."""
    seen = visible_to(request.user)
    rows = (
        Snapshot.objects.filter(plan__in=seen).select_related("plan", "approved_by", "previous").order_by("-sequence")
    )
    return render(request, "cycles/snapshots.html", {"snapshots": rows})


@page
@require_POST
def verify(request: HttpRequest, number: str) -> HttpResponse:
    """Recompute digests, root and chain of one snapshot and say what is wrong, if anything; writes nothing."""
    seen = Snapshot.objects.filter(plan__in=visible_to(request.user))
    snapshot = get_object_or_404(seen, number=number)
    problems = verify_snapshot(snapshot)
    context = {"snapshot": snapshot, "problems": problems[:50], "count": len(problems)}
    template = "cycles/_verified.html" if request.htmx else "cycles/verified.html"
    return render(request, template, context)
