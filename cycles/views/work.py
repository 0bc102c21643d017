"""What a person sees first: my work, the search, and what they prefer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Family, Item, Market
from cycles.context import page_of
from cycles.duties import STOPPED, duties_of
from cycles.forms import PreferenceForm
from cycles.models import ACTIVE_STATES, Plan, Run, User
from cycles.registry import panels_of
from cycles.registry.duties import Weight
from cycles.selectors import latest_plan, visible_to
from cycles.views.answering import page
from cycles.workflow import StageKind

FOUND_AT_MOST = 20


@page
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """List what the person owes, ranked; findings of the open stage are fetched after the page stands (`?whole=1`)."""
    plan = latest_plan() if visible_to(request.user).exists() else None
    is_whole = request.GET.get("whole") == "1"
    today = timezone.localdate()
    context: dict[str, object] = {"plan": plan, "duties": [], "today": today, "is_whole": is_whole}
    if plan is not None:
        duties = duties_of(request.user, plan, with_slow=is_whole)
        context["duties"] = duties
        context["late"] = sum(duty.due_on is not None and duty.due_on < today for duty in duties)
        context["blocks"] = sum(duty.weight == Weight.BLOCK for duty in duties)
        context["money"] = sum(abs(duty.money_cents or 0) for duty in duties if duty.weight == Weight.BLOCK)
    if request.htmx and is_whole:
        return render(request, "cycles/_duties.html", context)
    if plan is not None:
        context["stopped"] = Run.objects.filter(plan=plan, state__in=STOPPED).order_by("-id")[:5]
        context["running"] = Run.objects.filter(plan=plan, state__in=ACTIVE_STATES).order_by("id")
    return render(request, "cycles/my_work.html", context)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that the search found."""

    kind: str
    icon: str
    code: str
    name: str
    url: str


def _hits(text: str, plan: Plan | None) -> list[Hit]:
    home = page_of(StageKind.DEMAND, plan) if plan and panels_of(StageKind.DEMAND) else ""

    def to_grid(code: str) -> str:
        return f"{home}?q={code}" if home else ""

    either = Q(code__icontains=text) | Q(name__icontains=text)
    items = Item.objects.filter(either, is_sold=True).select_related("family").order_by("code")[:FOUND_AT_MOST]
    families = Family.objects.filter(either).order_by("code")[:FOUND_AT_MOST]
    markets = Market.objects.filter(Q(code__icontains=text) | Q(region__name__icontains=text)).select_related("region")
    return [
        *(Hit(_("Family"), "box", row.code, row.name, to_grid(row.code)) for row in families),
        *(Hit(_("Item"), "package", row.code, row.name, to_grid(row.code)) for row in items),
        *(Hit(_("Market"), "map-pin", row.code, row.region.name, to_grid(row.code)) for row in markets[:FOUND_AT_MOST]),
    ]


@page
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find items, families and markets by code or name."""
    text = request.GET.get("q", "").strip()
    plan = visible_to(request.user).last()
    hits = _hits(text, plan) if text and plan else []
    return render(request, "cycles/search.html", {"search_text": text, "hits": hits})


@page
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember theme or display for the person."""
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    chosen = {name: value for name, value in form.cleaned_data.items() if value}
    User.objects.filter(pk=request.user.pk).update(**chosen)
    return HttpResponse(status=204)
