"""Hours of a work centre in one unit of an item, its made components included, from routings and bills of materials."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from catalog.models import Item
from supply.frames.sources import load_bom_lines, load_operations


def load_hours_per_unit(centre_id: int, month: int) -> Mapping[int, float]:
    """Hours of one work centre in one unit of every item that needs it, through all levels valid in the month.

    Args:
        centre_id: key of the work centre. month: month number.

    Returns:
        item key → hours per unit, only items that need the centre. Components are counted at the site of the centre;
        alternatives are not: this is the ordinary way.
    """
    hours: dict[int, float] = defaultdict(float)
    operations = load_operations()
    ordinary = (operations["work_centre_id"] == centre_id) & ~operations["is_alternative"]
    for row in operations[ordinary].itertuples(index=False):
        hours[int(row.item_id)] += float(row.hours)
    made = set(Item.objects.filter(make_or_buy=Item.Source.MAKE).values_list("id", flat=True))
    lines = load_bom_lines(month, 1)
    parents: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for parent, component, quantity in zip(
        lines.parent.tolist(), lines.component.tolist(), lines.quantity.tolist(), strict=True
    ):
        if parent in made and component in made:
            parents[component].append((parent, quantity))
    waiting = [(item, own) for item, own in hours.items() if item in made]
    while waiting:
        item, own = waiting.pop()
        for parent, quantity in parents.get(item, ()):
            hours[parent] += own * quantity
            waiting.append((parent, own * quantity))
    return dict(hours)
