"""The trace of one edited cell: headline → driver → family → item → market → cell → edit → person, and up again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from cycles.selectors import Scope
from demand.models import Series
from finance.calc.bridge import Driver
from finance.frames.cell_trace import cell_trace, month_of
from finance.frames.drill import KEY_OF_LEVEL, Level, Node, drill_bridge
from finance.frames.edit_effects import gesture_effect, gesture_rows
from finance.models import BridgeLeaf, MoneySeries
from finance.selectors import position_of
from tests.finance.edited_plan import Edited, edited_plan
from tests.finance.sample_plan import WANTED
from tests.flows.conftest import own_database as own_database

pytestmark = pytest.mark.django_db
ALL = Scope(((None, None),))
NOBODY = Scope(())
JUNE = month_of("2014-06") or 0
NET, STANDARD = 90_00, 60_00  # cents per unit: list 100 at 90 %, material 40 + conversion 20


@pytest.fixture(scope="module")
def edited(own_database: str, django_db_blocker: DjangoDbBlocker) -> Edited:
    """The edited plan, made once for this module; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        return edited_plan()


@pytest.mark.parametrize("driver", [Driver.VOLUME, Driver.CONSTRAINT])
def test_down_and_up_with_equal_figures(edited: Edited, driver: Driver) -> None:
    """Every step's figure is its row one step up, from the headline's driver to the leaf's month."""
    plan, place = edited.sample.plan, list(Driver).index(driver)
    position = position_of(plan)
    assert position is not None
    told, node = position.drivers[driver], Node()
    keys = {
        Level.CATEGORY: edited.item.family.category_id,
        Level.FAMILY: edited.item.family_id,
        Level.ITEM: edited.item.pk,
        Level.MARKET: edited.market.pk,
    }
    for level, key in keys.items():
        drill = drill_bridge(plan, node, level, ALL)
        assert drill.total.drivers[place] == drill.trail[-1].total.drivers[place] == told
        row = next(row for row in drill.rows if row.key == key)
        told, node = row.drivers[place], node.within(level, key)
    months = drill_bridge(plan, node, Level.MONTH, ALL)
    assert months.total.drivers[place] == told
    cell = cell_trace(plan, node, JUNE, ALL)
    assert cell is not None and cell.leaf is not None and cell.planned is not None
    assert cell.leaf == months.rows[5]
    assert cell.trail == months.trail
    assert cell.leaf.landing == cell.planned.revenue
    leaf = BridgeLeaf.objects.get(plan=plan, item=edited.item, market=edited.market)
    assert dict(cell.drivers)[driver] == getattr(leaf, driver.value)[5]


def test_a_cell_is_its_baseline_and_its_gestures(edited: Edited) -> None:
    cell = cell_trace(edited.sample.plan, Node(item_id=edited.item.pk, market_id=edited.market.pk), JUNE, ALL)
    assert cell is not None and cell.planned is not None
    made = cell.planned
    assert (made.baseline_units, made.baseline_cents) == (17_000, 17 * NET)
    assert [(line.edit, line.moved.wanted, line.moved.upside) for line in made.edits] == [
        (edited.more, 10_000, 10 * NET),
        (edited.less, -2_000, -2 * NET),
    ]
    assert made.baseline_cents + sum(line.moved.upside for line in made.edits) + made.rounding == made.upside
    assert (made.upside, made.revenue, made.constraint) == (25 * NET, 20 * NET, -5 * NET)
    assert [line.edit.author for line in made.edits] == [
        edited.sample.cast.demand_planner,
        edited.sample.cast.demand_planner2,
    ]


def test_a_gesture_in_dollars_and_its_cells_as_the_cell_page_tells_them(edited: Edited) -> None:
    """+10 in June and July. June is short by 5: without the edit 15 are wanted and shipped, so 5 of the 10 count."""
    effect = gesture_effect(edited.sample.plan, edited.more, ALL)
    assert effect is not None
    assert effect.year.upside == 20 * NET
    assert effect.year.revenue == (5 + 10) * NET
    assert effect.year.cogs == (5 + 10) * STANDARD
    assert effect.year.margin == (5 + 10) * (NET - STANDARD)
    assert effect.year == effect.horizon  # thirty days: June and July are collected and paid before December ends
    cell = cell_trace(edited.sample.plan, Node(item_id=edited.item.pk, market_id=edited.market.pk), JUNE, ALL)
    assert cell is not None and cell.planned is not None
    june = next(each for each in effect.cells if each.month == JUNE)
    assert june.moved == cell.planned.edits[0].moved
    assert sum(each.moved.revenue for each in effect.cells) == effect.horizon.revenue
    assert sum(month.moved.cash or 0 for month in effect.months) == effect.horizon.cash == effect.year.margin


def test_a_cut_of_a_short_cell_moves_no_revenue(edited: Edited) -> None:
    effect = gesture_effect(edited.sample.plan, edited.less, ALL)
    assert effect is not None
    assert (effect.year.upside, effect.year.revenue, effect.year.cash) == (-2 * NET, 0, 0)


def test_up_from_the_gesture_the_trail_is_the_bridges(edited: Edited) -> None:
    effect = gesture_effect(edited.sample.plan, edited.more, ALL)
    position = position_of(edited.sample.plan)
    assert effect is not None and position is not None
    family = edited.item.family
    codes = ["Company", family.category.code, family.code, edited.item.code, edited.market.code]
    assert [step.label for step in effect.trail] == codes
    assert effect.trail[0].total.gap == position.gap
    for above, below in zip(effect.trail, effect.trail[1:], strict=False):
        level = next(
            each
            for each, column in KEY_OF_LEVEL.items()
            if column not in above.node.filters and column in below.node.filters
        )
        rows = drill_bridge(edited.sample.plan, above.node, level, ALL).rows
        assert below.total.gap in [row.gap for row in rows if row.label == below.label]


def test_the_list_of_gestures_tells_the_same(edited: Edited) -> None:
    plan = edited.sample.plan
    rows = gesture_rows(plan, ALL)
    effects = [gesture_effect(plan, row.edit, ALL) for row in rows]
    assert [row.edit for row in rows] == [edited.more, edited.less]
    for row, effect in zip(rows, effects, strict=True):
        assert effect is not None
        assert (row.moved.upside, row.moved.revenue, row.moved.cogs) == (
            effect.year.upside,
            effect.year.revenue,
            effect.year.cogs,
        )
    assert [row.edit for row in gesture_rows(plan, ALL, stream="override")] == [edited.less]
    assert [row.edit for row in gesture_rows(plan, ALL, person="demand_planner")] == [edited.more]
    assert gesture_rows(plan, ALL, stream="pipeline") == []


def test_outside_the_scope_there_is_nothing(edited: Edited) -> None:
    plan, elsewhere = edited.sample.plan, Scope(((None, frozenset({edited.market.pk + 1})),))
    node = Node(item_id=edited.item.pk, market_id=edited.market.pk)
    for scope in (NOBODY, elsewhere):
        assert cell_trace(plan, node, JUNE, scope) is None
        assert gesture_effect(plan, edited.more, scope) is None
        assert gesture_rows(plan, scope) == []


def test_behind_the_landing_the_figures_are_live(edited: Edited) -> None:
    """The landing is lost: units are the plan's, rates those of today, which are the same here."""
    plan = edited.sample.plan
    stored = gesture_effect(plan, edited.more, ALL)
    MoneySeries.objects.filter(plan=plan, item=edited.item).delete()
    live = gesture_effect(plan, edited.more, ALL)
    assert stored is not None and live is not None
    assert stored.traced.landing is not None and live.traced.landing is None
    assert live.year == stored.year and live.traced.is_answered
    Series.objects.filter(plan=plan, item=edited.item).update(consensus=[WANTED + 1] * plan.horizon)
    moved = gesture_effect(plan, edited.more, ALL)
    assert moved is not None and not moved.traced.is_answered


def test_reading_a_gesture_costs_a_fixed_number_of_queries(edited: Edited) -> None:
    gesture_effect(edited.sample.plan, edited.more, ALL)
    with CaptureQueriesContext(
        connection,
    ) as taken:
        gesture_effect(edited.sample.plan, edited.more, ALL)
    assert len(taken) <= 30, len(taken)
