"""What is kept for ever, to look at: audit, snapshots, people."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from cycles.forms import AuditFilterForm
from cycles.models import AuditRow, Plan, Snapshot, User
from cycles.selectors import roles_of, visible_to
from cycles.services.snapshots import verify_snapshot
from cycles.views.answering import page

ROWS_ON_A_PAGE = 50


@page
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """List who did what, newest first, narrowed by what, who, plan and day."""
    form = AuditFilterForm(request.GET or None)
    rows = AuditRow.objects.select_related("actor", "plan").order_by("-id")
    if not roles_of(request.user):
        rows = rows.none()
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        names = {
            "code": "code",
            "actor": "actor__username__icontains",
            "plan": "plan__number",
            "since": "at__date__gte",
        }
        rows = rows.filter(**{names[name]: value for name, value in chosen.items() if value})
    found = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "found": found, "query": query.urlencode(), "is_narrowed": any(query.values())}
    return render(request, "cycles/audit.html", context)


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


@page
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List people with their roles and limits; service users stand apart."""
    users = User.objects.filter(is_active=True) if roles_of(request.user) else User.objects.none()
    rows = users.prefetch_related("memberships__families", "memberships__markets").order_by("username")
    context = {
        "people": [row for row in rows if not row.is_service],
        "services": [row for row in rows if row.is_service],
        "plan_count": Plan.objects.count(),
    }
    return render(request, "cycles/people.html", context)
