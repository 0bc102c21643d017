"""Members of a forecast combination: published methods, and the same methods on a transformed past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEASON = 12
QUARTER = 3
SEASON_CYCLES = 3
SEASON_Z = 1.645


#: A method of the forecasting library, which has no types: `forecast(y=…, h=…)` gives at least {"mean": (h,)}.
Method = Any


@dataclass(repr=False)
class Member:
    """One method under the name it has in the results; the engine knows it by its `repr`. States no interval (the engine may set one)."""

    alias: str
    method: Method

    uses_exog = False
    prediction_intervals = None

    def new(self) -> Member:
        """Itself: it keeps nothing between two series."""
        return self

    def forecast(self, *, y: Floats, h: int, **_: Any) -> dict[str, Floats]:
        """The method's points {"mean": (h,)} in the unit of `y`."""
        return {"mean": self.points(np.asarray(y, np.float64), h)}

    def points(self, y: Floats, h: int) -> Floats:
        """(h,) forecast of the method itself; a subclass transforms the past first and the forecast back."""
        points: Floats = np.asarray(self.method.forecast(y=y, h=h)["mean"], np.float64)
        return points

    def __repr__(self) -> str:
        return self.alias


@dataclass(repr=False)
class Seasonal(Member):
    """`method` as far as the past shows a season, `plain` as far as it does not (`season_weight`); both on logarithms
    where `log`.

    Logarithms need a past above zero; where it touches zero the past is taken as it is.
    """

    plain: Method
    log: bool = False

    def points(self, y: Floats, h: int) -> Floats:
        """(h,) mean of both forecasts by the weight of the season; where that is 0 or 1 only one is made."""
        weight = season_weight(y)
        parts = ((self.method, weight), (self.plain, 1 - weight))
        total: Floats = sum((share * self._of(method, y, h) for method, share in parts if share > 0), np.zeros(h))
        return total

    def _of(self, method: Method, y: Floats, h: int) -> Floats:
        logged = self.log and bool(y.min() > 0)
        points = np.asarray(method.forecast(y=np.log(y) if logged else y, h=h)["mean"], np.float64)
        return np.exp(points) if logged else points


@dataclass(repr=False)
class Blocks(Member):
    """The method on sums of `width` months, split within each block as `shape` forecasts the months.

    Temporal aggregation: noise cancels out and the trend shows. Blocks end with the last month; months before the
    first whole block are left out. Source: Athanasopoulos et al. 2017, *Forecasting with temporal hierarchies*.
    """

    shape: Method
    width: int

    def points(self, y: Floats, h: int) -> Floats:
        """(h,) forecast; a block whose months are all forecast 0 is split evenly."""
        whole, ahead = len(y) // self.width, -(-h // self.width)
        sums = y[len(y) - whole * self.width :].reshape(whole, self.width).sum(axis=1)
        totals = np.asarray(self.method.forecast(y=sums, h=ahead)["mean"], np.float64)
        months = np.asarray(self.shape.forecast(y=y, h=ahead * self.width)["mean"], np.float64)
        profile = np.maximum(months.reshape(ahead, self.width), 0.0)
        weight = profile.sum(axis=1, keepdims=True)
        shares = np.divide(profile, weight, out=np.full_like(profile, 1 / self.width), where=weight > 0)
        points: Floats = (shares * totals[:, None]).ravel()[:h]
        return points


def season_weight(y: Floats, season: int = SEASON) -> float:
    """How far a past of three seasons or more shows one: its autocorrelation at one season ÷ the limit at which it is
    significant (90 %, Bartlett), at most 1; 0 for a shorter or a constant past.

    The M competitions take the season whole beyond the limit and leave it out below (Assimakopoulos & Nikolopoulos 2000).
    Below it a season is often there and not proven: its part in the forecast shrinks with the evidence instead.
    """
    if len(y) < SEASON_CYCLES * season:
        return 0.0
    centred = y - y.mean()
    power = float((centred**2).sum())
    if power <= 0:
        return 0.0
    r = np.array([(centred[lag:] * centred[:-lag]).sum() / power for lag in range(1, season + 1)])
    limit = SEASON_Z * np.sqrt((1 + 2 * (r[:-1] ** 2).sum()) / len(y))
    return float(min(abs(r[-1]) / limit, 1.0))


def dense_members(*, thorough: bool) -> list[Any]:
    """The members of the combination of a long history: ten, and five more where `thorough`.

    Exponential smoothing as it is, on logarithms and on blocks of two and three months; optimised theta with a
    multiplicative and an additive season; complex smoothing; theta over a moving season; boosted components.
    """
    # Imported at first use: it takes over a second, which every web process, command and test would pay for nothing.
    from statsforecast import models  # noqa: PLC0415

    ets, theta = models.AutoETS, models.DynamicOptimizedTheta
    monthly = theta(season_length=SEASON)
    trend = theta(season_length=1)
    members: list[Any] = [
        *light_members(),
        ets(season_length=SEASON),
        models.AutoTheta(season_length=SEASON),
        Seasonal("AutoETS-log", ets(season_length=SEASON, model="AZA"), ets(season_length=1, model="AZN"), log=True),
        Blocks("AutoETS-2", ets(season_length=SEASON // 2), monthly, 2),
        Blocks("AutoETS-3", ets(season_length=SEASON // 3), monthly, 3),
    ]
    if thorough:
        members += [
            ets(season_length=SEASON, damped=True, alias="AutoETS-damped"),
            models.AutoARIMA(season_length=SEASON, approximation=True),
            Seasonal("AutoCES-log", models.AutoCES(season_length=SEASON), models.AutoCES(season_length=1), log=True),
            Seasonal("Theta-log", theta(season_length=SEASON, decomposition_type="additive"), trend, log=True),
            Blocks("Theta-3", theta(season_length=SEASON // 3), monthly, 3),
        ]
    return members


def light_members() -> list[Any]:
    """The members that cost little, so that every series can afford a backtest with them."""
    from statsforecast import models  # noqa: PLC0415  see dense_members

    theta = models.DynamicOptimizedTheta
    trend = theta(season_length=1)
    moving = models.MSTL(season_length=SEASON, trend_forecaster=theta(season_length=1))
    return [
        theta(season_length=SEASON, alias="Theta"),
        theta(season_length=SEASON, decomposition_type="additive", alias="Theta-additive"),
        models.AutoCES(season_length=SEASON),
        Seasonal("MSTL-Theta", moving, trend),
        Seasonal("MFLES", models.MFLES(season_length=[SEASON]), models.MFLES()),
    ]
