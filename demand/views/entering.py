"""What the pages of streams share: the plan with who may enter, why not, and the revision that a form was shown at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cycles.models import Plan
from cycles.policy import Action
from cycles.services.access import is_allowed
from cycles.workflow import StageKind


def stream_page(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """The plan, whether this person may enter edits in it now, and the demand stage that says why not."""
    stage = plan.stages.select_related("approved_by", "submitted_by").get(kind=StageKind.DEMAND.value)
    return {
        "plan": plan,
        "stage": stage,
        "may_edit": is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan),
    }


def seen_revision(request: HttpRequest, plan: Plan) -> int:
    """The revision that the page showed; the present one where it says none."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() else plan.revision
