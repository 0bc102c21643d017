"""One item of the supply plan, month by month."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.models import Item
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import is_allowed
from cycles.views.answering import find_plan, page
from supply.charts import item_figure
from supply.selectors import supply_state
from supply.services.item_supply import item_supply


@page
@require_GET
def item(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Show what is wanted, made, bought, kept and short of one item; outside the person's families it is a 404."""
    plan = find_plan(request, number)
    found = get_object_or_404(Item.objects.select_related("family"), code=code)
    scope = scope_of(request.user)
    if not scope.is_everything and not scope.allows(found.family_id, None):
        raise Http404
    shown = item_supply(plan, found, scope)
    context = {
        "plan": plan,
        "state": supply_state(plan),
        "shown": shown,
        "chart": item_figure(shown.months, shown.safety / 1000, unit=_("units")),
        "may_pin": is_allowed(actor=request.user, action=Action.PIN_SUPPLY, plan=plan),
        "site": "MAIN",
    }
    return render(request, "supply/item.html", context)
