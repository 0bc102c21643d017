"""Files in the browser: faults listed, a foreign file mapped, its difference seen and applied; each page in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page

from catalog.models import Channel
from cycles.models import Plan
from cycles.services.cycles import open_cycle
from cycles.services.imports import request_import, stage_import
from cycles.services.runs import execute_run
from demand.models import ActualMonth
from tests.cast import Cast
from tests.catalog.services.test_dirt import CASES, DIRT
from tests.e2e.conftest import Visitor
from tests.small_company import small_company

pytestmark = pytest.mark.e2e
FOREIGN = "Report\nKanal;Text\nDIRECT;Direkt\nWEB;Läden\n".encode("cp1252")
SALES = DIRT / "comma.csv"
REFUSED = ("windows1252.csv", "dates_ambiguous.csv", "unknown_items.csv", "formula.xlsx", "bomb_sheet.xlsx")
APPLIED = ("semicolon.csv", "shared_strings.xlsx", "returns.csv")


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """The plan of February 2014 with its data stage open."""
    small_company()
    return open_cycle(month=date(2014, 2, 1), actor=cast.demand_planner)


def hand_in(visitor: Visitor, path: Path, dataset: str = "sales_monthly", mapping: str = "(last)") -> Page:
    """Hand a file in by the form."""
    page = visitor.open(f"/cycles/imports/?dataset={dataset}")
    page.select_option("#id_mapping", mapping)
    page.set_input_files("#id_file", str(path))
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile(r"/cycles/imports/[0-9]+/"))
    return page


def test_dirty_files_are_refused_with_row_value_reason_and_remedy(plan: Plan, visit: Callable[..., Visitor]) -> None:
    finance = visit("finance")
    for name in REFUSED:
        case = CASES[name]
        page = hand_in(finance, DIRT / name, case.get("dataset", "sales_monthly"))
        told = page.locator("main").inner_text()
        assert case["fault"]["reason"] in told, name
        assert str(case["fault"].get("value", "")) in told, name
        assert "Nothing was applied" in told
        assert page.locator("button:has-text('Apply')").count() == 0
    finance.check()
    assert not ActualMonth.objects.exists()


def test_clean_forms_are_applied_and_repeat_as_no_change(
    plan: Plan, visit: Callable[..., Visitor], work: Callable[[], None]
) -> None:
    finance = visit("finance")
    for name in APPLIED:
        page = hand_in(finance, DIRT / name)
        if name == APPLIED[1]:  # the same rows in another form
            assert "says what is there already" in page.locator("main").inner_text()
            continue
        page.click("button:has-text('Apply')")
        work()
        page.reload()
        assert "Applied." in page.locator("main").inner_text()
    assert sorted(ActualMonth.objects.values_list("month__month", flat=True)) == [1, 2]


def test_a_foreign_file_is_mapped_looked_at_and_applied(
    plan: Plan, visit: Callable[..., Visitor], work: Callable[[], None], tmp_path: Path
) -> None:
    finance = visit("finance")
    path = tmp_path / "shop_2014.csv"
    path.write_bytes(FOREIGN)
    page = hand_in(finance, path, "channels")
    page.click("a:has-text('Map its columns')")
    page.wait_for_selector("#id_document")
    finance.check()
    text = page.input_value("#id_document")
    assert "encoding: windows-1252" in text
    page.fill("#id_document", text.replace("mapping: ''", "mapping: Shop").replace("source: ''", "source: Web shop"))
    page.click("button[value=save]")
    page.click("button:has-text('Check the file with it')")
    page.wait_for_selector("button:has-text('Apply')")
    told = page.locator("main").inner_text()
    assert "Läden" in told and "Direkt" in told and "Shop" in told
    finance.check()
    page.click("button:has-text('Apply')")
    work()
    assert Channel.objects.get(code="WEB").name == "Läden"


def test_the_pages_in_the_dark_on_a_phone(plan: Plan, cast: Cast, visit: Callable[..., Visitor]) -> None:
    batch = stage_import(dataset="channels", file_name="shop.csv", content=FOREIGN, actor=cast.finance)
    restated = SALES.read_bytes()
    for content in (restated, restated.replace(b",900,", b",950,")):
        run = request_import(dataset="sales_monthly", file_name="sales.csv", content=content, actor=cast.finance)
        execute_run(run.pk)
    sales = batch.pk + 2
    finance = visit("finance", theme="dark", width=390)
    pages = (
        f"/cycles/mappings/new/?batch={batch.pk}", f"/cycles/imports/{batch.pk}/", f"/cycles/imports/{sales}/",
        "/cycles/2014-02/data/", "/cycles/mappings/", "/cycles/formats/", "/cycles/formats/sales_monthly/",
        "/cycles/imports/",
    )  # fmt: skip
    for address in pages:
        finance.open(address)
        finance.check()


def test_a_mistake_in_a_mapping_is_named_and_nothing_is_lost(plan: Plan, visit: Callable[..., Visitor]) -> None:
    finance = visit("finance")
    page = hand_in(finance, DIRT / "theirs.csv")
    page.click("a:has-text('Map its columns')")
    page.wait_for_selector("#id_document")
    page.fill("#id_document", "mapping: A\nsource: B\ndataset: sales_monthly\ncolums: {}\n")
    page.click("button[value=save]")
    page.wait_for_selector("text=colums is unknown in the mapping")
    assert "colums" in page.input_value("#id_document")
    finance.check()
    with page.expect_download() as waiting:
        finance.page.goto(f"{finance.address}/cycles/formats/sales_monthly/")
        page.click("a:has-text('Template XLSX')")
    assert waiting.value.suggested_filename == "sales_monthly.xlsx"
