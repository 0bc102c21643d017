"""What may hold back the data and the supply stage: stock, structure, a stale plan, undecided overloads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from catalog.calc.dollars import to_cents
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.rates import load_standard_costs
from catalog.models import Item
from cycles.models import Plan
from cycles.registry import Finding, gate
from cycles.workflow import StageKind
from demand.frames import load_actuals
from supply.frames import load_production
from supply.frames.sources import load_opening_stock, load_work_centres
from supply.models import BomLine, PurchaseTerm, Routing
from supply.selectors import Overload, overloads_of, shortages_of, supply_state
from supply.services.shortage_questions import questions_of, waiting_decisions
from supply.services.workforce import workforce_of


@gate("supply.opening_stock", stage=StageKind.DATA, title="The plan opens with the stock of the day before")
def opening_stock(plan: Plan) -> Iterator[Finding]:
    """Block without any stock; block, waivable as a named assumption, when the stock is of a later day.

    A company that only sells services has no stock to open with.
    """
    if not Item.objects.filter(is_service=False).exists():
        return
    day, stock = load_opening_stock(plan.first_month)
    if day is None:
        title, hint = "No stock on hand was ever loaded.", "Load inventory.csv."
        yield Finding("inventory", "block", title, hint=hint, link_name="cycles:data", waivable=False)
        return
    units: dict[int, int] = {}
    for (item, _), quantity in stock.items():
        units[item] = units.get(item, 0) + quantity
    value = _value_cents(plan, units)
    if day >= plan.first_month:
        yield Finding(
            subject="inventory",
            severity="block",
            title=f"The only stock is of {day}, after the plan opens on {plan.first_month}; it is used as the opening.",
            money_cents=value,
            hint="Load the stock of the closing day, or waive: the plan then names it as an assumption.",
            link_name="cycles:data",
            is_assumption=True,
        )
    elif (plan.first_month - day).days > 1:
        title = f"The opening stock is of {day}, not of the day before {plan.first_month}."
        yield Finding("inventory", "warn", title, value, "Load the stock of the closing day.", "cycles:data")


def _value_cents(plan: Plan, units: dict[int, int]) -> int:
    """Milli-units per item at the standard cost of the first open month, cents; missing costs count as 0 here."""
    items = np.array(list(units), np.int64)
    cost4 = np.maximum(load_standard_costs(items, [plan.first_month_index]), 0)
    return int(to_cents(np.array(list(units.values()), np.int64)[:, None], cost4).sum())


@gate("supply.service_stocked", stage=StageKind.DATA, title="No service is on stock")
def service_stocked(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, when the opening stock holds items that were said to be services since: they are left out."""
    _, stock = load_opening_stock(plan.first_month)
    services = dict(Item.objects.filter(is_service=True).values_list("id", "code"))
    kept: dict[int, int] = {}
    for (item, _), quantity in stock.items():
        if item in services and quantity:
            kept[item] = kept.get(item, 0) + quantity
    if kept:
        yield Finding(
            subject="services",
            severity="block",
            title=f"Stock on hand of {', '.join(sorted(services[item] for item in kept))} is left out: services.",
            money_cents=_value_cents(plan, kept),
            hint="Load inventory.csv without them, or products.csv with them as goods.",
            link_name="cycles:data",
        )


@gate("supply.bom_missing", stage=StageKind.DATA, title="Made goods have bills of materials")
def bom_missing(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, when goods are made and no bill of materials was ever loaded: nothing would be bought for them."""
    made = Item.objects.filter(is_sold=True, make_or_buy=Item.Source.MAKE, is_service=False)
    if made.exists() and not BomLine.objects.exists():
        yield Finding(
            subject="bom",
            severity="block",
            title=f"{made.count()} goods are made, and no bill of materials was ever loaded.",
            money_cents=_sold_cents(plan, set(made.values_list("id", flat=True))),
            hint="Load bom.csv; the money is their revenue of the last 12 closed months.",
            link_name="cycles:data",
        )


def _sold_cents(plan: Plan, items: set[int]) -> int:
    """Net revenue of the items in the last 12 closed months, cents."""
    actuals = load_actuals(plan.first_month_index - 12, plan.first_month_index - 1)
    return int(actuals.net_cents[np.isin(actuals.item_ids, list(items))].sum())


@gate("supply.component_uom", stage=StageKind.DATA, title="Purchase prices are per the item's own unit")
def component_uom(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, when suppliers price in another unit than the item's: the price cannot be used without it."""
    rows = PurchaseTerm.objects.values_list("item_id", "item__code", "uom", "item__uom")
    odd = {item: (code, theirs) for item, code, theirs, ours in rows if theirs != ours}
    if not odd:
        return
    _, stock = load_opening_stock(plan.first_month)
    units = dict.fromkeys(odd, 0)
    for (item, _), quantity in stock.items():
        if item in units:
            units[item] += quantity
    kinds = ", ".join(sorted({theirs for _, theirs in odd.values()}))
    yield Finding(
        subject="purchase_terms",
        severity="block",
        title=f"{len(odd)} bought items are priced per {kinds} without a conversion to their own unit.",
        money_cents=_value_cents(plan, units),
        hint="The plan uses their standard cost instead; the money is their stock at standard.",
        link_name="cycles:data",
    )


@gate("supply.routing_missing", stage=StageKind.DATA, title="Every made item that is sold has a routing")
def routing_missing(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, when sold made items load no work centre; the money is their revenue of the last 12 months."""
    made = Item.objects.filter(is_sold=True, make_or_buy=Item.Source.MAKE)
    bare = dict(made.exclude(pk__in=Routing.objects.values("item")).values_list("id", "code"))
    if not bare:
        return
    yield Finding(
        subject="routings",
        severity="block",
        title=f"{len(bare)} sold items that are made have no routing, so they load no work centre.",
        money_cents=_sold_cents(plan, set(bare)),
        hint="Load their operations; the money is their revenue of the last 12 closed months.",
        link_name="cycles:data",
    )


@gate("supply.capacity_known", stage=StageKind.DATA, title="Work centres have hours")
def capacity_known(plan: Plan) -> Iterator[Finding]:
    """Warn when no work centre limits the plan: everything can then be made at any time."""
    if not load_work_centres():
        yield Finding("work_centres", "warn", "No work centre has hours, so capacity limits nothing.")


@gate("supply.plan_current", stage=StageKind.SUPPLY, title="The supply plan is solved at the present revision")
def plan_current(plan: Plan) -> Iterator[Finding]:
    """Block without a published supply plan, or with one that is behind demand, pins or structure."""
    state = supply_state(plan)
    if state.run is None:
        title, hint = "There is no supply plan yet.", "Solve the supply plan."
    elif not state.is_current:
        title, hint = "The supply plan is behind the demand, the pins or a loaded file.", "Solve it again."
    else:
        return
    yield Finding("supply.plan", "block", title, hint=hint, link_name="supply:review", waivable=False)


@gate("supply.overloads_decided", stage=StageKind.SUPPLY, title="Every overload is decided")
def overloads_decided(plan: Plan) -> Iterator[Finding]:
    """Block on every work centre and month in overtime or short of hours without a decision that still holds."""
    for overload in overloads_of(plan):
        if overload.decision is None:
            title, hint = _undecided(overload)
            yield Finding(
                subject=overload.subject,
                severity="block",
                title=title,
                money_cents=overload.cost_cents,
                hint=hint,
                link_name="supply:review",
                waivable=False,
            )


def _undecided(overload: Overload) -> tuple[str, str]:
    """What is overloaded, and what to do; what was decided before when it has grown since."""
    title = f"{overload.subject}: the demand needs {overload.needed_fraction:.0%} of the regular hours."
    before = overload.outgrown
    if before is None:
        return title, "Decide: overtime, relieve by pins, or accept the shortage."
    then, now = before.overtime_milli / 1000, overload.overtime / 1000
    said = f"{before.author} decided “{before.get_choice_display()}” for {then:,.0f} h of overtime"
    return title, f"Decide again: {said}; it is {now:,.0f} h now, or costs more than it did then."


@gate("supply.shortages", stage=StageKind.SUPPLY, title="The whole consensus is supplied")
def shortages(plan: Plan) -> Iterator[Finding]:
    """Warn with the lost revenue per item that cannot be supplied in full."""
    lost: dict[str, int] = {}
    for row in shortages_of(plan):
        lost[row.item.code] = lost.get(row.item.code, 0) + row.lost_revenue_cents
    for code, cents in sorted(lost.items(), key=lambda pair: -pair[1]):
        yield Finding(code, "warn", f"{code} cannot be supplied in full.", cents, "See the cause.", "supply:review")


@gate("supply.decisions_in_plan", stage=StageKind.SUPPLY, title="What was decided about shortages is in the plan")
def decisions_in_plan(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, on every decision about a shortage that nobody has carried out; warn on open questions."""
    yield from _not_carried_out(plan)
    for question in questions_of(plan).values():
        if question.is_open:
            title = f"{question.row.subject}: put to {question.row.owner or 'the executive'}, who has not decided yet."
            hint = "The plan goes on with the shortage until then."
            yield Finding(question.row.subject, "warn", title, question.row.money_cents, hint, "cycles:decisions")


@gate("supply.decisions_carried_out", stage=StageKind.EXECUTIVE, title="Decisions about shortages are in the plan")
def decisions_carried_out(plan: Plan) -> Iterator[Finding]:
    """Block, waivable, on every decision about a shortage that the plan to be approved does not hold."""
    yield from _not_carried_out(plan)


def _not_carried_out(plan: Plan) -> Iterator[Finding]:
    for question in waiting_decisions(plan):
        row = question.row
        yield Finding(
            subject=row.subject,
            severity="block",
            title=f"{row.subject}: {row.taken_by} decided “{row.choice}”, and the plan does not hold it.",
            money_cents=row.money_cents,
            hint="A supply planner carries it out; an approved supply stage is reopened first.",
            link_name="supply:review",
        )


@gate("supply.people_outside_books", stage=StageKind.SUPPLY, title="What people cost is in the statements")
def people_outside_books(plan: Plan) -> Iterator[Finding]:
    """Warn with what modelled people cost beyond the labour in standard costs: COGS and cash take the standard only."""
    found = workforce_of(plan)
    if found is not None and found.outside_books:
        words = "beyond" if found.outside_books > 0 else "less than"
        yield Finding(
            subject="workforce",
            severity="warn",
            title=f"Wages, hiring and releasing are {words} the labour in standard costs; no statement takes the rest.",
            money_cents=abs(found.outside_books),
            hint="Name it as an adjustment of COGS and cash, or correct the standard costs.",
            link_name="supply:review",
        )


@gate("supply.stock_of_ended", stage=StageKind.SUPPLY, title="What has ended leaves no stock")
def stock_of_ended(plan: Plan) -> Iterator[Finding]:
    """Warn per item that ends before the plan does and whose stock nobody takes; the money is its standard cost."""
    made = load_production(plan)
    items = load_hierarchy().items.set_index("item_id")
    ended = items[items["is_sold"] & (items["end_month"] < plan.first_month_index + plan.horizon - 1)]
    left: dict[int, int] = {}
    for item, units in zip(made.item_ids.tolist(), made.inventory[:, -1].tolist(), strict=True):
        if units and item in ended.index:
            left[item] = left.get(item, 0) + units
    for item, units in sorted(left.items(), key=lambda pair: -pair[1]):
        code, end = str(ended.at[item, "code"]), str(ended.at[item, "end_date"])
        yield Finding(
            subject=code,
            severity="warn",
            title=f"{code} ends on {end} and leaves {units / 1000:,.0f} units on stock.",
            money_cents=_value_cents(plan, {item: units}),
            hint="Sell it off by an edit before it ends, or release the pins that make or buy it.",
            link_name="supply:review",
        )
