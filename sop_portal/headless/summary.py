"""summary.json: one flat account of an approved month."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cycles.models import FindingRecord, Plan, Snapshot, Waiver
from finance.calc.bridge import Driver
from finance.selectors import summary_of
from integrations.calc.texts import cents_text, milli_text
from sop_portal.headless.measures import Steps
from supply.selectors import overloads_of, shortages_of

PLAIN = ("fiscal_year", "currency")


def summarise(plan: Plan, snapshot: Snapshot, *, rows: int, steps: Steps) -> dict[str, Any]:
    """Every figure of the month; money as text with two decimals of the currency, units as decimals.

    Waivers and findings are counted by gate code with their dollars, as they stood at approval.
    """
    money = summary_of(plan)
    figures = {name: value if name in PLAIN else _texts(value) for name, value in money.items()}
    shortages = shortages_of(plan)
    return {
        "cycle": plan.number,
        **figures,
        "drivers": {driver.value: cents_text(money["drivers"].get(driver.value, 0)) for driver in Driver},
        "shortage_units": milli_text(sum(shortage.quantity for shortage in shortages)),
        "shortage_dollars": cents_text(sum(shortage.lost_revenue_cents for shortage in shortages)),
        "overloads": len(overloads_of(plan)),
        "findings": _counted(
            (record.code, record.money_cents) for stage in plan.stages.all() for record in _records(stage)
        ),
        "waivers": _counted((waiver.code, waiver.money_cents) for waiver in _holding_waivers(plan)),
        "snapshot_number": snapshot.number,
        "snapshot_hash": snapshot.root,
        "rows": rows,
        "steps": steps.as_dict(),
        "seconds": round(sum(steps.seconds.values()), 3),
    }


def _texts(value: Any) -> Any:
    """Cents as text, also inside a dictionary; None stays None."""
    if isinstance(value, dict):
        return {name: _texts(part) for name, part in value.items()}
    return cents_text(value) if isinstance(value, int) else value


def _records(stage: Any) -> list[FindingRecord]:
    return list(stage.findings.filter(action="approve", round=stage.round))


def _holding_waivers(plan: Plan) -> list[Waiver]:
    """The latest waiver of each code and subject."""
    return list({(waiver.code, waiver.subject): waiver for waiver in plan.waivers.order_by("id")}.values())


def _counted(pairs: Any) -> dict[str, dict[str, Any]]:
    """{code: {count, dollars}} in order of code."""
    count: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    for code, money in pairs:
        count[code] += 1
        cents[code] += abs(money or 0)
    return {code: {"count": count[code], "dollars": cents_text(cents[code])} for code in sorted(count)}
