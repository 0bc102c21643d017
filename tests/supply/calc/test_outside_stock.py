"""Stock terms of the problem form, each worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.plan_lp import InfeasiblePlanError
from tests.supply.calc.outside_problems import RED_TOMATO, changed


def document(item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """One item of 3 a unit on 10 hours a period, 0.5 a period to keep."""
    base = {"name": "A", "demand": [4, 6, 8], "material": 3, "holding": 0.5, "hours": 1, "lost_sale": 50}
    return {"periods": 3, "resources": [{"name": "W", "hours": 10}], "items": [{**base, **item}], **fields}


def test_half_a_period_of_the_coming_demand_is_kept() -> None:
    """Half of 6, of 8 and of the repeated 8: 3, 4 and 4. The last 4 would cost 3 + 0.5 each and miss only 2: none is made.

    Period 1 makes 4 + 3, period 2 6 + 4 − 3, period 3 8 − 4.
    """
    found = answer(document({"cover": 0.5, "cover_penalty": 2}))
    item = found["items"][0]
    assert (item["stock"], item["make"]) == ([3, 4, 0], [4 + 3, 6 + 4 - 3, 8 - 4])
    assert found["cost_lines"]["below_target"] == 2 * 4
    assert found["cost"] == 3 * (4 + 6 + 8) + 0.5 * (3 + 4) + 2 * 4
    dear = answer(document({"cover": 0.5, "cover_penalty": [2, 2, 4]}))
    assert (dear["items"][0]["stock"], dear["cost_lines"]["below_target"]) == ([3, 4, 4], 0)
    held = answer(document({"cover": 0.5, "cover_penalty": 2, "most_stock": 2, "least_stock": [0, 0, 1]}))
    assert held["items"][0]["stock"] == [2, 2, 1]


def test_what_stood_there_for_one_end_is_thrown_away() -> None:
    """20 at the opening that keep for one end: 4 and 6 are used, 10 expire at 1 each, the earlier the cheaper to keep."""
    found = answer(document({"opening_stock": 20, "shelf_life": 1, "expiry_cost": 1}))
    item = found["items"][0]
    assert sum(item["expired"]) == 20 - 4 - 6 and item["expired"][0] == 20 - 4 - 6
    assert (item["stock"], item["make"]) == ([6, 0, 0], [0, 0, 8])
    assert found["cost"] == 3 * 8 + 0.5 * 6 + 1 * 10


def test_room_is_rented_or_is_all_there_is() -> None:
    """14 in period 3 with 10 hours a period: 4 are built ahead and take 2 places each, 8; 5 are there, 3 are rented at 1."""
    asked = {"demand": [0, 0, 14], "room": 2}
    rented = answer(document(asked, storage={"room": 5, "outside_cost": 1}))
    assert rented["items"][0]["stock"] == [0, 4, 0] and rented["cost_lines"]["outside_storage"] == 2 * 4 - 5
    fixed = answer(document(asked, storage={"room": 5}))
    assert fixed["items"][0]["stock"] == [0, 2.5, 0] and fixed["items"][0]["declined"] == [0, 0, 14 - 10 - 2.5]


def test_frozen_periods_are_made_as_given_and_named_when_they_cannot_be() -> None:
    found = answer(document({"frozen": [9, 7]}))
    assert found["items"][0]["make"] == [9, 7, 2]
    with pytest.raises(InfeasiblePlanError, match="frozen production of A in 1 .12 approved.: at most 10.00 possible"):
        answer(document({"frozen": [12]}))
    for wrong in ({"frozen": [1, 1, 1, 1]}, {"shelf_life": 1.5}, {"cover": 1}):
        with pytest.raises(ProblemFormError):
            answer(document(wrong))


@pytest.mark.parametrize(
    "terms", [{"cover": 0.5, "cover_penalty": 1}, {"shelf_life": 2}, {"frozen": [1600, 2000]}, {"room": 1}]
)
def test_asking_more_of_the_stock_never_makes_a_plan_cheaper(terms: dict[str, Any]) -> None:
    """Red Tomato with each term: at least its optimum of 422,275."""
    asked = RED_TOMATO | {"storage": {"room": 400, "outside_cost": 1}} if "room" in terms else RED_TOMATO
    item = {**RED_TOMATO["items"][0], **terms}
    assert answer(changed(asked, "items.0", item))["cost"] >= 422_275 - 0.01


def test_what_arrives_from_another_place_counts_as_new_there() -> None:
    """8 units cross at 1 each to where they keep for one end: 8 × (3 + 1), nothing expires and nothing is declined."""
    there = {"name": "B", "demand": [0, 4, 4], "material": 99, "hours": 1, "shelf_life": 1, "lost_sale": 50}
    asked = {
        "periods": 3,
        "resources": [{"name": "W", "hours": 10}],
        "items": [{"name": "A", "material": 3, "hours": 1}, there],
        "transfers": [{"from": "A", "to": "B", "freight": 1, "lead": 1}],
    }
    found = answer(asked)
    assert found["cost"] == 8 * (3 + 1)
    assert found["items"][1]["expired"] == found["items"][1]["declined"] == [0, 0, 0]
