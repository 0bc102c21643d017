"""What demand lets people talk about: a series (one item in one market of a plan) and an exception."""

from __future__ import annotations

from django.urls import reverse

from catalog.models import Item, Market
from cycles.models import Plan
from cycles.registry.notices import NoticeKind, register_notice
from cycles.registry.subjects import Place, Subject, register_subject
from demand.models import Series
from demand.services.exception_queue import exception_named
from demand.services.owed import REMINDER


def series_key(item_id: int, market_id: int) -> str:
    """The key of a series: the ids of its item and its market."""
    return f"{item_id}-{market_id}"


def find_series(plan: Plan, key: str) -> Place | None:
    """A series of the plan; it lies in its item's family and in its market."""
    item_id, _, market_id = key.partition("-")
    if not (item_id.isdecimal() and market_id.isdecimal()):
        return None
    if not Series.objects.filter(plan=plan, item_id=int(item_id), market_id=int(market_id)).exists():
        return None
    item, market = Item.objects.get(pk=item_id), Market.objects.get(pk=market_id)
    families = frozenset({item.family_id}) if item.family_id else None
    page = f"{reverse('demand:review', args=[plan.number])}?q={item.code}"
    return Place(f"{item.code} in {market.code}", page, families, frozenset({market.pk}))


def find_exception(plan: Plan, key: str) -> Place | None:
    """An exception by its key, also when it is settled by now; it lies in a family and a market."""
    named = exception_named(plan, key)
    if named is None:
        return None
    label, family, market = named
    page = f"{reverse('demand:exceptions', args=[plan.number])}#exception-{key}"
    return Place(label, page, frozenset({family.pk}), frozenset({market.pk}))


def register() -> None:
    """Register the subjects and notifications of demand; called once at start-up."""
    register_subject(Subject("series", "Series", find_series))
    register_subject(Subject("exception", "Exception", find_exception))
    words = "%(actor)s reminds you of what you still owe in the demand review of %(about)s"
    register_notice(NoticeKind(REMINDER, "You are reminded of the demand review", words, "bell"))
