"""What people and time said about a selection: its edits with their dollars, and how good earlier plans were there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from catalog.frames.series_rows import read_series
from cycles.models import Plan
from demand.calc.accuracy import Yardsticks, average_price4, errors_of, seasonal_scale
from demand.frames import load_actuals
from demand.models import Edit
from demand.services.accuracy import Accuracy
from demand.services.replay import undone_edits
from demand.services.selection import SeriesBelow
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
SHOWN_EDITS = 12
LAGS = 3
YEAR = 12


@dataclass(frozen=True)
class EditHere:
    """One gesture and what it moved below the selection: milli-units and cents, signed, over the whole horizon.

    Cents = dollars of the plan − dollars without the gesture, at the plan's prices; `unpriced_milli` are in no dollars.
    `holds` is False once it was taken back.
    """

    edit: Edit
    milli: int
    cents: int
    unpriced_milli: int
    holds: bool


def edits_here(plan: Plan, series: SeriesBelow) -> list[EditHere]:
    """The latest gestures on the selection's cells, newest first."""
    if not len(series.keys):
        return []
    query = (
        "SELECT edit_id::int4, item_id::int4, market_id::int4, delta FROM demand_editline"
        " WHERE plan_id = %s AND item_id = ANY(%s::bigint[])"
    )
    items = np.unique(series.keys // PAIR).tolist()
    keys, (delta,) = read_series(query, keys=3, columns=1, months=plan.horizon, parameters=[plan.pk, items])
    line_keys = keys[1].astype(np.int64) * PAIR + keys[2]
    kept = np.isin(line_keys, series.keys)
    edit_ids, delta, row = keys[0][kept], delta[kept], np.searchsorted(series.keys, line_keys[kept])
    shown = np.unique(edit_ids)[::-1][:SHOWN_EDITS]
    gone = undone_edits(plan)
    edits = Edit.objects.select_related("author").in_bulk(shown.tolist())
    return [_edit_here(series, edits[edit], row[own], delta[own], holds=edit not in gone)
            for edit in shown.tolist() for own in [edit_ids == edit]]  # fmt: skip


def _edit_here(series: SeriesBelow, edit: Edit, row: Ints, delta: Ints, *, holds: bool) -> EditHere:
    whole = np.zeros_like(series.plan)
    whole[row] = delta
    cents = series.cents(series.plan) - series.cents(series.plan - whole)
    unpriced = np.where(series.missing, np.abs(whole), 0)
    return EditHere(edit, int(delta.sum()), int(cents.sum()), int(unpriced.sum()), holds)


def track_record(plan: Plan, series: SeriesBelow, *, by_item: bool) -> list[Accuracy]:
    """How far the plans of earlier cycles, their baseline and the seasonal naive were from what was sold there since.

    Errors per series (`by_item`) or per family and market, as the page "Accuracy" takes them, over the last twelve
    closed months; one entry per lag from 1 to 3; of the series that this plan has. Reads no sale of the plan's own
    months. Without earlier plans: empty.
    """
    first = plan.first_month_index
    earlier = Plan.objects.filter(first_month__lt=plan.first_month).order_by("-first_month")[: YEAR + LAGS - 1]
    begins = {old.pk: old.first_month_index for old in earlier if old.first_month_index + LAGS > first - YEAR}
    if not begins or not len(series.keys):
        return []
    group, groups = _groups(series, by_item=by_item)
    start = min(begins.values()) - YEAR
    sold = load_actuals(start, first - 1, items=np.unique(series.keys // PAIR).tolist())
    own = _keys(sold.item_ids, sold.market_ids)
    actual, cents = (
        sum_by_group(_aligned(series.keys, own, block), group, groups) for block in (sold.units, sold.net_cents)
    )
    sticks = Yardsticks(average_price4(actual[:, -YEAR:], cents[:, -YEAR:]), seasonal_scale(actual))
    told = [
        (begins[pk], sum_by_group(baseline, group, groups), sum_by_group(consensus, group, groups))
        for pk, baseline, consensus in _first_months(series, list(begins))
    ]
    return [
        _at_lag(lag, [(begin + lag - 1 - start, before, after) for begin, before, after in told], actual, sticks)
        for lag in range(1, LAGS + 1)
        if any(first - YEAR <= begin + lag - 1 < first for begin, *_ in told)
    ]


def _at_lag(lag: int, told: list[tuple[int, Ints, Ints]], actual: Ints, sticks: Yardsticks) -> Accuracy:
    """The errors of what was told `lag` months ahead: (column of the month, baseline, consensus) per earlier plan."""
    count = actual.shape[1]
    kept = [one for one in told if count - YEAR <= one[0] < count]
    columns = [column for column, _, _ in kept]
    sold, naive = actual[:, columns], actual[:, [column - YEAR for column in columns]]
    baseline = np.stack([before[:, lag - 1] for _, before, _ in kept], axis=1)
    consensus = np.stack([after[:, lag - 1] for _, _, after in kept], axis=1)
    errors = (errors_of(sold, forecast, sticks) for forecast in (consensus, baseline, naive))
    return Accuracy(lag, len(columns), *errors)


def _groups(series: SeriesBelow, *, by_item: bool) -> tuple[Ints, int]:
    if by_item:
        return np.arange(len(series.keys)), len(series.keys)
    family = load_hierarchy().items.set_index("item_id")["family_id"].reindex(series.keys // PAIR).to_numpy(np.int64)
    names, group = np.unique(family * PAIR + series.keys % PAIR, return_inverse=True)
    return group.astype(np.int64), len(names)


def _first_months(series: SeriesBelow, plans: list[int]) -> list[tuple[int, Ints, Ints]]:
    """Per earlier plan its baseline and consensus (n, 3) of its first months, on the rows of the selection."""
    query = (
        f"SELECT plan_id::int4, item_id::int4, market_id::int4, baseline[1:{LAGS}], consensus[1:{LAGS}]"
        " FROM demand_series WHERE plan_id = ANY(%s::bigint[]) AND item_id = ANY(%s::bigint[])"
    )
    items = np.unique(series.keys // PAIR).tolist()
    keys, (baseline, consensus) = read_series(query, keys=3, columns=2, months=LAGS, parameters=[plans, items])
    own = _keys(keys[1], keys[2])
    return [
        (plan, _aligned(series.keys, own[mine], baseline[mine]), _aligned(series.keys, own[mine], consensus[mine]))
        for plan in plans
        for mine in [keys[0] == plan]
    ]


def _keys(items: NDArray[np.int32], markets: NDArray[np.int32]) -> Ints:
    return items.astype(np.int64) * PAIR + markets


def _aligned(keys: Ints, own: Ints, values: Ints) -> Ints:
    aligned = np.zeros((len(keys), values.shape[1]), np.int64)
    known = np.isin(own, keys)
    aligned[np.searchsorted(keys, own[known])] = values[known]
    return aligned
