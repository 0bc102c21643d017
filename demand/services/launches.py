"""A new product in the plan: a launch curve over markets as one gesture, and what it takes from another item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.calc.months import month_index
from catalog.calc.rounding import round_half_away
from catalog.frames.hierarchy import load_hierarchy
from catalog.models import Company, Item, Market
from cycles.models import Plan, User
from cycles.policy import Action
from cycles.selectors import scope_of
from cycles.services.access import authorise
from cycles.services.plans import lock_plan
from demand.calc.event_shape import over_markets
from demand.calc.launch import CurveKind, NoCurve, launch_units, like_factors, ramp_factors, typed_factors
from demand.frames import load_actuals
from demand.models import Edit, EditKind
from demand.services.ledger import (
    EditInvalid,
    EditResult,
    Gesture,
    Instruction,
    Mode,
    Node,
    SeriesUnknown,
    record_whole_edit,
    undo_edit,
)
from demand.services.replay import undone_edits
from demand.services.review import dollars_of
from demand.services.series_store import load_values

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LaunchWords:
    """A launch as a person says it: an item in markets from a month on, its peak per month over all of them, its curve.

    `ramp_months`, `like_item_id` or `percentages` by the kind of curve. `taken_from_id` loses `taken4` (ten-thousandths) of
    the launch's units in the same markets and months, as far as it has any.
    """

    item_id: int
    market_ids: tuple[int, ...]
    first_month: date
    months: int
    peak_milli: int
    curve: CurveKind
    reason: str
    ramp_months: int = 1
    like_item_id: int | None = None
    percentages: tuple[float, ...] = ()
    taken_from_id: int | None = None
    taken4: int = 0


@dataclass(frozen=True)
class LaunchLines:
    """A launch worked out, (K markets, M months) milli-units: `units` that the plan shall hold, `now` that it holds,
    `taken` (≤ 0) from the other item."""

    market_ids: tuple[int, ...]
    months: list[int]
    units: Ints
    now: Ints
    taken: Ints


@dataclass(frozen=True)
class LaunchPreview:
    """What a launch would do now: its lines, market codes, cents that the plan moves by, and cells without a price."""

    lines: LaunchLines
    markets: tuple[str, ...]
    cents: int
    unpriced: int

    @property
    def rows(self) -> list[tuple[int, int, int, int]]:
        """Month, units now, units of the launch, units taken from the other item; milli-units over all markets."""
        sums = (block.sum(axis=0).tolist() for block in (self.lines.now, self.lines.units, self.lines.taken))
        return list(zip(self.lines.months, *sums, strict=True))

    @property
    def units(self) -> int:
        """Milli-units that the plan moves by in all."""
        return int((self.lines.units - self.lines.now + self.lines.taken).sum())


def launch_lines(plan: Plan, words: LaunchWords, actor: User) -> LaunchLines:
    """Work a launch out; writes nothing. A month's units go to the markets by the baseline of the item's family there.

    Raises:
        EditInvalid: months outside of the plan, no markets, or a curve that says nothing.
        SeriesUnknown: an item or market that is not there or not in the person's limits.
    """
    first = month_index(words.first_month)
    months = list(range(first, first + words.months))
    if first < plan.first_month_index or months[-1] >= plan.first_month_index + plan.horizon:
        raise EditInvalid(f"A launch lies in the open months of plan {plan.number}, which has {plan.horizon}.")
    if not words.market_ids:
        raise EditInvalid("A launch needs at least one market.")
    items = load_hierarchy().items.set_index("item_id")
    _check_scope(words, actor)
    step = int(items["quantum_milli"].loc[[words.item_id]].max())
    total = launch_units(words.peak_milli, _factors(plan, words), step)
    family = items.index[items["family_id"] == items.loc[words.item_id, "family_id"]]
    markets = tuple(sorted(words.market_ids))
    span = [month - plan.first_month_index for month in months]
    weights = _sums(plan, family.tolist(), markets, "baseline")[:, span]
    units = over_markets(total, weights, step)
    now = _sums(plan, [words.item_id], markets, "consensus")[:, span]
    return LaunchLines(markets, months, units, now, _taken(plan, words, markets, units, span))


def preview_launch(plan: Plan, words: LaunchWords, actor: User) -> LaunchPreview:
    """What the launch would do at this moment, in units and dollars: recorded, measured and rolled back.

    Raises:
        EditInvalid, SeriesUnknown, NotAllowedToYou, NotAllowedNow: as `launch_item`.
    """
    lines = launch_lines(plan, words, actor)
    with transaction.atomic():
        before = _worth(plan, words, lines)
        launch_item(plan_id=plan.pk, words=words, base_revision=plan.revision, session="preview", actor=actor)
        after = _worth(plan, words, lines)
        transaction.set_rollback(True)
    codes = dict(Market.objects.filter(pk__in=lines.market_ids).values_list("id", "code"))
    names = tuple(codes[key] for key in lines.market_ids)
    return LaunchPreview(lines, names, after[0] - before[0], after[1] - before[1])


def launch_item(*, plan_id: int, words: LaunchWords, base_revision: int, session: str, actor: User) -> EditResult:
    """Record a launch: one new-product edit that sets the curve (kept with it), and one that takes from the other item.

    Both or none; typed values, so that a later baseline keeps them. Demand planners, while the demand stage is open.
    A second call with the same words changes nothing.

    Raises:
        EditInvalid, SeriesUnknown: it cannot be worked out, or the item is not on the market there in these months.
        ReasonMissing, NotAllowedToYou, NotAllowedNow: as for every edit.
    """
    with transaction.atomic():
        plan = lock_plan(plan_id)
        authorise(actor=actor, action=Action.EDIT_DEMAND, plan=plan)
        lines = launch_lines(plan, words, actor)
        launch = Gesture(
            mode=Mode.SET,
            instructions=_instructions(words.item_id, lines, lines.units, keep_zeros=True),
            reason=words.reason,
            base_revision=base_revision,
            session=session,
            kind=EditKind.NEW_PRODUCT,
            about={"launch": _told(words, lines)},
        )
        result = record_whole_edit(plan_id=plan_id, gesture=launch, actor=actor)
        taken = _instructions(words.taken_from_id, lines, lines.taken, keep_zeros=False)
        if result.refused or result.edit is None or not taken:
            return result
        about = {"launch_of": result.edit.revision, "taken4": words.taken4}
        loss = replace(
            launch, mode=Mode.CHANGE, instructions=taken, about=about, reason=f"Taken by the launch: {words.reason}"
        )
        lost = record_whole_edit(plan_id=plan_id, gesture=loss, actor=actor)
        if lost.refused:
            transaction.set_rollback(True)
            return replace(lost, saved=())
        return replace(result, revision=lost.revision)


def launches_of(plan: Plan, user: User) -> list[tuple[Edit, Item]]:
    """The launches that hold in a plan, inside what the person may see, the latest first."""
    gone, scope = undone_edits(plan), scope_of(user)
    edits = Edit.objects.filter(plan=plan, gesture__has_key="launch").select_related("author").order_by("-id")
    items = Item.objects.in_bulk([edit.gesture["launch"]["item"] for edit in edits], field_name="code")
    found = [(edit, items[edit.gesture["launch"]["item"]]) for edit in edits if edit.pk not in gone]
    return [
        (edit, item)
        for edit, item in found
        if any(scope.allows(item.family_id, market) for market in edit.lines.values_list("market_id", flat=True))
    ]


def take_launch_back(*, plan: Plan, revision: int, base_revision: int, session: str, actor: User) -> EditResult:
    """Undo a launch and what it took from the other item; both or none.

    Raises:
        Edit.DoesNotExist: no launch of that revision in the plan.
        NotAllowedToYou, NotAllowedNow: by the rights table, it is somebody else's, or it was taken back already.
    """
    words = {"base_revision": base_revision, "session": session, "actor": actor}
    with transaction.atomic():
        edit = Edit.objects.get(plan=plan, revision=revision, gesture__has_key="launch")
        gone = undone_edits(plan)
        for loss in Edit.objects.filter(plan=plan, gesture__launch_of=revision).exclude(pk__in=gone):
            result = undo_edit(edit_id=loss.pk, **words)  # type: ignore[arg-type]
            if result.refused:
                return result
        result = undo_edit(edit_id=edit.pk, **words)  # type: ignore[arg-type]
        if result.refused:
            transaction.set_rollback(True)
        return result


def _check_scope(words: LaunchWords, actor: User) -> None:
    scope = scope_of(actor)
    wanted = [key for key in (words.item_id, words.like_item_id, words.taken_from_id) if key is not None]
    items = Item.objects.filter(is_sold=True).in_bulk(wanted)
    own = [items[key].family_id for key in wanted if key in items]
    if len(own) < len(wanted) or not all(scope.allows(family, market) for family in own for market in words.market_ids):
        raise SeriesUnknown("There is no such item or market.")


def _factors(plan: Plan, words: LaunchWords) -> Floats:
    try:
        if words.curve == CurveKind.RAMP:
            return ramp_factors(words.months, words.ramp_months)
        if words.curve == CurveKind.TYPED:
            return typed_factors(words.percentages, words.months)
        past = load_actuals(month_index(Company.objects.current().history_start), plan.first_month_index - 1)
        own = (past.item_ids == words.like_item_id) & np.isin(past.market_ids, words.market_ids)
        return like_factors(past.units[own].sum(axis=0), words.months)
    except NoCurve as error:
        raise EditInvalid(f"{error} Choose another curve.") from None


def _sums(plan: Plan, items: list[int], markets: tuple[int, ...], column: str) -> Ints:
    """(K, H) milli-units of some items per market."""
    values = load_values(plan, items, markets)
    block: Ints = getattr(values, column)
    return np.stack([block[values.market_ids == market].sum(axis=0) for market in markets])


def _taken(plan: Plan, words: LaunchWords, markets: tuple[int, ...], units: Ints, span: list[int]) -> Ints:
    """(K, M) ≤ 0: what the other item loses, in its steps, never more than it has."""
    if words.taken_from_id is None or not words.taken4:
        return np.zeros_like(units)
    step = 10 ** (3 - Item.objects.values_list("plan_decimals", flat=True).get(pk=words.taken_from_id))
    has = _sums(plan, [words.taken_from_id], markets, "consensus")[:, span]
    lost = round_half_away(units * (words.taken4 / 10_000) / step) * step
    taken: Ints = -np.minimum(lost, np.maximum(has, 0) // step * step)
    return taken


def _instructions(item_id: int | None, lines: LaunchLines, units: Ints, *, keep_zeros: bool) -> tuple[Instruction, ...]:
    return tuple(
        Instruction((Node(item_id=item_id, market_id=market),), (month,), int(units[row, column]))
        for row, market in enumerate(lines.market_ids)
        for column, month in enumerate(lines.months)
        if keep_zeros or units[row, column]
    )


def _told(words: LaunchWords, lines: LaunchLines) -> dict[str, object]:
    """Words and curve in plain values, for the edit."""
    codes = dict(Item.objects.values_list("id", "code"))
    return {
        "item": codes[words.item_id], "first_month": f"{words.first_month:%Y-%m}", "months": words.months,
        "peak_milli": words.peak_milli, "curve": words.curve.value, "ramp_months": words.ramp_months,
        "like_item": codes.get(words.like_item_id or 0, ""), "percentages": list(words.percentages),
        "units_milli": lines.units.sum(axis=0).tolist(),
        "taken_from": codes.get(words.taken_from_id or 0, ""), "taken4": words.taken4,
    }  # fmt: skip


def _worth(plan: Plan, words: LaunchWords, lines: LaunchLines) -> tuple[int, int]:
    """Cents of both items in the markets as the plan is now, and how many cells have units and no price."""
    items = [key for key in (words.item_id, words.taken_from_id) if key is not None]
    values = load_values(plan, items, lines.market_ids)
    worth = dollars_of(plan, values.item_ids, values.market_ids, values.consensus)
    return int(worth[worth >= 0].sum()), int((worth < 0).sum())
