"""What the pages of an approved plan need besides its quantities: loads, shortages, answers, pins, suppliers."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.calc.months import month_date
from catalog.models import Item
from cycles.models import Plan
from cycles.registry import FieldValue, SectionRow
from cycles.selectors import Scope
from supply.models import OverloadDecision, ShortageDecision, WorkCentreLoad
from supply.selectors import overloads_of, pins_in_force, shortages_of
from supply.services.loads import own_hours
from supply.services.purchases import offers_of, purchases_of
from supply.services.review import short_hours

CHOSEN = (
    "choice", "reason", "supply_revision", "short_milli", "lost_margin_cents", "revenue_cents", "margin_cents",
    "inventory_cents", "cash_cents", "service_points",
)  # fmt: skip
SAID = ("choice", "reason", "supply_revision", "overtime_milli", "cost_cents")
EVERYTHING = Scope(((None, None),))
HOURS = ("needed", "planned", "available", "overtime", "overtime_limit", "price_low", "price_high", "price_from", "price_to")  # fmt: skip
CENTRE = ("hours_per_day", "overtime_premium", "cost_rate")


def load_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per work centre: hours and the price of an hour by month, the overtime premium in cents, the hours it lacks."""
    lacking = {row.centre.pk: row.hours for row in short_hours(plan)}
    premiums = {(row.work_centre.pk, row.month): row.premium_cents for row in overloads_of(plan)}
    months = [month_date(plan.first_month_index + offset) for offset in range(plan.horizon)]
    for load in WorkCentreLoad.objects.filter(plan=plan).select_related("work_centre").order_by("work_centre__code"):
        centre = load.work_centre
        paid = [premiums.get((centre.pk, month), 0) for month in months]
        fields: dict[str, FieldValue] = {name: list(getattr(load, name)) for name in HOURS}
        fields |= {name: str(getattr(centre, name)) for name in CENTRE} | {"limit_share": str(centre.overtime_limit)}
        fields |= {"name": centre.name, "premium_cents": paid, "short_hours": lacking.get(centre.pk, 0)}
        each = own_hours(plan, centre)
        codes = dict(Item.objects.filter(pk__in=each).values_list("pk", "code"))
        fields |= {"items": [codes[key] for key in each], "item_hours": [repr(hours) for hours in each.values()]}
        yield SectionRow(("load", centre.code), fields)


def answer_rows(plan: Plan) -> Iterator[SectionRow]:
    """Shortages with their cause, every choice about one with its price, every decision about an overload, the pins."""
    for row in shortages_of(plan):
        amounts = ("quantity", "lost_revenue_cents", "lost_margin_cents", "cause", "detail")
        centre = row.work_centre.code if row.work_centre else None
        fields = {name: getattr(row, name) for name in amounts} | {"work_centre": centre}
        yield SectionRow(("shortage", row.item.code, f"{row.month:%Y-%m}"), fields)
    for choice in ShortageDecision.objects.filter(plan=plan).select_related("item", "author"):
        chosen = {name: getattr(choice, name) for name in CHOSEN} | {"by": choice.author.username}
        yield SectionRow(("choice", choice.item.code, f"{choice.pk:012d}"), chosen)
    for decision in OverloadDecision.objects.filter(plan=plan).select_related("work_centre", "author"):
        said = {name: getattr(decision, name) for name in SAID} | {"by": decision.author.username}
        key = ("overload", decision.work_centre.code, f"{decision.month:%Y-%m}", f"{decision.pk:012d}")
        yield SectionRow(key, said)
    for pin in pins_in_force(plan):
        effect = getattr(pin, "effect", None)
        yield SectionRow(
            ("pin", f"{pin.pk:012d}"),
            {
                "kind": pin.kind,
                "item": pin.item.code if pin.item else None,
                "site": pin.site.code if pin.site else None,
                "work_centre": pin.work_centre.code if pin.work_centre else None,
                "month": f"{pin.month:%Y-%m}",
                "quantity": pin.quantity,
                "unit_cost": str(pin.unit_cost),
                "reason": pin.reason,
                "by": pin.author.username,
                "cost_cents": effect.cost_cents if effect else None,
                "cover_days": str(effect.cover_days) if effect and effect.cover_days is not None else None,
            },
        )


def supplier_rows(plan: Plan) -> Iterator[SectionRow]:
    """Per item that is bought: its suppliers, the one that it is listed under first."""
    bought = [part.item for supplier in purchases_of(plan, EVERYTHING).suppliers for part in supplier.items]
    codes = {item.pk: item.code for item in bought}
    for key, offers in offers_of(plan, codes).items():
        yield SectionRow(("supplier", codes[key]), {"codes": [o[0] for o in offers], "names": [o[1] for o in offers]})
