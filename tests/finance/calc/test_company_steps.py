"""Inventory and cash from one reference to another: FORMULAS §3 before and after a change of standard, and closure."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finance.calc.company_steps import CASH_SIGNS, CashSide, StockSide, cash_steps, inventory_steps
from finance.calc.references import StepKey

MONTHS = np.array([24_000, 24_001, 24_002])
RECEIVABLES = np.diff([8_500_00, 9_000_00, 13_000_00, 11_000_00])
PAYABLES = np.diff([4_000_00, 41 * 110_00, 41 * 120_00, 41 * 100_00])
NOTHING = np.zeros(3, np.int64)


def cash(margin: list[int], stock: list[int], revaluation: list[int]) -> CashSide:
    """FORMULAS §3 in dollars: margin, closing inventory with its opening, revaluation."""
    before_revaluation = (np.array(margin) - revaluation) * 100
    moved = (np.diff(stock) - revaluation) * 100
    lines = {
        StepKey.MARGIN: before_revaluation,
        StepKey.FIXED_COST: NOTHING,
        StepKey.RECEIVABLES: RECEIVABLES,
        StepKey.INVENTORY: moved,
        StepKey.PAYABLES: PAYABLES,
        StepKey.ACCRUALS: NOTHING,
    }
    return CashSide(MONTHS, lines, before_revaluation - RECEIVABLES - moved + PAYABLES)


AT_60 = cash([3_410, 4_420, 4_300], [1_800, 3_000, 2_400, 1_800], [0, 0, 0])
AT_62 = cash([3_410, 4_500, 4_280], [1_800, 3_000, 2_480, 1_860], [0, 100, 0])


def test_a_standard_moves_margin_and_stock_and_no_cash() -> None:
    """FORMULAS §3: cash 2,220 / 1,430 / 6,080 under both standards; what margin loses, inventory gives back."""
    block = cash_steps(AT_60, AT_62, months=MONTHS)
    assert block.start[0].tolist() == block.end[0].tolist() == [2_220_00, 1_430_00, 6_080_00]
    assert block.steps[StepKey.MARGIN][0].tolist() == [0, -20_00, -20_00]
    assert block.steps[StepKey.INVENTORY][0].tolist() == [0, 20_00, 20_00]
    assert not block.steps[StepKey.RECEIVABLES].any() and not block.steps[StepKey.PAYABLES].any()


def stock(units: list[list[int]], cents: int, used: list[list[int]]) -> StockSide:
    held = np.array(units) * 1000
    value = np.array(units) * cents
    items = np.arange(1, len(units) + 1)
    return StockSide(MONTHS, items, held, value, np.array(used) * 1000, value.sum(axis=0))


def steps_between(base: StockSide, other: StockSide, **safety: int) -> dict[StepKey, list[int]]:
    floors = {int(item[1:]): units * 1000 for item, units in safety.items()}
    block = inventory_steps(base, other, months=MONTHS, safety=floors, family_of={})
    assert (sum(block.steps.values()) == block.end - block.start).all()
    return {key: part[0].tolist() for key, part in block.steps.items()}


def test_a_standard_is_cost() -> None:
    """50, 40 and 30 units at 60, then at 62: +2 each."""
    used = [[90, 130, 110]]
    found = steps_between(stock([[50, 40, 30]], 60_00, used), stock([[50, 40, 30]], 62_00, used))
    assert found[StepKey.COST] == [50 * 2_00, 40 * 2_00, 30 * 2_00]
    assert found[StepKey.VOLUME] == found[StepKey.POLICY] == found[StepKey.CONSTRAINT] == [0, 0, 0]


def test_volume_is_the_cover_at_the_others_throughput() -> None:
    """A tenth more goes through from the first month on: the same cover needs a tenth more stock, the rest is chosen."""
    base, other = stock([[50, 40, 30]], 60_00, [[100, 100, 100]]), stock([[58, 44, 30]], 60_00, [[110, 110, 110]])
    found = steps_between(base, other)
    assert found[StepKey.VOLUME] == [5 * 60_00, 4 * 60_00, 3 * 60_00]
    assert found[StepKey.POLICY] == [3 * 60_00, 0, -3 * 60_00]


def test_what_is_missing_below_the_safety_stock_is_the_constraint() -> None:
    """Safety stock 40: 50 becomes 25, of which 15 are missing and 10 were given up above it."""
    base, other = stock([[50, 50, 50]], 60_00, [[100, 100, 100]]), stock([[25, 50, 50]], 60_00, [[100, 100, 100]])
    found = steps_between(base, other, _1=40)
    assert found[StepKey.CONSTRAINT] == [-15 * 60_00, 0, 0]
    assert found[StepKey.POLICY] == [-10 * 60_00, 0, 0]


def test_an_item_that_only_one_has() -> None:
    base, other = (
        stock([[10, 10, 10]], 60_00, [[5, 5, 5]]),
        stock([[10, 10, 10], [4, 4, 4]], 60_00, [[5, 5, 5], [0, 0, 0]]),
    )
    block = inventory_steps(base, other, months=MONTHS, safety={}, family_of={2: 7})
    assert block.steps[StepKey.POLICY].tolist() == [[0, 0, 0], [4 * 60_00] * 3]
    assert block.leaves.families.tolist() == [0, 7]


quantities = arrays(np.int64, (4, 3), elements=st.integers(-2_000, 90_000) | st.just(0))
prices = arrays(np.int64, (4, 1), elements=st.integers(0, 9_000))


@st.composite
def stocks(draw: st.DrawFn) -> StockSide:
    units = draw(quantities)
    value = units * draw(prices) // 1000
    items = np.sort(draw(st.permutations(range(1, 7)))[:4])
    return StockSide(MONTHS, items, units, value, np.abs(draw(quantities)), value.sum(axis=0))


@settings(max_examples=80, deadline=None)
@given(stocks(), stocks(), st.integers(0, 50_000))
def test_inventory_closes_at_every_item_and_month(base: StockSide, other: StockSide, floor: int) -> None:
    block = inventory_steps(base, other, months=MONTHS, safety=dict.fromkeys(range(1, 7), floor), family_of={})
    assert (sum(block.steps.values()) == block.end - block.start).all()
    assert (block.start.sum(axis=0) == base.stored).all() and (block.end.sum(axis=0) == other.stored).all()


lines = st.lists(st.integers(-9_000_000, 9_000_000), min_size=3, max_size=3).map(np.array)


@st.composite
def flows(draw: st.DrawFn) -> CashSide:
    own = {key: draw(lines) for key in CASH_SIGNS}
    return CashSide(MONTHS, own, sum((sign * own[key] for key, sign in CASH_SIGNS.items()), NOTHING))


@settings(max_examples=60, deadline=None)
@given(flows(), flows())
def test_cash_closes_and_a_lost_line_does_not(base: CashSide, other: CashSide) -> None:
    """Negative control: a receivable that is lost after the fact leaves the flows and their lines apart."""
    block = cash_steps(base, other, months=MONTHS)
    assert (sum(block.steps.values()) == block.end - block.start).all()
    other.lines[StepKey.RECEIVABLES][1] += 1
    broken = cash_steps(base, other, months=MONTHS)
    assert (broken.end - broken.start - sum(broken.steps.values()))[0].tolist() == [0, 1, 0]
