"""What kind of series a past is, and which methods may forecast it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demand.calc.forecast_engine import LAGS, WINDOWS
from demand.calc.forecast_members import QUARTER, SEASON, dense_members, light_members

Floats = NDArray[np.float64]

YOUNG_MONTHS = LAGS * WINDOWS + 3
RECENT_MONTHS = 3
SEASONAL_MONTHS = 2 * SEASON + LAGS
DENSE_MONTHS = 4 * SEASON
SPARSE_SHARE = 0.4
SEASON_CORRELATION = 0.6
#: Smoothing of a sparse series: of its size, and of the chance of a sale (Teunter, Syntetos & Babai 2011).
SPARSE_SMOOTHING = 0.2
SLOW_RHYTHM = 0.3
RECENT = "WindowAverage"
NAIVE = "SeasonalNaive"


@dataclass(frozen=True)
class Candidates:
    """What forecasts one kind of series: `members` the whole horizon, `tested` the backtest windows.

    `is_weighted`: the members are combined by their errors in the backtest (members and tested are the same then);
    else they are many and their trimmed mean is taken, whatever the few windows say.
    """

    members: list[Any]
    tested: list[Any]
    is_weighted: bool = True


def kinds_of(sold: Floats) -> NDArray[np.str_]:
    """The kind of each row (s,) of `sold` (s, T) ≥ 0: silent, young, sparse, short, seasonal or dense.

    Silent: nothing in the last 12 months. Young: too short to backtest. Sparse: more than 40 % empty months of the last
    12. Dense: four years or more. Seasonal: 27 months or more with a yearly season (`shows_season`). Short: the others.
    A past begins with its first sale.
    """
    months = sold.shape[1]
    length = np.where((sold > 0).any(axis=1), months - (sold > 0).argmax(axis=1), 0)
    window = np.minimum(length, SEASON)
    active = (sold[:, -SEASON:] > 0).sum(axis=1)
    sparse = active < (1 - SPARSE_SHARE) * window
    yearly = shows_season(sold)
    return np.select(
        [active == 0, length < YOUNG_MONTHS, sparse, length >= DENSE_MONTHS, (length >= SEASONAL_MONTHS) & yearly],
        ["silent", "young", "sparse", "dense", "seasonal"],
        "short",
    )


def shows_season(sold: Floats) -> NDArray[np.bool_]:
    """Whether the last two years of each row (s, T) go up and down together: correlation over `SEASON_CORRELATION`.

    Each year is taken less its mean of every third month, so that orders once a quarter are not read as a season of the
    year. Twelve months of which three means are taken correlate above 0.6 by chance in one of thirty pasts.
    """
    if sold.shape[1] < 2 * SEASON:
        return np.zeros(len(sold), bool)
    years = sold[:, -2 * SEASON :].reshape(len(sold), 2, SEASON // QUARTER, QUARTER)
    before, last = (years - years.mean(axis=2, keepdims=True)).reshape(len(sold), 2, SEASON).transpose(1, 0, 2)
    together = (before * last).sum(axis=1)
    power = np.sqrt((before**2).sum(axis=1) * (last**2).sum(axis=1))
    return np.asarray(together > SEASON_CORRELATION * power)


def candidates_of(kind: str, *, thorough: bool) -> Candidates:
    """The methods of one kind; the seasonal naive is among those tested of every kind that has a backtest."""
    # Imported at first use: it takes over a second, which every web process, command and test would pay for nothing.
    from statsforecast import models  # noqa: PLC0415

    if kind == "young":
        return Candidates([models.WindowAverage(window_size=RECENT_MONTHS, alias=RECENT)], [])
    naive = models.SeasonalNaive(season_length=SEASON, alias=NAIVE)
    if kind == "dense":
        return Candidates(dense_members(thorough=thorough), [*light_members(), naive], is_weighted=False)
    if kind == "seasonal":
        chosen = [models.AutoTheta(season_length=SEASON), models.AutoETS(season_length=SEASON)]
    else:
        chosen = _sparse() if kind == "sparse" else _short()
    return Candidates([*chosen, naive], [*chosen, naive])


def _short() -> list[Any]:
    """Level, trend, and the rhythm of customers who order once a quarter: what one or two years can tell."""
    from statsforecast import models  # noqa: PLC0415  see candidates_of

    return [
        models.SeasonalExponentialSmoothingOptimized(season_length=QUARTER, alias="Rhythm"),
        models.SeasonalExponentialSmoothing(season_length=QUARTER, alpha=SLOW_RHYTHM, alias="Rhythm-slow"),
        models.DynamicOptimizedTheta(season_length=1, alias="Theta"),
        models.WindowAverage(window_size=RECENT_MONTHS, alias=RECENT),
    ]


def _sparse() -> list[Any]:
    """The methods for demand with gaps: size and interval (Croston), size and chance (TSB), sums over longer months."""
    from statsforecast import models  # noqa: PLC0415  see candidates_of

    return [
        models.CrostonSBA(),
        models.TSB(alpha_d=SPARSE_SMOOTHING, alpha_p=SPARSE_SMOOTHING),
        models.ADIDA(),
        models.IMAPA(),
        models.SeasonalExponentialSmoothingOptimized(season_length=QUARTER, alias="Rhythm"),
        models.WindowAverage(window_size=6, alias="WindowAverage-6"),
    ]
