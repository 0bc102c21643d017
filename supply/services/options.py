"""Options of the shortages: priced by a run against the published plan, kept with the run until the plan moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Sum

from cycles.errors import DomainError, NotAllowedNow
from cycles.models import Plan, Run, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.runs import RunLease, is_stale, latest_result, request_run
from supply.calc.option_prices import PricedOption, present_plan, price_shortage
from supply.calc.options import Entry
from supply.calc.plan_money import Rates
from supply.frames import SupplyInput, load_supply_problem
from supply.models import Shortage, ShortageChoice
from supply.selectors import LostItem, lost_items, structure_version, supply_state
from supply.services.solving import kept_basis

OPTIONS_KIND = "supply.options"
VERSION = "2"
PRICED_ITEMS = 10
MILLI = 1000


class NoSuchOption(DomainError):
    """The shortage is not there any more, or the option does not exist; the message says which."""

    code = "no_such_option"


@dataclass(frozen=True, slots=True)
class Option:
    """One priced option as the page shows it: cents and milli-units against the present plan, None where ``reason``
    says why it does not exist; ``inventory_month`` a month number from 0; ``break_even_cents`` per subcontracted unit;
    ``entries`` (kind, item, site, work centre, month number, quantity) what the ledger would take."""

    kind: str
    reason: str
    revenue_cents: int | None
    margin_cents: int | None
    inventory_cents: int | None
    inventory_month: int | None
    cash_cents: int | None
    service_points: int | None
    short_milli: int | None
    break_even_cents: int | None
    entries: tuple[tuple[str, int | None, int | None, int | None, int, int], ...]

    @property
    def is_possible(self) -> bool:
        """Whether it can be chosen."""
        return not self.reason

    @property
    def label(self) -> str:
        """What people call it."""
        return str(ShortageChoice(self.kind).label)

    @property
    def extra_hours_milli(self) -> int:
        """Hours beyond the overtime limit that it asks for, milli-hours."""
        return sum(entry[5] for entry in self.entries if entry[0] == "extra_shift")


@dataclass(frozen=True, slots=True)
class PricedPlan:
    """What a pricing run found for the plan as it stands: options by item key."""

    options: Mapping[int, tuple[Option, ...]]

    def best(self, item_id: int) -> str:
        """Kind of the option with the largest margin; a subcontract whose cost is not known is not compared."""
        known = [row for row in self.options.get(item_id, ()) if row.margin_cents is not None]
        compared = [row for row in known if row.break_even_cents is None]
        return max(compared, key=lambda row: row.margin_cents or 0).kind if compared else ""


def request_options(*, plan: Plan, actor: User) -> Run:
    """Queue the pricing of the shortages because a supply planner asked for it, while the supply stage is open.

    Raises:
        NotAllowedToYou, NotAllowedNow: By the rights table; or the supply plan is not there or behind.
    """
    authorise(actor=actor, action=Action.RUN_SUPPLY, plan=plan)
    if not supply_state(plan).is_current:
        raise NotAllowedNow("The supply plan is behind; solve it first, then its shortages are priced.")
    return request_run(kind=OPTIONS_KIND, plan=plan, actor=actor, parameters={"structure": structure_version()})


def price_again(*, plan: Plan, actor: User) -> None:
    """Queue the pricing after the plan was solved anew, if somebody had asked for it in this plan before."""
    if Run.objects.filter(plan=plan, kind=OPTIONS_KIND).exists():
        request_run(kind=OPTIONS_KIND, plan=plan, actor=actor, parameters={"structure": structure_version()})


def priced_plan(plan: Plan) -> PricedPlan | None:
    """The last pricing of a plan, None when there is none or the plan has moved since. A handful of queries."""
    run = latest_result(plan, OPTIONS_KIND)
    if run is None or is_stale(run, plan) or run.parameters.get("structure") != structure_version():
        return None
    options = {
        int(item): tuple(Option(**{**row, "entries": tuple(map(tuple, row["entries"]))}) for row in rows)
        for item, rows in run.result["items"].items()
    }
    return PricedPlan(options)


def priced_lost_item(plan: Plan, item_id: int, actor: User) -> tuple[LostItem, PricedPlan]:
    """The shortage of an item inside the actor's families, with what is priced for the plan as it stands.

    Raises:
        NotAllowedNow: Nothing is priced for the plan as it stands.
        NoSuchOption: No such shortage in the actor's families, or it is not priced.
    """
    priced = priced_plan(plan)
    if priced is None:
        raise NotAllowedNow("The plan has moved since its shortages were priced; price them again.")
    scope = scope_of(actor)
    lost = [row for row in lost_items(plan) if row.item.pk == item_id and scope.allows(row.item.family_id, None)]
    if not lost or not priced.options.get(item_id):
        raise NoSuchOption("This item is not short, or its shortage is not priced.")
    return lost[0], priced


def cost_over_standard(option: Option, unit_cost: Decimal) -> int:
    """What subcontracting the option's units costs over their standard, cents of the reporting currency."""
    units = Decimal(sum(entry[5] for entry in option.entries)) / MILLI
    return int((units * unit_cost * 100).to_integral_value())


def price_options(lease: RunLease) -> dict[str, Any]:
    """Execute a `supply.options` run: the shortages with the largest lost margin, option by option.

    Writes nothing but its own result. Reads the plan's present inputs, which are those of the published plan unless it
    is behind; then the result is stale at once and no page shows it.

    Returns:
        Options by item key.
    """
    plan = Plan.objects.get(runs=lease.run)
    lost = Shortage.objects.filter(plan=plan).values("item").annotate(margin=Sum("lost_margin_cents"))
    items = list(lost.order_by("-margin", "item").values_list("item", flat=True)[:PRICED_ITEMS])
    steps = len(items) + 1
    lease.report(0, steps, "Solving the present plan")
    supply = load_supply_problem(plan)
    present = present_plan(supply.problem, supply.grouped, _rates(supply), basis=kept_basis(plan))
    priced: dict[str, list[dict[str, Any]]] = {}
    for done, item in enumerate(items, start=1):
        lease.report(done, steps, f"Pricing shortage {done} of {len(items)}")
        places = np.flatnonzero(supply.node_items == item)
        priced[str(item)] = [_row(supply, option) for option in price_shortage(present, places)]
    return {"items": priced}


def _rates(supply: SupplyInput) -> Rates:
    standard = dict(zip(supply.node_items.tolist(), supply.standard4, strict=True))
    leaves = supply.leaves
    by_leaf = np.array([standard[item] for item in leaves.item_ids.tolist()], np.int64).reshape(leaves.units.shape)
    return Rates(leaves.net_price4, leaves.fx6, by_leaf, supply.standard4)


def _row(supply: SupplyInput, option: PricedOption) -> dict[str, Any]:
    change, way = option.change, option.way
    return {
        "kind": way.kind.value,
        "reason": way.reason,
        "revenue_cents": change and change.revenue,
        "margin_cents": change and change.margin,
        "inventory_cents": change and change.inventory,
        "inventory_month": change and change.inventory_month,
        "cash_cents": change and change.cash,
        "service_points": change and change.service,
        "short_milli": change and change.short,
        "break_even_cents": None if option.break_even is None else int(option.break_even),
        "entries": [_entry(supply, entry) for entry in way.entries],
    }


def _entry(supply: SupplyInput, entry: Entry) -> list[str | int | None]:
    if entry.kind == "extra_shift":
        return [entry.kind, None, None, int(supply.centre_ids[entry.subject]), entry.month, entry.quantity]
    item, site = int(supply.node_items[entry.subject]), int(supply.node_sites[entry.subject])
    return [entry.kind, item, site, None, entry.month, entry.quantity]
