"""What the present supply plan costs, line by line, as the programme weighed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cycles.models import Plan
from supply.selectors import supply_state

#: Name and whether somebody is paid: a penalty only weighs in the choice.
LINES: Mapping[str, tuple[Promise, bool]] = {
    "make": (_("Conversion of what is made"), True),
    "buy": (_("Purchases"), True),
    "overtime": (_("Overtime premium"), True),
    "extra_shifts": (_("Extra shift premium"), True),
    "expedite": (_("Expedite premium"), True),
    "subcontract": (_("Subcontract"), True),
    "alternatives": (_("Labour of alternative work centres"), True),
    "freight": (_("Freight"), True),
    "wages": (_("Wages"), True),
    "overtime_wages": (_("Labour of overtime"), True),
    "hire": (_("Hiring"), True),
    "release": (_("Releasing"), True),
    "holding": (_("Holding stock"), True),
    "outside_storage": (_("Storage outside"), True),
    "expired": (_("Stock that expires"), False),
    "backlog": (_("Late delivery"), False),
    "below_safety": (_("Stock below its target"), False),
    "lost_sales": (_("Margin of demand not met"), False),
}


@dataclass(frozen=True)
class CostLine:
    """One line of the programme's cost: `cents` of the reporting currency over the horizon, ≥ 0 unless another way is cheaper."""

    label: Promise
    cents: int
    is_paid: bool


@dataclass(frozen=True)
class PlanCost:
    """Lines that are not 0, the largest first; `paid` + `penalties` = `total`, cents of the reporting currency."""

    lines: tuple[CostLine, ...]
    paid: int
    penalties: int

    @property
    def total(self) -> int:
        """What the programme made as small as it could."""
        return self.paid + self.penalties


def cost_of(plan: Plan) -> PlanCost | None:
    """The cost of the latest supply plan by line; None before the first, or when it kept no lines.

    Source: `supply.calc.cost_report.cost_lines`, from the quantities before they are rounded to planning steps.
    """
    run = supply_state(plan).run
    told = run.result.get("cost_lines") if run and run.result else None
    if not told:
        return None
    found = [CostLine(*_line(name, cost)) for name, cost in told.items() if round(cost * 100)]
    lines = tuple(sorted(found, key=lambda line: -line.cents))
    return PlanCost(
        lines,
        sum(line.cents for line in lines if line.is_paid),
        sum(line.cents for line in lines if not line.is_paid),
    )


def _line(name: str, cost: float) -> tuple[Promise, int, bool]:
    label, is_paid = LINES[name]
    return label, round(cost * 100), is_paid
