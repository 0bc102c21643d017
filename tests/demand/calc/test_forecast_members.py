"""Members that transform the past give the forecast back in the unit they got."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from demand.calc.forecast_members import SEASON_Z, Blocks, Member, Seasonal, season_weight

SEASON = np.array([5, 5, 6, 8, 12, 15, 16, 15, 12, 8, 6, 5], float) * 1000


class LastYear:
    """As a year (or `season` months) before."""

    def __init__(self, season: int) -> None:
        self.season = season

    def forecast(self, y: np.ndarray, h: int, **_: Any) -> dict[str, np.ndarray]:
        return {"mean": np.resize(y[-self.season :], h)}


class Marked:
    """Remembers what it was given and forecasts a constant."""

    def __init__(self, value: float) -> None:
        self.value, self.seen = value, np.zeros(0)

    def forecast(self, y: np.ndarray, h: int, **_: Any) -> dict[str, np.ndarray]:
        self.seen = y
        return {"mean": np.full(h, self.value)}


def test_a_season_weighs_as_far_as_it_shows() -> None:
    """Noise of 60 months: autocorrelation at twelve ÷ (1.645 × √((1 + 2 Σ r²) ÷ 60)), a part of the limit."""
    noise = np.random.default_rng(3).normal(100, 5, 60)
    r = [1.0] + [
        float(
            ((noise[lag:] - noise.mean()) * (noise[:-lag] - noise.mean())).sum() / ((noise - noise.mean()) ** 2).sum()
        )
        for lag in range(1, 13)
    ]
    limit = SEASON_Z * np.sqrt((1 + 2 * sum(one**2 for one in r[1:12])) / 60)
    assert season_weight(noise) == pytest.approx(abs(r[12]) / limit) and 0 < abs(r[12]) < limit
    assert season_weight(np.tile(SEASON, 4)) == 1
    assert season_weight(np.tile(SEASON, 2)) == 0 and season_weight(np.full(60, 7.0)) == 0


def test_the_method_follows_the_season_of_the_past() -> None:
    with_season, without = Marked(1.0), Marked(2.0)
    member = Seasonal("either", with_season, without)
    assert member.points(np.tile(SEASON, 4), 2).tolist() == [1, 1] and not len(without.seen)
    assert member.points(np.tile(SEASON, 2), 2).tolist() == [2, 2]
    noise = np.random.default_rng(3).normal(100, 5, 60)
    weight = season_weight(noise)
    assert member.points(noise, 2) == pytest.approx([weight * 1 + (1 - weight) * 2] * 2)


def test_logarithms_are_taken_and_given_back_only_above_zero() -> None:
    method = Marked(3.0)
    member = Seasonal("log", method, method, log=True)
    assert member.points(np.tile(SEASON, 4), 1)[0] == pytest.approx(np.exp(3.0))
    assert method.seen == pytest.approx(np.log(np.tile(SEASON, 4)))
    assert member.points(np.append(np.tile(SEASON, 4), 0.0), 1)[0] == 3.0


def test_blocks_end_with_the_last_month_and_keep_the_profile_of_the_months() -> None:
    """Fourteen months in blocks of three: two are left out. A block repeats, split 1 : 2 : 3 like the months."""
    sums = Marked(60.0)
    member = Blocks("blocks", sums, LastYear(3), 3)
    past = np.array([9, 9, *[1, 2, 3] * 4], float)
    assert member.points(past, 5) == pytest.approx([10, 20, 30, 10, 20])
    assert sums.seen.tolist() == [1 + 2 + 3] * 4


def test_a_block_without_a_profile_is_split_evenly() -> None:
    member = Blocks("blocks", Marked(60.0), Marked(0.0), 3)
    assert member.points(np.ones(12), 3) == pytest.approx([20, 20, 20])


def test_the_engine_knows_a_member_by_its_name() -> None:
    member = Member("mine", Marked(4.0))
    assert str(member.new()) == "mine"
    assert member.forecast(y=np.ones(3), h=2, X=None)["mean"].tolist() == [4, 4]
