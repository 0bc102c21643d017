"""What the grid fetches when somebody else has edited: the touched series only, unless more than edits has moved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import Membership, Plan, User
from tests.demand.scene import FIRST, Scene, make_scene, one
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, LAMP, NORTH, DEALER = "CHAIR-OAK", "LAMP-DESK", "NORTH/DIRECT", "NORTH/DEALER"


def _scene() -> Scene:
    return make_scene()


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def fetch(user: User, plan: Plan, **query: object) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("demand:grid", args=[plan.number]), {"show": "units", **query})
    assert answer.status_code == 200
    return dict(answer.json())


def seen(scene: Scene, user: User) -> dict[str, object]:
    """What a page that has just been loaded asks with."""
    whole = fetch(user, scene.plan)
    return {"since": whole["revision"], "baseline": whole["baseline"]}


def test_only_the_touched_series_come_with_the_name_of_who_touched_them(scene: Scene) -> None:
    other = scene.cast.demand_planner2
    known = seen(scene, other)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    news = fetch(other, scene.plan, **known)
    oak, north = scene.company.items[OAK].pk, scene.company.markets[NORTH].pk
    assert [row[:2] for row in news["series"]] == [[oak, north]]
    assert news["series"][0][2] == [45_000] + [30_000] * 11
    assert news["series"][0][3] == [0]
    assert news["by"] == [str(scene.cast.demand_planner)]
    assert news["revision"] == known["since"] + 1  # type: ignore[operator]
    whole = {tuple(row[:2]): row for row in fetch(other, scene.plan)["series"]}
    assert news["series"] == [whole[oak, north]], "a part is the same as in the whole"


def test_ones_own_edits_come_without_a_name(scene: Scene) -> None:
    mine = scene.cast.demand_planner
    known = seen(scene, mine)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    news = fetch(mine, scene.plan, **known)
    assert (len(news["series"]), news["by"]) == (1, [])


def test_money_comes_in_cents_of_the_touched_series(scene: Scene) -> None:
    other = scene.cast.demand_planner2
    known = seen(scene, other)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    news = fetch(other, scene.plan, **{**known, "show": "value"})
    whole = fetch(other, scene.plan, show="value")["series"]
    assert news["series"][0] in whole
    assert news["series"][0][4] is not None


@pytest.mark.parametrize("query", [{"baseline": "99"}, {"since": "x"}, {"baseline": ""}])
def test_another_baseline_or_an_unknown_revision_brings_everything(scene: Scene, query: dict[str, object]) -> None:
    other = scene.cast.demand_planner2
    known = seen(scene, other)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    answer = fetch(other, scene.plan, **{**known, **query})
    assert len(answer["series"]) == len(scene.values().keys)
    assert "items" in answer


def test_moved_rates_bring_everything_where_money_is_shown(scene: Scene) -> None:
    other = scene.cast.demand_planner2
    known = seen(scene, other)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    Plan.objects.filter(pk=scene.plan.pk).update(rates_revision=known["since"] + 1)  # type: ignore[operator]
    assert "items" not in fetch(other, scene.plan, **known)
    assert "items" in fetch(other, scene.plan, **{**known, "show": "value"})


def test_what_lies_outside_of_a_scope_is_not_news(scene: Scene) -> None:
    other = scene.cast.demand_planner2
    Membership.objects.get(user=other).families.add(scene.company.families["LAMPS"])
    known = seen(scene, other)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    assert fetch(other, scene.plan, **known)["series"] == []
    scene.edit(one(scene.node(item=LAMP, market=DEALER), 9_000, FIRST))
    assert len(fetch(other, scene.plan, **known)["series"]) == 1
