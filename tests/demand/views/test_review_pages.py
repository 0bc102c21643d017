"""The pages of the demand review: who may, what comes back, how many queries; cards, files and words."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Item
from cycles.models import Cycle, Plan, User
from demand.models import ActualSeries, FamilyConfirmation, Series
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
READ = (
    "summary", "summary_table", "summary_bridge", "summary_drill", "owed", "accuracy_card", "accuracy", "classes",
    "classes_file", "summary_table_file", "owed_file", "accuracy_file",
)  # fmt: skip


@pytest.fixture
def scene() -> Scene:
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24})
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *more: int) -> str:
    return reverse(f"demand:{name}", args=["2014-01", *more])


def test_every_role_reads_strangers_find_nothing_and_nobody_signs_in(scene: Scene) -> None:
    clients = [signed_in(getattr(scene.cast, who)) for who in ("demand_planner", "finance", "executive", "viewer")]
    assert {client.get(url(name)).status_code for name in READ for client in clients} == {200}
    assert {signed_in(scene.cast.outsider).get(url(name)).status_code for name in READ} == {404}
    assert {Client().get(url(name)).status_code for name in READ} == {302}
    assert {clients[0].post(url(name)).status_code for name in READ} == {405}


def test_words_are_posted_by_those_who_may(scene: Scene) -> None:
    confirm = url("confirm_family", scene.company.families["LAMPS"].pk)
    ask = url("remind", scene.cast.demand_planner.pk)
    planner, viewer = signed_in(scene.cast.demand_planner), signed_in(scene.cast.viewer)
    assert {planner.get(address).status_code for address in (confirm, ask)} == {405}
    assert {viewer.post(address).status_code for address in (confirm, ask)} == {403}
    assert {signed_in(scene.cast.outsider).post(address).status_code for address in (confirm, ask)} == {404}
    assert {planner.post(url(name, 999_999)).status_code for name in ("confirm_family", "remind")} == {404}
    assert planner.post(confirm).status_code == 302 and FamilyConfirmation.objects.count() == 1
    told = signed_in(scene.cast.finance).post(ask, headers={"HX-Request": "true"})
    assert "reminded today" in told.content.decode()
    assert json.loads(told["HX-Trigger"])["toast"]["text"] == "Demand Planner is reminded."
    scene.cast.demand_planner.memberships.get().families.add(scene.company.families["CHAIRS"])
    assert planner.post(confirm).status_code == 404  # outside one's limits nothing is there


def test_the_headline_says_what_it_knows_and_why_not_the_rest(scene: Scene) -> None:
    client = signed_in(scene.cast.viewer)
    page = client.get(url("summary") + "?show=value").content.decode()
    # 30 oak at 100 and 60 pine at 80 for twelve months against four markets' 9,000 + 10,000
    assert "The upside of FY2014 is <b>$93.6 k</b>" in page and "−$818.4 k (−89.7%)" in page
    assert "Last cycle: n/a, no earlier cycle was approved." in page
    assert (
        "204 planned units have no price" in page
        and "n/a: no month" in client.get(url("accuracy_card")).content.decode()
    )
    units = client.get(url("summary") + "?show=units&by=region").content.decode()
    assert "Unconstrained demand of FY2014 is <b>1.3 k units</b>" in units and "Upside by region, FY2014" in units


def test_a_bar_leads_to_its_edits_and_a_row_to_the_grid(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST), reason="New dealer <b>")
    client = signed_in(scene.cast.viewer)
    page = client.get(url("summary") + "?show=value").content.decode()
    assert 'data-step="override"' in page
    assert f"{url('review')}?family={scene.company.families['CHAIRS'].pk}&amp;show=value" in page
    drill = client.get(url("summary_drill") + "?stream=override").content.decode()
    assert "New dealer &lt;b&gt;" in drill and f'<data value="{15 * 100_00}">1,500.00</data>' in drill
    assert "No edit moves these months" in client.get(url("summary_drill") + "?person=viewer").content.decode()


def test_accuracy_names_streams_people_and_places(scene: Scene) -> None:
    scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000, FIRST))
    row = ActualSeries.objects.get(item__code=OAK)
    for name in ("units", "net_cents", "list_cents", "cogs_cents"):
        setattr(row, name, [*getattr(row, name), 40_000])
    row.save()
    first = date(2014, 2, 1)
    cycle = Cycle.objects.create(month=first, opened_by=scene.cast.finance)
    Plan.objects.create(cycle=cycle, number="2014-02", first_month=first, horizon=12)
    page = signed_in(scene.cast.viewer).get(reverse("demand:accuracy", args=["2014-02"]) + "?level=item&lag=1")
    text = page.content.decode()
    # 40 were sold, the baseline said 30, the edit 45: 10 missed before, 5 after
    assert page.context["people"][0].wmape_without == 10 / 40 and page.context["people"][0].wmape == 5 / 40
    assert all(words in text for words in ("Seasonal naive", "Override", "Demand Planner", "Signal", "CHAIR-OAK"))


def test_the_tables_as_files(scene: Scene) -> None:
    """By family in dollars, then in units, each with its total; chairs have a price in the north only."""
    client = signed_in(scene.cast.viewer)

    def rows(name: str, query: str = "") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(client.get(url(name) + query).content.decode())))

    upside = {(row["name"], row["measure"]): row for row in rows("summary_table_file", "?by=family&period=year")}
    assert upside["CHAIRS", "USD"]["upside"] == upside["Total", "USD"]["upside"] == f"{12 * (30 * 100 + 60 * 80):.2f}"
    assert upside["Total", "units"]["upside"] == f"{12 * (30 + 10 + 60 + 7)}.000"
    assert upside["CHAIRS", "USD"]["last_cycle"] == ""  # not known is no 0
    owed = {row["person"]: row for row in rows("owed_file")}
    assert owed["Demand Planner"]["limits"] == "everything" and owed["Demand Planner"]["families_not_looked_at"] == "2"
    assert rows("accuracy_file") == []
    said = client.get(url("headline") + "?show=value").content.decode()
    # 10 oak in the south and 7 lamps a month have no price
    assert "without 204 units that have no price" in said
    assert "have no price" not in client.get(url("headline") + "?show=units").content.decode()


def test_classes_as_matrix_list_and_file(scene: Scene) -> None:
    Item.objects.filter(code=OAK).update(name="=1+1")
    client = signed_in(scene.cast.viewer)
    matrix = client.get(url("classes"), headers={"HX-Request": "true"}).content.decode()
    assert f"{url('classes')}?class=AX" in matrix and "A to 80%, B to 95% of revenue" in matrix
    assert client.get(url("classes") + "?class=AX").context["count"] == 1
    assert client.get(url("classes") + "?class=QQ").status_code == 404
    header, row = csv.reader(io.StringIO(client.get(url("classes_file")).content.decode()))
    # 20 a month: it varies by nothing, and it is all of the revenue
    assert dict(zip(header, row, strict=True)) == {
        "item": OAK, "name": "'=1+1", "family": "CHAIRS", "class": "AX", "revenue": f"{12 * 20 * 10:.2f}",
        "cumulative_share": "1.0000", "variation": "0.0000", "wmape_lag_1": "",
    }  # fmt: skip


def test_more_series_and_edits_ask_no_more_queries(scene: Scene) -> None:
    client = signed_in(scene.cast.viewer)

    def asked(name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(name)).status_code == 200
        return len(queries)

    asked("summary")
    before = {name: asked(name) for name in ("summary", "owed", "accuracy", "classes")}
    for item in ("LAMP-FLOOR", "CHAIR-PINE"):
        Series.objects.create(
            plan=scene.plan, item=scene.company.items[item], market=scene.company.markets["SOUTH/DEALER"],
            baseline=[1000] * HORIZON, consensus=[1000] * HORIZON,
        )  # fmt: skip
        scene.edit(one(scene.node(item=item, market="SOUTH/DEALER"), 9_000))
    assert {name: asked(name) for name in before} == before
    assert before["summary"] <= 75
