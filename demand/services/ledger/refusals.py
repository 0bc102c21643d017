"""Why an instruction was not saved, and what helps: two sentences per cause."""

from __future__ import annotations

from catalog.calc.months import month_date
from cycles.models import Plan
from demand.models import Edit
from demand.services.ledger.gestures import Cause, Refusal

SENTENCES: dict[Cause, tuple[str, str]] = {
    Cause.MONTH_LOCKED: (
        "The months of plan {number} go from {first} to {last}; others cannot be edited.",
        "Sales of a closed month come by import in the data stage; a later month comes with the next cycle.",
    ),
    Cause.NOT_ON_MARKET: (
        "No item is on the market there in that month: not launched yet, or ended.",
        "Whoever loads the products file can move the launch or end date of the item.",
    ),
    Cause.UNKNOWN_ROW: (
        "There is no such item, family or market among those that you plan.",
        "An administrator can open further families and markets to you.",
    ),
    Cause.BELOW_ZERO: ("Demand cannot go below zero.", "Type a smaller reduction, or 0."),
    Cause.NOT_A_STEP: (
        "These items are planned in steps of {step}.",
        "Type a multiple of it.",
    ),
    Cause.NO_PRICE: (
        "There is no price in one of these cells, so that dollars cannot become units.",
        "Type units, or load a price or planned discount for it.",
    ),
    Cause.NOTHING_THERE: (
        "There is nothing below this cell in the plan yet.",
        "Name an item and a market: the series begins with its first edit.",
    ),
}


def refusal(instruction: int, cause: Cause, *, plan: Plan, step_milli: int = 1000) -> Refusal:
    """A refusal that is no conflict, in words; `step_milli` is the planning step it speaks of."""
    last = month_date(plan.first_month_index + plan.horizon - 1)
    named = {"number": plan.number, "first": f"{plan.first_month:%B %Y}", "last": f"{last:%B %Y}"}
    reason, remedy = (sentence.format(**named, step=f"{step_milli / 1000:g}") for sentence in SENTENCES[cause])
    return Refusal(instruction, cause, reason, remedy)


def conflict(instruction: int, edit: Edit, value_now: int) -> Refusal:
    """A refusal because somebody else was first; `value_now` milli-units of its cells."""
    who = edit.author.get_full_name() or edit.author.get_username()
    return Refusal(
        instruction,
        Cause.CONFLICT,
        f"{who} changed this while you were editing.",
        "Keep yours: send it again on the plan as it is now. Or take theirs.",
        value_now,
        edit,
    )
