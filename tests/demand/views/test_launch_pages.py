"""A new product: its curve over markets by hand, what it takes from another item, taken back as one, pages and rights."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from demand.calc.launch import CurveKind
from demand.models import Edit, EditKind, EditLine, Intent
from demand.sections import consensus_problems
from demand.services.launches import LaunchWords, launch_item, launch_lines
from demand.services.ledger import EditInvalid, SeriesUnknown
from tests.demand.scene import FIRST, Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, PINE, FLOOR, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "LAMP-FLOOR", "NORTH/DIRECT", "SOUTH/DIRECT"
MARCH = FIRST + 2


@pytest.fixture
def scene() -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [0] * 20 + [10, 20, 40, 40], (PINE, SOUTH): [20] * 24})
    made.plan.refresh_from_db()
    return made


def words(scene: Scene, **more: object) -> LaunchWords:
    """Pine in the south and north from March: 60 a month at its peak, reached in the third month."""
    usual = {
        "item_id": scene.company.items[PINE].pk, "market_ids": tuple(scene.company.markets[m].pk for m in (NORTH, SOUTH)),
        "first_month": date(2014, 3, 1), "months": 4, "peak_milli": 60_000, "curve": CurveKind.RAMP,
        "ramp_months": 3, "reason": "listed by a chain",
    }  # fmt: skip
    return LaunchWords(**{**usual, **more})  # type: ignore[arg-type]


def test_a_launch_and_what_it_takes(scene: Scene) -> None:
    """20, 40, 60, 60 over the markets as chairs lie there, 90 north to 10 south; half of it comes from oak, which has 30
    in the north: 9, 18, 27, 27 there and 1, 2, 3, 3 of its 10 in the south."""
    planner = scene.cast.demand_planner
    told = words(scene, taken_from_id=scene.company.items[OAK].pk, taken4=5_000)
    result = launch_item(
        plan_id=scene.plan.pk, words=told, base_revision=scene.plan.revision, session="w", actor=planner
    )
    months = range(MARCH, MARCH + 4)
    assert [scene.cell(PINE, NORTH, month) for month in months] == [18_000, 36_000, 54_000, 54_000]
    assert [scene.cell(PINE, SOUTH, month) for month in months] == [2_000, 4_000, 6_000, 6_000]
    assert [scene.cell(OAK, NORTH, month) for month in months] == [21_000, 12_000, 3_000, 3_000]
    assert [scene.cell(OAK, SOUTH, month) for month in months] == [9_000, 8_000, 7_000, 7_000]
    launch, loss = Edit.objects.order_by("id")
    assert {launch.kind, loss.kind} == {EditKind.NEW_PRODUCT.value} and loss.gesture["launch_of"] == launch.revision
    assert launch.gesture["launch"]["units_milli"] == [20_000, 40_000, 60_000, 60_000]
    assert set(EditLine.objects.filter(edit=launch).values_list("intent", flat=True)) == {int(Intent.SET)}
    client = Client()
    client.force_login(planner)
    address = reverse("demand:take_back_launch", args=["2014-01", launch.revision])
    scene.plan.refresh_from_db()
    assert "ramp of 3 months" in client.get(reverse("demand:launches", args=["2014-01"])).content.decode()
    text = client.post(address, {"revision": scene.plan.revision}, follow=True).content.decode()
    assert "out of the plan" in text and "No launch in this plan" in text
    assert (scene.cell(PINE, NORTH, MARCH), scene.cell(OAK, NORTH, MARCH)) == (60_000, 30_000)
    assert client.post(address).status_code == 404 and result.edit == launch
    assert list(consensus_problems()) == []


def test_as_another_item_started_and_what_cannot_be(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    like = words(scene, curve=CurveKind.LIKE, like_item_id=scene.company.items[OAK].pk)
    # oak started with 10, 20, 40, 40: a quarter, a half and all of its best month
    assert launch_lines(scene.plan, like, planner).units.sum(axis=0).tolist() == [15_000, 30_000, 60_000, 60_000]
    floor = scene.company.items[FLOOR]
    for wrong, error, why in (
        (words(scene, months=11), EditInvalid, "open months"),
        (words(scene, market_ids=()), EditInvalid, "at least one market"),
        (words(scene, curve=CurveKind.LIKE, like_item_id=floor.pk), EditInvalid, "never sold"),
        (words(scene, item_id=0), SeriesUnknown, "no such"),
    ):
        with pytest.raises(error, match=why):
            launch_lines(scene.plan, wrong, planner)
    Item.objects.filter(pk=floor.pk).update(launch_date=date(2014, 4, 1))
    early = words(scene, item_id=floor.pk)
    with pytest.raises(EditInvalid, match="on the market"):
        launch_item(plan_id=scene.plan.pk, words=early, base_revision=scene.plan.revision, session="w", actor=planner)
    assert not Edit.objects.exists()


def test_the_form_looks_enters_and_names_a_conflict(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.demand_planner)
    new = reverse("demand:new_launch", args=["2014-01"])
    fields = {
        "item": PINE, "markets": [scene.company.markets[NORTH].pk], "first_month": "2014-03", "months": "2",
        "peak_units": "80", "curve": "typed", "percentages": "50; 100%", "reason": "listing", "revision": scene.plan.revision,
    }  # fmt: skip
    text = client.post(new, fields).content.decode()
    # 40 and 80 instead of 60 and 60
    assert "It would move 0 units" in text.replace("+0", "0") and not Edit.objects.exists()
    for wrong in ({"percentages": "half"}, {"percentages": ""}, {"taken_from": OAK}, {"first_month": "2015-03"}):
        assert client.post(new, {**fields, **wrong}).status_code == 422
    scene.edit(one(scene.node(item=PINE, market=NORTH), 61_000, MARCH), actor=scene.cast.demand_planner2)
    answer = client.post(new, {**fields, "enter": "1"})
    assert answer.status_code == 422 and "Demand Planner2" in answer.content.decode()
    scene.plan.refresh_from_db()
    client.post(new, {**fields, "enter": "1", "revision": scene.plan.revision})
    assert [scene.cell(PINE, NORTH, MARCH + k) for k in range(3)] == [40_000, 80_000, 60_000]
    for who, statuses in (("viewer", (200, 403)), ("outsider", (404, 404))):
        client.force_login(getattr(scene.cast, who))
        assert (
            client.get(reverse("demand:launches", args=["2014-01"])).status_code,
            client.get(new).status_code,
        ) == statuses
