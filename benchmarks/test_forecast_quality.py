"""How near the forecast of made-up pasts is, beside Naive2 and the mean of three methods, and what its intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from statsforecast.models import AutoETS, AutoTheta, DynamicOptimizedTheta

from benchmarks.made_up_pasts import SEASON, long_pasts, short_pasts
from demand.calc.forecast_engine import forecasts
from demand.calc.forecasting import forecast_segments

pytestmark = pytest.mark.bench

Floats = NDArray[np.float64]
SERIES, AHEAD = 120, 18
#: So much worse than the mean of three methods it may be on so few series: a hundredth needs hundreds.
CHANCE = 1.02
SHORT_SERIES, SHORT_AHEAD = 60, 24
LAGS = (1, 2, 3, 6, 12, 18, 24)


def test_long_pasts() -> None:
    series = long_pasts(SERIES, seed=2026)
    longest = max(map(len, series)) - AHEAD
    past = np.stack([np.pad(one[:-AHEAD], (longest - len(one) + AHEAD, 0)) for one in series])
    actual = np.stack([one[-AHEAD:] for one in series])
    block = forecast_segments(past, AHEAD)
    three = [
        AutoETS(season_length=SEASON),
        AutoTheta(season_length=SEASON),
        DynamicOptimizedTheta(season_length=SEASON),
    ]
    floor = np.nanmean(np.stack(list(forecasts(past, three, AHEAD).values())), axis=0)
    naive = np.stack([naive2(one[:-AHEAD]) for one in series])
    mine, theirs = (owa(series, actual, points, naive) for points in (block.points, floor))
    print(f"\n{SERIES} long pasts: OWA {mine:.3f}, mean of three methods {theirs:.3f}")
    inside = (actual >= block.low) & (actual <= block.high)
    print_shares("long", inside)
    assert mine < theirs * CHANCE and 0.7 < inside.mean() < 0.9


def test_intervals_of_short_pasts() -> None:
    pairs = [short_pasts(SHORT_SERIES, seed, SHORT_AHEAD) for seed in (21, 22)]
    past, actual = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    block = forecast_segments(past * 1000, SHORT_AHEAD)
    inside = (actual * 1000 >= block.low) & (actual * 1000 <= block.high)
    print()
    for kind in ("young", "sparse", "short", "seasonal"):
        print_shares(f"{(block.kind == kind).sum()} {kind}", inside[block.kind == kind])
    short = inside[block.kind == "short"]
    assert 0.7 < short.mean() < 0.9 and short[:, -1].mean() > short[:, 0].mean() - 0.1


def print_shares(name: str, inside: NDArray[np.bool_]) -> None:
    shares = [f"{inside[:, lag - 1].mean():.2f} at {lag}" for lag in LAGS if lag <= inside.shape[1]]
    print(f"  {name}: {inside.mean():.3f} of the months inside the 80 % interval; {', '.join(shares)}")


def owa(series: list[Floats], actual: Floats, points: Floats, naive: Floats) -> float:
    """Mean of sMAPE and MASE relative to Naive2. Source: Makridakis et al. 2020, *The M4 competition*."""
    scale = np.array([np.abs(one[SEASON:-AHEAD] - one[: -SEASON - AHEAD]).mean() for one in series])

    def errors(told: Floats) -> tuple[float, float]:
        missed = np.abs(actual - told)
        return float((2 * missed / (np.abs(actual) + np.abs(told))).mean()), float((missed.mean(axis=1) / scale).mean())

    mine, theirs = errors(points), errors(naive)
    return (mine[0] / theirs[0] + mine[1] / theirs[1]) / 2


def naive2(past: Floats) -> Floats:
    """The last month, seasonally adjusted by classical multiplicative decomposition where the season is significant."""
    centred = past - past.mean()
    r = [float((centred[lag:] * centred[:-lag]).sum() / (centred**2).sum()) for lag in range(1, SEASON + 1)]
    if abs(r[-1]) <= 1.645 * np.sqrt((1 + 2 * sum(one**2 for one in r[:-1])) / len(past)):
        return np.full(AHEAD, past[-1])
    smooth = np.convolve(past, np.r_[0.5, np.ones(SEASON - 1), 0.5] / SEASON, "valid")
    ratio, month = past[SEASON // 2 : -(SEASON // 2)] / smooth, np.arange(SEASON // 2, len(past) - SEASON // 2) % SEASON
    factor = np.array([ratio[month == one].mean() for one in range(SEASON)])
    factor /= factor.mean()
    ahead = (len(past) + np.arange(AHEAD)) % SEASON
    return np.asarray(past[-1] / factor[(len(past) - 1) % SEASON] * factor[ahead])
