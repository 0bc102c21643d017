"""A promotion entered by a person: worked out by hand here, looked at, planned with its price, taken back, removed."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PriceAction
from demand.calc.event_shape import Shape
from demand.frames import active_events, load_rates
from demand.models import Edit, Series
from demand.services.event_entry import EventWords, enter_event, event_lines, preview_event
from demand.services.ledger import EditInvalid, SeriesUnknown
from tests.demand.scene import FIRST, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"
MARCH = FIRST + 2


def _scene() -> Scene:
    """Sold at list, so that oak costs 100.00 and pine 80.00 net."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (OAK, SOUTH): [20] * 24, (PINE, NORTH): [20] * 24})
    made.plan.refresh_from_db()
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def oak(scene: Scene, **more: object) -> EventWords:
    """Half as many oak chairs again in March and April, 20 % off, a quarter of it missing in May."""
    words = {
        "name": "Spring days", "first_day": date(2014, 3, 1), "last_day": date(2014, 4, 30), "shape": Shape.FLAT,
        "item_id": scene.company.items[OAK].pk, "lift4": 5_000, "discount4": 2_000, "dip4": 2_500,
    }  # fmt: skip
    return EventWords(**{**words, **more})  # type: ignore[arg-type]


def price(scene: Scene, month: int) -> int:
    keys = [scene.company.items[OAK].pk], [scene.company.markets[NORTH].pk]
    return int(load_rates(scene.plan, *keys).net_price4[0, month - FIRST])


def test_an_event_worked_out_by_hand(scene: Scene) -> None:
    """Baseline 30 north + 10 south a month: 0.5 × 40 × 2 months = 40 units, 20 a month; north has 3/4 of them. A quarter
    of 40 is missing in May: −10, of which north bears 7.5."""
    lines = event_lines(scene.plan, oak(scene), scene.cast.demand_planner)
    assert lines.months == [MARCH, MARCH + 1, MARCH + 2] and lines.discount4 == (2_000, 2_000, 0)
    assert lines.units.tolist() == [[15_000, 15_000, -7_500], [5_000, 5_000, -2_500]]
    preview = preview_event(scene.plan, oak(scene), scene.cast.demand_planner)
    # March and April: 60 at 80.00 instead of 40 at 100.00 = +800 each; May: 10 fewer at 100.00 = −1,000
    assert (preview.units, preview.cents, preview.unpriced) == (30_000, (2 * 800 - 1_000) * 100, 0)
    assert not PriceAction.objects.exists() and not Edit.objects.exists()


def test_half_of_march_takes_half_of_lift_and_discount(scene: Scene) -> None:
    """16 to 31 March are 16 of 31 days: 0.5 × 40 × 16/31 = 10.32 units, 20 % × 16/31 = 10.32 % off the month's price."""
    words = oak(scene, first_day=date(2014, 3, 16), last_day=date(2014, 3, 31), dip4=0)
    lines = event_lines(scene.plan, words, scene.cast.demand_planner)
    assert lines.units.sum() == 10_320 and lines.discount4 == (1_032,)


def test_planned_carried_in_the_list_taken_back_and_removed_by_button(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.demand_planner)
    new = reverse("demand:new_event", args=["2014-01"])
    fields = {
        "name": "Spring days", "item": OAK, "first_day": "2014-03-01", "last_day": "2014-04-30", "lift_percent": "50",
        "shape": "flat", "discount_percent": "20", "revision": scene.plan.revision,
    }  # fmt: skip
    text = client.post(new, fields).content.decode()
    assert "It would move +40 units" in text and not Edit.objects.exists()
    assert client.post(new, {**fields, "lift_units": "3"}).status_code == 422
    assert client.post(new, {**fields, "last_day": "2015-04-30"}).status_code == 422
    text = client.post(new, {**fields, "enter": "1"}, follow=True).content.decode()
    edit = Edit.objects.get()
    assert edit.gesture["promotion"]["shape"] == "flat" and edit.gesture["events"] == ["2014-01/E1"]
    assert scene.cell(OAK, NORTH, MARCH) == 45_000 and price(scene, MARCH) == 80_0000
    assert "Take back" in text and ">Remove<" not in text
    for name, shown in (("take_back_event", ">Remove<"), ("remove_event", "No event in these months")):
        scene.plan.refresh_from_db()
        sent = {"event": "2014-01/E1", "revision": scene.plan.revision}
        text = client.post(reverse(f"demand:{name}", args=["2014-01"]), sent, follow=True).content.decode()
        assert shown in text
    assert scene.cell(OAK, NORTH, MARCH) == 30_000 and price(scene, MARCH) == 100_0000
    assert not PriceAction.objects.exists()


def test_a_conflict_enters_nothing_and_names_the_person(scene: Scene) -> None:
    seen = scene.plan.revision
    scene.edit(one(scene.node(item=OAK, market=NORTH), 31_000, MARCH), actor=scene.cast.demand_planner2)
    result = enter_event(
        plan_id=scene.plan.pk, words=oak(scene), base_revision=seen, session="w", actor=scene.cast.demand_planner
    )
    assert result.edit is None and [refusal.by for refusal in result.refused] == ["Demand Planner2"]
    assert not PriceAction.objects.exists() and active_events(scene.plan) == set()


def test_what_cannot_be_worked_out_says_why(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    lamp = scene.company.items["LAMP-FLOOR"].pk
    for words, error, why in (
        (oak(scene, first_day=date(2013, 12, 1)), EditInvalid, "open months"),
        (oak(scene, last_day=date(2014, 12, 31), first_day=date(2014, 12, 1)), EditInvalid, "its dip"),
        (oak(scene, item_id=lamp), EditInvalid, "name the markets"),
        (oak(scene, item_id=lamp, market_ids=(scene.company.markets[NORTH].pk,)), EditInvalid, "no units"),
        (oak(scene, item_id=None), SeriesUnknown, "no such"),
    ):
        with pytest.raises(error, match=why):
            event_lines(scene.plan, words, planner)
    planner.memberships.get().markets.add(scene.company.markets[SOUTH])
    with pytest.raises(SeriesUnknown):
        event_lines(scene.plan, oak(scene, market_ids=(scene.company.markets[NORTH].pk,)), planner)
    assert Series.objects.filter(plan=scene.plan).count() == 4


@pytest.mark.parametrize(("who", "status"), [("finance", 403), ("viewer", 403), ("outsider", 404)])
def test_only_demand_planners_enter_events(scene: Scene, who: str, status: int) -> None:
    client = Client()
    client.force_login(getattr(scene.cast, who))
    assert client.get(reverse("demand:new_event", args=["2014-01"])).status_code == status
    assert client.post(reverse("demand:remove_event", args=["2014-01"]), {"event": "x"}).status_code == status
