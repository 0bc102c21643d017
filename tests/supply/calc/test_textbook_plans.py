"""Worked examples of textbooks through the problem form, each against the optimum that its book prints or a derivation."""

from __future__ import annotations

from typing import Any

import pytest

from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.plan_lp import InfeasiblePlanError
from tests.supply.calc.outside_problems import RED_TOMATO, changed

CENT = 0.01


@pytest.mark.parametrize(
    ("field", "value", "fractional", "whole"),
    [
        ("items.0.demand", [1000, 3000, 3800, 4800, 2000, 1400], None, 433_080),
        ("items.0.holding", 6, 441_200, None),
        ("workforce.release_limit", [80, 0, 0, 0, 0, 0], 422_275, 422_660),
    ],
)
def test_red_tomato_with_other_demand_holding_and_a_level_workforce(
    field: str, value: object, fractional: float | None, whole: float | None
) -> None:
    """Chopra & Meindl: demand that swings more, holding of 6. The optimum releases in January only, so that being held
    to that costs nothing."""
    problem = changed(RED_TOMATO, field, value)
    for is_whole, cost in ((False, fractional), (True, whole)):
        if cost is not None:
            assert answer(problem, whole=is_whole)["cost"] == pytest.approx(cost, abs=CENT)


def test_sailco() -> None:
    """Winston: 40, 60, 75, 25 boats; 40 in regular time at 400, overtime 450, 20 a boat on stock, 10 at the start: 78,450.

    Ten boats are made in overtime in quarter 2, 35 in quarter 3, and the opening ten wait for quarter 2.
    """
    plant = {"name": "Yard", "hours": 40, "rate": 400, "overtime_limit": 1000, "overtime_rate": 450}
    boat = {"name": "Boat", "demand": [40, 60, 75, 25], "opening_stock": 10, "holding": 20, "hours": 1}
    found = answer({"periods": 4, "resources": [plant], "items": [boat]})
    assert found["cost"] == pytest.approx(400 * (40 * 3 + 25) + 450 * (10 + 35) + 20 * 10) == 78_450
    assert found["resources"][0]["overtime"] == [0, 10, 35, 0]


def _mix(hours: dict[str, float], items: list[dict[str, Any]]) -> dict[str, Any]:
    resources = [{"name": name, "hours": value} for name, value in hours.items()]
    return answer({"periods": 1, "resources": resources, "items": items})


def test_wyndor_glass() -> None:
    """Hillier & Lieberman: max 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18 → (2, 6), 36; plants worth 0, 3/2 and 1 an hour."""
    found = _mix(
        {"1": 4, "2": 12, "3": 18},
        [
            {"name": "Door", "price": 3, "hours": {"1": 1, "3": 3}},
            {"name": "Window", "price": 5, "hours": {"2": 2, "3": 2}},
        ],
    )
    assert found["profit"] == 36 and [item["make"] for item in found["items"]] == [[2], [6]]
    assert [row["hour_value"][0]["one_more"] for row in found["resources"]] == pytest.approx([0, 1.5, 1])


def test_giapetto_and_dakota() -> None:
    """Winston. Soldiers earn 27 − 24, trains 21 − 19, at most 40 soldiers: 20 and 60, 180. Desks 60, tables 30, chairs 20:
    2, 0, 8 for 280; lumber is not scarce, an hour of finishing and of carpentry is worth 10 each."""
    toys = _mix(
        {"Finishing": 100, "Carpentry": 80},
        [
            {"name": "Soldier", "price": 27, "material": 10 + 14, "demand": 40, "lost_sale": 0,
             "hours": {"Finishing": 2, "Carpentry": 1}},
            {"name": "Train", "price": 21, "material": 9 + 10, "hours": {"Finishing": 1, "Carpentry": 1}},
        ],
    )  # fmt: skip
    assert toys["profit"] == 180 and [item["make"] for item in toys["items"]] == [[20], [60]]
    wood = _mix(
        {"Lumber": 48, "Finishing": 20, "Carpentry": 8},
        [
            {"name": "Desk", "price": 60, "hours": {"Lumber": 8, "Finishing": 4, "Carpentry": 2}},
            {"name": "Table", "price": 30, "demand": 5, "lost_sale": 0,
             "hours": {"Lumber": 6, "Finishing": 2, "Carpentry": 1.5}},
            {"name": "Chair", "price": 20, "hours": {"Lumber": 1, "Finishing": 1.5, "Carpentry": 0.5}},
        ],
    )  # fmt: skip
    assert wood["profit"] == 280 and [item["make"] for item in wood["items"]] == [[2], [0], [8]]
    assert [row["hour_value"][0]["one_more"] for row in wood["resources"]] == pytest.approx([0, 10, 10])


def test_densepack_works_every_hour_of_its_people() -> None:
    """Nahmias: 2.931 … 2.198 units a head and month, none idle; hire 500, fire 1,000, hold 80: 379,320.90.

    With hours that may stand idle the same people would cost less: nobody is fired in January.
    """
    people = {
        "opening": 300, "regular_hours": [2.931, 3.517, 2.638, 3.810, 3.224, 2.198], "hire": 500, "release": 1000,
        "idle": False,
    }  # fmt: skip
    drive = {"name": "Drive", "demand": [1280, 640, 900, 1200, 2000, 1400], "opening_stock": 500, "closing_stock": 600,
             "holding": 80, "hours": 1}  # fmt: skip
    problem = {"periods": 6, "items": [drive], "workforce": people}
    found = answer(problem)
    assert found["cost"] == pytest.approx(379_320.90, abs=CENT)
    assert found["resources"][0]["hours"] == pytest.approx(found["resources"][0]["regular_hours"])
    assert answer(changed(problem, "workforce.idle", True))["cost"] < found["cost"]


def test_tru_rainbow_by_the_transportation_method() -> None:
    """Krajewski & Ritzman, thousands of gallons: regular 1.00, overtime 1.50, subcontract 1.90, 0.30 a quarter on stock,
    nothing for what is left after the last one: 4,010."""
    plant = {"name": "Plant", "hours": [450, 450, 750, 450], "rate": 1, "overtime_limit": [90, 90, 150, 90],
             "overtime_rate": 1.5}  # fmt: skip
    paint = {"name": "Paint", "demand": [300, 850, 1500, 350], "opening_stock": 250, "closing_stock": 300, "hours": 1,
             "holding": [0.3, 0.3, 0.3, 0], "subcontract": 1.9, "subcontract_limit": 200}  # fmt: skip
    assert answer({"periods": 4, "resources": [plant], "items": [paint]})["cost"] == pytest.approx(4_010, abs=CENT)


def test_a_level_plan_by_hand() -> None:
    """Stevenson: 300 a period for 200, 200, 300, 400, 500, 200; regular 2, stock 1 on its average, late 5: 4,700.

    Stock ends at 100, 200, 200, 100, 0 (100 late), 0: means 50 + 150 + 200 + 150 + 50 + 0.
    """
    item = {"name": "A", "demand": [200, 200, 300, 400, 500, 200], "holding": 1, "backlog": 5, "material": 2,
            "pins": [{"period": str(period), "make": 300} for period in range(1, 7)]}  # fmt: skip
    found = answer({"periods": 6, "holding_on": "average", "items": [item]})
    assert found["cost"] == pytest.approx(6 * 300 * 2 + (50 + 150 + 200 + 150 + 50) * 1 + 100 * 5) == 4_700


def test_two_pools_share_a_resource_and_its_overtime() -> None:
    """Ten heads of 10 h stay; seasonal ones of 10 h at 120 come for the second month, in which 150 h are asked for. Each
    may work an hour over: 10 · (10 + 1) + s · (10 + 1) = 150, s = 40 / 11."""
    pools = [
        {"name": "Own", "resource": "Shop", "opening": 10, "least": 10, "most": 10, "regular_hours": 10, "wage": 100,
         "overtime_hours": 1, "overtime_rate": 1},
        {"name": "Season", "resource": "Shop", "regular_hours": 10, "wage": 120, "overtime_hours": 1, "overtime_rate": 1},
    ]  # fmt: skip
    problem = {
        "periods": 2,
        "items": [{"name": "A", "demand": [50, 150], "hours": 1, "holding": 99}],
        "workforce": pools,
    }
    found = answer(problem)
    own, season = found["workforce"]
    assert own["heads"] == [10, 10] and season["heads"] == pytest.approx([0, 40 / 11], abs=1e-5)
    assert found["cost"] == pytest.approx(2 * 10 * 100 + 40 / 11 * 120 + (10 + 40 / 11) * 1)
    whole = answer(problem, whole=True)
    assert whole["workforce"][1]["heads"] == [0, 4]


def test_nobody_may_be_hired_beyond_the_limit() -> None:
    people = {"opening": 1, "regular_hours": 10, "wage": 1, "hire_limit": [0, 2]}
    late = {"periods": 2, "items": [{"name": "A", "demand": [10, 30], "hours": 1}], "workforce": people}
    assert answer(late)["workforce"][0]["heads"] == [1, 3]
    with pytest.raises(InfeasiblePlanError):
        answer(changed(late, "items.0.demand", [11, 30]))


def test_hours_that_nobody_uses_may_cost() -> None:
    """100 hours at 5, idle at 2, 60 asked: 60 · 5 + 40 · 2; 20 in overtime at 8 on top of 100 have none idle."""
    plant = {"name": "Plant", "hours": 100, "rate": 5, "idle_rate": 2, "overtime_limit": 50, "overtime_rate": 8}
    problem = {"periods": 1, "resources": [plant], "items": [{"name": "A", "demand": 60, "hours": 1}]}
    found = answer(problem)
    assert found["cost"] == 60 * 5 + 40 * 2 and found["cost_lines"]["idle"] == 40 * 2
    assert answer(changed(problem, "items.0.demand", 120))["cost"] == 100 * 5 + 20 * 8


def test_scrap_takes_material_and_hours_of_what_is_started() -> None:
    """97 good units of 100 started: 100 h at 1 and 100 of material at 2; a component likewise."""
    plant = {"name": "Plant", "hours": 1000, "rate": 1}
    items = [
        {"name": "A", "demand": 97, "material": 2, "hours": 1, "scrap": 0.03, "components": {"B": 3}},
        {"name": "B", "material": 1},
    ]
    problem = {"periods": 1, "resources": [plant], "items": items}
    found = answer(problem)
    assert found["cost"] == pytest.approx(100 * 1 + 100 * 2 + 300 * 1)
    assert found["items"][0]["make"] == pytest.approx([97])
    with pytest.raises(ProblemFormError, match="is no share"):
        answer(changed(problem, "items.0.scrap", 1))


def test_pools_on_one_resource_pay_overtime_alike() -> None:
    pool = {"resource": "Shop", "regular_hours": 1, "overtime_hours": 1}
    pools = [{**pool, "name": "A", "overtime_rate": 1}, {**pool, "name": "B", "overtime_rate": 2}]
    with pytest.raises(ProblemFormError, match="differs from that of another pool"):
        answer({"periods": 1, "items": [{"name": "X"}], "workforce": pools})
