"""Every address of demand: who may, who may not, what comes back, and how many queries it takes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import PlannedDiscount
from cycles.models import Cycle, Plan, User
from demand.models import Edit, ExceptionAnswer, SegmentForecast, Series
from tests.demand.scene import FIRST, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
PAGES = [
    "review",
    "grid",
    "panel",
    "exceptions",
    "changed",
    "answer",
    "ask",
    "accuracy",
    "headline",
    "export",
    "promotions",
]
POSTED = ["edits", "run", "change"]


def _scene() -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24})
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *more: int) -> str:
    return reverse(f"demand:{name}", args=["2014-01", *more])


def send(client: Client, scene: Scene, **payload: Any) -> Any:
    node = {"item": scene.company.items[OAK].pk, "market": scene.company.markets[NORTH].pk}
    whole = {
        "base_revision": scene.plan.revision,
        "session": "window",
        "mode": "set",
        "reason": "agreed",
        "instructions": [{"nodes": [node], "months": [FIRST], "value": 45_000}],
        **payload,
    }
    body = {key: value for key, value in whole.items() if value is not ...}
    return client.post(url("edits"), json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["demand_planner", "finance", "executive", "viewer"])
def test_people_of_the_company_see_every_page(scene: Scene, name: str, who: str) -> None:
    assert signed_in(getattr(scene.cast, who)).get(url(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_finds_nothing(scene: Scene, name: str) -> None:
    assert signed_in(scene.cast.outsider).get(url(name)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, *POSTED])
def test_nobody_is_sent_to_sign_in(scene: Scene, name: str) -> None:
    response = Client().get(url(name))
    assert response.status_code in ({401} if name in {"grid", "edits"} else {302})


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("answer", "ask")])
def test_reading_pages_take_no_post(scene: Scene, name: str) -> None:
    assert signed_in(scene.cast.demand_planner).post(url(name)).status_code == 405


@pytest.mark.parametrize("name", POSTED)
def test_writing_takes_no_get(scene: Scene, name: str) -> None:
    assert signed_in(scene.cast.demand_planner).get(url(name)).status_code == 405


def test_another_plan_is_not_found(scene: Scene) -> None:
    client = signed_in(scene.cast.demand_planner)
    assert client.get(reverse("demand:review", args=["2031-01"])).status_code == 404


def test_the_grid_sends_names_once_and_series_as_lists(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    answer = signed_in(scene.cast.viewer).get(url("grid")).json()
    row = next(s for s in answer["series"] if s[:2] == [scene.company.items[OAK].pk, scene.company.markets[NORTH].pk])
    assert row[2][:2] == [45_000, 30_000] and row[3] == [0] and row[4] is None
    assert answer["editable"] is False and answer["months"][0] == [FIRST, "Jan", 2014]


def test_the_grid_in_dollars(scene: Scene) -> None:
    answer = signed_in(scene.cast.viewer).get(url("grid") + "?show=value").json()
    row = next(s for s in answer["series"] if s[:2] == [scene.company.items[OAK].pk, scene.company.markets[NORTH].pk])
    # 30 chairs at a list price of 100.00; the last year was sold at list, so there is no discount
    assert row[4][0] == 30 * 100_00


def test_an_unchanged_grid_is_not_sent_again(scene: Scene) -> None:
    answer = signed_in(scene.cast.viewer).get(f"{url('grid')}?since={scene.plan.revision}").json()
    assert answer == {"revision": scene.plan.revision, "unchanged": True}


def test_a_scope_hides_series(scene: Scene) -> None:
    scene.cast.viewer.memberships.get().families.add(scene.company.families["LAMPS"])
    answer = signed_in(scene.cast.viewer).get(url("grid")).json()
    assert [family[1] for family in answer["families"]] == ["LAMPS"] and len(answer["series"]) == 1


def test_an_edit_is_saved_and_told(scene: Scene) -> None:
    response = send(signed_in(scene.cast.demand_planner), scene)
    answer = response.json()
    assert response.status_code == 200 and answer["saved"] == [0] and answer["refused"] == []
    assert answer["series"][0][2][0] == 45_000 == scene.cell(OAK, NORTH)
    assert Edit.objects.get(pk=answer["edit"]).reason == "agreed"


def test_undo_over_http(scene: Scene) -> None:
    client = signed_in(scene.cast.demand_planner)
    done = send(client, scene).json()
    body = json.dumps({"base_revision": done["revision"], "session": "window"})
    response = client.post(url("undo", done["edit"]), body, content_type="application/json")
    assert response.status_code == 200 and scene.cell(OAK, NORTH) == 30_000
    assert client.post(url("undo", 999_999), body, content_type="application/json").status_code == 404


BAD_WRITES: list[tuple[dict[str, Any], int]] = [
    ({"base_revision": ...}, 428),
    ({"base_revision": "soon"}, 422),
    ({"mode": "double"}, 422),
    ({"mode": ...}, 422),
    ({"kind": "system"}, 422),
    ({"reason": ""}, 422),
    ({"reason": 7}, 422),
    ({"instructions": []}, 422),
    ({"instructions": [{"nodes": [{}], "months": ["x"], "value": 1}]}, 422),
    ({"instructions": [{"nodes": [{"item": 999_999, "market": 1}], "months": [FIRST], "value": 10}]}, 404),
    ({"instructions": [{"nodes": [{"colour": 1}], "months": [FIRST], "value": 10}]}, 422),
]


def test_bad_writes_are_refused_with_their_status(scene: Scene) -> None:
    client = signed_in(scene.cast.demand_planner)
    for payload, status in BAD_WRITES:
        response = send(client, scene, **payload)
        assert response.status_code == status and response.json()["error"]["text"], payload
    assert not Edit.objects.exists()


def test_what_is_no_json(scene: Scene) -> None:
    response = signed_in(scene.cast.demand_planner).post(url("edits"), b"{", content_type="application/json")
    assert response.status_code == 422


@pytest.mark.parametrize(("who", "status"), [("finance", 403), ("viewer", 403), ("executive", 403), ("outsider", 404)])
def test_who_may_not_edit(scene: Scene, who: str, status: int) -> None:
    assert send(signed_in(getattr(scene.cast, who)), scene).status_code == status
    assert not Edit.objects.exists()


def test_all_refused_is_a_conflict_with_the_winner(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 40_000), actor=scene.cast.demand_planner2)
    response = send(signed_in(scene.cast.demand_planner), scene, base_revision=0)
    (refusal,) = response.json()["refused"]
    assert response.status_code == 409
    assert (refusal["value_now"], refusal["by"]) == (40_000, "Demand Planner2")


def test_the_panel_of_a_selection(scene: Scene, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    """Oak goes from 30 to 45 and back to 40: the gestures stand there with their dollars at 100.00, newest first."""
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000), reason="New dealer <script>")
    scene.edit(one(scene.node(item=OAK, market=NORTH), 40_000), reason="Half of it")
    query = f"?item={scene.company.items[OAK].pk}&market={scene.company.markets[NORTH].pk}"
    client = signed_in(scene.cast.viewer)
    with django_assert_max_num_queries(58):
        page = client.get(f"{url('panel')}{query}&show=units").content.decode()
    assert "New dealer &lt;script&gt;" in page and "CHAIR-OAK" in page
    assert page.index("−5 units, −$500") < page.index("+15 units, +$1.5")
    assert "No month of an earlier plan has closed here yet" in page and "comments/series/" in page
    money = client.get(f"{url('panel')}{query}&show=value").content.decode()
    assert "k USD" in money and '<td class="num">4.0</td>' in money


def test_the_panel_judges_earlier_plans_and_shows_the_last_one(scene: Scene) -> None:
    """December 2013 was planned 30 on a baseline of 25 and sold 20: errors 50 % and 25 %, the edits made it worse."""
    cycle = Cycle.objects.create(month=date(2013, 12, 1), opened_by=scene.cast.demand_planner)
    before = Plan.objects.create(cycle=cycle, number="2013-12", first_month=cycle.month, horizon=scene.plan.horizon)
    oak, north = scene.company.items[OAK], scene.company.markets[NORTH]
    baseline, consensus = ([units * 1000] * scene.plan.horizon for units in (25, 30))
    Series.objects.create(plan=before, item=oak, market=north, baseline=baseline, consensus=consensus)
    Plan.objects.filter(pk=scene.plan.pk).update(previous=before)
    for query in (f"?item={oak.pk}&market={north.pk}", f"?family={oak.family_id}&market={north.pk}"):
        page = signed_in(scene.cast.viewer).get(f"{url('panel')}{query}&show=units").content.decode()
        assert "50.0%" in page and "25.0%" in page and "−25.0 pp" in page and "needs three months" in page
        assert "Last cycle" in page and '"name": "Last cycle"' in page


def test_the_panel_says_where_the_baseline_is_weak(scene: Scene) -> None:
    zeros = [0] * scene.plan.horizon
    SegmentForecast.objects.create(
        plan=scene.plan,
        family=scene.company.families["CHAIRS"],
        market=scene.company.markets[NORTH],
        model="AutoETS",
        windows=2,
        wmape=0.3,
        bias=-0.3,
        naive_wmape=0.2,
        tracking_signal=5.5,
        evidence={"candidates": {"AutoETS": 0.3, "SeasonalNaive": 0.2}},
        points=zeros,
        low=zeros,
        high=zeros,
    )
    query = f"?item={scene.company.items[OAK].pk}&market={scene.company.markets[NORTH].pk}"
    page = signed_in(scene.cast.viewer).get(url("panel") + query).content.decode()
    assert "behind “as a year before” (20" in page and "tracking signal 5.5" in page
    assert page.index("As a year before 20") < page.index("Exponential smoothing 30")


@pytest.mark.parametrize("query", ["?item=999999", "?item=abc", "?family=0", "?market=-1"])
def test_the_panel_of_nothing(scene: Scene, query: str) -> None:
    assert signed_in(scene.cast.viewer).get(url("panel") + query).status_code == 404


@pytest.fixture
def jumped(scene: Scene) -> Scene:
    """20 chairs a month were sold, 100 are planned: +400 %."""
    scene.company.company.exception_amount_cents = 100_00
    scene.company.company.save()
    return scene


def test_an_exception_is_answered(jumped: Scene) -> None:
    client = signed_in(jumped.cast.demand_planner)
    page = client.get(url("exceptions")).content.decode()
    assert "CHAIRS in NORTH/DIRECT" in page and "0 of 1 answered" in page and "open</b>" in page
    words = {"code": "demand.jump", "subject": "CHAIRS · NORTH/DIRECT", "reason": "New dealer"}
    assert client.post(url("answer"), words).status_code == 302
    assert ExceptionAnswer.objects.get().reason == "New dealer"
    assert client.post(url("answer"), {**words, "reason": ""}).status_code == 422
    assert client.post(url("answer"), words).status_code == 409
    assert "1 of 1 answered" in client.get(url("exceptions")).content.decode()


def test_an_exception_is_asked_about_and_changed(jumped: Scene) -> None:
    """Whoever does not see the place is nobody to ask; the change leads to the item in the grid."""
    client, key = signed_in(jumped.cast.demand_planner), "jump-{}-0-{}"
    key = key.format(jumped.company.families["CHAIRS"].pk, jumped.company.markets[NORTH].pk)
    which = {"code": "demand.jump", "subject": "CHAIRS · NORTH/DIRECT", "key": key}
    form = client.get(url("ask"), which).content.decode()
    assert 'value="finance"' in form and "outsider" not in form
    asked = {**which, "gesture": str(uuid4()), "reason": "A new dealer?"}
    assert client.post(url("ask"), {**asked, "person": "outsider"}).status_code == 422
    assert client.post(url("ask"), {**asked, "person": "finance"}).status_code == 302
    talk = reverse("cycles:comments", args=["2014-01", "exception", key])
    assert "A new dealer?" in signed_in(jumped.cast.finance).get(talk).content.decode()
    assert "Waits for" in client.get(url("exceptions")).content.decode()
    query = urlencode({name: which[name] for name in ("code", "subject")})
    assert client.post(f"{url('change')}?{query}").status_code == 302
    assert "is changing it" in client.get(url("exceptions")).content.decode()
    assert signed_in(jumped.cast.finance).post(f"{url('change')}?{query}").status_code == 403


def test_the_queue_is_filtered_by_its_address(jumped: Scene) -> None:
    client, market = signed_in(jumped.cast.viewer), jumped.company.markets["NORTH/DEALER"].pk
    assert "CHAIRS in NORTH/DIRECT" in client.get(url("exceptions")).content.decode()
    page = client.get(f"{url('exceptions')}?market_id={market}").content.decode()
    assert "CHAIRS in NORTH/DIRECT" not in page and "0 of 1 answered" in page
    assert "Nothing fits these filters" in client.get(f"{url('exceptions')}?only_mine=1").content.decode()
    assert client.get(f"{url('exceptions')}?kind=nonsense&family_id=x").status_code == 200


def test_only_planners_answer(scene: Scene) -> None:
    words = {"code": "demand.jump", "subject": "CHAIRS · NORTH/DIRECT", "reason": "New dealer"}
    assert signed_in(scene.cast.finance).post(url("answer"), words).status_code == 403


def test_the_workbook_opens_with_keys_and_revision(scene: Scene) -> None:
    response = signed_in(scene.cast.viewer).get(url("export"))
    assert response.content[:2] == b"PK" and f"r{scene.plan.revision}.xlsx" in response["Content-Disposition"]


def test_the_grid_does_not_ask_more_for_more_series(
    scene: Scene, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(scene.cast.demand_planner)
    with django_assert_max_num_queries(22):
        client.get(url("grid"))


#: What one typed cell asks the database from the sent bytes to the answer, in order: nothing twice, nothing besides.
STATEMENTS_OF_AN_EDIT = [
    ("who signed in", 'FROM "django_session"'),
    ("the person", 'FROM "cycles_user"'),
    ("roles, families and markets of the person", 'FROM "cycles_membership"'),
    ("the plan, if the person may see it", 'FROM "cycles_plan"'),
    ("the transaction begins", "SAVEPOINT"),
    ("the plan's lock", "FOR UPDATE"),
    ("whether its stage is open", 'FROM "cycles_stage"'),
    ("the item", 'FROM "catalog_item"'),
    ("the market", 'FROM "catalog_market"'),
    ("the series as it is now", "FROM demand_series"),
    ("the plan's revision", 'UPDATE "cycles_plan"'),
    ("what a landing would read", 'FROM "cycles_run"'),
    ("a landing is queued, an older wish replaced", "INSERT INTO cycles_run"),
    ("the ledger's entry", 'INSERT INTO "demand_edit"'),
    ("its lines", 'COPY "demand_editline"'),
    ("the series moves", "UPDATE demand_series"),
    ("the audit row", 'INSERT INTO "cycles_auditrow"'),
    ("the transaction ends", "RELEASE SAVEPOINT"),
    ("prices, discounts, actions and exchange rates", "FROM catalog_listprice"),
    ("family and category above the item", 'LEFT OUTER JOIN "catalog_family"'),
]


def test_a_typed_cell_asks_nothing_twice(scene: Scene, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    """The speed of an edit is the number of its statements; each has its reason in the list."""
    PlannedDiscount.objects.create(
        market=scene.company.markets[NORTH], first_month=date(2014, 1, 1), fraction=Decimal("0.1")
    )
    Plan.objects.filter(pk=scene.plan.pk).update(baseline_version=1)
    client = signed_in(scene.cast.demand_planner)
    node = {"item": scene.company.items[OAK].pk, "market": scene.company.markets[NORTH].pk}
    assert send(client, scene).status_code == 200
    scene.plan.refresh_from_db()
    again = [{"nodes": [node], "months": [FIRST + 1], "value": 50_000}]
    with django_assert_max_num_queries(len(STATEMENTS_OF_AN_EDIT)) as asked:
        told = send(client, scene, instructions=again).json()
    assert told["edit"] and told["became"][0][1] == 50_000
    assert [
        reason
        for (reason, part), query in zip(STATEMENTS_OF_AN_EDIT, asked.captured_queries, strict=True)
        if part not in query["sql"]
    ] == []
