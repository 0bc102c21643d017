"""The conversation of a series stands in the side panel: for whom its market is; a row above it has its own."""

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


def test_the_panel_of_a_series_loads_its_conversation_and_that_of_a_family_its_own(scene: Scene) -> None:
    client = signed_in(scene.cast.viewer)
    node = {"item": scene.company.items[OAK].pk, "market": scene.company.markets[NORTH].pk}
    series = client.get("/demand/2014-01/panel/", node).content.decode()
    family = client.get("/demand/2014-01/panel/", {"family": scene.company.families["CHAIRS"].pk}).content.decode()
    address = f"/cycles/2014-01/comments/series/{key(scene)}/"
    assert f'hx-get="{address}"' in series
    assert f'hx-get="/cycles/2014-01/comments/node/f{scene.company.families["CHAIRS"].pk}/"' in family
    assert client.get(address).status_code == 200


def test_rows_above_the_series_have_a_conversation_in_their_families_and_markets(scene: Scene) -> None:
    chairs, north = scene.company.families["CHAIRS"], scene.company.markets[NORTH]
    places = {
        f"c{chairs.category_id}": ("category", None), f"f{chairs.pk}": ("family", None),
        f"f{chairs.pk}.{north.pk}": ("family", {north.pk}), "all": ("", None),
    }  # fmt: skip
    for key_, (query, markets) in places.items():
        place = find_place(scene.plan, "node", key_)
        assert place is not None and place.markets == markets and (f"?{query}=" in place.path) == bool(query)
        assert place.families is None if key_ == "all" else chairs.pk in (place.families or ())
    assert [find_place(scene.plan, "node", lost) for lost in ("c999999", "x1", "f1.999999", "f")] == [None] * 4
    client = signed_in(scene.cast.viewer)
    for node in ({}, {"category": chairs.category_id}):
        page = client.get("/demand/2014-01/panel/", node).content.decode()
        assert "Next 12 months" in page and "comments/node/" in page


def test_a_series_is_named_by_codes_and_lies_in_its_family_and_market(scene: Scene) -> None:
    place = find_place(scene.plan, "series", key(scene))
    assert place is not None
    item, market = scene.company.items[OAK].pk, scene.company.markets[NORTH].pk
    assert (place.label, place.path) == (f"{OAK} in {NORTH}", f"/demand/2014-01/?item={item}&market={market}")
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
