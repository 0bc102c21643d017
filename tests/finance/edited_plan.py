"""The sample plan with two gestures on one cell, so that a dollar can be followed from the top to a person and back.

CHAIR-OAK in NORTH/DIRECT: the first planner put +10 on June and July, the second −2 on June. The consensus stays the
25 units of the sample, so the baseline there is 17 and 15; of June supply ships 20. Net price 90, standard 60.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Item, Market
from cycles.models import Plan, Run, User
from demand.models import Edit, EditKind, EditLine, Intent, Series
from finance.models import BridgeLeaf, CashMonth, CompanyMonth, InventoryMoney, MoneySeries
from finance.selectors.position import KIND
from tests.finance.sample_plan import HORIZON, WANTED, Sample, land, open_reconciliation, sample_plan

MORE, LESS = 10_000, -2_000


@dataclass(frozen=True)
class Edited:
    """The landed plan in its pre-S&OP stage, the series that was edited, and the two gestures."""

    sample: Sample
    item: Item
    market: Market
    more: Edit
    less: Edit


def edited_plan() -> Edited:
    """Create the company and the plan, write the two gestures, land it."""
    sample = sample_plan()
    item, market = sample.company.items["CHAIR-OAK"], sample.company.markets["NORTH/DIRECT"]
    more = write(sample, sample.cast.demand_planner, EditKind.PROMOTION, {0: MORE, 1: MORE}, "Spring promotion")
    less = write(sample, sample.cast.demand_planner2, EditKind.OVERRIDE, {0: LESS}, "Dealer cut his order")
    baseline = [WANTED - MORE - LESS, WANTED - MORE, *[WANTED] * (HORIZON - 2)]
    Series.objects.filter(plan=sample.plan, item=item, market=market).update(baseline=baseline)
    land(sample)
    open_reconciliation(sample)
    return Edited(sample, item, market, more, less)


def write(sample: Sample, author: User, kind: EditKind, deltas: dict[int, int], reason: str) -> Edit:
    """Append one gesture on CHAIR-OAK in NORTH/DIRECT: milli-units by month position."""
    revision = Edit.objects.filter(plan=sample.plan).count() + 1
    edit = Edit.objects.create(
        plan=sample.plan, revision=revision, kind=kind.value, reason=reason, session="test", author=author
    )
    EditLine.objects.create(
        edit=edit,
        plan=sample.plan,
        item=sample.company.items["CHAIR-OAK"],
        market=sample.company.markets["NORTH/DIRECT"],
        intent=Intent.CHANGE.value,
        delta=[deltas.get(month, 0) for month in range(HORIZON)],
        touched=[int(month in deltas) for month in range(HORIZON)],
        typed=[0] * HORIZON,
    )
    return edit


def forget_landing(plan: Plan) -> None:
    """Take the stored landing away, as before the first one."""
    for model in (MoneySeries, BridgeLeaf, InventoryMoney, CompanyMonth, CashMonth):
        model._default_manager.filter(plan=plan).delete()
    Run.objects.filter(plan=plan, kind=KIND).delete()
