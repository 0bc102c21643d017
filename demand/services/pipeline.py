"""The CRM pipeline in a plan: what each deal is worth weighted, which are included, which stay out and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from django.db import transaction
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from catalog.calc.months import month_index
from catalog.frames.hierarchy import load_hierarchy
from cycles.errors import ReasonMissing
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from demand.calc.pipeline import units_of_amount, weighted, whole_steps
from demand.frames import load_rates
from demand.models import Edit, EditKind, EditLine, Opportunity, OpportunityExclusion
from demand.services.ledger import EditInvalid, Gesture, Instruction, Mode, Node, record_whole_edit, undo_edit
from demand.services.replay import undone_edits
from demand.services.series_store import SeriesValues, load_values

Ints = NDArray[np.int64]
THOUSAND_MILLI = 1_000_000


class DealState(StrEnum):
    """Where a deal stands in a plan."""

    OPEN = "open"
    INCLUDED = "included"
    MOVED = "moved"
    EXCLUDED = "excluded"
    OUTSIDE = "outside"

    @property
    def label(self) -> str:
        """The name people read."""
        return _LABELS[self]


_LABELS = {
    DealState.OPEN: "Open",
    DealState.INCLUDED: "In the plan",
    DealState.MOVED: "In the plan, moved since",
    DealState.EXCLUDED: "Left out",
    DealState.OUTSIDE: "Not in these months",
}


@dataclass(frozen=True)
class Deal:
    """One opportunity in one plan. `units` weighted milli-units in whole steps, `cents` weighted; None = no price is known.

    `baseline` milli-units of its place in its month, `quantum` the planning step there; `edit` what includes it, `planned` the milli-units of that;
    `exclusion` the word that keeps it out.
    """

    opportunity: Opportunity
    state: DealState
    units: int | None
    cents: int | None
    baseline: int
    quantum: int
    edit: Edit | None
    planned: int
    exclusion: OpportunityExclusion | None

    @property
    def share(self) -> float | None:
        """Its weighted units against the baseline there; None where there is no baseline."""
        return self.units / self.baseline if self.units is not None and self.baseline else None


def deals_of(plan: Plan, user: User) -> list[Deal]:
    """Every opportunity in a person's limits with its weighted worth and its state, the largest money first."""
    scope = scope_of(user)
    found = [
        deal
        for deal in Opportunity.objects.select_related("item__family", "family", "market")
        if scope.allows(deal.item.family_id if deal.item else deal.family_id, deal.market_id)
    ]
    if not found:
        return []
    prices, including = _Prices(plan, found), including_edits(plan)
    words = {word.code: word for word in OpportunityExclusion.objects.filter(plan=plan).select_related("author")}
    deals = [_deal(plan, deal, prices, including.get(deal.code), words.get(deal.code)) for deal in found]
    return sorted(
        deals, key=lambda deal: (list(DealState).index(deal.state) > 2, -(deal.cents or 0), deal.opportunity.code)
    )


def including_edits(plan: Plan) -> dict[str, Edit]:
    """The latest gesture that holds and includes each deal, by the deal's code."""
    edits = Edit.objects.filter(plan=plan, gesture__has_key="opportunity").select_related("author").order_by("id")
    gone = undone_edits(plan)
    return {edit.gesture["opportunity"]["id"]: edit for edit in edits if edit.pk not in gone}


def lost_deals(plan: Plan, user: User) -> dict[str, Edit]:
    """Gestures that include a deal which has left the CRM's file, by its code; only of places that the person sees."""
    scope = scope_of(user)
    known = set(Opportunity.objects.values_list("code", flat=True))
    gone = {code: edit for code, edit in including_edits(plan).items() if code not in known}
    lines = EditLine.objects.filter(edit__in=gone.values()).values_list("edit_id", "item__family_id", "market_id")
    seen = {edit for edit, family, market in lines if scope.allows(family, market)}
    return {code: edit for code, edit in gone.items() if edit.pk in seen}


def include_deals(
    *, plan_id: int, codes: list[str], overlap4: int, reason: str, base_revision: int, actor: User
) -> tuple[list[str], list[tuple[str, str]]]:
    """Put deals into the plan: one pipeline edit each, of its weighted units less the overlap with the baseline.

    A deal that is in the plan with other figures is taken back and put in anew. Returns the codes that are in, and those
    that are not with the reason; one deal's refusal leaves the others. A second call changes nothing.

    Raises:
        ReasonMissing: no reason.
        NotAllowedToYou, NotAllowedNow: by the rights table.
    """
    if not reason.strip():
        raise ReasonMissing("Say why these deals belong into the plan.")
    done: list[str] = []
    refused: list[tuple[str, str]] = []
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        deals = {deal.opportunity.code: deal for deal in deals_of(plan, actor)}
        for code in codes:
            deal = deals.get(code)
            fault = (
                "There is no such opportunity."
                if deal is None
                else _include(plan, deal, overlap4, reason, (base_revision, actor))
            )
            if fault:
                refused.append((code, fault))
            else:
                done.append(code)
    return done, refused


def exclude_deal(*, plan_id: int, code: str, reason: str, actor: User) -> OpportunityExclusion:
    """Keep a deal out of the plan, with the reason; where it is in, its edit is taken back. Audited.

    Raises:
        ReasonMissing: no reason.
        EditInvalid: no such deal, or somebody has written over its cells since.
        NotAllowedToYou, NotAllowedNow: by the rights table, or somebody else included it.
    """
    if not reason.strip():
        raise ReasonMissing("Say why this deal stays out.")
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        edit = including_edits(plan).get(code)
        if edit is None and code not in {deal.opportunity.code for deal in deals_of(plan, actor)}:
            raise EditInvalid(f"There is no opportunity {code}.")
        if edit is not None:
            _take_back(edit, f"{code} stays out: {reason.strip()}", actor)
        word = OpportunityExclusion.objects.create(plan=plan, code=code, reason=reason.strip(), author=actor)
        record_audit(actor=actor, code="demand.opportunity.excluded", plan=plan, subject=code, reason=word.reason)
        return word


def _include(plan: Plan, deal: Deal, overlap4: int, reason: str, writer: tuple[int, User]) -> str:
    """Record one deal; the reason why not, '' when it is in."""
    base_revision, actor = writer
    opportunity = deal.opportunity
    if deal.state == DealState.OUTSIDE:
        return "Its month is not in this plan."
    if deal.units is None:
        return "It is stated as an amount and no price is known there: its units are unknown."
    units = _added(deal.units, overlap4, deal.quantum)
    if deal.edit is not None and deal.planned == units:
        return ""
    node = Node(opportunity.family_id, opportunity.item_id, opportunity.market_id)
    about = {
        "opportunity": {
            "id": opportunity.code, "account": opportunity.account, "stage": opportunity.stage,
            "probability4": opportunity.probability4, "overlap4": overlap4, "weighted_milli": units,
        }
    }  # fmt: skip
    gesture = Gesture(
        mode=Mode.CHANGE,
        instructions=(Instruction((node,), (month_index(opportunity.close_month),), units),),
        reason=f"{opportunity.account} ({opportunity.code}), {opportunity.probability4 / 100:g} % likely: {reason.strip()}",
        base_revision=base_revision,
        session=f"pipeline-{plan.pk}",
        kind=EditKind.PIPELINE,
        about=about,
    )
    try:
        with transaction.atomic():
            if deal.edit is not None:
                _take_back(deal.edit, "", actor)
            result = record_whole_edit(plan_id=plan.pk, gesture=gesture, actor=actor)
    except EditInvalid as error:
        return str(error)
    if result.refused:
        return result.refused[0].reason
    return "" if result.edit else "It adds no units: nothing is left after probability and overlap."


def _take_back(edit: Edit, reason: str, actor: User) -> None:
    result = undo_edit(
        edit_id=edit.pk, base_revision=edit.revision, session=f"pipeline-{edit.plan_id}", actor=actor, reason=reason
    )
    if result.refused:
        raise EditInvalid(f"{result.refused[0].reason} Change it in the grid.")


def _deal(
    plan: Plan, opportunity: Opportunity, prices: _Prices, edit: Edit | None, word: OpportunityExclusion | None
) -> Deal:
    place = month_index(opportunity.close_month) - plan.first_month_index
    inside = 0 <= place < plan.horizon
    price, baseline = prices.of(opportunity, place) if inside else (0, 0)
    size, quantum = opportunity.units_milli, prices.quantum(opportunity)
    if size is None:
        size = units_of_amount(opportunity.amount_cents or 0, price) if price else None
    units = None if size is None else whole_steps(weighted(size, opportunity.probability4), quantum)
    amount = opportunity.amount_cents if opportunity.units_milli is None else None
    cents = None if amount is None else weighted(amount, opportunity.probability4)
    if amount is None and price and units is not None:
        cents = int(round(units * price / THOUSAND_MILLI))
    planned = 0 if edit is None else int(edit.gesture["opportunity"]["weighted_milli"])
    state = _state(inside, units, quantum, edit, word)
    return Deal(opportunity, state, units, cents, baseline, quantum, edit, planned, word)


def _added(units: int, overlap4: int, quantum: int) -> int:
    """What a deal of weighted `units` adds on top of the baseline, in whole steps."""
    return whole_steps(weighted(units, 10_000, overlap4), quantum)


def _state(
    inside: bool, units: int | None, quantum: int, edit: Edit | None, word: OpportunityExclusion | None
) -> DealState:
    if edit is not None:
        told = edit.gesture["opportunity"]
        left = None if units is None else _added(units, int(told["overlap4"]), quantum)
        return DealState.INCLUDED if inside and left == int(told["weighted_milli"]) else DealState.MOVED
    if not inside:
        return DealState.OUTSIDE
    return DealState.OPEN if word is None else DealState.EXCLUDED


class _Prices:
    """Prices and baselines of the places of some deals, read once."""

    def __init__(self, plan: Plan, deals: list[Opportunity]) -> None:
        """Read the series below the deals, and the rates of these and of the items that have none yet."""
        items = load_hierarchy().items
        self._steps = items.set_index("item_id")[["family_id", "quantum_milli"]]
        families = {deal.family_id for deal in deals if deal.family_id}
        wanted = set(items.loc[items["family_id"].isin(families), "item_id"]) | {d.item_id for d in deals if d.item_id}
        values: SeriesValues = load_values(plan, [int(item) for item in wanted])
        own = pd.DataFrame({"item": values.item_ids, "market": values.market_ids})
        bare = pd.DataFrame([(d.item_id, d.market_id) for d in deals if d.item_id], columns=["item", "market"])
        pairs = pd.concat([own, bare]).drop_duplicates()
        self._items, self._markets = (pairs[name].to_numpy(np.int64) for name in ("item", "market"))
        self._family = items.set_index("item_id")["family_id"].reindex(self._items).to_numpy()
        rates = load_rates(plan, self._items, self._markets)
        self._priced = ~rates.missing
        self._cents = to_cents(
            np.int64(THOUSAND_MILLI), np.where(rates.missing, 0, rates.net_price4), np.maximum(rates.fx6, 1)
        )
        self._baseline = np.zeros((len(pairs), plan.horizon), np.int64)
        self._baseline[: len(own)] = values.baseline

    def quantum(self, deal: Opportunity) -> int:
        """The coarsest planning step of a deal's items, milli-units."""
        own = self._steps.index == deal.item_id if deal.item_id else self._steps["family_id"] == deal.family_id
        return int(self._steps.loc[own, "quantum_milli"].max())

    def of(self, deal: Opportunity, place: int) -> tuple[int, int]:
        """Cents per 1,000 units of a deal's place in a month, 0 = not known, and the baseline there in milli-units.

        A family's price is the mean of its items weighted by their baseline; the plain mean where there is none.
        """
        below = self._markets == deal.market_id
        below &= self._items == deal.item_id if deal.item_id else self._family == deal.family_id
        baseline = self._baseline[below, place]
        known = self._priced[below, place]
        if not known.any():
            return 0, int(baseline.sum())
        weights = np.maximum(baseline[known], 0)
        price = np.average(self._cents[below, place][known], weights=weights if weights.sum() else None)
        return int(round(price)), int(baseline.sum())
