"""Checks before solving: what in the present inputs of a plan stands in its way, with the revenue that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.selectors import Scope
from supply.calc.cost_rates import group_revenue
from supply.calc.explosion import CircularBillOfMaterialsError
from supply.calc.plan_checks import OF_CENTRES, CheckKind, KnownNodes, Obstacle, PlanChecks, check_plan
from supply.frames import SupplyInput, load_supply_problem
from supply.models import PurchaseTerm, WorkCentre

MILLI = 1000

GROUPS: Mapping[str, tuple[CheckKind, ...]] = {
    "hours": (CheckKind.PINNED_HOURS, CheckKind.HOURS, CheckKind.HOURS_AHEAD),
    "suppliers": (CheckKind.SUPPLIER, CheckKind.SUPPLIER_AHEAD, CheckKind.LEAD_TIME),
    "material": tuple(kind for kind in CheckKind if kind.startswith(("no_", "bom_"))),
}

#: Title, remedy, and whether a plan cannot be had without a shortage or a change.
TEXTS: Mapping[CheckKind, tuple[Promise, Promise, bool]] = {
    CheckKind.PINNED_HOURS: (_("Pins above the hours"), _("Release or lower a pin: the solver will refuse them."), True),
    CheckKind.HOURS: (_("Hours that no plan has"), _("An extra shift, terms of a subcontractor, another work centre or site, or less demand."), True),
    CheckKind.HOURS_AHEAD: (_("Hours to find elsewhere"), _("In earlier months, another way, site or subcontractor, or more people; the plan weighs them."), False),
    CheckKind.NO_SOURCE: (_("Neither made nor bought here"), _("Load a routing at this site, or say that it is bought."), True),
    CheckKind.SUPPLIER: (_("More than the suppliers deliver"), _("Ask for a higher limit, or load another supplier."), True),
    CheckKind.SUPPLIER_AHEAD: (_("Purchases to bring forward"), _("Earlier months have room; stock will rise."), False),
    CheckKind.LEAD_TIME: (_("Needed inside the lead time"), _("It will be expedited, or what needs it will wait."), False),
    CheckKind.BOM_ENDED: (_("Bill of materials has ended"), _("Load the lines that follow: nothing is bought for these units."), False),
    CheckKind.NO_BOM: (_("No bill of materials"), _("Load its lines, if it is made from something."), False),
    CheckKind.NO_ROUTING: (_("No routing"), _("Load its operations: it takes no hours anywhere."), False),
    CheckKind.NO_SUPPLIER: (_("No active supplier"), _("Load purchase terms: the plan buys it from nobody."), False),
    CheckKind.NO_LEAD_TIME: (_("No lead time"), _("Load lead_days: the plan buys it in the month of need."), False),
    CheckKind.NO_COST: (_("No standard cost"), _("Load cost_history.csv: the plan takes it for free."), False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One finding: ``subject`` an item or work centre with its ``name``; ``quantity`` milli-units or milli-hours of
    ``unit`` lacking from ``first`` to ``last``; ``revenue_cents`` of the demand that waits, None = none of it is
    priced; ``unpriced`` milli-units of it have no price; ``premium_cents`` what expediting costs."""

    kind: CheckKind
    subject: str
    name: str
    item: bool
    first: date
    last: date
    quantity: int
    unit: str
    revenue_cents: int | None
    unpriced: int
    premium_cents: int

    @property
    def title(self) -> Promise:
        """What was found."""
        return TEXTS[self.kind][0]

    @property
    def remedy(self) -> Promise:
        """What to do about it."""
        return TEXTS[self.kind][1]

    @property
    def is_certain(self) -> bool:
        """Whether no plan avoids it."""
        return TEXTS[self.kind][2]


@dataclass(frozen=True, slots=True)
class RoughCutRow:
    """One work centre: hours needed net of stock as fractions of the hours with overtime by month, None without hours."""

    code: str
    name: str
    loads: tuple[float | None, ...]
    peak: float


@dataclass(frozen=True, slots=True)
class Checks:
    """The page: rows by kind and revenue, rough-cut loads by month; ``circle`` names a bill of materials that contains
    itself, then nothing else could be checked."""

    rows: tuple[CheckRow, ...]
    months: tuple[date, ...]
    loads: tuple[RoughCutRow, ...]
    circle: str = ""

    @property
    def certain(self) -> int:
        """How many rows no plan avoids."""
        return sum(row.is_certain for row in self.rows)

    def of(self, group: str) -> tuple[CheckRow, ...]:
        """The rows of one of ``GROUPS``; all of them for any other name."""
        kinds = GROUPS.get(group)
        return self.rows if kinds is None else tuple(row for row in self.rows if row.kind in kinds)


def checks_of(plan: Plan, scope: Scope) -> Checks:
    """Check the present inputs of a plan, without solving and without writing anything.

    Items of the person's families; work centres serve everybody. Units and hours are those of the whole demand on its
    preferred lanes, net of opening stock and receipts, safety stocks not built.
    """
    supply = load_supply_problem(plan)
    months = tuple(month_date(plan.first_month_index + offset) for offset in range(plan.horizon))
    price = group_revenue(supply.grouped, supply.leaves.net_price4, supply.leaves.fx6)
    items = load_hierarchy().items.set_index("item_id")
    try:
        checks = check_plan(supply.problem, _known(supply, items), price)
    except CircularBillOfMaterialsError as error:
        return Checks((), months, (), str(error))
    families = dict(zip(items.index.tolist(), items["family_id"].tolist(), strict=True))
    centres = WorkCentre.objects.in_bulk(supply.centre_ids.tolist())
    rows = [
        _row(found, supply, months, items, centres)
        for found in checks.obstacles
        if found.kind in OF_CENTRES or _is_inside(families, int(supply.node_items[found.subject]), scope)
    ]
    return Checks(tuple(rows), months, _loads(checks, [centres[key] for key in supply.centre_ids.tolist()]))


def _is_inside(families: dict[int, int], item: int, scope: Scope) -> bool:
    family = families[item]
    return scope.is_everything or scope.allows(family if family >= 0 else None, None)


def _known(supply: SupplyInput, items: pd.DataFrame) -> KnownNodes:
    """What is on file of the nodes. One query."""
    terms = dict[int, int]()
    active = PurchaseTerm.objects.filter(supplier__is_active=True)
    for item, days in active.values_list("item_id", "lead_time_days"):
        terms[item] = max(days, terms.get(item, 0))
    own = items["lead_time_days"].to_dict()
    nodes = supply.node_items.tolist()
    return KnownNodes(
        supplier=np.array([item in terms for item in nodes], bool),
        lead_time=np.array([terms.get(item, own[item]) > 0 for item in nodes], bool),
        cost=np.asarray((supply.standard4 >= 0).any(axis=1)),
    )


def _row(
    found: Obstacle, supply: SupplyInput, months: tuple[date, ...], items: pd.DataFrame, centres: dict[int, WorkCentre]
) -> CheckRow:
    """The finding with its names, in milli-units and cents."""
    premium = 0.0
    if found.kind in OF_CENTRES:
        centre = centres[int(supply.centre_ids[found.subject])]
        code, name, unit = centre.code, centre.name, "h"
    else:
        item = items.loc[int(supply.node_items[found.subject])]
        code, name, unit = str(item["code"]), str(item["name"]), str(item["uom"])
    if found.kind is CheckKind.LEAD_TIME:
        costs = supply.problem.costs
        premium = found.quantity * float(costs.expedite[found.subject, 0] - costs.buy[found.subject, 0])
    return CheckRow(
        kind=found.kind,
        subject=code,
        name=name,
        item=found.kind not in OF_CENTRES,
        first=months[found.first],
        last=months[found.last],
        quantity=round(found.quantity * MILLI),
        unit=unit,
        revenue_cents=None if found.unpriced and not found.revenue else round(found.revenue * 100),
        unpriced=round(found.unpriced * MILLI),
        premium_cents=round(premium * 100),
    )


def _loads(checks: PlanChecks, centres: list[WorkCentre]) -> tuple[RoughCutRow, ...]:
    """Needed hours as fractions of regular and overtime hours, the fullest work centre first."""
    rows = []
    for number, centre in enumerate(centres):
        loads = tuple(
            need / limit if limit > 0 else None
            for need, limit in zip(checks.needed[number].tolist(), checks.limit[number].tolist(), strict=True)
        )
        rows.append(RoughCutRow(centre.code, centre.name, loads, max((load or 0.0 for load in loads), default=0.0)))
    return tuple(sorted(rows, key=lambda row: (-row.peak, row.code)))
