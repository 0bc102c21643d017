"""Every rounding keeps its sum: whole totals, grouped totals and running totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from catalog.calc.rounding import (
    largest_remainder,
    largest_remainder_by_group,
    round_half_away,
    round_to_quantum,
    sum_by_group,
)

totals = st.integers(min_value=-(10**13), max_value=10**13)
weights = st.floats(min_value=0, max_value=1e9, allow_nan=False)


def test_halves_go_away_from_zero() -> None:
    assert round_half_away([0.5, 1.5, 2.5, -0.5, -2.5, 2.4]).tolist() == [
        1,
        2,
        3,
        -1,
        -3,
        2,
    ]
    assert round_half_away(0.49999999999999994).tolist() == 0


def test_rounding_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        round_half_away([1.0, np.nan])


def test_one_third_each() -> None:
    assert largest_remainder([1, 1, 1], 100).tolist() == [34, 33, 33]
    assert largest_remainder([1, 1, 1], -100).tolist() == [-34, -33, -33]


def test_hamilton_textbook() -> None:
    # Votes 47,000 16,000 15,900 12,000 6,000 3,100, ten seats: quotas 4.7 1.6 1.59 1.2 0.6 0.31; floors 4 1 1 1 0 0,
    # three left go to .7, .6 and .6.
    votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100]
    assert largest_remainder(votes, 10).tolist() == [5, 2, 1, 1, 1, 0]


def test_no_weight_means_equal_parts_and_negative_weight_none() -> None:
    assert largest_remainder([0, 0, 0], 7).tolist() == [3, 2, 2]
    assert largest_remainder([-5, 5, 5], 10).tolist() == [0, 5, 5]


def test_nothing_to_give_to() -> None:
    assert largest_remainder(np.zeros((2, 0)), [0, 0]).shape == (2, 0)
    with pytest.raises(ValueError, match="over nothing"):
        largest_remainder([], 1)


@given(
    arrays(np.float64, array_shapes(min_dims=2, max_dims=3, max_side=6), elements=weights),
    st.data(),
)
def test_batch_adds_up_and_stays_within_one(shares: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(arrays(np.int64, shares.shape[:-1], elements=totals))
    parts = largest_remainder(shares, total)
    assert (parts.sum(axis=-1) == total).all()
    sums = shares.sum(axis=-1, keepdims=True)
    exact = np.where(sums > 0, shares / np.where(sums > 0, sums, 1), 1 / shares.shape[-1]) * total[..., None]
    assert (np.abs(parts - exact) <= 1.0 + 1e-15 * np.abs(exact)).all()


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 5), st.data())
def test_groups_equal_one_split_each(rows: int, months: int, count: int, data: st.DataObject) -> None:
    shares = data.draw(arrays(np.float64, (rows, months), elements=weights))
    group = data.draw(arrays(np.int64, rows, elements=st.integers(0, count - 1)))
    total = data.draw(arrays(np.int64, (count, months), elements=totals))
    total[np.bincount(group, minlength=count) == 0] = 0
    parts = largest_remainder_by_group(shares, group, total)
    assert (sum_by_group(parts, group, count) == total).all()
    for k in np.unique(group):
        assert (parts[group == k] == largest_remainder(shares[group == k].T, total[k]).T).all()


def test_group_without_rows_cannot_hold_a_total() -> None:
    with pytest.raises(ValueError, match="without rows"):
        largest_remainder_by_group(np.ones((1, 1)), [0], [[1], [1]])
    with pytest.raises(ValueError, match="without a total"):
        largest_remainder_by_group(np.ones((1, 1)), [1], [[1]])


def test_sparse_series_keeps_its_sum() -> None:
    # 0.3 units a month for ten months is 3 units: rounding each month alone would give none.
    assert round_to_quantum(np.full(10, 300.0), 1000).sum() == 3000


@given(
    arrays(np.float64, (3, 8), elements=st.floats(min_value=0, max_value=1e7)),
    arrays(np.int64, 3, elements=st.sampled_from([1, 10, 100, 1000])),
)
def test_running_totals_stay_within_half_a_quantum(values: np.ndarray, quantum: np.ndarray) -> None:
    rounded = round_to_quantum(values, quantum)
    assert (rounded % quantum[:, None] == 0).all()
    assert (rounded >= 0).all()
    drift = np.abs(np.cumsum(rounded, axis=-1) - np.cumsum(values, axis=-1))
    assert (drift <= quantum[:, None] / 2 + 1e-6).all()


def test_quantum_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        round_to_quantum([1.0], 0)
