"""What demand puts into a snapshot, and what `verify` checks of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.registry import Problem, SectionRow
from demand.calc.replay import consensus_of
from demand.frames import load_baseline, load_consensus
from demand.models import Edit, Series
from demand.services.replay import load_lines, placed
from demand.services.series_store import PAIR


def demand_rows(plan: Plan) -> Iterator[SectionRow]:
    """One row per series, key (item, market): `baseline` and `consensus`, milli-units per month of the horizon."""
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")["code"].to_dict()
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    baseline, consensus = load_baseline(plan), load_consensus(plan)
    rows = [
        SectionRow(
            (items[item], markets[market]),
            {"baseline": baseline.units[row].tolist(), "consensus": consensus.units[row].tolist()},
        )
        for row, (item, market) in enumerate(
            zip(consensus.item_ids.tolist(), consensus.market_ids.tolist(), strict=True)
        )
    ]
    yield from sorted(rows, key=lambda row: row.key)


def demand_header(plan: Plan) -> dict[str, Any]:
    """Totals in milli-units, the number of edits and the version of the baseline."""
    return {
        "baseline_version": plan.baseline_version,
        "edits": Edit.objects.filter(plan=plan).count(),
        "series": Series.objects.filter(plan=plan).count(),
        "baseline": int(load_baseline(plan).units.sum()),
        "consensus": int(load_consensus(plan).units.sum()),
    }


def consensus_problems() -> Iterator[Problem]:
    """Series that stand twice, or whose cached consensus is not its baseline plus the deltas of all its edit lines."""
    for plan in Plan.objects.order_by("first_month"):
        baseline, consensus = load_baseline(plan), load_consensus(plan)
        keys = consensus.item_ids.astype(np.int64) * PAIR + consensus.market_ids
        for key in np.unique(keys[1:][keys[1:] == keys[:-1]]).tolist():
            where = f"demand_series plan {plan.number} item {key // PAIR} market {key % PAIR}"
            yield Problem(where, "stands twice")
        series, lines = load_lines(plan)
        lost = ~np.isin(series, keys)
        for key in series[lost].tolist():
            where = f"demand_series plan {plan.number} item {key // PAIR} market {key % PAIR}"
            yield Problem(where, "has edit lines but no series")
        known = ~lost[lines.row] if len(lines.row) else np.zeros(0, bool)
        rows = np.searchsorted(keys, series[lines.row[known]])
        rebuilt = consensus_of(baseline.units, placed(lines, rows, known))
        for row, month in np.argwhere(rebuilt != consensus.units).tolist():
            where = (
                f"demand_series plan {plan.number} item {consensus.item_ids[row]} market {consensus.market_ids[row]}"
            )
            yield Problem(where, f"consensus of month {month + 1} is not baseline + edits")
