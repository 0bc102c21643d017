"""What finance answers in a dialog: adjustments, actions, decisions, a reforecast. Each POST is one service call."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cycles.models import Plan
from cycles.services.answers import Question, record_decision
from cycles.services.runs import request_run_by_hand
from cycles.views.answering import find_plan, page
from finance.forms import (
    ActionForm,
    AdjustmentForm,
    GapForm,
    GroupedForm,
    ReforecastForm,
    StateForm,
    WithdrawForm,
)
from finance.models import ActionState
from finance.selectors.answers import GAP_CODE, actions_of, family_gaps, valid_adjustments
from finance.selectors.position import KIND
from finance.services.actions import add_action, move_action
from finance.services.adjustments import name_adjustment, withdraw_adjustment
from finance.services.reforecast import ask_reforecast, next_number
from finance.services.refusals import AnswerRefused


@page
@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, number: str) -> HttpResponse:
    """Name an adjustment."""
    plan = find_plan(request, number)
    form = AdjustmentForm(request.POST or None, plan=plan, user=request.user)

    def record() -> None:
        name_adjustment(plan=plan, wording=form.wording(), actor=request.user)

    if _recorded(request, form, record):
        return _done(request, plan, _("The adjustment is named."))
    return _ask(request, plan, form, _("Name an adjustment"))


@page
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, number: str, adjustment_id: int) -> HttpResponse:
    """Name an adjustment in the place of another one; the ledger keeps both."""
    plan = find_plan(request, number)
    old = get_object_or_404(valid_adjustments(plan), pk=adjustment_id)
    form = AdjustmentForm(request.POST or None, plan=plan, user=request.user, replaced=old)

    def record() -> None:
        name_adjustment(plan=plan, wording=form.wording(), actor=request.user, supersedes=old)

    if _recorded(request, form, record):
        return _done(request, plan, _("The adjustment is replaced."))
    return _ask(request, plan, form, _("Replace: %(title)s") % {"title": old.title})


@page
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, number: str, adjustment_id: int) -> HttpResponse:
    """Withdraw an adjustment with a reason."""
    plan = find_plan(request, number)
    adjustment = get_object_or_404(valid_adjustments(plan), pk=adjustment_id)
    form = WithdrawForm(request.POST or None)

    def record() -> None:
        withdraw_adjustment(adjustment=adjustment, reason=form.cleaned_data["reason"], actor=request.user)

    if _recorded(request, form, record):
        return _done(request, plan, _("The adjustment is withdrawn."))
    return _ask(request, plan, form, _("Withdraw: %(title)s") % {"title": adjustment.title})


@page
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Add an action."""
    plan = find_plan(request, number)
    form = ActionForm(request.POST or None, plan=plan)

    def record() -> None:
        add_action(plan=plan, promise=form.promise(), actor=request.user)

    if _recorded(request, form, record):
        return _done(request, plan, _("The action is on the list."))
    return _ask(request, plan, form, _("Add an action"))


@page
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, number: str, action_id: int) -> HttpResponse:
    """Ask for the state of an action and set it."""
    plan = find_plan(request, number)
    action = get_object_or_404(actions_of(plan), pk=action_id)
    form = StateForm(request.POST or None, initial={"state": action.state})
    if request.method == "POST" and form.is_valid():
        state = ActionState(form.cleaned_data["state"])
        move_action(action_id=action.pk, state=state, actor=request.user, note=form.cleaned_data["note"])
        return _done(request, plan, _("The action is %(state)s.") % {"state": state.label.lower()})
    return _ask(request, plan, form, action.title)


@page
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, number: str, subject: str) -> HttpResponse:
    """Record a decision about the gap of a family or of the company."""
    plan = find_plan(request, number)
    gap = next((gap for gap in family_gaps(plan) if gap.node.subject == subject), None)
    if gap is None:
        raise Http404
    form = GapForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["question"]
        record_decision(plan=plan, question=Question(GAP_CODE, subject, text, gap.cents), actor=request.user)
        return _done(request, plan, _("The decision is recorded."))
    return _ask(request, plan, form, _("Answer the gap of %(name)s") % {"name": gap.node.name})


@page
@require_http_methods(["GET", "POST"])
def reforecast(request: HttpRequest, number: str) -> HttpResponse:
    """Ask whether the year gets a new reference; somebody else decides."""
    plan = find_plan(request, number)
    form = ReforecastForm(request.POST or None)

    def record() -> None:
        ask_reforecast(plan=plan, text=form.cleaned_data["question"], actor=request.user)

    if _recorded(request, form, record):
        return _done(request, plan, _("The question is on the list."))
    return _ask(request, plan, form, _("Ask for %(number)s") % {"number": next_number(plan)})


@page
@require_POST
def compute(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the landing to be computed again."""
    plan = find_plan(request, number)
    request_run_by_hand(kind=KIND, plan=plan, actor=request.user)
    return _done(request, plan, _("The landing is queued."))


def _recorded(request: HttpRequest, form: GroupedForm, record: Callable[[], None]) -> bool:
    """Send a valid form to its service; what that refuses goes to the field with reason and remedy, the text stays."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        record()
    except AnswerRefused as refusal:
        form.refuse(refusal)
        return False
    return True


def _done(request: HttpRequest, plan: Plan, text: str) -> HttpResponse:
    messages.success(request, text)
    back = reverse("finance:reconciliation", args=[plan.number])
    if request.htmx:
        current = urlsplit(request.htmx.current_url_abs_path or back)
        return HttpResponse(headers={"HX-Redirect": current._replace(fragment="").geturl()})
    return HttpResponseRedirect(back)


def _ask(request: HttpRequest, plan: Plan, form: Form, heading: str) -> HttpResponse:
    context = {"plan": plan, "form": form, "heading": heading}
    template = "finance/_ask_dialog.html" if request.htmx else "finance/ask.html"
    return render(request, template, context, status=422 if form.errors else 200)
