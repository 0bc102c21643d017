"""The page of cleansed months and drift: shown to readers, taken back by planners with a reason, not found by strangers."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import Membership, Run, User
from demand.models import Cleansing, SegmentForecast
from tests.demand.scene import HORIZON, Scene, make_scene, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
NUMBER = "2014-01"


def _scene() -> Scene:
    """A month of chairs in the north that was named, and a forecast that errs on one side."""
    made = make_scene()
    place = {
        "plan": made.plan,
        "family": made.company.families["CHAIRS"],
        "market": made.company.markets["NORTH/DIRECT"],
    }
    Cleansing.objects.create(
        **place, month=date(2013, 1, 1), kind="spike", sold=700_000, value=100_000,
        reason="700 units beside a usual 100", author=made.cast.demand_planner,
    )  # fmt: skip
    months = [0] * HORIZON
    SegmentForecast.objects.create(
        **place, model="Theta", windows=2, cycles=6, cycle_tracking=5.5, cycle_wmape=0.5, cycle_naive_wmape=0.25,
        points=months, low=months, high=months,
    )  # fmt: skip
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def visit(user: User, *, reason: str | None = None) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    if reason is None:
        answer = client.get(reverse("demand:cleansings", args=[NUMBER]))
    else:
        url = reverse("demand:take_back_cleansing", args=[NUMBER, Cleansing.objects.earliest("id").pk])
        answer = client.post(url, {"reason": reason}, follow=True)
    status = answer.redirect_chain[0][1] if getattr(answer, "redirect_chain", None) else answer.status_code
    return status, answer.content.decode()


def test_it_says_what_was_sold_and_what_is_usual_and_who_drifts(scene: Scene) -> None:
    status, text = visit(scene.cast.viewer)
    assert status == 200 and "700 units beside a usual 100" in text and "In force since 2014-01" in text
    assert ">5.5<" in text and ">50" in text and ">25" in text and "Theta (optimised)" in text
    assert "Take back" not in text and "Name a month" not in text and "Read only" in text
    assert visit(scene.cast.outsider)[0] == 404


def test_the_side_panel_marks_the_month_and_says_who_fell_behind(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.cast.viewer)
    panel = reverse("demand:panel", args=[NUMBER])
    family = scene.company.families["CHAIRS"].pk
    text = client.get(panel, {"family": family, "show": "units"}).content.decode()
    assert "Jan 2013 of CHAIRS in NORTH/DIRECT is not read as sold" in text and '"Cleansed"' in text
    assert "over 6 cycles 50" in text and "tracking signal of 6 cycles 5.5" in text
    other = client.get(panel, {"family": scene.company.families["LAMPS"].pk}).content.decode()
    assert "is not read as sold" not in other and '"Cleansed"' not in other


def test_a_planner_takes_it_back_with_a_reason(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    assert visit(planner, reason="")[0] == 422
    status, text = visit(planner, reason="A tender")
    assert status == 302 and "Taken back by" in text and "A tender" in text
    assert Cleansing.objects.get(takes_back__isnull=False).value == 700_000
    assert visit(planner, reason="again")[0] == 409


def name_month(user: User, **fields: object) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    answer = client.post(reverse("demand:name_cleansing", args=[NUMBER]), fields, follow=True)
    status = answer.redirect_chain[0][1] if answer.redirect_chain else answer.status_code
    return status, answer.content.decode()


def test_a_planner_names_a_month(scene: Scene) -> None:
    """Ninety a month were sold from January to June, and three hundred in May."""
    sell(scene.company, {("CHAIR-OAK", "NORTH/DIRECT"): [90] * 4 + [300] + [90] * 7})
    planner, chairs = scene.cast.demand_planner, scene.company.families["CHAIRS"].pk
    fields = {"family": chairs, "market": scene.company.markets["NORTH/DIRECT"].pk, "month": "2012-05"}
    status, text = name_month(planner, **fields, reason="")
    assert status == 422 and "This field is required" in text
    status, text = name_month(planner, **{**fields, "month": "2014-05"}, reason="A tender")
    assert status == 422 and "name one of these months" in text
    status, text = name_month(planner, **fields, reason="A tender")
    assert status == 302 and "CHAIRS · NORTH/DIRECT · May 2012 is read as 90 units" in text
    assert "Named by a planner" in text and "A tender · " in text and "Take back" in text
    assert Run.objects.filter(plan=scene.plan, kind="demand.baseline").exists()
    assert name_month(planner, **fields, reason="again")[0] == 409


@pytest.mark.parametrize(("who", "status"), [("finance", 403), ("viewer", 403), ("outsider", 404)])
def test_nobody_else_names_a_month(scene: Scene, who: str, status: int) -> None:
    assert name_month(getattr(scene.cast, who), reason="no")[0] == status


@pytest.mark.parametrize(("who", "status"), [("finance", 403), ("viewer", 403), ("outsider", 404)])
def test_nobody_else_takes_it_back(scene: Scene, who: str, status: int) -> None:
    assert visit(getattr(scene.cast, who), reason="no")[0] == status
    assert Cleansing.objects.count() == 1


def test_what_lies_outside_a_scope_is_not_found(scene: Scene) -> None:
    planner = scene.cast.demand_planner
    Membership.objects.get(user=planner).families.add(scene.company.families["LAMPS"])
    assert visit(planner, reason="no")[0] == 404
    assert "700 units" not in visit(planner)[1]
