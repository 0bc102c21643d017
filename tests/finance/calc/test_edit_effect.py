"""What a gesture moved in dollars: derivations by hand, cash that closes, and the rule for cells that are short."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.calc.dollars import to_cents
from finance.calc.edit_effect import EffectTerms, closing_parts, edit_effect, effect_cash, without_delta
from finance.calc.receivables import WHOLE, Terms
from finance.calc.series_money import SeriesRates, SeriesUnits

Ints = NDArray[np.int64]
UNIT = 1_000
PRICE, COST, FREIGHT, CONVERSION = 100_0000, 60_0000, 2_0000, 20_0000


def ints(*rows: list[int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def units(wanted: Ints, shipped: Ints | None = None) -> SeriesUnits:
    keys = np.arange(len(wanted), dtype=np.int64)
    return SeriesUnits(keys, keys, wanted, wanted if shipped is None else shipped)


def rates(shape: tuple[int, int], *, price: int = PRICE, cost: int = COST, fx: int = 1_000_000) -> SeriesRates:
    full = [np.full(shape, rate, dtype=np.int64) for rate in (price, cost, FREIGHT, fx)]
    return SeriesRates(*full)


def terms(count: int, *, sales: int = 30, purchases: int = 30) -> EffectTerms:
    paid, worked = (np.full(count, value, dtype=np.int64) for value in (purchases, CONVERSION))
    return EffectTerms((on_days(sales),) * count, paid, worked)


def on_days(days: int) -> Terms:
    return Terms(((days, WHOLE),))


def test_ten_units_less_are_ten_prices_and_ten_costs_less() -> None:
    effect = edit_effect(ints([0, -10 * UNIT]), units(ints([90 * UNIT, 80 * UNIT])), rates((1, 2)))
    assert effect.wanted.tolist() == effect.shipped.tolist() == [[0, -10 * UNIT]]
    assert effect.revenue.tolist() == effect.upside.tolist() == [[0, -10 * 100_00]]
    assert effect.cogs.tolist() == [[0, -10 * 60_00]]
    assert effect.cost_to_serve.tolist() == [[0, -10 * 2_00]]
    assert effect.margin.tolist() == [[0, -10 * (100_00 - 60_00 - 2_00)]]


def test_a_foreign_price_comes_at_the_plan_rate() -> None:
    effect = edit_effect(ints([3 * UNIT]), units(ints([10 * UNIT])), rates((1, 1), fx=1_250_000))
    assert effect.revenue.tolist() == [[3 * 100_00 * 5 // 4]]
    assert effect.cogs.tolist() == [[3 * 60_00]]


def test_cash_of_thirty_day_terms_comes_a_month_later_and_conversion_at_once() -> None:
    """+10 in month 1: revenue 1,000 and material 10 × (60 − 20) a month later; conversion 200 and freight 20 at once."""
    effect = edit_effect(ints([10 * UNIT, 0, 0]), units(ints([10 * UNIT, 0, 0])), rates((1, 3)))
    cash = effect_cash(effect, terms(1))
    at_once, later = -(10 * 20_00 + 10 * 2_00), 10 * 100_00 - 10 * 40_00
    assert cash.direct.tolist() == [at_once, later, 0]
    assert int(cash.direct.sum()) == int(effect.margin.sum())


def test_an_edit_of_the_last_month_leaves_receivables_and_payables_open() -> None:
    """Revenue −1,000 is not missed before the year ends, material 400 is not bought: only conversion and freight move."""
    effect = edit_effect(ints([0, -10 * UNIT]), units(ints([0, 30 * UNIT])), rates((1, 2)))
    cash = effect_cash(effect, terms(1))
    assert cash.direct.tolist() == [0, 10 * 20_00 + 10 * 2_00]
    receivables, payables = int(cash.receivables_change.sum()), int(cash.payables_change.sum())
    assert (receivables, payables) == (-10 * 100_00, -10 * 40_00)
    assert int(cash.direct.sum()) == int(effect.margin.sum()) - receivables + payables


def test_lines_keep_their_own_terms() -> None:
    """Two equal series, one paid at once and one after 60 days: half of the revenue at once, half two months later."""
    delta = ints([UNIT, 0, 0], [UNIT, 0, 0])
    effect = edit_effect(delta, units(delta.copy()), rates((2, 3), cost=0))
    own = EffectTerms((on_days(0), on_days(60)), np.array([0, 0]), np.array([0, 0]))
    assert effect_cash(effect, own).collections.tolist() == [100_00, 0, 100_00]


@pytest.mark.parametrize(
    ("wanted", "shipped", "delta", "ships_without"),
    [
        (100, 100, 20, 80),
        (100, 100, -20, 120),
        (100, 70, 20, 70),
        (100, 70, 40, 60),
        (100, 70, -20, 70),
        (100, 70, 0, 70),
        (100, 130, 20, 110),
    ],
)
def test_what_a_cell_ships_without_the_gesture(wanted: int, shipped: int, delta: int, ships_without: int) -> None:
    """Nothing short: supply follows. Short: no more than now, and less only when demand falls below what is shipped.
    Late units of an earlier month come on top."""
    before = without_delta(units(ints([wanted]), ints([shipped])), ints([delta]))
    assert before.wanted.tolist() == [[wanted - delta]]
    assert before.shipped.tolist() == [[ships_without]]


def test_a_missing_rate_is_marked_and_makes_no_dollars() -> None:
    effect = edit_effect(ints([UNIT, 0]), units(ints([UNIT, UNIT])), rates((1, 2), price=-1))
    assert effect.unpriced.tolist() == [[True, False]]
    assert effect.revenue.tolist() == [[0, 0]]


def test_an_empty_gesture_moves_nothing() -> None:
    nothing = np.zeros((0, 4), dtype=np.int64)
    effect = edit_effect(nothing, units(nothing), rates((0, 4)))
    assert effect.revenue.shape == (0, 4)
    assert effect_cash(effect, terms(0)).direct.tolist() == [0, 0, 0, 0]


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="share one"):
        edit_effect(ints([1, 2]), units(ints([1])), rates((1, 1)))


MILLI = st.integers(-5_000_000, 5_000_000)


@settings(max_examples=50)
@given(st.lists(st.tuples(MILLI, MILLI, st.integers(0, 3_000_000)), min_size=1, max_size=12), st.integers(0, 120))
def test_cash_closes_for_any_gesture_and_terms(cells: list[tuple[int, int, int]], days: int) -> None:
    """Over the window: cash = margin − receivables still open + payables still open, to the cent."""
    wanted, delta, short = (np.array([column], dtype=np.int64) for column in zip(*cells, strict=True))
    here = SeriesUnits(np.zeros(1, np.int64), np.zeros(1, np.int64), wanted, wanted - np.where(wanted > 0, short, 0))
    effect = edit_effect(delta, here, rates(wanted.shape, price=99_9999, cost=61_1111))
    cash = effect_cash(effect, terms(1, sales=days, purchases=45))
    opened = int(cash.receivables_change.sum()) - int(cash.payables_change.sum())
    assert int(cash.direct.sum()) == int(effect.margin.sum()) - opened
    assert not effect.revenue[delta == 0].any()


@given(st.integers(0, 10**9), st.lists(MILLI, max_size=8), st.integers(1, 10**7))
def test_a_cells_gestures_and_rounding_lead_from_baseline_to_consensus(
    baseline: int, deltas: list[int], rate: int
) -> None:
    def price(milli: Ints) -> Ints:
        return to_cents(milli, rate)

    consensus = baseline + sum(deltas)
    parts, rounding = closing_parts(baseline, consensus, np.array(deltas, dtype=np.int64), price)
    assert int(price(ints([baseline]))[0, 0]) + int(parts.sum()) + rounding == int(price(ints([consensus]))[0, 0])
    assert abs(rounding) <= len(deltas) + 1


def test_gestures_that_do_not_lead_to_the_consensus_are_refused() -> None:
    with pytest.raises(ValueError, match="do not lead"):
        closing_parts(10, 12, np.array([1], dtype=np.int64), lambda milli: to_cents(milli, 1))
