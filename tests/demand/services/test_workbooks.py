"""The plan goes out to Excel and comes back: unchanged it changes nothing, and every refusal names row, cell and why."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from catalog.registry import FileRefused
from cycles.errors import NotAllowedNow
from cycles.models import Membership
from demand.models import Edit, EditKind, ReturnedWorkbook
from demand.services.workbook_in import judge_workbook
from demand.services.workbook_out import FIRST_VALUE, HEADER_LINE, plan_workbook
from demand.services.workbook_return import Preview, apply_workbook, keep_workbook, preview_workbook
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, DESK, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK", "NORTH/DIRECT", "SOUTH/DIRECT"
EVIL = '=HYPERLINK("http://x","y")'
KEY, REVISION, SEAL = 1, 2, 3  # columns of a sheet count from 1
JANUARY, BASELINE = FIRST_VALUE + 1, FIRST_VALUE + 1 + HORIZON


def _scene() -> Scene:
    made = make_scene()
    Item.objects.filter(pk=made.company.items[DESK].pk).update(name=EVIL)
    made.plan.refresh_from_db()
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


class Sheet:
    """A workbook that somebody works on in Excel."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.page = self.book["Demand"]
        self.line = {
            (str(row[4].value), str(row[6].value)): row[0].row for row in self.page.iter_rows(min_row=HEADER_LINE + 1)
        }

    def cell(self, item: str, market: str, column: int = JANUARY) -> openpyxl.cell.Cell:
        return self.page.cell(self.line[item, market], column)

    def bytes(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def out(scene: Scene, who: str = "demand_planner") -> Sheet:
    scene.plan.refresh_from_db()
    return Sheet(plan_workbook(scene.plan, getattr(scene.cast, who)))


def back(scene: Scene, sheet: Sheet) -> tuple[ReturnedWorkbook, Preview]:
    planner = scene.cast.demand_planner
    scene.plan.refresh_from_db()
    kept = keep_workbook(plan=scene.plan, file_name="plan.xlsx", content=sheet.bytes(), actor=planner)
    return kept, preview_workbook(kept, planner)


def test_out_and_in_again_changes_nothing_and_names_are_no_formulas(scene: Scene) -> None:
    sheet = out(scene)
    assert sheet.page.protection.sheet and not sheet.cell(OAK, NORTH).protection.locked
    assert sheet.cell(OAK, NORTH, BASELINE).protection.locked and sheet.page.column_dimensions["A"].hidden
    name = sheet.cell(DESK, "NORTH/DEALER", 6)
    assert (name.value, name.data_type) == (EVIL, "s")
    name.data_type = "s"
    kept, preview = back(scene, sheet)
    assert (preview.faults, preview.changes, preview.judgement.absent) == ((), (), 0)
    with pytest.raises(NotAllowedNow):
        apply_workbook(returned_id=kept.pk, kind=EditKind.OVERRIDE, reason="none", actor=scene.cast.demand_planner)
    assert not Edit.objects.exists()


def test_two_typed_cells_are_one_gesture_with_one_reason(scene: Scene) -> None:
    sheet = out(scene)
    sheet.cell(OAK, NORTH).value, sheet.cell(PINE, NORTH, JANUARY + 1).value = 41.5, 0
    kept, preview = back(scene, sheet)
    # nothing was ever sold here, so that no discount and no price is known: the dollars are n/a, not 0
    assert [(change.cell.typed, change.cents) for change in preview.changes] == [(41_500, None), (0, None)]
    assert (preview.units, preview.unpriced) == (11_500 - 60_000, 2)
    assert scene.cell(OAK, NORTH) == 30_000 and not Edit.objects.exists()
    words = {
        "kind": EditKind.PIPELINE,
        "reason": "field sales",
        "actor": scene.cast.demand_planner,
        "reason_code": "Order",
    }
    apply_workbook(returned_id=kept.pk, **words)
    edit = Edit.objects.get()
    assert (edit.kind, edit.reason, edit.gesture["file"]) == ("pipeline", "field sales", "plan.xlsx")
    assert edit.reason_code == "Order"
    assert (scene.cell(OAK, NORTH), scene.cell(PINE, NORTH, FIRST + 1)) == (41_500, 0)
    with pytest.raises(NotAllowedNow):
        apply_workbook(returned_id=kept.pk, **words)
    assert bytes(ReturnedWorkbook.objects.get().content) == b""


def test_a_stale_cell_is_refused_with_the_winner_and_the_rest_is_applied(scene: Scene) -> None:
    sheet = out(scene)
    scene.edit(one(scene.node(item=OAK, market=NORTH), 33_000), actor=scene.cast.demand_planner2)
    sheet.cell(OAK, NORTH).value, sheet.cell(OAK, SOUTH).value = 50, 12
    kept, preview = back(scene, sheet)
    (fault,) = preview.faults
    assert (fault.row, fault.column, fault.value) == (sheet.line[OAK, NORTH], "2014-01", "50")
    assert "Demand Planner2" in fault.reason and " to 33 on" in fault.reason and "it was 30" in fault.reason
    assert [change.cell.typed for change in preview.changes] == [12_000]
    result = apply_workbook(returned_id=kept.pk, kind=EditKind.OVERRIDE, reason="mine", actor=scene.cast.demand_planner)
    assert (len(result.saved), len(result.refused)) == (1, 1)
    assert (scene.cell(OAK, NORTH), scene.cell(OAK, SOUTH)) == (33_000, 12_000)


def altered(column: int, value: object) -> Callable[[Sheet], None]:
    def change(sheet: Sheet) -> None:
        sheet.cell(OAK, NORTH).value = 99
        sheet.cell(OAK, NORTH, column).value = value

    return change


def twice(sheet: Sheet) -> None:
    for column in range(1, FIRST_VALUE + 3 * HORIZON + 1):
        sheet.page.cell(40, column).value = sheet.cell(OAK, NORTH, column).value


CASES = [
    (altered(KEY, "2014-01|CHAIR-OAK|SOUTH/DIRECT"), "Key", "altered"),
    (altered(REVISION, "7"), "Key", "altered"),
    (altered(SEAL, "x"), "Key", "altered"),
    (altered(KEY, None), "Key", "no key"),
    (altered(5, "CHAIR-ELM"), "Item", "is locked and was 'CHAIR-OAK'"),
    (twice, "Key", "twice"),
    (altered(JANUARY, "1.234,5"), "2014-01", "not a number"),
    (altered(JANUARY, "=1+1"), "2014-01", "a formula"),
    (altered(JANUARY, None), "2014-01", "empty"),
    (altered(JANUARY, -1), "2014-01", "below zero"),
    (altered(JANUARY, 1.005), "2014-01", "steps of 0.01"),
    (altered(JANUARY, 1e13), "2014-01", "too large"),
    (altered(BASELINE, 5), "Baseline 2014-01", "locked"),
]


def test_what_was_altered_is_told_by_row_and_cell(scene: Scene) -> None:
    content = plan_workbook(scene.plan, scene.cast.demand_planner)
    for change, column, reason in CASES:
        sheet = Sheet(content)
        change(sheet)
        judgement = judge_workbook(scene.plan, sheet.bytes(), scene.cast.demand_planner)
        (fault,) = judgement.faults
        assert (fault.column, fault.row) == (column, 40 if change is twice else sheet.line[OAK, NORTH])
        assert reason in fault.reason and fault.remedy
        # only a changed comparison leaves the typed cell of its row standing
        assert [cell.typed for cell in judgement.cells] == ([99_000] if column.startswith("Baseline") else [])


def test_a_file_of_another_plan_or_no_workbook_is_refused_whole(scene: Scene) -> None:
    sheet = out(scene)
    sheet.page.cell(HEADER_LINE, FIRST_VALUE + 1).value = "2013-12"
    other = openpyxl.Workbook()
    target = io.BytesIO()
    other.save(target)
    for content, reason in (
        (sheet.bytes(), "not those of plan"),
        (target.getvalue(), "no sheet"),
        (b"PK", "archive|damaged|workbook"),
    ):
        with pytest.raises(FileRefused, match=reason):
            judge_workbook(scene.plan, content, scene.cast.demand_planner)


def test_a_row_outside_of_ones_limits_is_unknown(scene: Scene) -> None:
    sheet = out(scene)
    sheet.cell(OAK, NORTH).value = 99
    Membership.objects.get(user=scene.cast.demand_planner).families.add(scene.company.families["LAMPS"])
    judgement = judge_workbook(scene.plan, sheet.bytes(), scene.cast.demand_planner)
    assert not judgement.cells and {fault.column for fault in judgement.faults} == {"Item"}
    assert set(out(scene).line) == {(DESK, "NORTH/DEALER")}


def test_pages_hand_in_look_and_apply(scene: Scene) -> None:
    address = reverse("demand:import", args=["2014-01"])
    for who, status in (("viewer", 403), ("finance", 403), ("outsider", 404)):
        client = Client()
        client.force_login(getattr(scene.cast, who))
        assert client.get(address).status_code == status
    client.force_login(scene.cast.demand_planner)
    sheet = out(scene)
    sheet.cell(OAK, NORTH).value = 44
    sheet.cell(OAK, SOUTH).value = "many"
    assert client.post(address, {"file": SimpleUploadedFile("a.xlsx", b"PK")}).status_code == 422
    shown = client.post(address, {"file": SimpleUploadedFile("a.xlsx", sheet.bytes())}, follow=True)
    text = shown.content.decode()
    assert "1 cell moves +14 units" in text and "This is not a number." in text and scene.cell(OAK, NORTH) == 30_000
    page = shown.redirect_chain[0][0]
    assert client.post(page, {"kind": "override", "reason": ""}).status_code == 422
    assert client.post(page, {"kind": "override", "reason": "x", "reason_code": "no such code"}).status_code == 422
    client.post(page, {"kind": "override", "reason": "from the field"})
    assert scene.cell(OAK, NORTH) == 44_000
    client.force_login(scene.cast.demand_planner2)
    assert client.get(page).status_code == 404
