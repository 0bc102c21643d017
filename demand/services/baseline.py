"""The baseline run: actuals → forecasts per family × market → items; published under a new baseline version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Q
from numpy.typing import NDArray

from catalog.calc.months import last_day, month_date, month_index
from catalog.frames.hierarchy import NONE, load_hierarchy
from catalog.frames.series_rows import write_series
from catalog.models import Company, ReferenceRow
from cycles.failpoints import failpoint
from cycles.models import Plan, Run, User
from cycles.services.audit import record_audit
from cycles.services.leases import RunLease
from cycles.services.plans import bump_revision
from cycles.services.runs import request_run
from demand.calc.forecast_block import ForecastBlock
from demand.calc.forecasting import forecast_segments
from demand.calc.split import Lives, item_weights, split_to_items
from demand.frames import ActualBlock, SeriesBlock, load_actuals, load_baseline, plan_months
from demand.models import Series
from demand.services.forecast_record import versions_of, write_forecasts
from demand.services.replay import replay_edits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KIND = "demand.baseline"
VERSION = "2"
SHARE_MONTHS = 6
HISTORY_MONTHS = 60


@dataclass(frozen=True)
class Segments:
    """Series and the family × market segments they belong to.

    `series`: one row per series (item_id, market_id, segment, recent, launch_month, end_month); `keys`: one row per
    segment (family_id, market_id, quantum_milli); `history` (s, T) milli-units.
    """

    series: pd.DataFrame
    keys: pd.DataFrame
    history: Floats


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
    block = _split(plan, segments, forecast)
    with lease.publish() as locked:
        _publish(locked, segments, forecast, block, actor=lease.run.requested_by)
    chosen = pd.Series(forecast.model).value_counts()
    return {
        "series": len(block.item_ids),
        "segments": len(segments.keys),
        "models": chosen.to_dict(),
        "behind_naive": int((forecast.wmape > forecast.naive_wmape).sum()),
        "versions": versions_of(VERSION),
    }


def load_segments(plan: Plan) -> Segments:
    """Series of the plan: sold items × markets with history, budget or launch of their family, alive in the horizon.

    A market with a budget and no history is a segment that has sold nothing yet. Reads actuals up to the month before the plan's first one, never later.
    """
    first = month_index(Company.objects.current().history_start)
    start = max(first, plan.first_month_index - HISTORY_MONTHS)
    actuals = load_actuals(start, plan.first_month_index - 1)
    items = load_hierarchy().items
    items["end_month"] = _last_whole_months(items)
    sold = items[items["is_sold"] & (items["family_id"] >= 0)].set_index("item_id")
    history = _with_budget_markets(plan, _segment_history(actuals, sold), sold)
    series = _series(plan, actuals, sold, history.index)
    keys = history.index.to_frame(index=False)
    quanta = sold.groupby("family_id")["quantum_milli"].min()
    keys["quantum_milli"] = keys["family_id"].map(quanta).astype(np.int64)
    return Segments(series, keys, history.to_numpy(np.float64))


def _last_whole_months(items: pd.DataFrame) -> Ints:
    """The last month on whose last day the item can be sold: rates are those of that day, and so is the range."""
    ends = [
        month if not isinstance(day, date) or day == last_day(month) else month - 1
        for month, day in zip(items["end_month"].tolist(), items["end_date"].tolist(), strict=True)
    ]
    return np.array(ends, np.int64)


def _segment_history(actuals: ActualBlock, sold: pd.DataFrame) -> pd.DataFrame:
    """Milli-units per (family_id, market_id) and month, sold items only."""
    frame = pd.DataFrame(actuals.units)
    frame["family_id"] = sold["family_id"].reindex(actuals.item_ids).to_numpy()
    frame["market_id"] = actuals.market_ids.astype(np.int64)
    frame = frame.dropna(subset=["family_id"]).astype({"family_id": np.int64})
    return frame.groupby(["family_id", "market_id"]).sum()


def _with_budget_markets(plan: Plan, history: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """The history, with a row of zeros per family and market that is budgeted in the plan's months and never sold."""
    last = month_date(plan.first_month_index + plan.horizon - 1)
    rows = ReferenceRow.objects.filter(month__gte=plan.first_month, month__lte=last, market__isnull=False)
    rows = rows.filter(Q(family__isnull=False) | Q(item__isnull=False))
    wanted = {
        (family if family is not None else int(sold["family_id"].get(item, NONE)), market)
        for family, item, market in rows.values_list("family_id", "item_id", "market_id").distinct()
    }
    families = set(sold["family_id"].tolist())
    new = sorted(pair for pair in wanted - set(history.index.tolist()) if pair[0] in families)
    empty = pd.DataFrame(0, index=pd.MultiIndex.from_tuples(new, names=history.index.names), columns=history.columns)
    return pd.concat([history, empty]).sort_index() if new else history


def _series(plan: Plan, actuals: ActualBlock, sold: pd.DataFrame, segments: pd.Index[Any]) -> pd.DataFrame:
    """Every item alive in the horizon in every segment of its family, with its recent units."""
    last = plan.first_month_index + plan.horizon - 1
    alive = sold[(sold["end_month"] >= plan.first_month_index - SHARE_MONTHS) & (sold["launch_month"] <= last)]
    places = segments.to_frame(index=False).assign(segment=np.arange(len(segments)))
    wanted = ["item_id", "family_id", "launch_month", "end_month"]
    series = alive.reset_index()[wanted].merge(places, on="family_id")
    recent = pd.Series(
        actuals.units[:, -SHARE_MONTHS:].sum(axis=1),
        index=pd.MultiIndex.from_arrays([actuals.item_ids.astype(np.int64), actuals.market_ids.astype(np.int64)]),
    )
    index = pd.MultiIndex.from_frame(series[["item_id", "market_id"]])
    series["recent"] = recent.reindex(index).fillna(0).to_numpy(np.float64)
    return series.sort_values(["item_id", "market_id"], ignore_index=True)


def _split(plan: Plan, segments: Segments, forecast: ForecastBlock) -> SeriesBlock:
    series, months = segments.series, np.array(plan_months(plan), np.int64)
    segment = series["segment"].to_numpy(np.int64)
    lives = Lives(series["launch_month"].to_numpy(np.int64), series["end_month"].to_numpy(np.int64))
    weights = item_weights(series["recent"].to_numpy(np.float64), lives, segment, months)
    units = split_to_items(forecast.points, weights, segment, segments.keys["quantum_milli"].to_numpy(np.int64))
    launched = series["launch_month"].to_numpy() >= plan.first_month_index
    unsold = ~np.any(segments.history, axis=1, keepdims=True)[segment, 0]
    alive = series["end_month"].to_numpy() >= plan.first_month_index
    kept = alive & (units.any(axis=1) | (series["recent"].to_numpy() != 0) | launched | unsold)
    items, markets = series["item_id"].to_numpy(np.int32), series["market_id"].to_numpy(np.int32)
    return SeriesBlock(items[kept], markets[kept], units[kept])


def _publish(plan: Plan, segments: Segments, forecast: ForecastBlock, block: SeriesBlock, *, actor: User) -> None:
    before = load_baseline(plan)
    replayed = replay_edits(plan, before=before, baseline=block, actor=actor)
    Series.objects.filter(plan=plan).delete()
    write_series(
        Series._meta.db_table,
        ["plan_id", "item_id", "market_id"],
        ["baseline", "consensus"],
        [plan.pk, replayed.item_ids, replayed.market_ids],
        [replayed.baseline, replayed.consensus],
    )
    failpoint("baseline.half_written")
    write_forecasts(plan, keys=segments.keys, history=segments.history, forecast=forecast, version=VERSION)
    plan.baseline_version += 1
    plan.save(update_fields=["baseline_version"])
    record_audit(
        actor=actor,
        code="demand.baseline.published",
        plan=plan,
        after={"baseline_version": plan.baseline_version, "series": len(block.item_ids)},
    )
    bump_revision(plan, ledger="demand", actor=actor)
