"""Which items are needed where."""

from supply.calc.network import MakeRules, supply_nodes
from supply.calc.pins import PinTarget, pin_fault

RULES = MakeRules(made={1, 2}, sites_of={1: {10}}, components={1: {2, 3}, 2: {4}})


def test_components_are_needed_where_their_parent_is_made() -> None:
    assert supply_nodes([(1, 10)], RULES) == [(1, 10), (2, 10), (3, 10), (4, 10)]


def test_item_that_cannot_be_made_at_a_site_needs_nothing_there() -> None:
    assert supply_nodes([(1, 11)], RULES) == [(1, 11)]


def test_circle_ends() -> None:
    assert supply_nodes([(1, 1)], MakeRules({1, 2}, {}, {1: {2}, 2: {1}})) == [(1, 1), (2, 1)]


def test_pin_faults() -> None:
    fine = PinTarget(made=True, bought=False, month=0, horizon=6, quantity=1, quantum=1)
    assert pin_fault("make", fine) == ""
    assert "not bought" in pin_fault("buy", fine)
    assert "outside" in pin_fault("make", PinTarget(True, False, 6, 6, 1, 1))
    assert "negative" in pin_fault("make", PinTarget(True, False, 0, 6, -1, 1))
    assert "cannot be made" in pin_fault("make", PinTarget(False, True, 0, 6, 1, 1))
    assert "steps of 0.01" in pin_fault("make", PinTarget(True, False, 0, 6, 15, 10))
