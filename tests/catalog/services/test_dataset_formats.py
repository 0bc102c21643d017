"""The page of formats names every file and every column that is registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.registry import Dataset, datasets
from catalog.services.dataset_formats import format_tables

PAGE = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
def test_page_has_every_column(dataset: Dataset) -> None:
    section = PAGE.split(f"### `{dataset.file_name}`", 1)[1].split("\n### ", 1)[0]
    assert [column.name for column in dataset.columns if f"| `{column.name}` | {column.kind} |" not in section] == []


def test_tables_are_in_the_order_of_import() -> None:
    places = [format_tables().index(f"`{dataset.file_name}`") for dataset in datasets()]
    assert places == sorted(places)
