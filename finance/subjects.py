"""What finance lets people talk about: a node of the bridge, an adjustment, an action; and whom an action is given."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse

from catalog.models import Category, Channel, Family, Item, Market, Region
from cycles.models import Plan
from cycles.registry.notices import NoticeKind, register_notice
from cycles.registry.subjects import Place, Subject, register_subject
from finance.frames.drill import Node
from finance.models import Action, Adjustment
from finance.models.answers import ScopeNode

COMPANY = "company"
_MODELS: dict[str, type[Model]] = {
    "category": Category,
    "family": Family,
    "item": Item,
    "market": Market,
    "region": Region,
    "channel": Channel,
}


def bridge_key(node: Node) -> str:
    """The key of a node of the bridge: `family:3,market:4` in a fixed order, `company` for the top."""
    chosen = node.filters
    return ",".join(f"{name}:{chosen[f'{name}_id']}" for name in _MODELS if f"{name}_id" in chosen) or COMPANY


def find_bridge_node(plan: Plan, key: str) -> Place | None:
    """A node of the bridge by its key; it lies in the families and markets below it."""
    chosen = _chosen(key)
    if chosen is None:
        return None
    rows = {name: _MODELS[name].objects.filter(pk=number).first() for name, number in chosen.items()}  # type: ignore[attr-defined]
    if None in rows.values():
        return None
    label = " · ".join(getattr(row, "code", "") or str(row) for row in rows.values()) or "Company"
    query = "&".join(f"{name}={number}" for name, number in chosen.items())
    page = f"{reverse('finance:drill', args=[plan.number])}?{query}"
    return Place(f"Bridge · {label}", page, _families(chosen), _markets(chosen))


def _chosen(key: str) -> dict[str, int] | None:
    """Ids by name of a key, None for one that is no key or not in the fixed order."""
    parts = dict(part.partition(":")[::2] for part in key.split(",")) if key != COMPANY else {}
    if not set(parts) <= set(_MODELS) or not all(number.isdecimal() for number in parts.values()):
        return None
    chosen = {name: int(parts[name]) for name in _MODELS if name in parts}
    written = ",".join(f"{name}:{number}" for name, number in chosen.items()) or COMPANY
    return chosen if written == key else None


def _families(chosen: dict[str, int]) -> frozenset[int] | None:
    if "item" in chosen:
        return frozenset(Family.objects.filter(items=chosen["item"]).values_list("pk", flat=True))
    if "family" in chosen:
        return frozenset({chosen["family"]})
    if "category" in chosen:
        return frozenset(Family.objects.filter(category=chosen["category"]).values_list("pk", flat=True))
    return None


def _markets(chosen: dict[str, int]) -> frozenset[int] | None:
    if "market" in chosen:
        return frozenset({chosen["market"]})
    places = {name: chosen[name] for name in ("region", "channel") if name in chosen}
    return frozenset(Market.objects.filter(**places).values_list("pk", flat=True)) if places else None


def find_adjustment(plan: Plan, key: str) -> Place | None:
    """A named adjustment of the plan, by its id; it lies where it stands."""
    row = Adjustment.objects.filter(plan=plan, pk=key).first() if key.isdecimal() else None
    return _place(plan, row, row.title, "adjustments") if row else None


def find_action(plan: Plan, key: str) -> Place | None:
    """An action of the plan, by its id; it lies where it stands."""
    row = Action.objects.filter(plan=plan, pk=key).first() if key.isdecimal() else None
    return _place(plan, row, row.title, "actions") if row else None


def _place(plan: Plan, row: ScopeNode, label: str, part: str) -> Place:
    named = {"category": row.category_id, "family": row.family_id, "market": row.market_id}
    chosen = {name: int(number) for name, number in named.items() if number is not None}
    page = f"{reverse('finance:reconciliation', args=[plan.number])}#{part}"
    return Place(label, page, _families(chosen), _markets(chosen))


def register() -> None:
    """Register the subjects and notifications of finance; called once at start-up."""
    register_subject(Subject("bridge", "Bridge", find_bridge_node))
    register_subject(Subject("adjustment", "Adjustment", find_adjustment))
    register_subject(Subject("action", "Action", find_action))
    register_notice(NoticeKind("action.assigned", "An action is yours", "%(actor)s asks you to do: %(about)s", "flag"))
