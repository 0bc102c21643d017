"""The page of promotions: an event is planned and taken back by button, by planners only."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PriceAction
from cycles.models import Membership, User
from demand.frames import active_events
from tests.demand.scene import FIRST, Scene, make_scene, one
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db


def _scene() -> Scene:
    made = make_scene()
    PriceAction.objects.create(
        event="SPRING", name="Spring sale", market=made.company.markets["NORTH/DIRECT"],
        item=made.company.items["CHAIR-OAK"], first_month=date(2014, 3, 1), last_month=date(2014, 4, 1),
        fraction="0.2", lift_milli=6_000,
    )  # fmt: skip
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def post(user: User, name: str, **fields: object) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    answer = client.post(reverse(f"demand:{name}", args=["2014-01"]), fields, follow=True)
    return answer.redirect_chain[0][1] if answer.redirect_chain else answer.status_code, answer.content.decode()


def test_planned_and_taken_back_by_button(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    status, text = post(planner, "plan_event", event="SPRING", revision=0)
    assert status == 302 and "is in the plan" in text and "Take back" in text
    assert scene.cell("CHAIR-OAK", "NORTH/DIRECT", FIRST + 2) == 30_000 + 6_000
    scene.plan.refresh_from_db()
    status, text = post(planner, "take_back_event", event="SPRING", revision=scene.plan.revision)
    assert status == 302 and "is out of the plan" in text and "Plan it" in text
    assert active_events(scene.plan) == set()


def test_a_conflict_is_told_with_the_person(scene: Scene) -> None:
    scene.edit(
        one(scene.node(item="CHAIR-OAK", market="NORTH/DIRECT"), 9_000, FIRST + 2), actor=scene.cast.demand_planner2
    )
    _, text = post(scene.cast.demand_planner, "plan_event", event="SPRING", revision=0)
    assert "Nothing was changed" in text
    assert active_events(scene.plan) == set()


@pytest.mark.parametrize("name", ["plan_event", "take_back_event"])
@pytest.mark.parametrize(("who", "status"), [("finance", 403), ("executive", 403), ("viewer", 403), ("outsider", 404)])
def test_only_demand_planners_move_events(scene: Scene, name: str, who: str, status: int) -> None:
    if name == "take_back_event":
        post(scene.cast.demand_planner, "plan_event", event="SPRING", revision=0)
    assert post(getattr(scene.cast, who), name, event="SPRING", revision=9)[0] == status


def test_an_unknown_event_or_one_outside_a_scope_is_not_found(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    assert post(planner, "plan_event", event="NONE")[0] == 404
    assert post(planner, "take_back_event", event="SPRING")[0] == 404
    Membership.objects.get(user=planner).families.add(scene.company.families["LAMPS"])
    assert post(planner, "plan_event", event="SPRING")[0] == 404
