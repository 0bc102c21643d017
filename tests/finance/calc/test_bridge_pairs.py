"""A bridge between any two sides closes at every level, in revenue, COGS and margin; constraint, family level, months."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finance.calc.bridge import BridgeRates, BudgetSide, MixLevel, PlanSide, bridge
from finance.calc.bridge_pairs import (
    Amounts,
    Leaves,
    Side,
    StepBlock,
    measured_steps,
    on_same_leaves,
    one_after_the_other,
)
from finance.calc.bridge_rows import by_node, by_span, in_one_row
from finance.calc.references import BridgeMeasure, StepKey

MILLI = 1000
ON_LEAVES = (BridgeMeasure.REVENUE, BridgeMeasure.COGS, BridgeMeasure.MARGIN)
CATEGORY_OF_FAMILY = {1: 11, 2: 11, 3: 12}
REGION_OF_MARKET = {1: 21, 2: 21, 3: 22}
CHANNEL_OF_MARKET = {1: 31, 2: 32, 3: 31}


def side(items: list[int], wanted: list[float], free: list[int], cents: list[int], **other: int) -> Side:
    """One month of one family in one market; COGS at a dollar a unit, no cost to serve."""
    count = len(items)
    column = np.array(wanted)[:, None] * MILLI
    cost = (np.array(wanted) * 100).astype(np.int64)[:, None]
    return Side(
        months=np.array([other.get("month", 24_000)]),
        leaves=Leaves(np.array(items), np.ones(count, np.int64), np.ones(count, np.int64)),
        revenue=Amounts(column, np.array(free)[:, None], np.array(cents)[:, None]),
        cogs=Amounts(column, cost, cost),
        served=np.zeros((count, 1), np.int64),
        fx6=np.full((count, 1), other.get("fx6", 1_000_000)),
    )


def bridged(measure: BridgeMeasure, base: Side, other: Side, level: MixLevel = MixLevel.ITEM) -> StepBlock:
    sides = on_same_leaves(base, other, months=np.intersect1d(base.months, other.months))
    leaves = sides[0].leaves
    group = np.unique(np.stack([leaves.families, leaves.markets]), axis=1, return_inverse=True)[1].ravel()
    return measured_steps(measure, sides, group, mix_level=level)


A_TO_D = [1, 2, 3, 4]
BUDGET = [1_000_000 * 100_00, 800_000 * 90_00, 500_000 * 120_00, 400_000 * 70_00]
WANTED = [950_000 * 101_00, 820_000 * 88_00, 470_000 * 120_00, 400_000 * 71_35]
LANDING = [900_000 * 101_00, *WANTED[1:]]


def test_248_constrained_leads_there_and_back() -> None:
    """FORMULAS §2: the constraint is −50,000 × 101 on the way there and comes back whole on the way back."""
    budget = side(A_TO_D, [1_000_000, 800_000, 500_000, 400_000], BUDGET, BUDGET)
    landing = side(A_TO_D, [950_000, 820_000, 470_000, 400_000], WANTED, LANDING)
    there, back = bridged(BridgeMeasure.REVENUE, budget, landing), bridged(BridgeMeasure.REVENUE, landing, budget)
    assert int(there.steps[StepKey.CONSTRAINT].sum()) == -50_000 * 101_00
    assert int(there.steps[StepKey.PRICE].sum()) == -150_000_00
    assert abs(int(there.steps[StepKey.VOLUME].sum()) + 5_777_777_78) <= len(A_TO_D)
    assert int(back.steps[StepKey.CONSTRAINT].sum()) == 50_000 * 101_00
    assert sum(int(part.sum()) for part in there.steps.values()) == -12_000_000_00
    assert sum(int(part.sum()) for part in back.steps.values()) == 12_000_000_00


def test_two_constrained_plans_differ_by_what_each_lacks() -> None:
    """Last cycle was 30 short of 100 at 10, this one is 10 short of 100: 20 more come, nothing else moved."""
    last, now = side([1], [100], [100_000], [70_000]), side([1], [100], [100_000], [90_000])
    steps = bridged(BridgeMeasure.REVENUE, last, now).steps
    assert {key: int(part.sum()) for key, part in steps.items() if part.any()} == {StepKey.CONSTRAINT: 20_000}


def test_a_leaf_that_the_base_lacks_has_its_markets_rate() -> None:
    """Item 2 is new in a market at 1.17 both times: new, and no exchange effect."""
    base = side([1], [10], [117_00], [117_00], fx6=1_170_000)
    other = side([1, 2], [10, 5], [117_00, 58_50], [117_00, 58_50], fx6=1_170_000)
    steps = bridged(BridgeMeasure.REVENUE, base, other).steps
    assert {key: int(part.sum()) for key, part in steps.items() if part.any()} == {StepKey.NEW: 58_50}


def test_months_follow_each_other() -> None:
    joined = one_after_the_other(side([1], [10], [100], [100]), side([2], [5], [70], [60], month=24_001))
    assert joined.months.tolist() == [24_000, 24_001]
    assert joined.revenue.cents.tolist() == [[100, 0], [0, 60]]
    assert joined.cogs is not None and joined.cogs.cents.tolist() == [[10_00, 0], [0, 5_00]]


def test_without_cogs_there_is_no_margin() -> None:
    bare = side([1], [10], [100], [100])
    bare = Side(bare.months, bare.leaves, bare.revenue, None, bare.served, bare.fx6)
    for measure in (BridgeMeasure.COGS, BridgeMeasure.MARGIN):
        with pytest.raises(ValueError, match="COGS of both sides"):
            bridged(measure, bare, side([1], [10], [100], [100]))
    with pytest.raises(ValueError, match="does not stand on leaves"):
        bridged(BridgeMeasure.CASH, bare, bare)


blocks = arrays(np.int64, (8, 4), elements=st.integers(-30_000, 900_000) | st.just(0))


@st.composite
def sides(draw: st.DrawFn) -> Side:
    """Eight of eighteen leaves, two of them without an item, over four of six months, in two currencies."""
    chosen = np.sort(np.array(draw(st.permutations(range(18)))[:8]))
    items, markets = chosen // 3, chosen % 3 + 1
    families = np.where(items > 0, (items + 1) // 2, 2)
    first = draw(st.integers(24_000, 24_002))
    units = draw(blocks) * draw(arrays(np.bool_, (8, 1)))
    rates = np.where(markets == 3, draw(st.sampled_from([1_000_000, 1_170_000])), 1_000_000)
    return Side(
        months=np.arange(first, first + 4),
        leaves=Leaves(items, families, markets),
        revenue=Amounts(units / 3.0, draw(blocks), draw(blocks)),
        cogs=Amounts(units / 3.0, draw(blocks), draw(blocks)),
        served=draw(blocks),
        fx6=np.repeat(rates[:, None], 4, axis=1),
    )


def nodes_at_every_level(leaves: Leaves) -> dict[str, np.ndarray]:
    def parents(table: dict[int, int], keys: np.ndarray) -> np.ndarray:
        return np.array([table[int(key)] for key in keys])

    return {
        "item": leaves.items,
        "family": leaves.families,
        "category": parents(CATEGORY_OF_FAMILY, leaves.families),
        "market": leaves.markets,
        "region": parents(REGION_OF_MARKET, leaves.markets),
        "channel": parents(CHANNEL_OF_MARKET, leaves.markets),
    }


@settings(max_examples=30, deadline=None)
@given(sides(), sides(), st.sampled_from(list(MixLevel)), st.sampled_from(ON_LEAVES))
def test_every_level_closes_for_any_two_sides(base: Side, other: Side, level: MixLevel, measure: BridgeMeasure) -> None:
    """Acceptance 1: every leaf, node and span of time; and every level adds up to the same total."""
    block = bridged(measure, base, other, level)
    assert (sum(block.steps.values()) == block.end - block.start).all()
    total = in_one_row(block)
    spans = {"month": block.months, "quarter": block.months // 3, "year": block.months // 12}
    sums = [by_node(block, nodes) for nodes in nodes_at_every_level(block.leaves).values()]
    sums += [by_span(total, span) for span in spans.values()]
    for found in sums:
        assert (found.start + sum(found.steps.values()) == found.end).all()
        assert int(found.end.sum()) == int(total.end.sum())
        for key, part in found.steps.items():
            assert int(part.sum()) == int(block.steps[key].sum())


@settings(max_examples=30, deadline=None)
@given(sides(), sides())
def test_margin_is_revenue_less_cogs_at_every_leaf(base: Side, other: Side) -> None:
    revenue, cogs, margin = (bridged(measure, base, other) for measure in ON_LEAVES)
    for key, part in margin.steps.items():
        nothing = np.zeros_like(part)
        assert (part == revenue.steps.get(key, nothing) - cogs.steps.get(key, nothing)).all()


@settings(max_examples=30, deadline=None)
@given(sides(), sides())
def test_family_level_is_the_bridge_of_families(base: Side, other: Side) -> None:
    """Items keep their own amounts, and their drivers add to those of the family as one leaf, but for rounding."""
    block = bridged(BridgeMeasure.REVENUE, base, other, MixLevel.FAMILY)
    one, two = on_same_leaves(base, other, months=block.months)
    keys = block.leaves.families * 10 + block.leaves.markets
    found, group = np.unique(keys, return_inverse=True)

    def added(values: np.ndarray) -> np.ndarray:
        sums = np.zeros((len(found), values.shape[1]), values.dtype)
        np.add.at(sums, group, values)
        return sums

    first = np.array([np.flatnonzero(group == k)[0] for k in range(len(found))])
    whole = bridge(
        BudgetSide(added(one.revenue.units), added(one.revenue.free)),
        PlanSide(added(two.revenue.units), added(two.revenue.free), added(two.revenue.free)),
        BridgeRates(np.arange(len(found)), one.fx6[first] / 1e6, two.fx6[first] / 1e6),
    )
    simple = ~cancelling(one, group, len(found)) & ~cancelling(two, group, len(found))
    assert not block.steps[StepKey.MIX].any()
    for position, key in enumerate((StepKey.VOLUME, StepKey.MIX, StepKey.PRICE, StepKey.FX)):
        apart = np.abs(added(block.steps[key]) - whole.drivers[position])[simple]
        assert apart.max(initial=0) <= len(keys), key


def cancelling(own: Side, group: np.ndarray, count: int) -> np.ndarray:
    """Groups whose items have units of both signs somewhere: their sum hides that there are any."""
    both = np.zeros(count, np.bool_)
    for k in range(count):
        units = own.revenue.units[group == k]
        both[k] = (units < 0).any() and (units > 0).any()
    return both
