"""What the grid fetches beside its cells: history, rows to compare with, prices, lock, answers to gestures, presence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from cycles.models import Plan, User
from cycles.signals import person_moved
from cycles.workflow import StageKind, StageStatus
from demand.models import ActualMonth, Edit, EditKind, Series
from demand.services import presence
from demand.services.ledger import undo_edit
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"
SOLD = [*range(1, 25)]  # units from January 2012: 13 … 24 in 2013


def _scene() -> Scene:
    """Oak sold 1 … 24 at list, so that there is no discount: 100 USD net in the north."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): SOLD}, price=100)
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def fetch(user: User, name: str, **query: object) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"demand:{name}", args=["2014-01"]), query)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def post(user: User, name: str, body: dict[str, object], **query: object) -> Any:
    client = Client()
    client.force_login(user)
    address = reverse(f"demand:{name}", args=["2014-01"], query=query)
    return client.post(address, json.dumps(body), content_type="application/json")


def ids(scene: Scene, item: str, market: str) -> list[int]:
    return [scene.company.items[item].pk, scene.company.markets[market].pk]


def row_of(answer: dict[str, Any], key: list[int]) -> list[Any]:
    return next(row for row in answer["series"] if row[:2] == key)


def test_history_on_demand_ends_where_the_plan_begins(scene: Scene) -> None:
    answer = fetch(scene.cast.viewer, "history", months=3, show="value")
    assert answer["months"] == [[FIRST - 3, "Oct", 2013], [FIRST - 2, "Nov", 2013], [FIRST - 1, "Dec", 2013]]
    assert answer["series"] == [[*ids(scene, OAK, NORTH), [22_000, 23_000, 24_000], [2_200_00, 2_300_00, 2_400_00]]]
    longest = fetch(scene.cast.viewer, "history", months=120)
    assert len(longest["months"]) == 24 and longest["series"][0][3] is None


def test_a_month_that_was_not_loaded_is_not_0(scene: Scene) -> None:
    ActualMonth.objects.filter(month="2013-11-01").delete()
    (row,) = fetch(scene.cast.viewer, "history", months=3)["series"]
    assert row[2] == [22_000, None, 24_000]


def test_rows_to_compare_with(scene: Scene) -> None:
    oak = ids(scene, OAK, NORTH)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    assert row_of(fetch(scene.cast.viewer, "compare", **{"with": "baseline"}), oak)[2] == [30_000] * HORIZON
    last_year = row_of(fetch(scene.cast.viewer, "compare", **{"with": "last_year", "show": "value"}), oak)
    assert last_year[2] == [units * 1000 for units in SOLD[12:]]
    assert last_year[3] == [units * 100_00 for units in SOLD[12:]]
    override = fetch(scene.cast.viewer, "compare", **{"with": "override", "show": "value"})
    assert override["series"] == [[*oak, [15_000] + [0] * 11, [15 * 100_00] + [0] * 11]]
    assert fetch(scene.cast.viewer, "compare", **{"with": "promotion"})["series"] == []
    assert fetch(scene.cast.viewer, "compare", **{"with": "last_cycle"})["series"] == []


def test_baseline_and_streams_add_up_to_the_plan(scene: Scene) -> None:
    scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 61_000, FIRST + 1), kind=EditKind.PROMOTION)
    total = sum(units for _, _, plan, *_ in fetch(scene.cast.viewer, "grid")["series"] for units in plan)
    names = ["baseline", *(kind.value for kind in EditKind)]
    parts = [fetch(scene.cast.viewer, "compare", **{"with": name})["series"] for name in names]
    assert sum(units for part in parts for _, _, row, _ in part for units in row) == total


def test_the_budget_stands_at_the_row_that_it_was_given_for(scene: Scene) -> None:
    answer = fetch(scene.cast.viewer, "compare", **{"with": "budget", "show": "value"})
    chairs = f"f{scene.company.families['CHAIRS'].pk}"
    above = {row: (units, cents) for row, units, cents in answer["above"]}
    # 100 units and 9,000 USD a month in each of four markets
    assert above[chairs] == ([400_000] * HORIZON, [36_000_00] * HORIZON)
    assert answer["series"] == []


def test_the_last_cycle_in_the_same_months(scene: Scene) -> None:
    plan = scene.plan
    cycle = type(plan.cycle).objects.create(month="2013-12-01", opened_by=scene.cast.demand_planner)
    before = Plan.objects.create(cycle=cycle, number="2013-12", first_month="2013-12-01", horizon=HORIZON)
    Plan.objects.filter(pk=plan.pk).update(previous=before)
    key = ids(scene, OAK, NORTH)
    units = [1000 * k for k in range(HORIZON)]
    Series.objects.create(plan=before, item_id=key[0], market_id=key[1], baseline=units, consensus=units)
    answer = fetch(scene.cast.viewer, "compare", **{"with": "last_cycle"})
    assert answer["label"] == "Plan 2013-12"
    assert row_of(answer, key)[2] == [*units[1:], None]


def test_who_is_refused_what(scene: Scene) -> None:
    stranger, viewer, nobody = Client(), Client(), Client()
    stranger.force_login(scene.cast.outsider)
    viewer.force_login(scene.cast.viewer)
    for name in ("history", "compare", "prices"):
        address = reverse(f"demand:{name}", args=["2014-01"])
        statuses = [nobody.get(address), stranger.get(address), viewer.post(address)]
        assert [answer.status_code for answer in statuses] == [401, 404, 405], name
    where = reverse("demand:history", args=["2014-01"])
    assert [viewer.get(where, {"months": months}).status_code for months in ("0", "121", "x")] == [422] * 3
    assert viewer.get(reverse("demand:compare", args=["2014-01"]), {"with": "weather"}).status_code == 404
    where = reverse("demand:presence", args=["2014-01"])
    answers = [nobody.post(where), stranger.post(where, "{}", content_type="application/json"), viewer.get(where)]
    assert [answer.status_code for answer in answers] == [401, 404, 405]


def test_prices_are_told_where_they_change(scene: Scene) -> None:
    oak = scene.company.items[OAK]
    oak.list_prices.create(valid_from="2014-04-01", price=110, currency_id="USD")
    answer = fetch(scene.cast.viewer, "prices")
    prices = {(item, market): runs for item, market, runs in answer["prices"]}
    assert prices[tuple(ids(scene, OAK, NORTH))] == [[0, 100_000_000], [3, 110_000_000]]
    assert prices[tuple(ids(scene, "LAMP-DESK", "NORTH/DEALER"))] == [[0, None]]
    assert answer["currency"] == "USD"


def test_what_lies_outside_of_a_scope_is_nowhere(scene: Scene) -> None:
    scene.cast.viewer.memberships.get().families.add(scene.company.families["LAMPS"])
    assert fetch(scene.cast.viewer, "history")["series"] == []
    assert len(fetch(scene.cast.viewer, "prices")["prices"]) == 1
    budget = fetch(scene.cast.viewer, "compare", **{"with": "budget"})["above"]
    assert [row for row, _, _ in budget] == [f"f{scene.company.families['LAMPS'].pk}"]


def test_the_tree_names_categories_and_the_life_of_items(scene: Scene) -> None:
    oak = scene.company.items[OAK]
    oak.end_date = "2014-03-31"
    oak.save()
    answer = fetch(scene.cast.demand_planner, "grid")
    furniture = scene.company.families["CHAIRS"].category
    assert [furniture.pk, "FURNITURE"] in answer["categories"]
    assert [scene.company.families["CHAIRS"].pk, "CHAIRS", furniture.pk] in answer["families"]
    assert next(row for row in answer["items"] if row[0] == oak.pk)[4:] == [0, 2, 10]
    assert answer["lock"] is None and answer["history_from"] == 2012 * 12


def test_a_locked_plan_says_why_and_who_can_change_that(scene: Scene) -> None:
    stage = scene.plan.stages.filter(kind=StageKind.DEMAND.value)
    submitted = {"submitted_by": scene.cast.demand_planner, "submitted_at": "2014-01-02T00:00Z"}
    for who, status, ways_on in (
        ("viewer", StageStatus.OPEN, "demand planner"),
        ("demand_planner", StageStatus.NOT_STARTED, "finance, supply planner"),
        ("demand_planner", StageStatus.SUBMITTED, "demand planner, finance"),
    ):
        stage.update(status=status.value, **(submitted if status == StageStatus.SUBMITTED else {}))
        answer = fetch(getattr(scene.cast, who), "grid")
        assert answer["editable"] is False
        assert answer["lock"]["text"] and answer["lock"]["who"] == ways_on


def test_an_answer_says_what_moved_at_every_level_in_units_and_dollars(scene: Scene) -> None:
    body = {"base_revision": scene.plan.revision, "session": "w", "mode": "set", "unit": "value", "reason": "agreed"}
    item, market = ids(scene, OAK, NORTH)
    answer = post(
        scene.cast.demand_planner, "edits", {**body, "cells": [[f"s{item}.{market}", FIRST, 4_005_00]]}
    ).json()
    # 4,005 USD at 100 are 40.05 units; 30 stood there
    assert answer["became"] == [[0, 40_050, 4_005_00]]
    assert answer["change"] == {"units": 10_050, "cents": 1_005_00, "unpriced": 0}
    family = scene.company.families["CHAIRS"]
    expected = [10_050] + [0] * 11, [1_005_00] + [0] * 11
    above = {row: (units, cents) for row, units, cents in answer["parents"]}
    assert above == dict.fromkeys((f"i{item}", f"f{family.pk}", f"c{family.category_id}", "all"), expected)


def test_a_refused_cell_names_row_month_value_reason_and_remedy(scene: Scene) -> None:
    body = {"base_revision": scene.plan.revision, "session": "w", "mode": "set", "reason": "agreed"}
    item, market = ids(scene, OAK, NORTH)
    cells = [[f"s{item}.{market}", FIRST, 31_000], [f"s{item}.{market}", FIRST + 1, 31_005]]
    response = post(scene.cast.demand_planner, "edits", {**body, "cells": cells})
    (refused,) = response.json()["refused"]
    assert response.status_code == 200 and response.json()["saved"] == [0]
    assert (refused["instruction"], refused["code"], refused["value"]) == (1, "not_a_step", 31_005)
    assert (refused["row"], refused["month"]) == ("CHAIR-OAK · NORTH/DIRECT", "February 2014")
    assert refused["reason"] == "These items are planned in steps of 0.01." and refused["remedy"]
    alone = post(scene.cast.demand_planner, "edits", {**body, "cells": cells[1:]})
    assert alone.status_code == 422 and alone.json()["error"]["text"] == refused["reason"]


def test_cells_of_another_form_are_refused(scene: Scene) -> None:
    body = {"base_revision": 0, "session": "w", "mode": "set", "reason": "agreed"}
    for cells in ([["x1", FIRST, 1]], [["f1", FIRST]], [["f1", "may", 1]], "f1", []):
        assert post(scene.cast.demand_planner, "edits", {**body, "cells": cells}).status_code == 422, cells


@pytest.fixture
def moved(settings: Any, redis_url: str) -> Iterator[list[dict[str, Any]]]:
    """Windows as they are told, with live pages on."""
    settings.SOP_LIVE = True
    told: list[dict[str, Any]] = []

    def note(sender: object, window: dict[str, Any], **_: object) -> None:
        told.append(window)

    person_moved.connect(note)
    with mock.patch.object(presence, "STORE", presence.PresenceStore()):
        yield told
    person_moved.disconnect(note)


def test_a_gesture_names_a_code_of_the_company_and_can_be_undone_after_a_reload(scene: Scene) -> None:
    """A code alone is reason enough; another code, or neither, is refused. Undo and redo are read from the ledger."""
    planner = scene.cast.demand_planner
    row = f"s{scene.company.items[OAK].pk}.{scene.company.markets[NORTH].pk}"
    body = {"mode": "set", "cells": [[row, FIRST, 40_000]], "base_revision": scene.plan.revision, "session": "a"}
    assert post(planner, "edits", body).json()["error"]["code"] == "reason_missing"
    assert (
        "Promotion, Customer information"
        in post(planner, "edits", {**body, "reason_code": "Weather"}).json()["error"]["text"]
    )
    made = post(planner, "edits", {**body, "reason_code": "Promotion", "reason": "spring"}).json()
    assert Edit.objects.get().why == "Promotion: spring"
    mine = {"id": made["edit"], "label": f"r{made['revision']} Promotion: spring"}
    assert fetch(planner, "own_edits") == {"done": [mine], "undone": []}
    assert (
        fetch(scene.cast.demand_planner2, "own_edits")
        == fetch(scene.cast.viewer, "own_edits")
        == {"done": [], "undone": []}
    )
    undo_edit(edit_id=made["edit"], base_revision=made["revision"], session="b", actor=planner)
    assert [len(part) for part in fetch(planner, "own_edits").values()] == [0, 1]
    assert Edit.objects.latest("pk").reason_code == "Promotion"


def test_people_in_a_plan_see_each_other(scene: Scene, moved: list[dict[str, Any]]) -> None:
    one_, two = scene.cast.demand_planner, scene.cast.viewer
    assert post(one_, "presence", {"session": "a", "row": "f1", "editing": True}).json() == {"others": []}
    window = {"session": "a", "name": one_.get_full_name(), "row": "f1", "editing": True}
    for _ in range(2):
        assert post(two, "presence", {"session": "b", "row": ""}).json() == {"others": [window]}
    assert [told["session"] for told in moved] == ["a", "b"], "who has not moved is not told again"
    post(one_, "presence", {"session": "a", "gone": True})
    assert moved[-1]["gone"] is True
    assert post(two, "presence", {"session": "b", "row": ""}).json() == {"others": []}


def test_who_says_nothing_for_a_while_is_gone(scene: Scene, moved: list[dict[str, Any]]) -> None:
    post(scene.cast.demand_planner, "presence", {"session": "a"})
    later = presence.time.time() + presence.PRESENT_SECONDS + 1
    with mock.patch.object(presence.time, "time", lambda: later):
        assert post(scene.cast.viewer, "presence", {"session": "b"}).json() == {"others": []}


def test_without_redis_nobody_is_seen_and_nothing_fails(
    scene: Scene, moved: list[dict[str, Any]], settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert post(scene.cast.demand_planner, "presence", {"session": "a"}).json() == {"others": []}
    assert moved == []


def test_a_window_of_another_form_is_refused(scene: Scene) -> None:
    for body in ({}, {"session": "a", "row": "x"}, {"session": "a", "editing": "yes"}):
        assert post(scene.cast.demand_planner, "presence", body).status_code == 422, body
