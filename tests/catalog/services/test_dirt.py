"""Every file of tests/files/dirt gives exactly the rows, or the refusal, that expected.yaml says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.models import Item
from catalog.registry import Dataset, dataset_named
from catalog.services.imports.mapping import MappingDocument, mapping_of_yaml
from catalog.services.imports.reading import ReadFile, read_file
from tests.small_company import small_company

DIRT = Path(__file__).parents[2] / "files" / "dirt"
CASES: dict[str, dict[str, Any]] = yaml.safe_load((DIRT / "expected.yaml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def _items() -> None:
    """The small company, and three items with codes that spreadsheets spoil."""
    made = small_company()
    family = made.families["CHAIRS"]
    for code in ("007", "000000000000100023", "AB 12", "4711"):
        Item.objects.create(code=code, name=code, family=family, is_sold=True, is_finished=True)


def read_case(name: str) -> ReadFile:
    """Read the file of a case with its mapping."""
    case = CASES[name]
    dataset = dataset_named(case.get("dataset", "sales_monthly"))
    return read_file(dataset, (DIRT / name.split(" ")[0]).read_bytes(), mapping_named(case, dataset))


def mapping_named(case: dict[str, Any], dataset: Dataset) -> MappingDocument | None:
    """The mapping of a case."""
    if "mapping" not in case:
        return None
    return mapping_of_yaml((DIRT / "mappings" / f"{case['mapping']}.yaml").read_text(encoding="utf-8"), dataset)


def shown(read: ReadFile) -> list[str]:
    """The rows as expected.yaml writes them."""
    if "units" not in read.rows:
        return [f"{row.channel} {row.name}" for row in read.rows.itertuples(index=False)]
    return [
        f"{row.month:%Y-%m} {row.sku} {row.market} {row.channel} {_number(row.units, 3)} {_number(row.net_revenue, 2)}"
        for row in read.rows.itertuples(index=False)
    ]


def _number(value: int, decimals: int) -> str:
    return f"{Decimal(int(value)).scaleb(-decimals).normalize():f}"


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "fault" not in case])
def test_rows(_items: None, name: str) -> None:
    case, read = CASES[name], read_case(name)
    assert read.faults == []
    if "rows" in case:
        assert shown(read) == case["rows"]
    else:
        assert len(read.rows) == case["count"]
    for note in case.get("notes", []):
        assert any(note in told for told in read.notes), read.notes


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "fault" in case])
def test_refusals(_items: None, name: str) -> None:
    wanted, read = CASES[name]["fault"], read_case(name)
    assert read.faults, shown(read)
    first = read.faults[0]
    assert first.remedy
    assert wanted["reason"] in first.reason
    given = {field: wanted[field] for field in ("row", "column", "value") if field in wanted}
    assert {field: getattr(first, field) for field in given} == given


def test_no_file_is_without_an_expectation() -> None:
    files = {path.name for path in DIRT.iterdir() if path.suffix in {".csv", ".xlsx", ".json", ".zip", ".xls"}}
    assert files == {name.split(" ")[0] for name in CASES}
    used = {case["mapping"] for case in CASES.values() if "mapping" in case}
    assert {path.stem for path in (DIRT / "mappings").iterdir()} == used
