"""The streams in a browser: promotion, deal and launch by form into the grid; carried edits; a workbook out and in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from playwright.sync_api import Page, expect

from catalog.services.imports import apply_batch, stage_file
from demand.models import CarriedAcceptance, Edit
from demand.services.ledger import Mode
from demand.services.workbook_out import FIRST_VALUE, HEADER_LINE
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, next_plan, one, sell
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
Visit = Callable[..., Visitor]
OAK, PINE, NORTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT"
MARCH = FIRST + 2
DEALS = """id,account,market,channel,family,sku,close_month,probability,units,amount,stage,owner
A-1,Grand Hotel,NORTH,DIRECT,,CHAIR-OAK,2014-03,0.7,100,,Offer,Ann
"""


@pytest.fixture
def scene(cast: object) -> Scene:
    """Oak started 10, 20, 40, 40 in the north, pine sold 20 a month; a deal of 100 oak in March, seven of ten likely."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [0] * 20 + [10, 20, 40, 40], (PINE, NORTH): [20] * 24})
    actor = get_user_model()(username="crm")
    batch = stage_file(dataset="opportunities", file_name="o.csv", content=DEALS.encode(), actor=actor)
    apply_batch(batch_id=batch.pk, actor=actor)
    return made


def fill(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        box = page.locator(f"[name={name}]")
        box.select_option(value) if box.evaluate("box => box.tagName") == "SELECT" else box.fill(value)


def streams(visitor: Visitor) -> dict[str, str]:
    """What the last row of the page of streams says by its column, in units."""
    page = visitor.open("/demand/2014-01/streams/?show=units")
    heads = page.locator("main thead th").all_inner_texts()
    return dict(zip(heads, page.locator("main tfoot").locator("th, td").all_inner_texts(), strict=True))


def test_promotion_deal_and_launch_stand_in_the_streams_and_in_the_grid(scene: Scene, visit: Visit) -> None:
    """20 % on 30 oak are 6; 70 of 100 likely chairs without half of them are 35; the lamp starts as oak did: 10, 20, 40, 40."""
    visitor = visit("demand_planner")
    page = visitor.open("/demand/2014-01/promotions/new/")
    fill(
        page, {"name": "Spring sale", "item": OAK, "first_day": "2014-03-01", "last_day": "2014-03-31", "shape": "ramp"}
    )
    page.get_by_label(NORTH).check()
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("what you typed is kept")
    expect(page.locator("[name=name]")).to_have_value("Spring sale")
    expect(page.get_by_label(NORTH)).to_be_checked()
    fill(page, {"lift_percent": "20"})
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator("tr", has_text="March 2014")).to_contain_text("+6")
    visitor.check()
    assert not Edit.objects.exists()
    page.get_by_role("button", name="Put it into the plan").press("Enter")
    expect(page.locator("tr", has_text="Spring sale")).to_contain_text("In the plan")

    page = visitor.open("/demand/2014-01/pipeline/")
    page.get_by_role("link", name="Include A-1").press("Enter")
    fill(page, {"overlap_percent": "50", "reason": "half of it buys every year"})
    page.locator("main form button[type=submit]").press("Enter")
    expect(page.locator("tr", has_text="Grand Hotel")).to_contain_text("+35")

    page = visitor.open("/demand/2014-01/launches/new/")
    fill(page, {"item": "LAMP-FLOOR", "first_month": "2014-03", "months": "4", "peak_units": "40", "curve": "like",
                "like_item": OAK, "reason": "listed by a chain"})  # fmt: skip
    page.get_by_label(NORTH).check()
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator("tr", has_text="May 2014")).to_contain_text("40")
    page.get_by_role("button", name="Put it into the plan").press("Enter")
    expect(page.locator("tr", has_text="LAMP-FLOOR")).to_contain_text("as CHAIR-OAK started")
    visitor.check()

    said = streams(visitor)
    added = {"Promotion": 6, "Pipeline": 35, "New product": 10 + 20 + 40 + 40}
    assert {name: said[name] for name in added} == {name: f"+{units}" for name, units in added.items()}
    assert said["Consensus"] == f"{12 * (30 + 10 + 60 + 7) + sum(added.values()):,}"
    page = visitor.open("/demand/2014-01/?q=CHAIR-OAK&show=units")
    oak = page.locator("#grid .tabulator-row", has_text=OAK).first
    expect(oak.locator("[tabulator-field=m2]")).to_have_text(str(30 + 10 + 6 + 35))

    phone = visit("viewer", theme="dark", width=390)
    for name in ("streams/?by=item", "promotions/", "pipeline/", "launches/", "exceptions/"):
        phone.open(f"/demand/2014-01/{name}")
        phone.check()
    expect(phone.page.locator("main")).to_contain_text("Exceptions")


def test_carried_edits_and_a_workbook_that_comes_back(scene: Scene, visit: Visit, tmp_path: Path) -> None:
    """Three gestures of January are carried; in the file oak goes from 30 to 45, and pine to 70 after somebody wrote 65."""
    oak, pine = scene.node(item=OAK, market=NORTH), scene.node(item=PINE, market=NORTH)
    for reason, units in (("a new shop", 5_000), ("an order", 6_000), ("a fair", 7_000)):
        scene.edit(one(oak, units, MARCH), mode=Mode.CHANGE, reason=reason)
    with transaction.atomic():
        next_plan(scene)
    visitor = visit("demand_planner", theme="dark")
    page = visitor.open("/demand/2014-02/carried/")
    page.locator("tr", has_text="an order").get_by_role("button").press("Enter")
    expect(page.locator("tr", has_text="an order")).to_contain_text("Accepted")
    page.locator("tr", has_text="a new shop").get_by_role("link", name="Decline").press("Enter")
    fill(page, {"reason": "the shop did not open"})
    page.get_by_role("button", name="Decline").press("Enter")
    expect(page.locator("tr", has_text="a new shop")).to_contain_text("the shop did not open")
    page.get_by_role("button", name="Accept all that wait").press("Enter")
    expect(page.locator("main")).not_to_contain_text("Waits")
    assert CarriedAcceptance.objects.count() == 2
    visitor.check()

    page = visitor.open("/demand/2014-01/import/")
    with page.expect_download() as out:
        page.get_by_role("link", name="Excel out").click()
    file = tmp_path / "plan.xlsx"
    out.value.save_as(file)
    book = openpyxl.load_workbook(file)
    sheet, january = book["Demand"], FIRST_VALUE + 1
    line = {(row[4].value, row[6].value): row[0].row for row in sheet.iter_rows(min_row=HEADER_LINE + 1)}
    sheet.cell(line[OAK, NORTH], january).value = 45
    sheet.cell(line[PINE, NORTH], january).value = 70
    sheet.cell(line[PINE, NORTH], january + HORIZON).value = 1
    book.save(file)
    scene.edit(one(pine, 65_000), actor=scene.cast.demand_planner2, reason="seen first")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Look at the changes").press("Enter")
    refused = page.get_by_label("Refused cells")
    expect(refused).to_contain_text("Demand Planner2")
    expect(refused.locator("li")).to_have_count(2)
    expect(page.locator("tr", has_text=OAK)).to_contain_text("45.00")
    visitor.check()
    fill(page, {"reason": "worked on in Excel"})
    page.get_by_role("button", name="Apply 1 cell").press("Enter")
    expect(page.locator("body")).to_contain_text("1 cell of the file is in the plan.", timeout=20_000)
    assert (scene.cell(OAK, NORTH), scene.cell(PINE, NORTH)) == (45_000, 65_000)
    page = visitor.open("/demand/2014-01/import/")
    page.set_input_files("[name=file]", {"name": "x.xlsx", "mimeType": "application/zip", "buffer": b"no workbook"})
    page.get_by_role("button", name="Look at the changes").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("cannot be taken")
    visitor.check()

    phone = visit("demand_planner", width=390)
    for path in (
        "2014-01/promotions/new",
        "2014-01/launches/new",
        "2014-01/import",
        "2014-02/carried",
        "2014-02/changed",
    ):
        phone.open(f"/demand/{path}/")
        phone.check()
