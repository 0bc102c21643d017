"""The choices of a company beyond making, buying and keeping, each from its own loader."""

from __future__ import annotations

from supply.calc.network import Node
from supply.calc.problem import Choices
from supply.frames.centres import load_shifts
from supply.frames.plan_rows import PlanRows
from supply.frames.policy import load_subcontract
from supply.frames.workforce import load_people


def load_choices(rows: PlanRows, number: dict[Node, int]) -> Choices:
    """Every choice of the problem; one line here for each, None where the company has no such terms.

    Args:
        rows: What was read of the plan. number: Node numbers by (item, site).
    """
    months = len(rows.months)
    return Choices(
        subcontract=load_subcontract(number, months),
        people=load_people(rows),
        shifts=load_shifts(rows),
    )
