"""Drift of the segments of a plan over the cycles before it."""

from __future__ import annotations

import numpy as np

from cycles.models import Plan
from demand.calc.drift import DriftBlock, drift_of
from demand.models import SegmentForecast
from demand.services.segments import Segments

CYCLES = 12
YEAR = 12


def drift_of_segments(plan: Plan, segments: Segments) -> DriftBlock:
    """Judge what the baselines of the twelve months before told for their own first month, by the sales since.

    Sales are those that really were, not the cleansed ones. A segment that an earlier plan did not know is not judged in
    that cycle. One query.
    """
    first, months = plan.first_month_index, segments.raw.shape[1]
    places = {
        pair: row
        for row, pair in enumerate(segments.keys[["family_id", "market_id"]].itertuples(index=False, name=None))
    }
    told = np.full((len(places), CYCLES), np.nan)
    earlier = SegmentForecast.objects.filter(plan__first_month__lt=plan.first_month).select_related("plan")
    for row in earlier.only("family_id", "market_id", "points", "plan__first_month"):
        cycle = row.plan.first_month_index - (first - CYCLES)
        place = places.get((row.family_id, row.market_id))
        if cycle >= 0 and place is not None:
            told[place, cycle] = row.points[0]
    past = np.zeros((len(places), max(months, CYCLES + YEAR)))
    past[:, past.shape[1] - months :] = segments.raw
    return drift_of(past[:, -CYCLES:], told, past[:, -CYCLES - YEAR : -YEAR])
