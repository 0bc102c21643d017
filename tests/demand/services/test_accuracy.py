"""Earlier plans judged by what was sold since: lags, closed months, the naive, what the edits added."""

from __future__ import annotations

from datetime import date

import pytest

from cycles.models import Cycle, Plan
from demand.services.accuracy import accuracy_by_family
from tests.demand.scene import Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"


def _scene() -> Scene:
    return make_scene()


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def later(scene: Scene, months: int) -> Plan:
    """A plan of a cycle `months` after the scene's, without series of its own."""
    first = date(2014, 1 + months, 1)
    cycle = Cycle.objects.create(month=first, opened_by=scene.cast.demand_planner)
    return Plan.objects.create(cycle=cycle, number=f"{first:%Y-%m}", first_month=first, horizon=12)


def test_the_first_cycle_has_nothing_to_judge(scene: Scene) -> None:
    assert accuracy_by_family(scene.plan) == []


def test_lags_and_errors(scene: Scene) -> None:
    # history from 2012-01; sold 2013-01..02: 20, 20; 2014-01..02: 40, 25 chairs; the plan said 30 + 10 + 60 = 100
    sell(scene.company, {(OAK, NORTH): [0] * 12 + [20, 20] + [0] * 10 + [40, 25]})
    everything, chairs, *_ = accuracy_by_family(later(scene, 2))
    assert chairs.family == "CHAIRS" and [a.lag for a in chairs.lags] == [1, 2]
    january, february = chairs.lags
    # north: |40 - 90| = 50, south: |0 - 10| = 10, over 40 sold
    assert january.wmape == (50 + 10) / 40 and january.bias == (90 + 10 - 40) / 40
    assert january.naive_wmape == abs(40 - 20) / 40 and january.naive_bias == (20 - 40) / 40
    assert february.wmape == (abs(25 - 90) + 10) / 25
    assert (january.months, january.actual) == (1, 40_000)
    # lamps: 7 planned, nothing sold
    assert everything.lags[0].wmape == (50 + 10 + 7) / 40


def test_only_closed_months_count(scene: Scene) -> None:
    sell(scene.company, {(OAK, NORTH): [0] * 24 + [40, 25, 99]})
    (lag,) = accuracy_by_family(later(scene, 1))[0].lags
    assert lag.lag == 1 and lag.actual == 40_000


def test_what_the_edits_added(scene: Scene) -> None:
    sell(scene.company, {("LAMP-DESK", "NORTH/DEALER"): [0] * 24 + [10]})
    scene.edit(one(scene.node(item="LAMP-DESK", market="NORTH/DEALER"), 9_000))
    lamps = next(row for row in accuracy_by_family(later(scene, 1)) if row.family == "LAMPS")
    assert lamps.lags[0].wmape == 1 / 10 and lamps.lags[0].baseline.wmape == 3 / 10
    assert lamps.lags[0].edits.points == pytest.approx(0.2)


def test_a_family_without_sales_has_no_percentage(scene: Scene) -> None:
    sell(scene.company, {(OAK, NORTH): [0] * 24 + [40]})
    lamps = next(row for row in accuracy_by_family(later(scene, 1)) if row.family == "LAMPS")
    assert lamps.lags[0].wmape is None and lamps.lags[0].edits.points is None
