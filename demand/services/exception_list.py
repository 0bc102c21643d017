"""What a planner should look at: jumps against last year and edits under which the baseline moved, with their money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company
from cycles.models import Plan
from demand.frames import load_actuals, load_consensus, load_rates
from demand.models import Edit, EditKind, EditLine, ExceptionAnswer
from demand.services.replay import BASELINE_MOVED, ENDED

JUMP_FRACTION = 0.5
COMPARED_MONTHS = 12
JUMP, MOVED, ENDED_EDIT = "demand.jump", "demand.baseline_moved", "demand.edit_ended"


@dataclass(frozen=True)
class DemandException:
    """Something a planner should look at. `money_cents` of the reporting currency decides its rank; signed.

    `answer` is the word that still holds, None while it is open. `family`, `market` are codes, '' where it is wider.
    """

    code: str
    subject: str
    title: str
    money_cents: int
    family: str
    market: str
    answer: ExceptionAnswer | None

    @property
    def item(self) -> str:
        """Code of the item, '' where the exception is about a family."""
        return self.subject.split(" · ")[0] if self.code in (MOVED, ENDED_EDIT) else ""


def exceptions_of(plan: Plan) -> list[DemandException]:
    """Every exception of a plan, the largest money first; answered ones carry their answer.

    Jump: the next 12 months of a family in a market differ from its last 12 closed ones by more than 50 % and by more
    than the company's unanswered amount. Baseline moved: a new baseline changed months under somebody's edit. Edit
    ended: edits were dropped because their item is not on the market in those months; the money is what they were.
    """
    answers = {(a.code, a.subject): a for a in ExceptionAnswer.objects.filter(plan=plan).order_by("id")}
    found = [*_jumps(plan), *_moved(plan), *_ended(plan)]
    judged = [
        DemandException(code, subject, title, money, family, market, _holding(answers.get((code, subject)), money))
        for code, subject, title, money, family, market in found
    ]
    return sorted(judged, key=lambda exception: -abs(exception.money_cents))


def open_exceptions(plan: Plan) -> list[DemandException]:
    """The exceptions that nobody has answered for their present money."""
    return [exception for exception in exceptions_of(plan) if exception.answer is None]


def _holding(answer: ExceptionAnswer | None, money: int) -> ExceptionAnswer | None:
    """The answer, while the money is at most what was answered plus a tenth."""
    if answer is None or abs(money) > abs(answer.money_cents or 0) * 11 // 10:
        return None
    return answer


def _jumps(plan: Plan) -> list[tuple[str, str, str, int, str, str]]:
    """Families in markets whose plan leaves the last year far behind, either way."""
    limit = Company.objects.current().unanswered_amount_cents
    found = []
    for family, market, planned, sold in _segment_money(plan):
        change = planned - sold
        if abs(change) > limit and abs(change) > JUMP_FRACTION * abs(sold):
            title = f"{family} in {market}: next 12 months {_percent(planned, sold)} the last 12."
            found.append((JUMP, f"{family} · {market}", title, change, family, market))
    return found


def _percent(planned: int, sold: int) -> str:
    return f"{(planned - sold) / sold:+.0%} against" if sold > 0 else "against nothing in"


def _segment_money(plan: Plan) -> list[tuple[str, str, int, int]]:
    """family, market, planned and sold cents over the compared months, one row per family × market."""
    months = min(COMPARED_MONTHS, plan.horizon)
    series = load_consensus(plan)
    span = list(range(plan.first_month_index, plan.first_month_index + months))
    rates = load_rates(plan, series.item_ids, series.market_ids, span)
    cents = to_cents(series.units[:, :months], np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1))
    actuals = load_actuals(plan.first_month_index - months, plan.first_month_index - 1)
    planned = pd.DataFrame({"item_id": series.item_ids, "market_id": series.market_ids, "planned": cents.sum(axis=1)})
    sold = pd.DataFrame(
        {"item_id": actuals.item_ids, "market_id": actuals.market_ids, "sold": actuals.net_cents.sum(axis=1)}
    )
    both = planned.merge(sold, how="outer", on=["item_id", "market_id"]).fillna({"planned": 0, "sold": 0})
    hierarchy = load_hierarchy()
    both["family"] = both["item_id"].map(hierarchy.items.set_index("item_id")["family"])
    both["market"] = both["market_id"].map(hierarchy.markets.set_index("market_id")["code"])
    grouped = both.groupby(["family", "market"], as_index=False)[["planned", "sold"]].sum()
    columns = (grouped["family"], grouped["market"], grouped["planned"].astype(int), grouped["sold"].astype(int))
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _moved(plan: Plan) -> list[tuple[str, str, str, int, str, str]]:
    """Edited series under which the latest baseline moved, each with the dollars of that move at the plan's prices."""
    system = Edit.objects.filter(plan=plan, kind=EditKind.SYSTEM.value, gesture__what=BASELINE_MOVED)
    edit = system.order_by("-id").first()
    if edit is None:
        return []
    lines = list(EditLine.objects.filter(edit=edit).select_related("item__family", "market").order_by("id"))
    moves = edit.gesture.get("moved", {})
    by = np.array([moves.get(f"{line.item_id}.{line.market_id}", [0] * plan.horizon) for line in lines], np.int64)
    money = _money(plan, lines, by.reshape(len(lines), plan.horizon))
    return [
        (
            MOVED,
            f"{line.item.code} · {line.market.code}",
            f"The baseline moved {_units(by[place])} under an edit of {line.item.code} in {line.market.code}.",
            money[place],
            line.item.family.code if line.item.family else "",
            line.market.code,
        )
        for place, line in enumerate(lines)
    ]


def _ended(plan: Plan) -> list[tuple[str, str, str, int, str, str]]:
    """Series whose edits were dropped in months in which the item is not on the market, with their money."""
    ended = EditLine.objects.filter(plan=plan, edit__kind=EditKind.SYSTEM.value, edit__gesture__what=ENDED)
    lines = list(ended.select_related("item__family", "market").order_by("item__code", "market__code"))
    money = _money(plan, lines, np.array([line.delta for line in lines], np.int64))
    return [
        (
            ENDED_EDIT,
            f"{line.item.code} · {line.market.code}",
            f"{line.item.code} is not on the market in {sum(line.touched)} edited months in {line.market.code}: dropped.",
            cents,
            line.item.family.code if line.item.family else "",
            line.market.code,
        )
        for line, cents in zip(lines, money, strict=True)
    ]


def _money(plan: Plan, lines: list[EditLine], milli: NDArray[np.int64]) -> list[int]:
    """Cents per line of milli-units (line, month) at the plan's net prices; months without a price count 0."""
    if not lines:
        return []
    rates = load_rates(plan, [line.item_id for line in lines], [line.market_id for line in lines])
    cents = to_cents(milli, np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1))
    return [int(total) for total in cents.sum(axis=1).tolist()]


def _units(milli: NDArray[np.int64]) -> str:
    total = int(milli.sum())
    return f"by {total / 1000:+,.0f} units".replace("-", "−") if total else "up and down"
