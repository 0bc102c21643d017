"""Stock in months without a standard stands at the nearest one; only a real change of standard is a revaluation."""

from __future__ import annotations

import numpy as np

from finance.calc.inventory import StockAmounts, StockFlows, standing_cost4, value_stock

MISSING = -1


def test_stock_outlives_its_cost_and_may_be_older_than_it() -> None:
    cost4 = np.array(
        [
            [500, 500, MISSING, MISSING],  # ended: the last one stays
            [MISSING, MISSING, 700, 710],  # not yet launched: the first one counts
            [MISSING, 600, MISSING, 620],  # a hole: the one before
            [MISSING, MISSING, MISSING, MISSING],
            [0, 0, 0, 0],
        ]
    )
    assert standing_cost4(cost4, shipped=np.zeros((5, 3), np.int64)).tolist() == [
        [500, 500, 500, 500],
        [700, 700, 700, 710],
        [600, 600, 600, 620],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_a_standard_that_ended_before_the_opening_still_holds() -> None:
    cost4 = np.array([[480, 500, MISSING, MISSING, MISSING]])  # two months of the past, then opening and two months
    assert standing_cost4(cost4, shipped=np.zeros((1, 2), np.int64)).tolist() == [[500, 500, 500]]


def test_what_is_shipped_takes_no_cost_that_its_cogs_does_not_have() -> None:
    shipped = np.array([[0, 1000, 0]])
    assert standing_cost4(np.array([[500, 500, MISSING, MISSING]]), shipped=shipped).tolist() == [[500, 500, 0, 500]]


def test_an_ended_item_on_stock_is_not_written_off() -> None:
    nothing = np.zeros((1, 2), np.int64)
    flows = StockFlows(opening=np.array([185_000]), received=nothing, consumed=nothing, shipped=nothing)
    cost4 = standing_cost4(np.array([[15_187_864, 15_187_864, MISSING]]), shipped=nothing)
    block = value_stock(
        flows, StockAmounts(nothing, nothing, nothing, nothing), cost4=cost4[:, 1:], opening_cost4=cost4[:, 0]
    )
    assert block.value.tolist() == [[round(185 * 1518.7864 * 100)] * 2]
    assert block.revaluation.tolist() == [[0, 0]]
