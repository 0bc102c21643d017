"""The baseline of 300 and 3,000 series, beside one AutoETS alone on the same series in the same run."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from statsforecast.models import AutoETS, SeasonalNaive

from demand.calc.cleansing import cleansings_of
from demand.calc.forecast_candidates import kinds_of
from demand.calc.forecast_engine import forecasts
from demand.calc.forecasting import forecast_segments

pytestmark = pytest.mark.bench

#: Series and months of history: three years as most companies bring along, and five, where the dense are combined.
CASES = ((300, 36), (3_000, 36), (300, 60))
HORIZON = 24
#: Part of the series by kind, as a company has them: every seventh was launched within the last half year.
PARTS = {"seasonal": 0.4, "rhythm": 0.25, "sparse": 0.2, "young": 0.15}
#: The baseline may cost at most so many times one automatic exponential smoothing with a season. Of three years it fits
#: that one three times for the seasonal (once for the horizon, twice for the backtest), and cheap methods for the
#: others; of five years four kinds of it and six other methods, and the light ones twice more.
MOST = {36: 4.0, 60: 6.0}


def made_up(count: int, length: int) -> NDArray[np.float64]:
    """Milli-units (count, length): seasons of the year, quarterly rhythms, demand with gaps, and launches of the year."""
    random = np.random.default_rng(6)
    months = np.arange(length)
    kind = random.choice(len(PARTS), count, p=list(PARTS.values()))[:, None]
    level = np.exp(random.normal(5, 1, (count, 1)))
    season = 1 + 0.5 * np.sin((months[None, :] + random.integers(0, 12, (count, 1))) * np.pi / 6)
    rhythm = np.where((months[None, :] + random.integers(0, 3, (count, 1))) % 3 == 0, 2.0, 0.5)
    shape = np.select([kind == 0, kind == 1], [season, rhythm], 1.0)
    gaps = (kind == 2) & (random.random((count, length)) < 0.6)
    unborn = (kind == 3) & (months[None, :] < length - 6)
    return np.where(gaps | unborn, 0.0, random.poisson(level * shape) * 1000.0)


@pytest.mark.parametrize(("count", "months"), CASES)
def test_baseline(count: int, months: int) -> None:
    history = made_up(count, months)
    kinds, numbers = np.unique(kinds_of(history), return_counts=True)
    named, _ = timed(lambda: cleansings_of(history, 1000.0))
    whole, block = timed(lambda: forecast_segments(history, HORIZON))
    sold = history[history.any(axis=1)]
    floor, _ = timed(lambda: forecasts(sold, [AutoETS(season_length=12)], HORIZON))
    naive, _ = timed(lambda: forecasts(sold, [SeasonalNaive(season_length=12)], HORIZON))
    assert np.isfinite(block.points).all() and (block.points >= 0).all()
    print(
        f"\n{count:>6,} series of {months} months ({', '.join(f'{n} {k}' for k, n in zip(kinds, numbers, strict=True))})"
    )
    print(f"{'':>6} AutoETS alone {floor:7.2f} s · seasonal naive alone {naive:6.2f} s")
    print(f"{'':>6} baseline      {whole:7.2f} s = {whole / floor:5.2f} × AutoETS, {whole / naive:6.1f} × naive")
    print(f"{'':>6} cleansing     {named:7.3f} s")
    assert whole < MOST[months] * floor


def timed(work):  # type: ignore[no-untyped-def]
    """Processor seconds of this process and the result: other work on the machine does not count."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result
