"""The policy that a plan was solved with: the company's of today, or of an approved plan the one that it froze."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from cycles.models import Plan
from supply.approved import approved_header, approved_rows
from supply.calc.cost_rates import CostPolicy
from supply.frames import load_policy
from supply.models import WorkCentre


@dataclass(frozen=True, slots=True)
class CentrePolicy:
    """Overtime of a work centre: regular hours a day, the most on top and its premium, both as fractions."""

    code: str
    hours_per_day: Decimal
    overtime_limit: Decimal
    overtime_premium: Decimal


def policy_centres(plan: Plan) -> list[CentrePolicy]:
    """Overtime of the work centres that make something, by code."""
    frozen = approved_rows(plan, "load")
    if frozen is None:
        names = ("code", "hours_per_day", "overtime_limit", "overtime_premium")
        rows = WorkCentre.objects.filter(is_production=True, hours_per_day__gt=0).order_by("code")
        return [CentrePolicy(*row) for row in rows.values_list(*names)]
    kept = ("hours_per_day", "limit_share", "overtime_premium")
    return [CentrePolicy(code, *(Decimal(row[name]) for name in kept)) for (code,), row in sorted(frozen.items())]


def policy_costs(plan: Plan) -> CostPolicy:
    """What the plan weighs, as shares of the standard cost."""
    header = approved_header(plan)
    kept = (header or {}).get("policy")
    if kept is None:
        return load_policy().costs
    names = {field.name for field in fields(CostPolicy)}
    return CostPolicy(**{name: float(value) for name, value in kept.items() if name in names})
