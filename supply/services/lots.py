"""What became of the lots and order minimums of a plan: kept in its run's result, told on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cycles.models import Plan
from supply.calc.lots import LotState
from supply.calc.published_plan import PublishedPlan
from supply.frames import SupplyInput
from supply.selectors import supply_state


def lots_told(supply: SupplyInput, result: PublishedPlan) -> dict[str, Any] | None:
    """The outcome for the run's result: state, gap reached and asked for, seconds allowed, value of what rounding leaves
    on stock in cents; None where any quantity may be made and bought."""
    if supply.lots is None or result.lots is None:
        return None
    return {
        "state": result.lots.state.value,
        "gap": None if result.lots.gap is None else round(result.lots.gap, 6),
        "asked": supply.lots.gap,
        "seconds": supply.lots.seconds,
        "extra_cents": round(result.lots.extra * 100),
    }


@dataclass(frozen=True, slots=True)
class LotNews:
    """How the published plan keeps its lots; see ``lots_told``."""

    state: LotState
    gap: float | None
    asked: float
    seconds: float
    extra_cents: int


def lots_of(plan: Plan) -> LotNews | None:
    """What the published plan says of its lots, None where it keeps none or was solved before it could."""
    run = supply_state(plan).run
    told = run.result.get("lots") if run and run.result else None
    return LotNews(**{**told, "state": LotState(told["state"])}) if told else None
