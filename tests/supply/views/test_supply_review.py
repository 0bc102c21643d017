"""The supply page and its dialogs: who may, what they show, what they record."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cycles.models import Decision
from cycles.services.runs import drain_runs, execute_run
from supply.models import OverloadDecision, Pin
from supply.selectors import overloads_of, supply_state
from supply.services.cost_lines import LINES
from supply.services.options import request_options
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db


def _company() -> SupplyCompany:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [1000.0, 0, 0, 0, 0, 0]})
    open_supply_stage(company)
    solve(company)
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def signed_in(client: Client, person: object) -> Client:
    client.force_login(person)
    return client


@pytest.mark.parametrize("show", ["value", "units"])
@pytest.mark.parametrize("load", ["needed", "planned"])
def test_page_names_the_bottleneck_and_what_is_short(
    client: Client, company: SupplyCompany, show: str, load: str
) -> None:
    page = signed_in(client, company.cast.supply_planner).get("/supply/2014-01/", {"show": show, "load": load})
    text = page.content.decode()
    assert page.status_code == 200
    assert "WOOD" in text and "CHAIR-OAK" in text and "Work centre is full" in text
    assert "heat-5" in text
    assert "style=" not in text


def test_strangers_see_nothing_and_others_cannot_act(client: Client, company: SupplyCompany) -> None:
    assert client.get("/supply/2014-01/").status_code == 302
    assert signed_in(client, company.cast.outsider).get("/supply/2014-01/").status_code == 404
    assert signed_in(client, company.cast.viewer).get("/supply/2014-01/").status_code == 200
    assert client.post("/supply/2014-01/solve/").status_code == 403
    assert signed_in(client, company.cast.supply_planner).get("/supply/1999-01/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("post", ""), ("get", "solve/"), ("put", "pins/new/"), ("put", "overloads/")]
)
def test_wrong_method(client: Client, company: SupplyCompany, method: str, path: str) -> None:
    signed_in(client, company.cast.supply_planner)
    assert getattr(client, method)(f"/supply/2014-01/{path}").status_code == 405


def pin_form(company: SupplyCompany, **given: object) -> dict[str, object]:
    month = company.plan.first_month_index + 2
    form = {"kind": "make", "item": "CHAIR-OAK", "site": "MAIN", "month": month, "quantity": "25", "reason": "tools"}
    return {**form, "base_revision": company.plan.revision, **given}


def test_pin_is_recorded_and_released(client: Client, company: SupplyCompany) -> None:
    signed_in(client, company.cast.supply_planner)
    assert client.get("/supply/2014-01/pins/new/").status_code == 200
    assert client.post("/supply/2014-01/pins/new/", pin_form(company)).status_code == 302
    pin = Pin.objects.get()
    assert pin.quantity == 25_000
    form = {"reason": "no longer", "base_revision": 99}
    assert client.post(f"/supply/2014-01/pins/{pin.pk}/release/", form).status_code == 302
    assert Pin.objects.order_by("id").last().quantity is None


@pytest.mark.parametrize(
    "given", [{"item": "NOPE"}, {"item": ""}, {"quantity": "-1"}, {"reason": ""}, {"kind": "extra_shift"}]
)
def test_pin_form_says_what_is_wrong(client: Client, company: SupplyCompany, given: dict[str, object]) -> None:
    answer = signed_in(client, company.cast.supply_planner).post(
        "/supply/2014-01/pins/new/", pin_form(company, **given)
    )
    assert answer.status_code == 422
    assert not Pin.objects.exists()


def test_slower_pin_sees_the_faster_one(client: Client, company: SupplyCompany) -> None:
    form = pin_form(company)
    signed_in(client, company.cast.supply_planner2).post("/supply/2014-01/pins/new/", pin_form(company, quantity="7"))
    answer = signed_in(client, company.cast.supply_planner).post("/supply/2014-01/pins/new/", form)
    assert answer.status_code == 409
    assert "set this to 7.00" in answer.content.decode()


def test_overload_is_decided_on_the_page(client: Client, company: SupplyCompany) -> None:
    signed_in(client, company.cast.supply_planner)
    path = f"/supply/2014-01/overloads/{company.centre.pk}/2014-01/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"choice": "shortage", "reason": ""}).status_code == 422
    assert client.post(path, {"choice": "shortage", "reason": "agreed"}).status_code == 302
    assert all(overload.decision for overload in overloads_of(company.plan))
    assert client.get(f"/supply/2014-01/overloads/{company.centre.pk}/2014-05/").status_code == 404
    assert client.get(f"/supply/2014-01/overloads/{company.centre.pk}/never/").status_code == 404


def test_all_open_overloads_are_decided_at_once(client: Client, company: SupplyCompany) -> None:
    signed_in(client, company.cast.supply_planner)
    answer = client.post(
        "/supply/2014-01/overloads/", {"choice": "plan", "reason": "agreed"}, headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Redirect"] == "/supply/2014-01/"
    assert OverloadDecision.objects.count() == 1


def test_solve_queues_a_run(client: Client, company: SupplyCompany) -> None:
    company.plan.supply_revision = company.plan.revision = company.plan.revision + 1
    company.plan.save()
    page = signed_in(client, company.cast.supply_planner).post("/supply/2014-01/solve/", follow=True)
    assert company.plan.runs.filter(kind="supply.plan", state="queued").count() == 1
    assert "This supply plan is behind" in page.content.decode() or "Supply plan" in page.content.decode()


def test_who_may_solve_stops_it_too(client: Client, company: SupplyCompany) -> None:
    signed_in(client, company.cast.supply_planner)
    assert client.post("/supply/2014-01/stop/").status_code == 409  # nothing is being solved
    client.post("/supply/2014-01/solve/")
    company.plan.runs.filter(kind="supply.plan").update(state="queued")
    assert "Stop solving" in client.get("/supply/2014-01/").content.decode()
    assert "Stop solving" not in signed_in(client, company.cast.viewer).get("/supply/2014-01/").content.decode()
    assert client.post("/supply/2014-01/stop/").status_code == 403
    page = signed_in(client, company.cast.supply_planner).post("/supply/2014-01/stop/", follow=True)
    assert "Solving has ended" in page.content.decode()
    assert not company.plan.runs.filter(kind="supply.plan", state__in=("queued", "running")).exists()


def test_the_cost_of_the_plan_is_the_programmes(client: Client, company: SupplyCompany) -> None:
    page = signed_in(client, company.cast.supply_planner).get("/supply/2014-01/")
    cost, told = page.context["cost"], supply_state(company.plan).run.result["cost_lines"]  # type: ignore[union-attr]
    assert cost.total == cost.paid + cost.penalties == sum(round(amount * 100) for amount in told.values())
    assert {str(line.label) for line in cost.lines if not line.is_paid} >= {"Margin of demand not met"}
    assert "What the plan costs" in page.content.decode()
    assert set(told) <= set(LINES)


def test_page_takes_a_fixed_number_of_queries(
    client: Client, company: SupplyCompany, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in(client, company.cast.supply_planner)
    with django_assert_max_num_queries(110):
        client.get("/supply/2014-01/")


def test_a_work_centre_and_an_overload_are_talked_about_where_they_stand(
    client: Client, company: SupplyCompany
) -> None:
    text = signed_in(client, company.cast.viewer).get("/supply/2014-01/").content.decode()
    overload = overloads_of(company.plan)[0]
    addresses = [f"/cycles/2014-01/comments/{about}/" for about in ("work_centre/WOOD", f"overload/{overload.key}")]
    assert [f'href="{address}"' in text for address in addresses] == [True, True]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    beyond = overload.key.replace("2014", "2019")
    assert client.get(f"/cycles/2014-01/comments/overload/{beyond}/").status_code == 404


def test_the_heat_map_leads_to_the_items_and_an_option_is_chosen(client: Client, company: SupplyCompany) -> None:
    """One made item: all hours of the centre are its own; what is chosen stands on the page with its reason."""
    signed_in(client, company.cast.supply_planner)
    for load, hours in (("planned", "387"), ("needed", "1,000")):
        cell = client.get("/supply/2014-01/loads/WOOD/2014-01/", {"load": load}).content.decode()
        assert "CHAIR-OAK" in cell and hours in cell and "NORTH/DIRECT" in cell and "100%" in cell
    assert client.get("/supply/2014-01/loads/WOOD/2019-01/").status_code == 404
    assert client.get("/supply/2014-01/loads/STEEL/2014-01/").status_code == 404
    item = client.get("/supply/2014-01/items/CHAIR-OAK/").content.decode()
    assert "n/a" in item and "no demand" in item and "999" not in item
    assert client.get("/supply/2014-01/items/NONE/").status_code == 404
    path = f"/supply/2014-01/options/{company.base.items['CHAIR-OAK'].pk}/overtime/"
    assert client.get(path).status_code == 404
    assert client.post("/supply/2014-01/options/").status_code == 302
    drain_runs(company.plan)
    page = client.get("/supply/2014-01/").content.decode()
    assert f'href="{path}"' in page and "Best margin" in page and "No other site" in page
    assert "593 extra hours" in client.get(path).content.decode()
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "Agreed"}).status_code == 302
    assert Pin.objects.get().kind == "extra_shift"
    assert signed_in(client, company.cast.viewer).post("/supply/2014-01/options/").status_code == 403


def test_a_shortage_is_put_to_the_executive_and_carried_out(client: Client, company: SupplyCompany) -> None:
    """The planner asks, the executive answers on the list of decisions, the planner carries it out; strangers cannot."""
    chair = company.base.items["CHAIR-OAK"].pk
    ask, carry = (f"/supply/2014-01/options/{chair}/{verb}/" for verb in ("ask", "carry-out"))
    execute_run(request_options(plan=company.plan, actor=company.cast.supply_planner).pk)
    for person, status in (
        (company.cast.viewer, 403),
        (company.cast.executive, 403),
        (company.cast.supply_planner, 200),
    ):
        assert signed_in(client, person).get(ask).status_code == status
    assert client.get(carry).status_code == 404
    assert client.post(ask, {"text": ""}).status_code == 422
    form = {"text": "Hours or decline?", "owner": company.cast.executive.pk, "due_on": "2014-01-20"}
    assert client.post(ask, form).status_code == 302
    page = client.get("/supply/2014-01/").content.decode()
    assert "Put to the executive" in page and "until Mon 20 Jan" in page and "Put it anew" in page
    signed_in(client, company.cast.executive)
    listed = client.get("/cycles/2014-01/decisions/").content.decode()
    assert "Hours or decline?" in listed and "593 hours beyond the overtime limit" in listed and "Recommended" in listed
    answer = f"/cycles/decisions/{Decision.objects.get().pk}/take/"
    assert client.post(answer, {"choice": "Perhaps", "reason": "x"}).status_code == 422
    assert client.post(answer, {"choice": "Extra hours", "reason": "Serve them"}).status_code == 302
    assert client.post(carry).status_code == 403
    signed_in(client, company.cast.supply_planner)
    assert f'href="{carry}"' in client.get("/supply/2014-01/").content.decode()
    assert "593 extra hours" in client.get(carry).content.decode()
    assert client.post(carry).status_code == 302
    assert (Pin.objects.get().author, Pin.objects.get().quantity) == (company.cast.supply_planner, 593_000)
    assert f'href="{carry}"' not in client.get("/supply/2014-01/").content.decode()
