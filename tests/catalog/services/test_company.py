"""The company: set up once, told from a pack, its fiscal year inferred."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import strategies as st

from catalog.calc.months import fiscal_months, fiscal_year_of
from catalog.models import Company, Currency, Site
from catalog.services.company import FiscalYearUnclear, ensure_currency, infer_fiscal_year_start, set_up_company
from catalog.services.imports import apply_batch, stage_file
from catalog.services.packs import PackIncomplete, pack_files, prepare_company

YEARS = st.integers(2000, 2030)


@given(YEARS, st.integers(1, 12))
def test_start_month_is_found_from_a_whole_year(year: int, start: int) -> None:
    assert infer_fiscal_year_start((year, month) for month in fiscal_months(year, start)) == start


@given(YEARS, st.integers(1, 12), st.integers(1, 12))
def test_first_months_of_a_year_are_enough(year: int, start: int, count: int) -> None:
    pairs = [(year, month) for month in fiscal_months(year, start)[:count]]
    found = infer_fiscal_year_start(pairs)
    assert all(fiscal_year_of(month, found) == given for given, month in pairs)


def test_contradiction_and_nothing_are_unclear() -> None:
    with pytest.raises(FiscalYearUnclear):
        infer_fiscal_year_start([(2014, 2013 * 12), (2015, 2013 * 12)])
    with pytest.raises(FiscalYearUnclear):
        infer_fiscal_year_start([])


@pytest.mark.django_db
def test_set_up_is_repeatable_and_keeps_policies() -> None:
    values = {"name": "Acme", "currency": "JPY", "fiscal_year_start_month": 4, "history_start": date(2012, 4, 1)}
    set_up_company(**values, policies={"mix_level": "item"})
    company = set_up_company(**values)
    assert (Company.objects.count(), company.mix_level, company.currency.decimals) == (1, "item", 0)
    assert Site.objects.get().code == "MAIN"
    assert ensure_currency("JPY") == Currency.objects.get()


@pytest.mark.django_db
def test_company_file_sets_policies_exactly() -> None:
    actor = get_user_model()(username="admin")
    header = "name,currency,fiscal_year_start_month,history_start,mix_level,unanswered_amount,unanswered_fraction,allow_average_price"
    content = f"{header}\nAcme,EUR,5,2011-05,item,250000.50,0.0325,Y\n".encode()
    batch = stage_file(dataset="company", file_name="company.csv", content=content, actor=actor)
    assert (batch.status, batch.faults, batch.added) == ("staged", [], 1)
    assert not Company.objects.exists()
    apply_batch(batch_id=batch.id, actor=actor)
    company = Company.objects.current()
    assert (company.mix_level, company.unanswered_amount_cents, str(company.unanswered_fraction)) == (
        "item",
        25_000_050,
        "0.0325",
    )
    assert (company.allow_average_price, company.dso_days, company.currency_id) == (True, 30, "EUR")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row", ["Acme,EURO,5,2011-05", "Acme,EUR,13,2011-05", "Acme,EUR,5,2011-05\nOther,EUR,5,2011-05"]
)
def test_company_file_is_refused(row: str) -> None:
    content = f"name,currency,fiscal_year_start_month,history_start\n{row}\n".encode()
    actor = get_user_model()(username="admin")
    assert stage_file(dataset="company", file_name="c.csv", content=content, actor=actor).status == "refused"


def test_pack_without_directory_or_mandatory_file(tmp_path: Path) -> None:
    with pytest.raises(PackIncomplete, match="no directory"):
        pack_files(tmp_path / "none")
    with pytest.raises(PackIncomplete, match=r"lacks .*products\.csv"):
        pack_files(tmp_path)


@pytest.mark.django_db
def test_company_from_a_pack_needs_sales(tmp_path: Path) -> None:
    (tmp_path / "price_history.csv").write_text("currency\n\nEUR\n")
    with pytest.raises(PackIncomplete, match=r"Add company\.csv"):
        prepare_company(tmp_path)
    (tmp_path / "sales_monthly.csv").write_text("month\n2013-03-01\n2012-11-01\n")
    company = prepare_company(tmp_path)
    assert (company.currency_id, company.fiscal_year_start_month, company.history_start) == (
        "EUR",
        1,
        date(2012, 11, 1),
    )
    assert prepare_company(tmp_path / "other").name == company.name
