"""A window on the grid says where it is and hears who else is there. JSON."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from cycles.views.answering import find_plan
from demand.forms import row_node, session_of
from demand.services.ledger import EditInvalid
from demand.services.presence import end_presence, note_presence
from demand.views.grid import answers_json, payload_of


@answers_json
@require_POST
def presence(request: HttpRequest, number: str) -> JsonResponse:
    """Note a window of this person, or forget it, and name the windows of others."""
    plan = find_plan(request, number)
    payload = payload_of(request)
    session = session_of(payload)
    if payload.get("gone") is True:
        end_presence(plan=plan, actor=request.user, session=session)
        return JsonResponse({"others": []})
    row, editing = payload.get("row", ""), payload.get("editing", False)
    if not isinstance(row, str) or not isinstance(editing, bool):
        raise EditInvalid("row: a row id or nothing; editing: true or false.")
    if row:
        row_node(row)
    others = note_presence(plan=plan, actor=request.user, session=session, row=row, editing=editing)
    return JsonResponse({"others": [asdict(other) for other in others]})
