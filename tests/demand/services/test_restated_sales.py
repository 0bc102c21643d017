"""Sales that come again with other numbers: old, new, batch and person are kept; plan cells stay what they are."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from openpyxl import Workbook

from catalog.models import ImportBatch
from catalog.registry import dataset_named
from cycles.models import Plan
from cycles.services.imports import request_import
from cycles.services.runs import execute_run
from demand.models import ActualRestatement, Edit, EditLine, Series
from tests.demand.scene import Scene, make_scene, one

pytestmark = pytest.mark.django_db

HEADER = "month,sku,market,channel,units,list_value,net_revenue,std_cogs"
FIRST = ("2013-11-01,CHAIR-OAK,NORTH,DIRECT,30,3000,2700,1800", "2013-12-01,CHAIR-OAK,NORTH,DIRECT,28,2800,2520,1680")
RESTATED = (FIRST[0], "2013-12-01,CHAIR-OAK,NORTH,DIRECT,25,2500,2250,1500")


@pytest.fixture
def scene(settings: object) -> Scene:
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    made = make_scene()
    made.edit(one(made.node(item="CHAIR-OAK", market="NORTH/DIRECT"), 45_000))
    return made


def push(scene: Scene, *lines: str, content: bytes = b"") -> ImportBatch:
    """Import a sales file as finance, through its run."""
    content = content or "\n".join([HEADER, *lines, ""]).encode()
    run = request_import(dataset="sales_monthly", file_name="sales.csv", content=content, actor=scene.cast.finance)
    assert execute_run(run.pk).state == "succeeded"
    return ImportBatch.objects.latest("id")


def plan_cells(plan: Plan) -> list[object]:
    """Everything that the plan holds: baseline, consensus, edits and their lines."""
    return [
        list(Series.objects.filter(plan=plan).order_by("id").values()),
        list(Edit.objects.filter(plan=plan).order_by("id").values()),
        list(EditLine.objects.filter(edit__plan=plan).order_by("id").values()),
    ]


def test_a_restatement_keeps_both_values_and_touches_no_plan_cell(scene: Scene) -> None:
    push(scene, *FIRST)
    before = plan_cells(scene.plan)
    batch = push(scene, *RESTATED)
    kept = ActualRestatement.objects.get()
    assert (kept.batch, kept.item.code, kept.market.code) == (batch, "CHAIR-OAK", "NORTH/DIRECT")
    assert (kept.units_before, kept.units_after) == (28 * 1000, 25 * 1000)
    assert (kept.net_cents_before, kept.net_cents_after) == (2520 * 100, 2250 * 100)
    assert plan_cells(scene.plan) == before


def test_the_same_push_again_restates_nothing(scene: Scene) -> None:
    push(scene, *FIRST)
    before = plan_cells(scene.plan)
    assert push(scene, *FIRST).status == "unchanged"
    assert push(scene, *reversed(FIRST)).unchanged == len(FIRST)
    assert not ActualRestatement.objects.exists()
    assert plan_cells(scene.plan) == before


def test_the_same_rows_as_a_workbook_or_json_change_nothing(scene: Scene) -> None:
    push(scene, *FIRST)
    book = Workbook()
    for line in (HEADER, *FIRST):
        cells = line.split(",")
        book.active.append([float(cell) if cell.isdigit() else cell for cell in cells])
    sheet = BytesIO()
    book.save(sheet)
    rows = [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in FIRST]
    for content in (sheet.getvalue(), str(rows).replace("'", '"').encode()):
        batch = push(scene, content=content)
        assert (batch.added, batch.changed, batch.removed, batch.unchanged) == (0, 0, 0, len(FIRST))


def test_the_difference_names_cells_with_old_and_new(scene: Scene) -> None:
    push(scene, *FIRST)
    batch = push(scene, *RESTATED)
    (example,) = batch.examples
    assert (example["change"], example["row"]) == ("changed", "CHAIR-OAK · NORTH/DIRECT · 2013-12")
    assert example["fields"][:2] == [["units", "28.000", "25.000"], ["net revenue", "2,520.00", "2,250.00"]]


def test_pages_show_old_new_batch_and_person(scene: Scene) -> None:
    push(scene, *FIRST)
    batch = push(scene, *RESTATED)
    count, rows = dataset_named("sales_monthly").restatements(batch.pk, 10)  # type: ignore[misc]
    assert (count, rows[0].row) == (1, "CHAIR-OAK · NORTH/DIRECT · 2013-12")
    client = Client()
    client.force_login(scene.cast.finance)
    for address in (f"/cycles/imports/{batch.pk}/", f"/cycles/{scene.plan.number}/data/"):
        text = client.get(address).content.decode()
        assert "Restated values" in text
        for word in ("2,520.00", "2,250.00", "28.000", "25.000", f"/cycles/imports/{batch.pk}/", "finance"):
            assert word in text
    first = client.get(f"/cycles/imports/{batch.pk - 1}/").content.decode()
    assert "Restated values" not in first
