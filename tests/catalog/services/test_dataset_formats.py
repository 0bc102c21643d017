"""The page of formats, the templates and the registry say the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from openpyxl import load_workbook

from catalog.models import Item
from catalog.registry import Dataset, dataset_named, datasets
from catalog.services.dataset_formats import format_tables, page_with_formats
from catalog.services.dataset_templates import csv_template, xlsx_template
from catalog.services.imports import stage_file
from catalog.services.imports.reading import read_file
from tests.small_company import small_company

PAGE = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_page_is_what_the_registry_says() -> None:
    assert page_with_formats(PAGE) == PAGE, "run manage.py dataset_formats --write docs/datasets.md"


def test_a_page_that_lost_a_column_would_be_noticed() -> None:
    assert page_with_formats(PAGE.replace("| `sku` |", "| `stock_unit` |")) == PAGE


def test_tables_are_in_the_order_of_import() -> None:
    places = [format_tables().index(f"`{dataset.file_name}`") for dataset in datasets()]
    assert places == sorted(places)


@pytest.mark.django_db
@pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
def test_templates_are_read_as_empty_tables(dataset: Dataset) -> None:
    small_company()
    for content in (csv_template(dataset), xlsx_template(dataset)):
        read = read_file(dataset, content)
        assert read.row_count == 0
        assert "1 row left out: marked as an example (example × 1)." in read.notes
        assert not [fault for fault in read.faults if fault.row != 0], "only a check of the whole may miss rows"
    actor = get_user_model()(username="maria")
    batch = stage_file(dataset=dataset.name, file_name=dataset.file_name, content=csv_template(dataset), actor=actor)
    assert (batch.added, batch.changed) == (0, 0)


@pytest.mark.django_db
def test_a_template_documents_its_columns_and_holds_no_formula() -> None:
    Item.objects.create(code="=1+1", name="trap", family=small_company().families["CHAIRS"])
    Item.objects.exclude(code="=1+1").filter(code__startswith="CHAIR").delete()
    sales = dataset_named("sales_monthly")
    book = load_workbook(io.BytesIO(xlsx_template(sales)))
    rows = list(book["sales_monthly"].iter_rows())
    assert [cell.value for cell in rows[0]] == ["#", *(column.name for column in sales.columns)]
    assert {cell.data_type for cell in rows[1]} == {"s"}
    assert [row[0].value for row in book["Format"].iter_rows(min_row=6)] == [column.name for column in sales.columns]
    example = list(csv.reader(io.StringIO(csv_template(sales).decode("utf-8-sig"))))[1]
    assert example[:3] == ["example", "2014-02-01", "LAMP-DESK"]
