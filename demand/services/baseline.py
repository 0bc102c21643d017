"""The baseline run: actuals → forecasts per family × market → items; published under a new baseline version."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.frames.series_rows import write_series
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
from demand.models import Series
from demand.services.cleansing import write_cleansings
from demand.services.drift import drift_of_segments
from demand.services.forecast_record import versions_of, write_forecasts
from demand.services.replay import replay_edits
from demand.services.segments import Segments, load_segments

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KIND = "demand.baseline"
VERSION = "4"


def request_baseline(*, plan: Plan, actor: User) -> Run:
    """Queue the baseline of a plan; asking twice for the same inputs gives the same run."""
    return request_run(kind=KIND, plan=plan, actor=actor)


def run_baseline(lease: RunLease) -> dict[str, Any]:
    """Forecast without the plan's lock, then publish in one short transaction that replays the ledger.

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
    with lease.publish() as locked:
        _publish(locked, segments, forecast, block, actor=lease.run.requested_by)
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


def replace_baseline(plan: Plan, block: SeriesBlock, *, actor: User) -> None:
    """Lay the plan's ledger over a new baseline and store both in place of the old; the caller holds the plan's lock.

    Records the system entries that typed values ask for; the version and the revision are the caller's.
    """
    replayed = replay_edits(plan, baseline=block, actor=actor)
    Series.objects.filter(plan=plan).delete()
    write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["baseline", "consensus"],
        [plan.pk, replayed.item_ids, replayed.market_ids],
        [replayed.baseline, replayed.consensus],
    )


def _publish(plan: Plan, segments: Segments, forecast: ForecastBlock, block: SeriesBlock, *, actor: User) -> None:
    replace_baseline(plan, block, actor=actor)
    failpoint("baseline.half_written")
    write_cleansings(plan, segments.cleansed.new, actor=actor)
    drift = drift_of_segments(plan, segments)
    write_forecasts(plan, segments=segments, forecast=forecast, drift=drift, version=VERSION)
    plan.baseline_version += 1
    plan.save(update_fields=["baseline_version"])
    record_audit(
        actor=actor,
        code="demand.baseline.published",
        plan=plan,
        after={"baseline_version": plan.baseline_version, "series": len(block.item_ids)},
    )
    bump_revision(plan, ledger="demand", actor=actor)
