"""The trace on its pages: who may see which, what a stranger gets, and the same figures as the calculation behind."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from cycles.models import Membership, User
from tests.finance.edited_plan import Edited, edited_plan, forget_landing
from tests.flows.conftest import own_database as own_database

pytestmark = pytest.mark.django_db
NUMBER = "2014-06"


@pytest.fixture(scope="module")
def edited(own_database: str, django_db_blocker: DjangoDbBlocker) -> Edited:
    """The edited plan, made once for this module; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        return edited_plan()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(edited: Edited) -> dict[str, str]:
    series = f"item={edited.item.pk}&market={edited.market.pk}"
    return {
        "drill": f"{reverse('finance:drill', args=[NUMBER])}?{series}&level=month&driver=volume",
        "cell": f"{reverse('finance:cell', args=[NUMBER])}?{series}&month=2014-06",
        "closed cell": f"{reverse('finance:cell', args=[NUMBER])}?{series}&month=2014-02",
        "next year's cell": f"{reverse('finance:cell', args=[NUMBER])}?{series}&month=2015-02",
        "edits": reverse("finance:edits", args=[NUMBER]),
        "edit": reverse("finance:edit", args=[NUMBER, edited.more.revision]),
    }


def test_who_sees_the_trace(edited: Edited) -> None:
    cast = edited.sample.cast
    for name, address in addresses(edited).items():
        for person, status in (
            (cast.finance, 200),
            (cast.viewer, 200),
            (cast.demand_planner, 200),
            (cast.outsider, 404),
        ):
            assert client_of(person).get(address).status_code == status, (name, person)
        assert Client().get(address).status_code == 302, name
        assert client_of(cast.finance).post(address).status_code == 405, name


def test_limits_hide_cells_edits_and_their_dollars(edited: Edited) -> None:
    """A viewer of another market: the cell and the edit are not there, the list is empty, the drill holds no dollar."""
    viewer = edited.sample.cast.viewer
    Membership.objects.get(user=viewer).markets.set([edited.sample.company.markets["SOUTH/DEALER"]])
    client, at = client_of(viewer), addresses(edited)
    assert [client.get(at[name]).status_code for name in ("cell", "edit", "edits", "drill")] == [404, 404, 200, 200]
    assert client.get(at["edits"]).context["rows"] == []
    assert client.get(at["drill"]).context["drill"].total.landing == 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "month=2014-06",
        "item=1&market=1&month=junk",
        "item=0&market=0&month=2014-06",
        "item=9999&market=1&month=2014-06",
    ],
)
def test_a_cell_that_is_none_is_not_found(edited: Edited, query: str) -> None:
    assert (
        client_of(edited.sample.cast.finance).get(f"{reverse('finance:cell', args=[NUMBER])}?{query}").status_code
        == 404
    )


def test_a_month_of_no_plan_and_an_edit_of_no_plan_are_not_found(edited: Edited) -> None:
    client, at = client_of(edited.sample.cast.finance), addresses(edited)
    assert client.get(at["cell"].replace("month=2014-06", "month=2016-01")).status_code == 404
    assert client.get(reverse("finance:edit", args=[NUMBER, 999])).status_code == 404


def test_the_bridges_steps_lead_into_the_drill_with_their_driver(edited: Edited) -> None:
    client = client_of(edited.sample.cast.executive)
    for page in ("finance:reconciliation", "finance:executive"):
        html = client.get(reverse(page, args=[NUMBER])).content.decode()
        assert f"{reverse('finance:drill', args=[NUMBER])}?level=family&amp;driver=supply_constraint" in html
    streams = client.get(f"{reverse('finance:reconciliation', args=[NUMBER])}?by=who").content.decode()
    assert f"{reverse('finance:edits', args=[NUMBER])}?stream=promotion" in streams
    people = client.get(f"{reverse('finance:reconciliation', args=[NUMBER])}?by=people").content.decode()
    assert f"{reverse('finance:edits', args=[NUMBER])}?person=demand_planner" in people


def test_the_drill_ranks_by_the_driver_in_focus_and_leads_to_the_cell(edited: Edited) -> None:
    client = client_of(edited.sample.cast.finance)
    answer = client.get(f"{reverse('finance:drill', args=[NUMBER])}?level=item&driver=supply_constraint")
    first = answer.context["drill"].rows[0]
    assert (first.label, first.drivers[-1]) == (edited.item.code, -450_00)
    months = client.get(addresses(edited)["drill"]).content.decode()
    assert f"/finance/{NUMBER}/cell/?item={edited.item.pk}&amp;market={edited.market.pk}&amp;month=2014-06" in months


def test_the_sentence_of_an_edit(edited: Edited) -> None:
    """15 units at 90 and at 60: revenue +1.4 k, COGS +900, margin +450, all of it cash before the year ends."""
    page = client_of(edited.sample.cast.finance).get(addresses(edited)["edit"])
    year = page.context["effect"].year
    assert (year.revenue, year.cogs, year.margin, year.cash) == (1350_00, 900_00, 450_00, 450_00)
    html = page.content.decode()
    assert "This edit moved" in html and '<data value="135000">1,350.00</data>' in html
    assert "Spring promotion" in html and "style=" not in html


def test_before_a_landing_an_edit_tells_live_figures(edited: Edited) -> None:
    forget_landing(edited.sample.plan)
    client, at = client_of(edited.sample.cast.finance), addresses(edited)
    assert client.get(at["edits"]).context["rows"][0].moved.revenue == 1350_00
    page = client.get(at["edit"])
    assert page.context["effect"].year.revenue == 1350_00
    assert "These are live figures." in page.content.decode()
    assert client.get(f"{at['edits']}?stream=pipeline").content.decode().count("No edits here") == 1


def test_the_demand_page_leads_from_an_edit_to_its_dollars(edited: Edited) -> None:
    client = client_of(edited.sample.cast.demand_planner)
    panel = client.get(reverse("demand:panel", args=[NUMBER]), {"item": edited.item.pk, "market": edited.market.pk})
    assert reverse("finance:edit", args=[NUMBER, edited.more.revision]) in panel.content.decode()
