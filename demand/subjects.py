"""What demand lets people talk about: a series (one item in one market of a plan), a row above it, and an exception."""

from __future__ import annotations

import re

from django.urls import reverse

from catalog.models import Category, Family, Item, Market
from cycles.models import Plan
from cycles.registry.notices import NoticeKind, register_notice
from cycles.registry.subjects import Place, Subject, register_subject
from demand.models import Series
from demand.services.exception_queue import exception_named
from demand.services.ledger import Node
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
    page = f"{reverse('demand:review', args=[plan.number])}?item={item.pk}&market={market.pk}"
    return Place(f"{item.code} in {market.code}", page, families, frozenset({market.pk}))


NODE_KEY = re.compile(r"(all|[cfi]\d{1,9})(?:\.(\d{1,9}))?")


def node_key(node: Node) -> str:
    """The key of a row above the series: all, c7 (category), f12 (family) or i55 (item), with .3 in market 3 only."""
    rows = (("i", node.item_id), ("f", node.family_id), ("c", node.category_id))
    row = next((f"{letter}{key}" for letter, key in rows if key is not None), "all")
    return row if node.market_id is None else f"{row}.{node.market_id}"


def find_node(plan: Plan, key: str) -> Place | None:
    """A row above the series; it lies in the families below it, and in its market where it has one."""
    found = NODE_KEY.fullmatch(key)
    if found is None:
        return None
    row, market_id = found.groups()
    market = Market.objects.filter(pk=market_id).first() if market_id else None
    named = _row_named(row)
    if named is None or (market_id and market is None):
        return None
    name, families, query = named
    page = reverse("demand:review", args=[plan.number]) + (f"?{query}" if query else "")
    markets = frozenset({market.pk}) if market else None
    return Place(f"{name} in {market.code}" if market else name, page, families, markets)


def _row_named(row: str) -> tuple[str, frozenset[int] | None, str] | None:
    """Name, families (None = all) and address of a row by its id; None when there is no such row."""
    if row == "all":
        return "All families", None, ""
    key = int(row[1:])
    if row[0] == "c":
        category = Category.objects.filter(pk=key).first()
        below = frozenset(Family.objects.filter(category=key).values_list("pk", flat=True))
        return (category.name, below, f"category={key}") if category else None
    if row[0] == "f":
        family = Family.objects.filter(pk=key).first()
        return (family.name, frozenset({key}), f"family={key}") if family else None
    item = Item.objects.filter(pk=key).first()
    if item is None:
        return None
    return item.code, frozenset({item.family_id}) if item.family_id else None, f"item={key}"


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
    register_subject(Subject("node", "Row of the demand plan", find_node))
    register_subject(Subject("exception", "Exception", find_exception))
    words = "%(actor)s reminds you of what you still owe in the demand review of %(about)s"
    register_notice(NoticeKind(REMINDER, "You are reminded of the demand review", words, "bell"))
