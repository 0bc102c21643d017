"""Items, markets and reference rows as frames: complete, typed, −1 for nothing."""

from __future__ import annotations

from datetime import date

import pytest

from catalog.calc.months import month_index
from catalog.frames.hierarchy import OPEN_END, load_hierarchy
from catalog.frames.references import load_reference_rows
from catalog.models import Item
from tests.small_company import BUDGET, BUDGET_YEAR, small_company

pytestmark = pytest.mark.django_db


def test_items_and_markets(django_assert_num_queries) -> None:
    made = small_company()
    screw = Item.objects.create(code="SCREW", name="Screw", is_sold=False, end_date=date(2014, 5, 2), plan_decimals=0)
    with django_assert_num_queries(2):
        hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("code")
    assert items.index.tolist() == [*made.items, "SCREW"]
    assert (items.loc["SCREW", "family_id"], items.loc["SCREW", "family"], items.loc["SCREW", "category"]) == (
        -1,
        "",
        "",
    )
    assert items.loc["SCREW", "end_month"] == month_index(screw.end_date)
    assert items.loc["SCREW", "launch_month"] == -1
    assert items.loc["CHAIR-OAK", "end_month"] == OPEN_END
    assert items["quantum_milli"].tolist() == [10, 10, 10, 10, 1000]
    assert items.loc["LAMP-DESK", ["family", "category"]].tolist() == ["LAMPS", "LIGHTING"]
    markets = hierarchy.markets.set_index("code")
    assert markets.loc["SOUTH/DEALER", ["region", "channel", "currency"]].tolist() == ["SOUTH", "DEALER", "USD"]


def test_empty() -> None:
    hierarchy = load_hierarchy()
    assert hierarchy.items.empty and hierarchy.markets.empty
    assert "quantum_milli" in hierarchy.items and "currency" in hierarchy.markets


def test_reference_rows() -> None:
    made = small_company()
    rows = load_reference_rows("budget", BUDGET_YEAR)
    assert len(rows) == 96
    assert rows["revenue_cents"].sum() == made.budget.revenue_cents
    assert set(rows["month"]) == set(range(BUDGET_YEAR * 12, BUDGET_YEAR * 12 + 12))
    assert set(rows["item_id"]) == {-1} and set(rows["region_id"]) == {-1}
    chairs = rows[rows["family_id"] == made.families["CHAIRS"].id]
    assert set(chairs["units_milli"]) == {BUDGET["CHAIRS"][0] * 1000}
    assert load_reference_rows("budget", 1999).empty
