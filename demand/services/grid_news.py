"""What moved in the grid since a revision that somebody has seen: the touched series only, and whose edits they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan, User
from cycles.selectors import scope_of
from demand.models import Edit, EditLine, Series
from demand.services.review import Grid, dollars_of


@dataclass(frozen=True)
class GridNews:
    """The series of a grid that gestures touched after a revision, and the names of the other people among the authors."""

    grid: Grid
    authors: list[str]


def news_since(plan: Plan, *, revision: int, user: User, with_cents: bool) -> GridNews:
    """Read the series touched by gestures after `revision`, inside what the person may see.

    The caller makes sure that the baseline is the one that was seen, and the rates when dollars are shown: those move
    series that no gesture touched. Series are ordered by item and market; none is an empty grid.
    """
    lines = EditLine.objects.filter(
        plan=plan, item=OuterRef("item"), market=OuterRef("market"), edit__revision__gt=revision
    )
    found = list(
        Series.objects.filter(Exists(lines), plan=plan)
        .order_by("item_id", "market_id")
        .values_list("item_id", "market_id", "consensus", "baseline")
    )
    items, markets = (np.array([row[axis] for row in found], np.int64) for axis in (0, 1))
    units, baseline = (np.array([row[axis] for row in found], np.int64).reshape(-1, plan.horizon) for axis in (2, 3))
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(items).to_numpy()
    seen = scope_of(user).mask(family, markets)
    items, markets, units = items[seen], markets[seen], units[seen]
    cents = dollars_of(plan, items, markets, units) if with_cents and len(items) else None
    return GridNews(Grid(items, markets, units, units != baseline[seen], cents), _authors(plan, revision, user))


def _authors(plan: Plan, revision: int, user: User) -> list[str]:
    edits = Edit.objects.filter(plan=plan, revision__gt=revision).exclude(author=user)
    people = User.objects.filter(pk__in=edits.values("author_id")).order_by("pk")
    return [str(person) for person in people]
