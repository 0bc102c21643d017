"""The audit: who did what, narrowed, page by page, and as a file to keep."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cycles.exports import FORMATS, as_file
from cycles.forms import AuditFilterForm
from cycles.models import AuditRow
from cycles.policy import Action
from cycles.selectors import audit_visible_to, visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.audit import EXPORTED_AT_MOST, record_export
from cycles.views.answering import page

ROWS_ON_A_PAGE = 50
HEADER = ("Number", "When (UTC)", "Who", "What", "Plan", "Subject", "Before", "After", "Reason", "Request")


def narrowed(rows: QuerySet[AuditRow], form: AuditFilterForm) -> QuerySet[AuditRow]:
    """Return the rows that fit the filters; none when a filter has a fault. A code that ends in a dot is a family."""
    if not form.is_bound:
        return rows
    if not form.is_valid():
        return rows.none()
    chosen = form.cleaned_data
    simple = {"plan": "plan__number", "since": "at__date__gte", "until": "at__date__lte"}
    rows = rows.filter(**{lookup: chosen[name] for name, lookup in simple.items() if chosen[name]})
    if who := chosen["actor"]:
        names = Q(actor__first_name__icontains=who) | Q(actor__last_name__icontains=who)
        rows = rows.filter(names | Q(actor__username__icontains=who))
    if words := chosen["subject"]:
        rows = rows.filter(Q(subject__icontains=words) | Q(reason__icontains=words))
    code = chosen["code"]
    return rows.filter(**{"code__startswith" if code.endswith(".") else "code": code}) if code else rows


def _asked(request: HttpRequest) -> tuple[AuditFilterForm, QuerySet[AuditRow]]:
    plans = list(visible_to(request.user).values_list("number", flat=True).reverse())
    form = AuditFilterForm(request.GET or None, plans=plans)
    rows = audit_visible_to(request.user).select_related("actor", "plan").order_by("-id")
    return form, narrowed(rows, form)


@page
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """List who did what, newest first, narrowed by person, code, plan, words and days."""
    form, rows = _asked(request)
    found = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form, "found": found, "query": query.urlencode(), "is_narrowed": any(query.values()),
        "may_export": is_allowed(actor=request.user, action=Action.EXPORT), "most": EXPORTED_AT_MOST,
    }  # fmt: skip
    return render(request, "cycles/audit.html", context)


@page
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Give the narrowed rows as CSV or Excel; that somebody took them is itself kept."""
    authorise(actor=request.user, action=Action.EXPORT)
    filters, rows = _asked(request)
    chosen = {name: str(value) for name, value in getattr(filters, "cleaned_data", {}).items() if value}
    record_export(actor=request.user, form=form, filters=chosen, count=rows.count())
    cells = _cells(rows.iterator(chunk_size=1000))
    return as_file(name="audit", form=form if form in FORMATS else "csv", header=HEADER, rows=cells)


def _cells(rows: Iterator[AuditRow]) -> Iterator[list[str]]:
    for row in rows:
        yield [
            str(row.pk), f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor.username, row.code,
            row.plan.number if row.plan else "", row.subject, _json(row.before), _json(row.after),
            row.reason, row.request_id,
        ]  # fmt: skip


def _json(side: object) -> str:
    return "" if side is None else json.dumps(side, sort_keys=True, ensure_ascii=False)
