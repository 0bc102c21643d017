"""The promise ledger: what each owner promised by month, and what came in the scope's actuals since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalog.calc.months import month_date, month_index
from cycles.models import Plan, User
from finance.calc.promises import PromisedMonth, measured
from finance.frames.scope_money import Place, actuals_by_month
from finance.models import Action, ActionMove, ActionState

CONVENTION = (
    "Came = actual of the promise's scope in a closed month − the landing of that month when it was promised. It is "
    "the whole change of the scope, whatever its cause; promises on the same scope share it by their promised amounts, "
    "those on wider or narrower scopes are counted beside each other. Margin is net sales less COGS at standard. Cash "
    "is kept by company, not by scope: what came of it cannot be said. Probability does not scale a promise; dropped "
    "actions are not measured."
)


@dataclass(frozen=True)
class KeptPromise:
    """One action from its first promise on. Cents over its closed months; None where it cannot be said, never 0.

    `action` is the latest row of the chain, `promised_in` the plan of its first one; `months` and `margin_months` are
    the closed months of revenue and margin.
    """

    action: Action
    promised_in: str
    months: tuple[PromisedMonth, ...]
    margin_months: tuple[PromisedMonth, ...]
    promised_cash: int

    @property
    def lines(self) -> list[tuple[date, PromisedMonth, PromisedMonth]]:
        """(month, revenue, margin) of each closed month."""
        pairs = zip(self.months, self.margin_months, strict=True)
        return [(month_date(revenue.month), revenue, margin) for revenue, margin in pairs]

    @property
    def promised(self) -> int:
        """Revenue promised for the closed months."""
        return sum(row.promised for row in self.months)

    @property
    def came(self) -> int | None:
        """Revenue that came in them."""
        return _total(row.came for row in self.months)

    @property
    def promised_margin(self) -> int:
        """Margin promised for the closed months."""
        return sum(row.promised for row in self.margin_months)

    @property
    def came_margin(self) -> int | None:
        """Margin that came in them."""
        return _total(row.came for row in self.margin_months)


@dataclass(frozen=True)
class OwnerLedger:
    """One owner's promises; totals over those of which is known what came. `unknown` counts the others."""

    owner: User
    promises: tuple[KeptPromise, ...]
    promised: int
    came: int
    promised_margin: int
    came_margin: int
    unknown: int


def promise_ledger(plan: Plan) -> list[OwnerLedger]:
    """Every promise of this and earlier plans with a closed month, done or due, by owner; dropped ones are left out."""
    chains = _chains(plan)
    places: dict[Place, list[list[Action]]] = defaultdict(list)
    for chain in chains:
        if chain[-1].state != ActionState.DROPPED.value and chain[0].first_month is not None:
            places[_place(chain[0])].append(chain)
    kept = [promise for place, rows in sorted(places.items(), key=_order) for promise in _kept(plan, place, rows)]
    owners: dict[int, list[KeptPromise]] = defaultdict(list)
    for promise in kept:
        owners[promise.action.owner_id].append(promise)
    ledgers = [_ledger(rows) for rows in owners.values()]
    return sorted(ledgers, key=lambda row: (-abs(row.promised), str(row.owner)))


def history_of(plan: Plan) -> dict[int, list[ActionMove]]:
    """The moves of each action of a plan, through all the cycles that carried it, oldest first."""
    chains = {chain[-1].pk: chain for chain in _chains(plan) if chain[-1].plan_id == plan.pk}
    rows = ActionMove.objects.filter(action__in=[row.pk for chain in chains.values() for row in chain])
    moves: dict[int, list[ActionMove]] = defaultdict(list)
    for move in rows.select_related("actor", "action__plan"):
        moves[move.action_id].append(move)
    return {last: [move for row in chain for move in moves[row.pk]] for last, chain in chains.items()}


def _chains(plan: Plan) -> list[list[Action]]:
    """Actions of this and earlier plans, each from its first row to its last one, oldest first."""
    people = ("owner", "plan", "family", "category", "market")
    rows = Action.objects.filter(plan__first_month__lte=plan.first_month).select_related(*people)
    ordered = sorted(rows, key=lambda row: (row.plan.first_month, row.pk))
    chains: dict[int, list[Action]] = {}
    for row in ordered:
        chain = chains.pop(row.carried_from_id, []) if row.carried_from_id else []
        chains[row.pk] = [*chain, row]
    return sorted(chains.values(), key=lambda chain: chain[0].pk)


def _place(row: Action) -> Place:
    return Place(row.category_id, row.family_id, row.market_id)


def _order(entry: tuple[Place, list[list[Action]]]) -> int:
    return entry[1][0][0].pk


def _kept(plan: Plan, place: Place, chains: list[list[Action]]) -> list[KeptPromise]:
    """The promises of one scope against its actuals of the months that have closed."""
    closed = plan.first_month_index
    firsts = [month_index(chain[0].first_month) for chain in chains if chain[0].first_month]
    start = min(firsts)
    if start >= closed:
        return []
    actual = actuals_by_month(place, start, closed - start)
    known = range(start, closed)
    revenue = measured(
        [_closed(chain[0], "revenue_months", closed) for chain in chains],
        [_closed(chain[0], "base_revenue_months", closed) for chain in chains],
        dict(zip(known, actual.revenue, strict=True)),
    )
    margin = measured(
        [_closed(chain[0], "margin_months", closed) for chain in chains],
        [_closed(chain[0], "base_margin_months", closed) for chain in chains],
        dict(zip(known, actual.margin, strict=True)),
    )
    kept = []
    for chain, own, own_margin in zip(chains, revenue, margin, strict=True):
        if own:
            cash = sum(_closed(chain[0], "cash_months", closed).values())
            kept.append(KeptPromise(chain[-1], chain[0].plan.number, tuple(own), tuple(own_margin), cash))
    return kept


def _closed(row: Action, name: str, closed: int) -> dict[int, int]:
    """Month number → cents of one of the action's arrays, the closed months only."""
    first = month_index(row.first_month) if row.first_month else closed
    return {first + place: cents for place, cents in enumerate(getattr(row, name)) if first + place < closed}


def _ledger(rows: list[KeptPromise]) -> OwnerLedger:
    known = [row for row in rows if row.came is not None]
    margins = [row for row in rows if row.came_margin is not None]
    return OwnerLedger(
        owner=rows[0].action.owner,
        promises=tuple(rows),
        promised=sum(row.promised for row in known),
        came=sum(row.came or 0 for row in known),
        promised_margin=sum(row.promised_margin for row in margins),
        came_margin=sum(row.came_margin or 0 for row in margins),
        unknown=len(rows) - len(known),
    )


def _total(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if None in known or not known else sum(value for value in known if value is not None)
