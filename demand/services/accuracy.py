"""How good earlier plans were: WMAPE and bias by family at lags 1 to 3, beside the seasonal naive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.calc.rounding import sum_by_group
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from demand.calc.accuracy import Accuracy, Judged, accuracy_of
from demand.frames import ActualBlock, SeriesBlock, load_actuals, load_baseline, load_consensus
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
LAGS = 3
YEAR = 12


@dataclass(frozen=True, slots=True)
class FamilyAccuracy:
    """Errors of one family, '' for all families together; one `Accuracy` per lag."""

    family: str
    lags: tuple[Accuracy, ...]


def accuracy_by_family(plan: Plan) -> list[FamilyAccuracy]:
    """Judge the plans of earlier cycles by the months closed since, over the last twelve closed months of `plan`.

    Errors are taken per family × market × month and added up, so markets do not cancel each other. All families
    together come first, then the families by units sold. The seasonal naive is the same month a year before, 0 where
    nothing was sold then. Reads no sale of the plan's own months. Without earlier plans: empty.
    """
    first = plan.first_month_index
    earlier = list(Plan.objects.filter(first_month__lt=plan.first_month).order_by("first_month"))
    earlier = [old for old in earlier if old.first_month_index + LAGS > first - YEAR]
    if not earlier:
        return []
    start = earlier[0].first_month_index - YEAR
    sold = load_actuals(start, first - 1)
    streams = [(old, load_consensus(old), load_baseline(old)) for old in earlier]
    families = _families()
    keys = np.unique(
        np.concatenate([_segments(block, families) for _, block, _ in streams] + [_segments(sold, families)])
    )
    keys = keys[keys >= 0]
    actual = _by_segment(sold, sold.units, keys, families)
    judged = []
    for old, consensus, baseline in streams:
        ahead = _by_segment(consensus, consensus.units[:, :LAGS], keys, families)
        before = _by_segment(baseline, baseline.units[:, :LAGS], keys, families)
        for lag in range(1, LAGS + 1):
            month = old.first_month_index + lag - 1
            if first - YEAR <= month < first:
                place = month - start
                judged.append(
                    Judged(lag, month, actual[:, place], ahead[:, lag - 1], before[:, lag - 1], actual[:, place - YEAR])
                )
    return _rows(judged, keys, actual[:, YEAR:])


def _rows(judged: list[Judged], keys: Ints, sold: Ints) -> list[FamilyAccuracy]:
    names = load_hierarchy().items.drop_duplicates("family_id").set_index("family_id")["family"]
    family = keys // PAIR
    volume = {int(key): int(sold[family == key].sum()) for key in np.unique(family)}
    everything = FamilyAccuracy("", tuple(accuracy_of(judged, np.ones(len(keys), bool))))
    return [everything] + [
        FamilyAccuracy(str(names[key]), tuple(accuracy_of(judged, family == key)))
        for key in sorted(volume, key=lambda key: -volume[key])
    ]


def _families() -> Ints:
    """Family of every item, by item id (−1 without one)."""
    items = load_hierarchy().items
    families = np.full(int(items["item_id"].max()) + 1 if len(items) else 1, -1, np.int64)
    families[items["item_id"]] = items["family_id"]
    return families


def _segments(block: ActualBlock | SeriesBlock, families: Ints) -> Ints:
    """(n,) family × 2³¹ + market of each series; −1 without a family."""
    family = families[block.item_ids]
    return np.where(family >= 0, family * PAIR + block.market_ids, -1)


def _by_segment(block: ActualBlock | SeriesBlock, units: Ints, keys: Ints, families: Ints) -> Ints:
    """(s, T) units per segment of `keys`."""
    segments = _segments(block, families)
    kept = segments >= 0
    return sum_by_group(units[kept], np.searchsorted(keys, segments[kept]), len(keys))
