"""The demand plan as an Excel workbook: out, to be changed at leisure."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cycles.views.answering import find_plan, page
from demand.services.workbook_out import plan_workbook

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page
@require_GET
def workbook(request: HttpRequest, number: str) -> HttpResponse:
    """Download what the person may see of the plan, unconstrained units."""
    plan = find_plan(request, number)
    name = f"demand-{plan.number}-r{plan.revision}.xlsx"
    return HttpResponse(
        plan_workbook(plan, request.user),
        content_type=TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
