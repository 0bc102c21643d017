"""The baseline run: actuals → forecasts per family × market → items; published under a new baseline version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cycles.failpoints import failpoint
from cycles.models import Plan, Run, User
from cycles.services.audit import record_audit
from cycles.services.leases import RunLease
from cycles.services.plans import bump_revision
from cycles.services.runs import request_run
from demand.calc.forecast_block import ForecastBlock
from demand.calc.forecasting import forecast_segments
from demand.calc.lifecycle import life_factors
from demand.calc.split import Lives, item_weights, split_to_items
from demand.frames import SeriesBlock, plan_months
from demand.services.baseline_store import lay_beside, replace_baseline
from demand.services.cleansing import write_cleansings
from demand.services.drift import drift_of_segments
from demand.services.forecast_record import versions_of, write_forecasts
from demand.services.segments import Segments, load_segments

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KIND = "demand.baseline"
VERSION = "4"


def request_baseline(*, plan: Plan, actor: User) -> Run:
    """Queue the baseline of a plan; asking twice for the same inputs gives the same run."""
    return request_run(kind=KIND, plan=plan, actor=actor)


def run_baseline(lease: RunLease) -> dict[str, Any]:
    """Forecast without the plan's lock, write the series beside the plan's, then swap them and replay the ledger.

    The plan is locked for the swap alone, so that who edits meanwhile hardly waits.

    Every edit line of intent `set` keeps its typed value by a system line, every `change` keeps its delta; both stand
    on the exception list. Bumps `baseline_version` and the demand revision.
    """
    plan = Plan.objects.get(runs=lease.run)
    lease.report(0, 3, "Reading actual sales")
    segments = load_segments(plan)
    lease.report(1, 3, f"Forecasting {len(segments.keys)} families in their markets")
    forecast = forecast_segments(segments.history, plan.horizon)
    lease.report(2, 3, "Splitting to items")
    block = split_forecast(plan, segments, forecast)
    beside = _Beside(segments, forecast, block)
    with lease.publish(beside.write) as locked:
        _publish(locked, beside, actor=lease.run.requested_by)
    chosen = pd.Series(forecast.model).value_counts()
    return {
        "series": len(block.item_ids),
        "segments": len(segments.keys),
        "models": chosen.to_dict(),
        "behind_naive": int((forecast.wmape > forecast.naive_wmape).sum()),
        "cleansed_months": int(segments.cleansed.applied.sum()),
        "versions": versions_of(VERSION),
    }


def split_forecast(plan: Plan, segments: Segments, forecast: ForecastBlock) -> SeriesBlock:
    """The baseline of every series: each segment's forecast rounded to its quantum and split to its items, exactly."""
    series, months = segments.series, np.array(plan_months(plan), np.int64)
    segment = series["segment"].to_numpy(np.int64)
    launch, end = (series[name].to_numpy(np.int64) for name in ("launch_month", "end_month"))
    weights = item_weights(
        series["rate"].to_numpy(np.float64), Lives(launch, end, series["like"].to_numpy(np.float64)), segment, months
    ) * life_factors(segments.curves, launch, end, first=plan.first_month_index, horizon=plan.horizon)
    units = split_to_items(forecast.points, weights, segment, segments.keys["quantum_milli"].to_numpy(np.int64))
    launched = series["launch_month"].to_numpy() >= plan.first_month_index
    unsold = ~np.any(segments.history, axis=1, keepdims=True)[segment, 0]
    alive = series["end_month"].to_numpy() >= plan.first_month_index
    kept = alive & (units.any(axis=1) | (series["recent"].to_numpy() != 0) | launched | unsold)
    items, markets = series["item_id"].to_numpy(np.int32), series["market_id"].to_numpy(np.int32)
    return SeriesBlock(items[kept], markets[kept], units[kept])


@dataclass
class _Beside:
    """What a run has computed, and the number under which its series were written."""

    segments: Segments
    forecast: ForecastBlock
    block: SeriesBlock
    batch: int = 0

    def write(self, plan: Plan) -> None:
        """Write all that nobody's edit can touch, before the plan is locked."""
        drift = drift_of_segments(plan, self.segments)
        write_forecasts(plan, segments=self.segments, forecast=self.forecast, drift=drift, version=VERSION)
        self.batch = lay_beside(plan, self.block)


def _publish(plan: Plan, beside: _Beside, *, actor: User) -> None:
    replace_baseline(plan, beside.block, batch=beside.batch, actor=actor)
    failpoint("baseline.half_written")
    write_cleansings(plan, beside.segments.cleansed.new, actor=actor)
    plan.baseline_version += 1
    plan.save(update_fields=["baseline_version"])
    record_audit(
        actor=actor,
        code="demand.baseline.published",
        plan=plan,
        after={"baseline_version": plan.baseline_version, "series": len(beside.block.item_ids)},
    )
    bump_revision(plan, ledger="demand", actor=actor)
