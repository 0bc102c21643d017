"""What moved since the cycle before, in the months that both plans have: shipments, shortages, stock and loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_date
from catalog.models import Item
from cycles.models import Plan
from cycles.selectors import Scope
from supply.frames import ConstrainedBlock, load_constrained, load_loads, load_production
from supply.frames.plan_rates import load_plan_standards

NAMED = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that moved: its name, before and now, in the unit of its list."""

    name: str
    before: int
    now: int

    @property
    def change(self) -> int:
        """Now − before."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """Against the plan of the cycle before, first to last common month: milli-units shipped and short, stock at the end
    in cents at standard, and the work centres (milli-hours) and items (milli-units short) that moved most."""

    number: str
    first: date
    last: date
    shipped: Moved
    short: Moved
    stock: Moved
    loads: tuple[Moved, ...]
    shortages: tuple[Moved, ...]


def changed_since_last_cycle(plan: Plan, scope: Scope) -> PlanChanges | None:
    """Compare the published plan with that of the cycle before; None in the first cycle or without a plan of it.

    Units and stock are those of the scope; loads are those of all. About ten queries.
    """
    before = plan.previous
    months = 0 if before is None else before.first_month_index + before.horizon - plan.first_month_index
    months = min(months, plan.horizon)
    if before is None or months <= 0:
        return None
    passed = plan.first_month_index - before.first_month_index
    then, now = load_constrained(before), load_constrained(plan)
    if not len(then.item_ids) or not len(now.item_ids):
        return None
    families = dict(Item.objects.values_list("id", "family_id"))
    old, new = _by_item(then, families, scope, passed, months), _by_item(now, families, scope, 0, months)
    codes = dict(Item.objects.filter(pk__in=set(old) | set(new)).values_list("id", "code"))
    moved = [
        Moved(codes[item], old.get(item, (0, 0))[1], new.get(item, (0, 0))[1]) for item in sorted(set(old) | set(new))
    ]
    return PlanChanges(
        number=before.number,
        first=plan.first_month,
        last=month_date(plan.first_month_index + months - 1),
        shipped=Moved("shipped", sum(part[0] for part in old.values()), sum(part[0] for part in new.values())),
        short=Moved("short", sum(part[1] for part in old.values()), sum(part[1] for part in new.values())),
        stock=Moved(
            "stock", *(_stock(one, at + months - 1, scope, families) for one, at in ((before, passed), (plan, 0)))
        ),
        loads=_largest(_loads(before, plan, passed, months)),
        shortages=_largest(moved),
    )


def _by_item(
    block: ConstrainedBlock, families: Mapping[int, int | None], scope: Scope, start: int, months: int
) -> dict[int, tuple[int, int]]:
    """Shipped and short milli-units of the common months by item, inside the scope."""
    family = np.array([families[item] or 0 for item in block.item_ids.tolist()], np.int64)
    own = scope.mask(family, block.market_ids.astype(np.int64))
    ship, short = (part[own, start : start + months].sum(axis=1) for part in (block.ship, block.short))
    totals: dict[int, tuple[int, int]] = {}
    for item, sent, lacks in zip(block.item_ids[own].tolist(), ship.tolist(), short.tolist(), strict=True):
        held = totals.get(item, (0, 0))
        totals[item] = (held[0] + sent, held[1] + lacks)
    return totals


def _stock(plan: Plan, month: int, scope: Scope, families: Mapping[int, int | None]) -> int:
    """Value at standard of what stands on stock at the end of a month (number from 0), cents."""
    made = load_production(plan)
    own = np.array([scope.allows(families[item], None) for item in made.item_ids.tolist()], bool)
    cost4 = np.maximum(load_plan_standards(plan, made.item_ids[own])[:, month : month + 1], 0)
    return int(to_cents(made.inventory[own, month : month + 1], cost4).sum())


def _loads(before: Plan, plan: Plan, passed: int, months: int) -> list[Moved]:
    then, now = load_loads(before), load_loads(plan)
    old = dict(zip(then.codes, then.planned[:, passed : passed + months].sum(axis=1).tolist(), strict=True))
    hours = now.planned[:, :months].sum(axis=1).tolist()
    return [Moved(code, old.get(code, 0), own) for code, own in zip(now.codes, hours, strict=True)]


def _largest(moved: list[Moved]) -> tuple[Moved, ...]:
    ranked = sorted((row for row in moved if row.change), key=lambda row: (-abs(row.change), row.name))
    return tuple(ranked[:NAMED])
