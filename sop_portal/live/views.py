"""Who may open a live stream: asked at every connect, the stream itself runs outside of Django."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cycles.models import ACTIVE_STATES, Run
from cycles.views.answering import find_plan
from sop_portal.live.hub import Ticket
from sop_portal.live.streams import SEAT, Seat


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Leave a ticket for the stream of the plan `?plan=`: 401 for a stranger, 404 for a plan one may not see.

    204, which tells a browser not to come back, where nobody waits for the ticket: live pages are switched off, or
    the server is none that streams (`runserver`).
    """
    if not request.user.is_authenticated:
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    plan = find_plan(request, request.GET.get("plan", ""))
    seat = getattr(request, "scope", {}).get(SEAT)
    if not settings.SOP_LIVE or not isinstance(seat, Seat):
        return HttpResponse(status=204)
    running = Run.objects.filter(plan=plan, state__in=ACTIVE_STATES).order_by("id").values_list("pk", flat=True)
    seat.ticket = Ticket(request.user.pk, plan.pk, plan.revision, tuple(running))
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store, private, no-transform"}
    return HttpResponse(content_type="text/event-stream", headers=headers)
