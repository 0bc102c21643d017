"""A month of history that a person names: the value that stands in for what was sold, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.calc.months import month_date, month_index
from catalog.models import Company, Family, Item, Market
from cycles.errors import NotAllowedNow, ReasonMissing, StatementUnfit
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.services.runs import request_run
from demand.calc.cleansing import CleansingKind, usual_beside
from demand.frames import load_actuals
from demand.models import Cleansing
from demand.services.cleansing import KIND, UNIT
from demand.services.segments import HISTORY_MONTHS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CleansingWords:
    """A cleansing as a person says it. `value_milli` ≥ 0 is read instead; None: the median of the months beside it."""

    family: Family
    market: Market
    month: date
    value_milli: int | None
    reason: str


def name_cleansing(*, plan: Plan, words: CleansingWords, actor: User) -> Cleansing:
    """Let the forecast read another value for a closed month of a family in a market, and ask for a new baseline; audited.

    Before → after: read as sold → in force, for this plan and later ones, while the month's sales stay what they are.
    Demand planners, while the demand stage is open. A second call for the month is refused.

    Raises:
        ReasonMissing: no reason.
        StatementUnfit: the month is not in the past that is forecast, nothing was sold before it, or the value is what
            was sold.
        NotAllowedToYou, NotAllowedNow: by the rights table, outside the person's scope, or cleansed already.
    """
    if not words.reason.strip():
        raise ReasonMissing("Say why the month says nothing about demand.")
    with transaction.atomic():
        locked = lock_plan(plan.pk)
        authorise(actor=actor, action=Action.RUN_BASELINE, plan=locked)
        if not scope_of(actor).allows(words.family.pk, words.market.pk):
            raise NotAllowedNow(f"{words.family.code} in {words.market.code} lies outside of what you plan.")
        sold, value = _figures(locked, words)
        _refuse_second(words, sold)
        row = Cleansing.objects.create(
            plan=locked, family=words.family, market=words.market, month=words.month, kind=CleansingKind.TYPED.value,
            sold=sold, value=value, reason=words.reason.strip(), author=actor,
        )  # fmt: skip
        record_audit(
            actor=actor,
            code="demand.cleansing.entered",
            plan=locked,
            subject=f"{words.family.code} · {words.market.code} · {words.month:%Y-%m}",
            before={"value": sold},
            after={"value": value},
            reason=row.reason,
        )
        request_run(kind=KIND, plan=locked, actor=actor, parameters={"cleansings": row.pk})
    return row


def _figures(plan: Plan, words: CleansingWords) -> tuple[int, int]:
    """What was sold in the month, and what stands in for it; milli-units."""
    first = max(month_index(Company.objects.current().history_start), plan.first_month_index - HISTORY_MONTHS)
    column = month_index(words.month) - first
    if not 0 <= column < plan.first_month_index - first:
        last = month_date(plan.first_month_index - 1)
        raise StatementUnfit(f"The forecast reads {month_date(first):%b %Y} to {last:%b %Y}: name one of these months.")
    past = _sold(first, plan.first_month_index - 1, words)
    begun = np.flatnonzero(past > 0)
    if not len(begun) or column < begun[0]:
        since = f"before {month_date(first + int(begun[0])):%b %Y}" if len(begun) else "yet"
        place = f"{words.family.code} in {words.market.code}"
        raise StatementUnfit(f"{place} sold nothing {since}: the forecast begins with the first sale.")
    sold = round(float(past[column]))
    value = words.value_milli if words.value_milli is not None else _median(past[begun[0] :], column - int(begun[0]))
    if value == sold:
        raise StatementUnfit(f"{sold / UNIT:,.0f} units are what was sold: nothing would change. Give another value.")
    return sold, value


def _sold(first: int, last: int, words: CleansingWords) -> Floats:
    """(T,) milli-units of the family in the market as the baseline run reads them: sold items, net returns as 0."""
    items = Item.objects.filter(family=words.family, is_sold=True).values_list("id", flat=True)
    block = load_actuals(first, last, items=list(items))
    sold: Floats = np.maximum(block.units[block.market_ids == words.market.pk].sum(axis=0), 0).astype(np.float64)
    return sold


def _median(past: Floats, column: int) -> int:
    usual = usual_beside(past, column)
    if usual is None:
        raise StatementUnfit("The first month has none beside it to take the median of: type the value.")
    return round(usual)


def _refuse_second(words: CleansingWords, sold: int) -> None:
    """A month has one value that stands in; another one is named after the first was taken back."""
    named = Cleansing.objects.filter(
        family=words.family, market=words.market, month=words.month, sold=sold, takes_back__isnull=True
    ).select_related("taken_back_by")
    held = next((row for row in named if row.is_in_force), None)
    if held is not None:
        raise NotAllowedNow(
            f"{words.month:%b %Y} is read as {held.value / UNIT:,.0f} units already ({held.get_kind_display()}): "
            "take that back first."
        )
