"""Mappings: a document says what it says, round trips, keeps codes as text, and is proposed from a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.registry import dataset_named
from catalog.services.imports.guessing import proposed_document
from catalog.services.imports.mapping import (
    MappingRefused,
    document_of,
    document_of_yaml,
    mapping_of,
    mapping_of_yaml,
    yaml_of,
)
from catalog.services.imports.reading import read_file

SALES = """mapping: ERP sales
source: ERP
dataset: sales_monthly
file: {encoding: windows-1252, delimiter: tab, sheet: Export, header_row: 4}
dates: D/M/Y
month_from_day: yes
numbers: {decimal: ",", thousands: ".", negatives: [brackets]}
columns:
  sku: {from: Material, lookup: items}
  channel: {join: "{Org}-{Way}"}
  units: {from: Menge, factor: "12"}
  market: Gebiet
constants: {std_cogs: "0"}
lookups: {items: {0010: CHAIR-OAK, "1e5": NO}}
leave_out: [{column: sku, starts_with: SRV-, because: services}]
duplicates: refuse
"""


def test_a_document_comes_back_as_it_was() -> None:
    dataset = dataset_named("sales_monthly")
    mapping = mapping_of_yaml(SALES, dataset)
    assert mapping_of(document_of(mapping), dataset) == mapping
    assert mapping_of_yaml(yaml_of(document_of(mapping)), dataset) == mapping
    assert mapping.layout.delimiter == "\t" and mapping.layout.header_row == 4


def test_the_example_of_the_documentation_is_a_mapping() -> None:
    page = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")
    mapping = mapping_of_yaml(page.split("```yaml\n")[1].split("```")[0], dataset_named("sales_monthly"))
    assert mapping.constants == {"std_cogs": "0"} and mapping.lookups["items"] == {"0010": "CHAIR-OAK"}
    assert mapping.style.month_from_day and mapping.refuses_duplicates


def test_codes_in_yaml_stay_text() -> None:
    mapping = mapping_of_yaml(SALES, dataset_named("sales_monthly"))
    assert mapping.lookups["items"] == {"0010": "CHAIR-OAK", "1e5": "NO"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("dates: D/M/Y", "dates: D/M/JJ"), "dates: D/M/JJ is not one of"),
        (('decimal: ","', 'decimal: "."'), "same sign"),
        (("header_row: 4", "header_row: -1"), "no row"),
        (('factor: "12"', "factor: dozen"), "is no number"),
        (("units: {from: Menge, factor", "sku: {from: Menge, factor"), "given twice"),
        (("from: Menge, factor", "from: Menge, times"), "times is unknown in columns.units"),
        (('join: "{Org}-{Way}"', "join: OrgWay"), "in braces"),
        (("constants: {std_cogs", "constants: {units"), "both a column and a constant"),
        (("because: services", "because: ''"), "say why"),
        (("duplicates: refuse", "duplicates: sum"), "is not one of refuse"),
        (("dataset: sales_monthly", "dataset: products"), "not for sales_monthly"),
    ],
)
def test_each_mistake_is_named(change: tuple[str, str], said: str) -> None:
    text = SALES.replace(*change)
    assert text != SALES
    with pytest.raises(MappingRefused, match=said):
        mapping_of_yaml(text, dataset_named("sales_monthly"))


@pytest.mark.parametrize(
    "text", ["a: &x [1]\n" + "b: *y", "? [", "!!python/object/apply:os.system [ls]", "[" * 5000, "- 1"]
)
def test_hostile_yaml_is_refused(text: str) -> None:
    with pytest.raises(MappingRefused):
        mapping_of(document_of_yaml(text), dataset_named("channels"))


@pytest.mark.django_db
def test_a_proposal_reads_its_sample() -> None:
    lines = ["Bericht", "Kanal;Bezeichnung", "WEB;Läden", "SHOP;Geschäfte"]
    dataset = dataset_named("channels")
    content = "\n".join(lines).encode("cp1252")
    proposed = proposed_document(dataset, content)
    assert proposed == {
        "dataset": "channels",
        "file": {"encoding": "windows-1252", "header_row": "2"},
        "columns": {"channel": "Kanal", "name": "Bezeichnung"},
    }
    assert read_file(dataset, content, mapping_of(proposed, dataset)).rows["name"].tolist() == ["Läden", "Geschäfte"]


@pytest.mark.parametrize(
    ("cell", "style"),
    [("1.234,50", {"decimal": ",", "thousands": "."}), ("1,234.50", {"thousands": ","}), ("1,234", None), ("12", None)],
)
def test_only_an_unmistakable_form_of_numbers_is_proposed(cell: str, style: dict[str, str] | None) -> None:
    content = f"Monat;Artikel;Menge\n31.01.2014;A;{cell}\n".encode()
    proposed = proposed_document(dataset_named("sales_monthly"), content)
    assert proposed["dates"] == "D/M/Y"
    assert proposed.get("numbers") == style


def test_an_ambiguous_day_is_not_proposed() -> None:
    content = b"Monat;Artikel;Menge\n03.04.2014;A;1\n"
    assert "dates" not in proposed_document(dataset_named("sales_monthly"), content)
