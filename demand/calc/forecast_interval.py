"""How wide a forecast is: the scatter of a past's own errors, steadied by those of its kind, growing with the lag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demand.calc.forecast_members import QUARTER, SEASON

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Half the width of the middle 80 % in standard errors: of the normal distribution, and of Student's t where six errors
#: tell the standard error (6 degrees of freedom).
NORMAL_80, STUDENT_80 = 1.2816, 1.4398
#: The errors of the kind count like so many of a past's own; a past that has no backtest brings its months instead.
STEADY, YOUNG_STEADY = 3.0, 1.0
#: Growth of the variance per month before any past has told it, and how many pasts that weighs like.
PRIOR_GROWTH, PRIOR_PASTS = 0.05, 10
LEAST_GROWTH, MOST_GROWTH = 0.01, 0.5
#: Variance ÷ level² where no past of the company has a backtest: half of the level.
PRIOR_RATIO = 0.25
#: Part of the variance of a month that is left in the difference of two means of three months, both of pure noise.
NOISE_OF_MEANS = 2 / QUARTER


@dataclass(frozen=True)
class Spread:
    """What r pasts of one kind say about errors: `ratio` (r,) mean squared error ÷ level²; `growth` of the variance per
    month of lag, as a part of the variance at lag 1."""

    ratio: Floats
    growth: float


def spread_of(past: Floats, truth: Floats, told: Floats) -> Spread:
    """The spread of r backtested pasts (r, T) from what was sold and told (r, W) in the windows, lags 1 to 3.

    Growth: demand is taken as a level that moves a little every month, and noise around it (local level model, Harvey
    1989): the variance at lag h is that at lag 1 × (1 + growth × (h − 1)). How far levels move is read from the means of
    three months, twelve months apart, which neither season nor quarterly rhythm moves: the 80 % quantile of their
    differences in standard errors, over all pasts of the kind, squared, less the noise in them, ÷ 12. Between 0.01 and
    0.5, with ten pasts' weight on 0.05: it always widens.
    """
    level, length = levels_of(past)
    error = np.mean((told - truth) ** 2, axis=1)
    ratio = np.divide(error, level**2, out=np.zeros_like(error), where=level > 0)
    variance = _steadied(error, np.full(len(past), truth.shape[1]), level**2 * np.median(ratio), STEADY)
    return Spread(ratio, _growth(past, length, np.sqrt(variance)))


def pooled(spreads: Sequence[Spread]) -> Spread:
    """The spread of all pasts together, for those that have no backtest; the stated ones where there is none."""
    if not spreads:
        return Spread(np.array([PRIOR_RATIO]), PRIOR_GROWTH)
    number = [len(spread.ratio) for spread in spreads]
    growth = float(np.average([spread.growth for spread in spreads], weights=number))
    return Spread(np.concatenate([spread.ratio for spread in spreads]), growth)


def half_width(past: Floats, spread: Spread, horizon: int, *, windows: int) -> Floats:
    """Half the width (r, horizon) of the 80 % interval of backtested pasts, wider with every month.

    A past's own mean squared error of `windows` months counts with them, the median of its kind (÷ level²) like three
    months: six errors alone are small by chance too often.

    Args:
        past: (r, T) the pasts that the spread is of, in its order.
        spread: of them.
        horizon: H.
        windows: months of the backtest.
    """
    level, _ = levels_of(past)
    own, kind = spread.ratio * level**2, np.median(spread.ratio) * level**2
    return _widening(_steadied(own, np.full(len(past), windows), kind, STEADY), spread.growth, horizon)


def young_half_width(past: Floats, spread: Spread, horizon: int) -> Floats:
    """Half the width (r, horizon) for pasts too short for a backtest, by their scatter and the `spread` of the others.

    The variance of a past's own months (one fewer than there are) is steadied by the others' ÷ level², like one month.
    """
    level, length = levels_of(past)
    months = past.shape[1]
    begun = np.arange(months)[None, :] >= (months - length)[:, None]
    mean = past.sum(axis=1) / length
    own = (((past - mean[:, None]) ** 2) * begun).sum(axis=1) / length
    kind = np.median(spread.ratio) * level**2
    return _widening(_steadied(own, length - 1, kind, YOUNG_STEADY), spread.growth, horizon)


def never_narrower(half: Floats) -> Floats:
    """`half` (r, H) with no month below an earlier one."""
    wide: Floats = np.maximum.accumulate(half, axis=1)
    return wide


def levels_of(past: Floats) -> tuple[Floats, Ints]:
    """(r,) mean of the last twelve months, of fewer where the past (r, T) is shorter; (r,) months from the first sale on."""
    months = past.shape[1]
    length = np.where((past > 0).any(axis=1), months - (past > 0).argmax(axis=1), 1).astype(np.int64)
    window = np.minimum(length, SEASON)
    counted = np.arange(months)[None, :] >= (months - window)[:, None]
    level: Floats = (past * counted).sum(axis=1) / window
    return level, length


def _steadied(own: Floats, number: Ints, kind: Floats, weight: float) -> Floats:
    """(r,) the variance of `number` own months drawn towards that of the kind."""
    steadied: Floats = (number * own + weight * kind) / (number + weight)
    return steadied


def _widening(variance: Floats, growth: float, horizon: int) -> Floats:
    grown = variance[:, None] * (1 + growth * np.arange(horizon)[None, :])
    return STUDENT_80 * np.sqrt(grown)


def _growth(past: Floats, length: Ints, sigma: Floats) -> float:
    """Growth of the variance per month of lag, over all pasts together."""
    months = past.shape[1]
    if months < SEASON + QUARTER:
        return PRIOR_GROWTH
    sums = np.cumsum(np.concatenate([np.zeros((len(past), 1)), past], axis=1), axis=1)
    means = (sums[:, QUARTER:] - sums[:, :-QUARTER]) / QUARTER
    begun = np.arange(means.shape[1] - SEASON)[None, :] >= (months - length)[:, None]
    usable = begun & (sigma > 0)[:, None]
    told = int(usable.any(axis=1).sum())
    if not told:
        return PRIOR_GROWTH
    moved = np.abs(means[:, SEASON:] - means[:, :-SEASON]) / np.where(sigma > 0, sigma, 1.0)[:, None]
    level_moves = (np.quantile(moved[usable], 0.8) / NORMAL_80) ** 2 - NOISE_OF_MEANS
    growth = (told * level_moves / SEASON + PRIOR_PASTS * PRIOR_GROWTH) / (told + PRIOR_PASTS)
    return float(np.clip(growth, LEAST_GROWTH, MOST_GROWTH))
