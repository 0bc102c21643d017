"""Files of finance: applied, the same again no change, another value shown old → new."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from catalog.models import ImportBatch
from catalog.services.imports import apply_batch, stage_file
from finance.frames.terms import load_customer_terms
from tests.small_company import small_company

pytestmark = pytest.mark.django_db
FILES = {
    "balances": ("month,kind,amount", "2013-12-01,receivables,{}", "2013-11-01,payables,5", "100.00"),
    "channel_costs": (
        "market,channel,family,first_month,cost_per_unit",
        "NORTH,DIRECT,CHAIRS,2014-01-01,{}",
        "NORTH,DEALER,,2014-01-01,2",
        "100",
    ),
    "fixed_costs": (
        "line,month,amount,budget,cash_month,non_cash",
        "Rent,2014-01,{},90,2014-03,",
        "Depreciation,2014-01,10,,,Y",
        "100.00",
    ),
    "planned_variances": (
        "month,family,kind,amount,fraction,cash_line",
        "2014-01-01,CHAIRS,purchase_price,{},,purchases",
        "2014-01-01,,efficiency,,0.05,conversion",
        "100.00",
    ),
}


def hand_in(dataset: str, *lines: str) -> ImportBatch:
    """Stage and apply a file."""
    actor = get_user_model()(username="maria")
    batch = stage_file(dataset=dataset, file_name="f.csv", content="\n".join(lines).encode(), actor=actor)
    assert batch.faults == []
    return apply_batch(batch_id=batch.pk, actor=actor) if batch.status == "staged" else batch


@pytest.mark.parametrize("dataset", FILES)
def test_a_file_replaces_the_table_and_names_what_changes(dataset: str) -> None:
    small_company()
    header, changing, staying, shown = FILES[dataset]
    first = hand_in(dataset, header, changing.format("100"), staying)
    assert (first.added, first.changed, first.removed, first.unchanged) == (2, 0, 0, 0)
    again = hand_in(dataset, header, staying, changing.format("100"))
    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, 2)
    other = hand_in(dataset, header, changing.format("120"))
    assert (other.added, other.changed, other.removed, other.unchanged) == (0, 1, 1, 0)
    (changed,) = (example for example in other.examples if example["change"] == "changed")
    assert [old for _, old, _ in changed["fields"]] == [shown]


def test_customer_terms_of_a_channel_stand_beside_those_of_its_region() -> None:
    company = small_company()
    rows = ("market,channel,days,share", "NORTH,,30,", "NORTH,DIRECT,0,0.25", "NORTH,DIRECT,60,0.75")
    assert hand_in("customer_terms", *rows).added == 3
    assert hand_in("customer_terms", *rows).unchanged == 3
    markets = [company.markets[code].pk for code in ("NORTH/DIRECT", "NORTH/DEALER", "SOUTH/DIRECT")]
    found = load_customer_terms(markets, 45)
    assert [terms.parts for terms in found] == [((0, 2_500), (60, 7_500)), ((30, 10_000),), ((45, 10_000),)]
    assert [terms.is_default for terms in found] == [False, False, True]


@pytest.mark.parametrize(
    ("dataset", "header", "row", "column"),
    [
        ("customer_terms", "market,channel,days,share", "NORTH,DIRECT,30,0.5", "share"),
        ("customer_terms", "market,channel,days,share", "NORTH,DIRECT,366,1", "days"),
        ("fixed_costs", "line,month,amount,cash_month,non_cash", "Wear,2014-01,10,2014-02,Y", "cash_month"),
    ],
)
def test_terms_that_do_not_add_up_are_refused_with_their_row(dataset: str, header: str, row: str, column: str) -> None:
    small_company()
    content = f"{header}\n{row}\n".encode()
    batch = stage_file(dataset=dataset, file_name="f.csv", content=content, actor=get_user_model()(username="maria"))
    assert [(fault["row"], fault["column"]) for fault in batch.faults] == [(2, column)]
