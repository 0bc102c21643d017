"""Assumptions of a plan: listed beside what the actuals said, written down, confirmed, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.models import Company
from cycles.calc.holding import Tolerance
from cycles.errors import StatementUnfit
from cycles.forms import AssumptionForm, ConfirmationForm, StageForm
from cycles.models import Assumption, AssumptionCheck, Plan
from cycles.policy import Action
from cycles.registry.metrics import Metric, metric_named
from cycles.selectors import later_checks, visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.assumptions import confirm_assumption, record_assumption, withdraw_assumption
from cycles.views.answering import find_plan, page
from cycles.views.asking import ask, go_to


@dataclass(frozen=True, slots=True)
class Row:
    """One assumption with its metric and what the actuals last said; `needs_word`: somebody has to answer it now."""

    assumption: Assumption
    metric: Metric | None
    unit: str
    check: AssumptionCheck | None

    @property
    def is_broken_and_open(self) -> bool:
        """Whether the actuals broke it and nobody has said a word since."""
        row, check = self.assumption, self.check
        if check is None or not check.is_broken or row.state == "withdrawn":
            return False
        return row.state != "confirmed" or row.confirmed_at is None or row.confirmed_at < check.checked_at

    @property
    def needs_word(self) -> bool:
        """Whether somebody has to confirm or withdraw it."""
        return self.assumption.state == "to_confirm" or self.is_broken_and_open

    @property
    def tolerance(self) -> str:
        """How far off it may be, in the metric's unit or in percent."""
        row = self.assumption
        size = f"{row.tolerance.normalize():f}" if row.tolerance is not None else ""
        return f"{size} %" if row.tolerance_kind == Tolerance.PERCENT else f"{size} {self.unit}"

    @property
    def deviation(self) -> str:
        """Actual − expected in the metric's unit, and in percent of what was expected."""
        if self.check is None or self.metric is None:
            return ""
        share = self.check.deviation_fraction
        size = f"{self.check.deviation:+,.{self.metric.decimals}f} {self.unit}".replace("-", "−")
        return size if share is None else f"{size} ({share * 100:+.1f} %)".replace("-", "−")

    @property
    def place(self) -> str:
        """Where it speaks of, in words."""
        row = self.assumption
        parts = [row.family.name if row.family else "", row.market.code if row.market else "", row.currency]
        return " · ".join(part for part in parts if part) or _("Company")


def rows_of(plan: Plan) -> list[Row]:
    """Return the assumptions of a plan with their checks: what needs a word first, then by short name."""
    query = plan.assumptions.select_related(
        "recorded_by", "confirmed_by", "carried_from__plan", "owner", "family", "market", "plan"
    )
    found = list(query.order_by("code"))
    checks, company = later_checks(found), Company.objects.first()
    currency = company.currency_id if company else ""
    rows = []
    for row in found:
        metric = metric_named(row.metric) if row.metric else None
        unit = metric.unit.replace("¤", currency) if metric else ""
        rows.append(Row(row, metric, unit, checks.get(row.pk)))
    return sorted(rows, key=lambda row: (row.assumption.state == "withdrawn", not row.needs_word))


@page
@require_GET
def assumptions(request: HttpRequest, number: str) -> HttpResponse:
    """List what the plan takes for granted, beside what the actual months said."""
    plan = find_plan(request, number)
    rows = rows_of(plan)
    context = {
        "plan": plan, "rows": rows,
        "to_answer": sum(row.needs_word for row in rows),
        "broken": sum(row.is_broken_and_open for row in rows),
        "history": _history(plan),
        "may_record": is_allowed(actor=request.user, action=Action.RECORD_ASSUMPTION, plan=plan),
    }  # fmt: skip
    return render(request, "cycles/assumptions.html", context)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, number: str) -> HttpResponse:
    """Ask what is taken for granted and how the actual months will answer, and write it down."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.RECORD_ASSUMPTION, plan=plan)
    back = reverse("cycles:assumptions", args=[plan.number])
    form = AssumptionForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            record_assumption(plan=plan, actor=request.user, statement=form.statement())
        except StatementUnfit as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return go_to(request, back)
    return ask(request, heading=_("Add an assumption"), form=form, back=back)


def _history(plan: Plan) -> list[AssumptionCheck]:
    """Every check that was written for this plan or its assumptions, the latest first."""
    own = AssumptionCheck.objects.filter(assumption__plan=plan) | AssumptionCheck.objects.filter(plan=plan)
    return list(own.select_related("assumption__plan", "plan", "checked_by").distinct().order_by("-id")[:50])


def _find(request: HttpRequest, assumption_id: int) -> Assumption:
    seen = Assumption.objects.filter(plan__in=visible_to(request.user)).select_related("plan")
    return get_object_or_404(seen, pk=assumption_id)


@page
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, assumption_id: int) -> HttpResponse:
    """Say that an assumption still holds; one that has expired asks for a later day first."""
    assumption = _find(request, assumption_id)
    back = reverse("cycles:assumptions", args=[assumption.plan.number])
    form = ConfirmationForm(request.POST if request.method == "POST" else None, assumption=assumption)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["expires_on"]
        confirm_assumption(assumption_id=assumption.pk, actor=request.user, expires_on=day)
        messages.success(request, _("Confirmed."))
        return go_to(request, back)
    return ask(request, heading=_("Does it still hold?"), form=form, back=back, text=assumption.text)


@page
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, assumption_id: int) -> HttpResponse:
    """Ask why an assumption no longer holds, and withdraw it."""
    assumption = _find(request, assumption_id)
    back = reverse("cycles:assumptions", args=[assumption.plan.number])
    form = StageForm(request.POST if request.method == "POST" else None, needs_reason=True)
    if request.method == "POST" and form.is_valid():
        withdraw_assumption(assumption_id=assumption.pk, actor=request.user, reason=form.cleaned_data["text"])
        messages.success(request, _("Withdrawn."))
        return go_to(request, back)
    return ask(request, heading=_("Withdraw the assumption"), form=form, back=back, text=assumption.text)
