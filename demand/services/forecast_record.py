"""What every forecast of a baseline run rests on, kept beside it: data, candidates, errors, parameters, versions."""

from __future__ import annotations

import hashlib
from importlib.metadata import version as installed
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cycles.models import Plan
from demand.calc.drift import DriftBlock
from demand.calc.forecast_block import ForecastBlock
from demand.calc.forecast_combination import ALONE, SLACK, TRIMMED
from demand.calc.forecast_engine import LAGS, LEVEL, WINDOWS
from demand.calc.forecast_interval import STEADY, STUDENT_80
from demand.models import SegmentForecast
from demand.services.segments import Segments

Floats = NDArray[np.float64]

LIBRARIES = ("statsforecast", "numpy")
DIGITS = 6


def versions_of(calculation: str) -> dict[str, str]:
    """Version of the calculation and of the libraries that can change its figures."""
    return {"calculation": calculation, **{library: installed(library) for library in LIBRARIES}}


def write_forecasts(
    plan: Plan, *, segments: Segments, forecast: ForecastBlock, drift: DriftBlock, version: str
) -> None:
    """Replace the plan's segment forecasts; a second call with the same forecast leaves the same rows.

    Args:
        plan: locked by the run that publishes.
        segments: s of them, with the history that was forecast.
        forecast: aligned with the segments.
        drift: of the cycles before, aligned likewise.
        version: of the calculation.
    """
    SegmentForecast.objects.filter(plan=plan).delete()
    shared = {
        "parameters": {
            "lags": LAGS,
            "windows": WINDOWS,
            "level": LEVEL,
            "student": STUDENT_80,
            "steady": STEADY,
            "alone": ALONE,
            "slack": SLACK,
            "trimmed": TRIMMED,
        },
        "versions": versions_of(version),
    }
    families, markets = (segments.keys[name].tolist() for name in ("family_id", "market_id"))
    SegmentForecast.objects.bulk_create(
        SegmentForecast(
            plan=plan,
            family_id=family,
            market_id=market,
            **_judged(forecast, row),
            **_drifted(drift, row),
            evidence={**_evidence(forecast, segments, row), **shared},
            points=np.rint(forecast.points[row]).astype(np.int64).tolist(),
            low=np.rint(forecast.low[row]).astype(np.int64).tolist(),
            high=np.rint(forecast.high[row]).astype(np.int64).tolist(),
        )
        for row, (family, market) in enumerate(zip(families, markets, strict=True))
    )


def _judged(forecast: ForecastBlock, row: int) -> dict[str, Any]:
    return {
        "model": str(forecast.model[row]),
        "windows": int(forecast.windows[row]),
        "wmape": _number(forecast.wmape[row]),
        "bias": _number(forecast.bias[row]),
        "naive_wmape": _number(forecast.naive_wmape[row]),
        "tracking_signal": _number(forecast.tracking[row]),
    }


def _evidence(forecast: ForecastBlock, segments: Segments, row: int) -> dict[str, Any]:
    return {
        "kind": str(forecast.kind[row]),
        "history": _digest(segments.history[row]),
        "sold": _digest(segments.raw[row]),
        "cleansed": int(segments.cleansed.applied[row]),
        "growth": _rounded(forecast.growth[row]),
        "candidates": {name: round(error, DIGITS) for name, error in forecast.tried[row].items()},
        "weights": {name: round(weight, DIGITS) for name, weight in forecast.weights[row].items()},
    }


def _drifted(drift: DriftBlock, row: int) -> dict[str, Any]:
    return {
        "cycles": int(drift.cycles[row]),
        "cycle_tracking": _number(drift.tracking[row]),
        "cycle_wmape": _number(drift.wmape[row]),
        "cycle_naive_wmape": _number(drift.naive_wmape[row]),
    }


def _digest(history: Floats) -> str:
    return hashlib.sha256(history.astype("<i8").tobytes()).hexdigest()


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), DIGITS)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
