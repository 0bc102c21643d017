"""Gestures of the grid beyond typing a number: fill, dollars, whole planning steps, and each refusal with its remedy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalog.models import PlannedDiscount
from demand.models import Edit
from demand.sections import consensus_problems
from demand.services.ledger import Cause, EditInvalid, EditResult, Instruction, Mode, Node, Unit
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, DESK, FLOOR = "CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK", "LAMP-FLOOR"
NORTH, SOUTH, DEALER = "NORTH/DIRECT", "SOUTH/DIRECT", "NORTH/DEALER"


def _scene() -> Scene:
    """The scene with a discount of 10 % in the direct markets: oak nets 90 USD, pine 72; no price at the dealers."""
    made = make_scene()
    for market in (NORTH, SOUTH):
        PlannedDiscount.objects.create(
            market=made.company.markets[market], first_month=date(2014, 1, 1), fraction=Decimal("0.1")
        )
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


@pytest.fixture(autouse=True)
def _always_baseline_plus_edits(scene: Scene) -> object:
    yield
    assert list(consensus_problems()) == []


def causes(result: EditResult) -> dict[int, Cause]:
    return {refusal.instruction: refusal.cause for refusal in result.refused}


def test_fill_copies_the_first_month_to_the_right_series_by_series(scene: Scene) -> None:
    scene.edit(one(scene.node(family="CHAIRS"), 200_000))  # twice as much: 60, 20, 120
    fill = Instruction((scene.node(family="CHAIRS"),), tuple(range(FIRST, FIRST + 4)))
    result = scene.edit(fill, mode=Mode.FILL)
    for item, market, units in ((OAK, NORTH, 60), (OAK, SOUTH, 20), (PINE, NORTH, 120)):
        cells = [scene.cell(item, market, FIRST + k) for k in range(5)]
        assert cells[:4] == [units * 1000] * 4 and cells[4] == units * 500
    assert result.edit is not None
    assert all(line.touched == [0, 1, 1, 1] + [0] * (HORIZON - 4) for line in result.edit.lines.all())


def test_fill_passes_over_months_after_the_end_of_an_item(scene: Scene) -> None:
    oak = scene.company.items[OAK]
    oak.end_date = date(2014, 3, 31)
    oak.save()
    scene.edit(one(scene.node(item=OAK, market=SOUTH), 50_000))
    fill = Instruction((scene.node(item=OAK, market=SOUTH),), tuple(range(FIRST, FIRST + 6)))
    scene.edit(fill, mode=Mode.FILL)
    assert [scene.cell(OAK, SOUTH, FIRST + k) for k in range(5)] == [50_000, 50_000, 50_000, 10_000, 10_000]


def test_fill_conflicts_with_what_somebody_wrote_into_its_source(scene: Scene) -> None:
    base, node = scene.plan.revision, scene.node(item=OAK, market=NORTH)
    scene.edit(one(node, 45_000), actor=scene.cast.demand_planner2)
    fill = Instruction((node,), (FIRST, FIRST + 1))
    assert causes(scene.edit(fill, mode=Mode.FILL, base_revision=base)) == {0: Cause.CONFLICT}


def test_dollars_typed_into_a_cell_become_units_at_the_net_price(scene: Scene) -> None:
    # oak nets 100 × 0.9 = 90 USD: 1,000 USD are 11.11… units, 11.11 in steps of 0.01
    result = scene.edit(one(scene.node(item=OAK, market=NORTH), 1_000_00), unit=Unit.VALUE)
    assert scene.cell(OAK, NORTH) == 11_110 and result.saved == (0,)
    assert result.edit is not None and result.edit.gesture["unit"] == "value"


def test_dollars_typed_into_a_family_are_spread_as_units_by_their_mix(scene: Scene) -> None:
    # 30 and 10 oak at 90, 60 pine at 72 USD are worth 3,600 + 4,320 = 7,920; half as much again needs half as many again
    chairs = scene.node(family="CHAIRS")
    scene.edit(one(chairs, 7_920_00 * 3 // 2), unit=Unit.VALUE)
    assert [scene.cell(OAK, NORTH), scene.cell(OAK, SOUTH), scene.cell(PINE, NORTH)] == [45_000, 15_000, 90_000]
    scene.edit(one(chairs, -7_920_00 // 2), unit=Unit.VALUE, mode=Mode.CHANGE)
    assert [scene.cell(OAK, NORTH), scene.cell(OAK, SOUTH), scene.cell(PINE, NORTH)] == [30_000, 10_000, 60_000]


def test_dollars_over_a_quarter(scene: Scene) -> None:
    quarter = Instruction((scene.node(item=PINE, market=NORTH),), (FIRST, FIRST + 1, FIRST + 2), 72_00 * 30)
    scene.edit(quarter, unit=Unit.VALUE)
    assert [scene.cell(PINE, NORTH, FIRST + k) for k in range(4)] == [10_000, 10_000, 10_000, 60_000]


def test_a_cell_without_a_price_takes_units_and_no_dollars(scene: Scene) -> None:
    desk, oak = scene.node(item=DESK, market=DEALER), scene.node(item=OAK, market=NORTH)
    result = scene.edit(one(desk, 100_00), one(oak, 900_00), unit=Unit.VALUE)
    assert causes(result) == {0: Cause.NO_PRICE} and result.saved == (1,)
    assert "price" in result.refused[0].reason and "units" in result.refused[0].remedy
    assert (scene.cell(DESK, DEALER), scene.cell(OAK, NORTH)) == (7_000, 10_000)


def test_every_cell_of_a_paste_is_judged_by_itself(scene: Scene) -> None:
    pine = scene.company.items[PINE]
    pine.end_date = date(2014, 6, 30)
    pine.save()
    base = scene.plan.revision
    scene.edit(one(scene.node(item=OAK, market=SOUTH), 20_000), actor=scene.cast.demand_planner2)
    scene.edit(one(scene.node(item=PINE, market=NORTH), 0, FIRST + 7), actor=scene.cast.demand_planner2)
    oak = scene.node(item=OAK, market=NORTH)
    paste = (
        one(oak, 31_000),
        one(scene.node(item=OAK, market=SOUTH), 9_000),
        one(oak, 32_005, FIRST + 1),
        one(oak, -1_000, FIRST + 2),
        one(oak, 33_000, FIRST - 1),
        one(scene.node(item=PINE, market=SOUTH), 5_000, FIRST + 8),
        one(Node(item_id=10**8, market_id=scene.company.markets[NORTH].pk), 1_000),
        one(oak, 34_000, FIRST + 3),
    )
    result = scene.edit(*paste, base_revision=base)
    assert result.saved == (0, 7)
    assert causes(result) == {
        1: Cause.CONFLICT,
        2: Cause.NOT_A_STEP,
        3: Cause.BELOW_ZERO,
        4: Cause.MONTH_LOCKED,
        5: Cause.NOT_ON_MARKET,
        6: Cause.UNKNOWN_ROW,
    }
    assert [scene.cell(OAK, NORTH, FIRST + k) for k in range(4)] == [31_000, 30_000, 30_000, 34_000]
    assert scene.cell(OAK, SOUTH) == 20_000
    assert all(refusal.reason and refusal.remedy for refusal in result.refused)
    assert Edit.objects.filter(author=scene.cast.demand_planner).count() == 1


def test_when_nothing_of_it_can_be_saved_the_refusals_come_with_the_error(scene: Scene) -> None:
    oak = scene.node(item=OAK, market=NORTH)
    with pytest.raises(EditInvalid, match="below zero") as raised:
        scene.edit(one(oak, -1_000), one(oak, 5, FIRST + 1))
    assert [refusal.cause for refusal in raised.value.refused] == [Cause.BELOW_ZERO, Cause.NOT_A_STEP]
    assert not Edit.objects.exists()


def test_a_total_is_whole_steps_of_the_coarsest_item_below_it(scene: Scene) -> None:
    pine = scene.company.items[PINE]
    pine.plan_decimals = 0
    pine.save()
    with pytest.raises(EditInvalid, match="steps of 1"):
        scene.edit(one(scene.node(family="CHAIRS"), 100_500))
    scene.edit(one(scene.node(family="CHAIRS"), 101_000))
    assert scene.cell(PINE, NORTH) % 1000 == 0
    assert scene.cell(OAK, NORTH) + scene.cell(OAK, SOUTH) + scene.cell(PINE, NORTH) == 101_000


def test_a_category_is_a_node_too(scene: Scene) -> None:
    lighting = scene.company.families["LAMPS"].category
    scene.edit(one(Node(category_id=lighting.pk), 21_000))
    assert scene.cell(DESK, DEALER) == 21_000 and scene.cell(OAK, NORTH) == 30_000
