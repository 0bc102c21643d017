"""What the grid fetches and sends: its rows, gestures, undo. JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from catalog.calc.months import month_date, month_index
from catalog.calc.reason_codes import reason_codes
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company
from cycles.errors import DomainError, NotAllowedNow
from cycles.models import Plan
from cycles.policy import Action, roles_for
from cycles.services.access import authorise, is_allowed
from cycles.views.answering import find_plan, status_of
from cycles.workflow import StageKind, StageStatus
from demand.forms import RevisionMissing, base_of, gesture_of
from demand.frames import plan_months
from demand.models import ActualMonth, Edit
from demand.selectors import undoable_edits
from demand.services.grid_news import news_since
from demand.services.ledger import EditInvalid, SeriesUnknown, record_edit, undo_edit
from demand.services.review import Grid, grid_of
from demand.views.grid_answers import answer_refusals, answer_result, series_rows

#: What makes the plan editable again, by the status of the demand stage.
_WAYS_ON = {StageStatus.SUBMITTED.value: Action.RETURN_STAGE, StageStatus.APPROVED.value: Action.REOPEN_STAGE}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], JsonResponse]


def _fault(code: str, text: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "text": text}}, status=status)


def answers_json(view: View[P]) -> View[P]:
    """Make a view an endpoint of the grid: strangers get 401, refusals their status, all as JSON."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> JsonResponse:
        if not request.user.is_authenticated:
            return _fault("not_signed_in", "Sign in first.", 401)
        try:
            response = view(request, *args, **kwargs)
        except RevisionMissing:
            return _fault("revision_missing", "Send the revision that you saw as base_revision.", 428)
        except SeriesUnknown as error:
            return _fault(error.code, str(error), 404)
        except EditInvalid as error:
            return _fault(error.code, str(error), 422)
        except DomainError as error:
            return _fault(error.code, str(error), status_of(error))
        response["Cache-Control"] = "no-store"
        return response

    return answer


@answers_json
@require_GET
def rows(request: HttpRequest, number: str) -> JsonResponse:
    """The grid of a plan: names once, then a short list per series; or, `since` a revision, what has moved."""
    plan = find_plan(request, number)
    if request.GET.get("since") == str(plan.revision):
        return JsonResponse({"revision": plan.revision, "unchanged": True})
    with_cents = request.GET.get("show") == "value"
    editable = is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    if (since := _seen_revision(request, plan)) is not None:
        news = news_since(plan, revision=since, user=request.user, with_cents=with_cents)
        moved = {"revision": plan.revision, "editable": editable, "by": news.authors}
        return JsonResponse({**moved, "series": series_rows(news.grid)})
    grid = grid_of(plan, user=request.user, with_cents=with_cents)
    return JsonResponse({**_head(request, plan, editable), **_names(plan, grid), "series": series_rows(grid)})


def _head(request: HttpRequest, plan: Plan, editable: bool) -> dict[str, Any]:
    """What holds for the whole grid."""
    company = Company.objects.current()
    return {
        "number": plan.number,
        "revision": plan.revision,
        "baseline": plan.baseline_version,
        "editable": editable,
        "lock": None if editable else _lock(request, plan),
        "currency": company.currency_id,
        "months": [[month, f"{month_date(month):%b}", month_date(month).year] for month in plan_months(plan)],
        "history_from": month_index(company.history_start) if ActualMonth.objects.exists() else None,
    }


def _lock(request: HttpRequest, plan: Plan) -> dict[str, str]:
    """Why nothing can be edited, and who can change that."""
    try:
        authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    except DomainError as error:
        stage = plan.stages.get(kind=StageKind.DEMAND.value)
        action = _WAYS_ON.get(stage.status) if isinstance(error, NotAllowedNow) else Action.EDIT_DEMAND
        roles = roles_for(action, StageKind.DEMAND) if action else roles_for(Action.APPROVE_STAGE, StageKind.DATA)
        return {"text": str(error), "who": ", ".join(sorted(role.label.lower() for role in roles))}
    return {"text": "", "who": ""}


def _names(plan: Plan, grid: Grid) -> dict[str, Any]:
    """Categories, families, items and markets of the grid's series, each named once."""
    hierarchy = load_hierarchy()
    items = hierarchy.items[hierarchy.items["item_id"].isin(grid.item_ids)]
    families = items.drop_duplicates("family_id").sort_values("family")
    category = families["category_id"].astype(object).where(families["category_id"] >= 0, None)
    categories = families[families["category_id"] >= 0].drop_duplicates("category_id").sort_values("category")
    lives = items.assign(
        begins=(items["launch_month"] - plan.first_month_index).clip(0, plan.horizon),
        ends=(items["end_month"] - plan.first_month_index).clip(-1, plan.horizon - 1),
    )
    told = ["item_id", "code", "name", "family_id", "begins", "ends", "quantum_milli"]
    return {
        "categories": categories[["category_id", "category"]].to_numpy(object).tolist(),
        "families": families[["family_id", "family"]].assign(category=category).to_numpy(object).tolist(),
        "items": lives[told].to_numpy(object).tolist(),
        "markets": hierarchy.markets[["market_id", "code", "region_name"]].to_numpy(object).tolist(),
    }


def _seen_revision(request: HttpRequest, plan: Plan) -> int | None:
    """The revision that the page has, when only gestures can have moved its series since; None = send everything."""
    since, baseline = request.GET.get("since", ""), request.GET.get("baseline", "")
    if not since.isdigit() or baseline != str(plan.baseline_version):
        return None
    moved_rates = request.GET.get("show") == "value" and plan.rates_revision > int(since)
    return None if moved_rates else int(since)


@answers_json
@require_POST
def edits(request: HttpRequest, number: str) -> JsonResponse:
    """Record a gesture; saved and refused come back together, 409 only when all was refused."""
    plan = find_plan(request, number)
    gesture = gesture_of(payload_of(request))
    _insist_on_known(gesture.reason_code)
    try:
        result = record_edit(plan_id=plan.pk, gesture=gesture, actor=request.user)
    except EditInvalid as error:
        if not error.refused:
            raise
        return answer_refusals(gesture, error)
    return answer_result(plan, gesture, result, with_cents=request.GET.get("show") == "value")


def _insist_on_known(code: str) -> None:
    """Refuse a reason code that the company does not have."""
    codes = reason_codes(Company.objects.values_list("reason_codes", flat=True).get()) if code else (code,)
    if code not in codes:
        raise EditInvalid(f"reason_code: one of {', '.join(codes)}.")


@answers_json
@require_POST
def undo(request: HttpRequest, number: str, edit_id: int) -> JsonResponse:
    """Take back one gesture of one's own."""
    plan = find_plan(request, number)
    if not Edit.objects.filter(pk=edit_id, plan=plan).exists():
        raise Http404
    revision, session = base_of(payload_of(request))
    result = undo_edit(edit_id=edit_id, base_revision=revision, session=session, actor=request.user)
    return answer_result(plan, None, result, with_cents=request.GET.get("show") == "value")


@answers_json
@require_GET
def own_edits(request: HttpRequest, number: str) -> JsonResponse:
    """What this person can undo and redo in the plan, the next one last; nothing where nothing can be edited."""
    plan = find_plan(request, number)
    may = is_allowed(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    done, undone = undoable_edits(plan, request.user) if may else ([], [])
    told = {"done": done, "undone": undone}
    return JsonResponse({
        name: [{"id": edit.pk, "label": f"r{edit.revision} {edit.why}"} for edit in edits] for name, edits in told.items()
    })  # fmt: skip


def payload_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent."""
    try:
        payload = json.loads(request.body)
    except ValueError as error:
        raise EditInvalid("The body is not JSON.") from error
    if not isinstance(payload, dict):
        raise EditInvalid("The body is not an object.")
    return payload
