"""The conversation of a series stands in the side panel: for whom its market is, and only for a row of one market."""

from __future__ import annotations

import pytest
from django.test import Client

from cycles.models import User
from cycles.services.subjects import find_place
from demand.subjects import series_key
from tests.demand.scene import Scene, make_scene
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, NORTH, SOUTH = "CHAIR-OAK", "NORTH/DIRECT", "SOUTH/DEALER"


def _scene() -> Scene:
    return make_scene()


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def key(scene: Scene) -> str:
    return series_key(scene.company.items[OAK].pk, scene.company.markets[NORTH].pk)


def test_the_panel_of_a_series_loads_its_conversation_and_that_of_a_family_says_where(scene: Scene) -> None:
    client = signed_in(scene.cast.viewer)
    node = {"item": scene.company.items[OAK].pk, "market": scene.company.markets[NORTH].pk}
    series = client.get("/demand/2014-01/panel/", node).content.decode()
    family = client.get("/demand/2014-01/panel/", {"family": scene.company.families["CHAIRS"].pk}).content.decode()
    address = f"/cycles/2014-01/comments/series/{key(scene)}/"
    assert (f'hx-get="{address}"' in series, "comments/series" in family) == (True, False)
    assert "choose such a row" in family
    assert client.get(address).status_code == 200


def test_a_series_is_named_by_codes_and_lies_in_its_family_and_market(scene: Scene) -> None:
    place = find_place(scene.plan, "series", key(scene))
    assert place is not None
    assert (place.label, place.path) == (f"{OAK} in {NORTH}", f"/demand/2014-01/?q={OAK}")
    assert place.families == {scene.company.families["CHAIRS"].pk}
    assert place.markets == {scene.company.markets[NORTH].pk}


def test_who_plans_another_market_finds_no_conversation(scene: Scene) -> None:
    scene.cast.demand_planner2.memberships.get().markets.set([scene.company.markets[SOUTH]])
    address = f"/cycles/2014-01/comments/series/{key(scene)}/"
    assert signed_in(scene.cast.demand_planner2).get(address).status_code == 404
    assert signed_in(scene.cast.demand_planner).get(address).status_code == 200


@pytest.mark.parametrize("key", ["1", "1-", "-1", "999999-999999", "a-b", "1-1-1"])
def test_what_is_no_series_is_not_found(scene: Scene, key: str) -> None:
    assert find_place(scene.plan, "series", key) is None
