"""Plan against budget by any two dimensions: ties with the headline, limits, drill, sorting, units, CSV, empty states."""

from __future__ import annotations

import csv
import io
from itertools import combinations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from cycles.models import Membership, User
from cycles.selectors import Scope
from finance.calc.references import Reference
from finance.frames.plan_vs_budget import Dimension, TableMeasure, TableQuestion, plan_vs_reference
from finance.selectors import position_of
from tests.finance.edited_plan import Edited, edited_plan, forget_landing
from tests.flows.conftest import own_database as own_database

pytestmark = pytest.mark.django_db
NUMBER = "2014-06"
PAGE, FILE = f"/finance/{NUMBER}/plan-vs-budget/", f"/finance/{NUMBER}/plan-vs-budget/table.csv"
ALL = Scope(((None, None),))


@pytest.fixture(scope="module")
def edited(own_database: str, django_db_blocker: DjangoDbBlocker) -> Edited:
    """The edited plan, made once for this module; each test's own changes are rolled back."""
    with django_db_blocker.unblock():
        return edited_plan()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_any_two_dimensions_tie_with_the_headline(edited: Edited) -> None:
    position = position_of(edited.sample.plan)
    assert position is not None and position.budget is not None
    for rows, columns in combinations(Dimension, 2):
        question = TableQuestion(rows, columns, TableMeasure.REVENUE, Reference.BUDGET)
        table = plan_vs_reference(edited.sample.plan, question, ALL).table
        assert table is not None
        assert (table.total.plan, table.total.reference) == (position.landing, position.budget), (rows, columns)


def test_units_are_those_that_land(edited: Edited) -> None:
    """16 series: five closed months of 20, seven open ones of 25, and 5 that are short in June."""
    question = TableQuestion(Dimension.FAMILY, Dimension.MONTH, TableMeasure.UNITS, Reference.BUDGET)
    table = plan_vs_reference(edited.sample.plan, question, ALL).table
    assert table is not None
    assert table.total.plan == (16 * (5 * 20 + 7 * 25) - 5) * 1000
    assert table.total.reference == 4 * 12 * (100 + 200) * 1000


def test_against_actuals_only_the_closed_months_are_compared(edited: Edited) -> None:
    question = TableQuestion(Dimension.REGION, Dimension.MONTH, TableMeasure.MARGIN, Reference.ACTUALS)
    answer = plan_vs_reference(edited.sample.plan, question, ALL)
    assert answer.table is not None and len(answer.table.columns) == 5
    assert answer.table.total.gap == 0 and answer.table.total.plan > 0
    assert "2014-06" in answer.notes[-1]


def test_who_sees_it(edited: Edited) -> None:
    cast = edited.sample.cast
    for address in (PAGE, FILE):
        for person, status in ((cast.finance, 200), (cast.viewer, 200), (cast.outsider, 404)):
            assert client_of(person).get(address).status_code == status
        assert Client().get(address).status_code == 302
        assert client_of(cast.finance).post(address).status_code == 405


def test_limits_cut_the_table_and_nothing_claims_to_tie(edited: Edited) -> None:
    viewer, market = edited.sample.cast.viewer, edited.market
    Membership.objects.get(user=viewer).markets.set([market])
    page = client_of(viewer).get(PAGE, {"rows": "market", "columns": "quarter"})
    assert [line.label for line in page.context["lines"]] == [market.code]
    assert page.context["ties"] is None


def test_the_page_ties_and_leads_down_to_the_cell(edited: Edited) -> None:
    client = client_of(edited.sample.cast.finance)
    page = client.get(PAGE)
    assert page.context["ties"][1] is True and "Ties with the headline" in page.content.decode()
    family = next(line for line in page.context["lines"] if line.label == "CHAIRS")
    items = client.get(f"{PAGE}?{family.url}")
    assert items.context["wish"].question.rows is Dimension.ITEM
    assert items.context["total"] == family.total
    item = next(line for line in items.context["lines"] if line.label == edited.item.code)
    markets = client.get(f"{PAGE}?{item.url}&columns=month")
    assert markets.context["total"] == item.total
    narrowed = client.get(f"{PAGE}?item={edited.item.pk}&rows=market&columns=month")
    html = narrowed.content.decode()
    assert f"{reverse('finance:cell', args=[NUMBER])}?item={edited.item.pk}" in html
    assert f"market={edited.market.pk}&amp;month=2014-06" in html


@pytest.mark.parametrize("sort", ["gap", "share", "plan", "name"])
def test_rows_in_the_order_asked_for(edited: Edited, sort: str) -> None:
    lines = client_of(edited.sample.cast.finance).get(PAGE, {"rows": "item", "sort": sort}).context["lines"]
    keys = {
        "gap": [-abs(line.total.gap) for line in lines],
        "share": [-abs(line.total.share or 0) for line in lines],
        "plan": [-line.total.plan for line in lines],
        "name": [line.label for line in lines],
    }[sort]
    assert keys == sorted(keys) and len(lines) > 1


def test_words_that_are_none_count_as_defaults(edited: Edited) -> None:
    page = client_of(edited.sample.cast.finance).get(
        PAGE, {"rows": "moon", "columns": "family", "sort": "x", "item": "a"}
    )
    question = page.context["wish"].question
    assert (question.rows, question.columns) == (Dimension.FAMILY, Dimension.QUARTER)


def test_units_by_the_switch_and_the_address_keeps_everything(edited: Edited) -> None:
    page = client_of(edited.sample.cast.finance).get(PAGE, {"show": "units", "rows": "region", "figures": "all"})
    wish = page.context["wish"]
    assert wish.question.measure is TableMeasure.UNITS
    assert {"show=units", "rows=region", "figures=all"} <= set(wish.query().split("&"))
    assert "units against" in page.content.decode()


def test_the_file_holds_every_cell_and_the_total(edited: Edited) -> None:
    answer = client_of(edited.sample.cast.finance).get(FILE, {"rows": "item", "columns": "month"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    position = position_of(edited.sample.plan)
    assert position is not None
    *cells, total = rows
    assert round(sum(float(row["plan_amount"]) for row in cells) * 100) == position.landing
    assert float(total["plan_amount"]) * 100 == position.landing
    here = next(row for row in cells if row["item"] == edited.item.code and row["month"] == "2014-06")
    assert float(here["plan_amount"]) == 20 * 90 + 3 * 25 * 90  # four markets, one of them short by 5


def test_a_reference_that_is_missing_says_why(edited: Edited) -> None:
    page = client_of(edited.sample.cast.finance).get(PAGE, {"reference": "last_cycle"})
    assert "No earlier cycle was approved." in page.content.decode()


def test_inside_an_empty_node_it_says_so(edited: Edited) -> None:
    page = client_of(edited.sample.cast.finance).get(PAGE, {"item": "999999"})
    assert "Nothing lies here" in page.content.decode()


def test_before_a_landing_it_says_what_is_needed(edited: Edited) -> None:
    forget_landing(edited.sample.plan)
    page = client_of(edited.sample.cast.finance).get(PAGE)
    assert page.status_code == 200 and "Nothing to compare" in page.content.decode()
