"""Safety stock, balance and cover: the worked examples of FORMULAS §5."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.stock_policy import forward_cover, projected_balance
from tests.supply.calc.outside_problems import RED_TOMATO

BM = {"name": "B&M", "demand": 2500, "demand_deviation": 500, "lead_time": 2, "lot": 10_000}
DELL = {"name": "Dell", "demand": 2500, "demand_deviation": 500, "lead_time": 7, "service": 0.9}


def policy(**changed: object) -> dict[str, Any]:
    found: dict[str, Any] = answer({"kind": "safety_stock", "items": [{**BM, **changed}]})["items"][0]
    return found


def test_what_a_reorder_point_achieves() -> None:
    """Lead-time demand 5,000, σ 500·√2: 1,000 of safety stock, k = 1.4142, Φ(k) = 0.9214; 25 short in 10,000."""
    found = policy(reorder_point=6000)
    assert found["safety_stock"] == 1000
    assert found["cycle_service"] == pytest.approx(0.5 * (1 + math.erf(2 / math.sqrt(2) / math.sqrt(2))))
    assert found["cycle_service"] == pytest.approx(0.9214, abs=5e-5)
    assert found["fill_rate"] == pytest.approx(0.9975, abs=5e-5)


def test_safety_stock_for_a_service_level() -> None:
    """z(0.90) · 500 · √2 = 1.2816 · 707.1."""
    assert policy(service=0.9)["safety_stock"] == pytest.approx(906, abs=0.5)
    assert policy(service=0.9)["reorder_point"] == pytest.approx(5000 + 906, abs=0.5)


@pytest.mark.parametrize(("lead_time_deviation", "stock"), [(7, 22_491), (0, 1_695)])
def test_an_uncertain_lead_time_needs_more(lead_time_deviation: float, stock: float) -> None:
    item = {**DELL, "lead_time_deviation": lead_time_deviation}
    found = answer({"kind": "safety_stock", "items": [item]})["items"][0]
    assert found["safety_stock"] == pytest.approx(stock, abs=0.5)


def test_certain_demand_needs_none() -> None:
    assert policy(demand_deviation=0, reorder_point=5000)["fill_rate"] == 1.0
    assert policy(demand_deviation=0, reorder_point=4000)["fill_rate"] == 1 - 1000 / 10_000


def test_projected_balance() -> None:
    problem = {
        "kind": "projected_balance",
        "opening": 120,
        "forecast": [40, 50, 60, 30],
        "orders": [45, 20, 10, 0],
        "receipts": [0, 100, 0, 100],
    }
    assert answer(problem) == {
        "kind": "projected_balance",
        "demand": [45, 50, 60, 30],
        "balance": [120 - 45, 75 + 100 - 50, 125 - 60, 65 + 100 - 30],
    }


def test_inside_the_time_fence_only_orders_count() -> None:
    arrays = (np.array([40.0, 50.0]), np.array([10.0, 20.0]), np.zeros(2))
    assert projected_balance(100, *arrays, fence=1)[0].tolist() == [100 - 10, 90 - 50]


def test_forward_cover_eats_the_months_that_come() -> None:
    """80 + 76 + 72 + 68 + 64 + 60 + 56 = 476; the other 24 are 24 / 52 of the eighth month."""
    demand = [80, 76, 72, 68, 64, 60, 56, 52]
    found = answer({"kind": "forward_cover", "on_hand": 500, "demand": demand})
    assert found["periods"] == pytest.approx(7 + (500 - 476) / 52)


@pytest.mark.parametrize(
    ("on_hand", "demand", "periods"), [(5, [0, 0], None), (0, [5], 0.0), (9, [5, 0, 8], 2 + 4 / 8), (99, [5, 5], 2.0)]
)
def test_cover_at_the_edges(on_hand: float, demand: list[float], periods: float | None) -> None:
    assert forward_cover(on_hand, np.array(demand, float)) == periods


def test_no_demand_is_said_and_is_no_number() -> None:
    assert answer({"kind": "forward_cover", "on_hand": 5, "demand": [0]})["note"] == "no demand"


@pytest.mark.parametrize(("demand", "excess", "obsolete"), [([30, 30, 30], 100 - 60, 0), ([0, 0, 0], 0, 100)])
def test_excess_and_obsolete(demand: list[float], excess: float, obsolete: float) -> None:
    problem = {"kind": "excess", "on_hand": 100, "demand": demand, "window": 2, "standard_cost": 3}
    expected = {"excess": excess, "obsolete": obsolete, "excess_value": excess * 3, "obsolete_value": obsolete * 3}
    assert answer(problem) == {"kind": "excess", **expected}


def test_rough_cut_hours_split_by_share() -> None:
    """100 · 2 + 50 · 3 + 25 · 4 = 450 hours; 60 and 40 % of them."""
    items = [{"name": n, "units": u, "hours": h} for n, u, h in (("A", 100, 2), ("B", 50, 3), ("C", 25, 4))]
    resources = [{"name": "W1", "share": 0.6}, {"name": "W2", "share": 0.4}]
    found = answer({"kind": "rough_cut", "items": items, "resources": resources})
    assert found["hours"] == 100 * 2 + 50 * 3 + 25 * 4
    assert [row["hours"] for row in found["resources"]] == pytest.approx([450 * 0.6, 450 * 0.4])
    assert found["resources"][0]["load_percent"] is None


def test_rough_cut_with_scrap() -> None:
    """500 / 0.97 · 0.5 = 257.7 hours of 2 · 300 · 0.85 = 510."""
    item = {"name": "A", "units": 500, "scrap": 0.03, "hours": 0.5}
    centre = {"name": "W", "machines": 2, "hours_per_machine": 300, "efficiency": 0.85}
    row = answer({"kind": "rough_cut", "items": [item], "resources": [centre]})["resources"][0]
    assert row["hours"] == pytest.approx(500 / 0.97 * 0.5)
    assert row["load_percent"] == pytest.approx(100 * 500 / 0.97 * 0.5 / 510)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ({"kind": "safety_stock", "items": [{**DELL, "service": 1}]}, "problem.items[0].service: 1.0 is no service"),
        ({"kind": "forward_cover", "on_hand": 1}, "problem.demand: None is no list of numbers"),
        ({"kind": "rough_cut", "items": [{"name": "A", "units": 1, "scrap": 1, "hours": 1}]}, "is no share"),
    ],
)
def test_what_is_wrong_is_told(problem: object, words: str) -> None:
    with pytest.raises(ProblemFormError) as refused:
        answer(problem)
    assert words in str(refused.value)


def test_the_command_writes_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.json").write_text(json.dumps(RED_TOMATO))
    call_command("plan_supply", "--integer", problem=tmp_path / "in.json", out=tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text())["cost"] == pytest.approx(422_660, abs=0.01)
    assert capsys.readouterr().out == "Cost 422,660.00, profit 217,340.00.\n"


@pytest.mark.parametrize(
    ("text", "words"), [("{", "is no JSON document"), ("{}", "problem.periods: None"), (None, "cannot be read")]
)
def test_the_command_refuses_and_writes_nothing(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "in.json").write_text(text)
    with pytest.raises(CommandError, match=words) as refused:
        call_command("plan_supply", problem=tmp_path / "in.json", out=tmp_path / "out.json")
    assert refused.value.returncode == 2 and not (tmp_path / "out.json").exists()
