"""The ledger: one gesture one edit, conflicts as values, undo as an edit, and consensus = baseline + edits always."""

from __future__ import annotations

import numpy as np
import pytest

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow
from cycles.workflow import StageKind, StageStatus
from demand.models import Edit, EditLine
from demand.sections import consensus_problems
from demand.services.ledger import EditInvalid, Instruction, Mode, SeriesUnknown, undo_edit
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, PINE, DESK = "CHAIR-OAK", "CHAIR-PINE", "LAMP-DESK"
NORTH, SOUTH = "NORTH/DIRECT", "SOUTH/DIRECT"


def _scene() -> Scene:
    return make_scene()


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


@pytest.fixture(autouse=True)
def _always_baseline_plus_edits(scene: Scene) -> object:
    yield
    assert list(consensus_problems()) == []


def test_a_typed_cell(scene: Scene) -> None:
    before = scene.plan.revision
    result = scene.edit(one(scene.node(item=OAK, market=NORTH), 45_000))
    assert scene.cell(OAK, NORTH) == 45_000 and scene.cell(OAK, NORTH, FIRST + 1) == 30_000
    assert result.saved == (0,) and result.refused == () and result.edit is not None
    assert result.revision == before + 1 == result.edit.revision
    line = EditLine.objects.get()
    assert (line.delta[0], line.typed[0], line.touched) == (15_000, 45_000, [1] + [0] * (HORIZON - 1))
    assert AuditRow.objects.filter(code="demand.edit.recorded", actor=scene.cast.demand_planner).count() == 1


def test_a_family_total_is_spread_by_consensus(scene: Scene) -> None:
    # chairs hold 30 + 10 + 60 = 100; 110 gives 33, 11, 66
    scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    assert [scene.cell(OAK, NORTH), scene.cell(OAK, SOUTH), scene.cell(PINE, NORTH)] == [33_000, 11_000, 66_000]
    assert scene.cell(DESK, "NORTH/DEALER") == 7_000
    assert Edit.objects.count() == 1


def test_an_odd_total_keeps_its_sum(scene: Scene) -> None:
    scene.edit(one(scene.node(family="CHAIRS"), 100_010))
    values = scene.values()
    assert values.consensus[:, 0].sum() == 100_010 + 7_000


def test_a_total_over_months_is_spread_over_them_too(scene: Scene) -> None:
    node = scene.node(item=OAK, market=NORTH)
    scene.edit(Instruction(nodes=(node,), months=(FIRST, FIRST + 1, FIRST + 2), value=120_000))
    assert [scene.cell(OAK, NORTH, FIRST + k) for k in range(4)] == [40_000, 40_000, 40_000, 30_000]


def test_change_and_scale(scene: Scene) -> None:
    scene.edit(one(scene.node(market=NORTH), 9_000), mode=Mode.CHANGE)  # 30 + 60 -> 99
    assert [scene.cell(OAK, NORTH), scene.cell(PINE, NORTH)] == [33_000, 66_000]
    scene.edit(one(scene.node(item=OAK), -1_000), mode=Mode.SCALE)  # 33 + 10 = 43 -> 38.7
    assert scene.cell(OAK, NORTH) + scene.cell(OAK, SOUTH) == 38_700


def test_copy_last_year(scene: Scene) -> None:
    sell(scene.company, {(OAK, NORTH): [0] * 12 + [21, 22] + [0] * 10})
    months = (FIRST, FIRST + 1)
    scene.edit(Instruction(nodes=(scene.node(item=OAK, market=NORTH),), months=months), mode=Mode.LAST_YEAR)
    assert [scene.cell(OAK, NORTH, month) for month in months] == [21_000, 22_000]


def test_reset_is_an_edit_too(scene: Scene) -> None:
    scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    scene.edit(one(scene.node(family="CHAIRS")), mode=Mode.RESET)
    values = scene.values()
    assert (values.consensus == values.baseline).all()
    assert Edit.objects.count() == 2


def test_a_new_series_appears_with_its_first_edit(scene: Scene) -> None:
    scene.edit(one(scene.node(item="LAMP-FLOOR", market=SOUTH), 5_000))
    assert scene.cell("LAMP-FLOOR", SOUTH) == 5_000
    assert not scene.values().baseline[-1].any()


def test_the_same_value_again_appends_nothing(scene: Scene) -> None:
    node = scene.node(item=OAK, market=NORTH)
    scene.edit(one(node, 45_000))
    again = scene.edit(one(node, 45_000))
    assert again.edit is None and again.saved == (0,) and Edit.objects.count() == 1


def test_a_later_entry_of_somebody_else_wins_per_instruction(scene: Scene) -> None:
    base = scene.plan.revision
    oak, pine = scene.node(item=OAK, market=NORTH), scene.node(item=PINE, market=NORTH)
    scene.edit(one(oak, 45_000), actor=scene.cast.demand_planner2)
    result = scene.edit(one(oak, 9_000), one(pine, 61_000), base_revision=base)
    assert result.saved == (1,)
    (refusal,) = result.refused
    assert (refusal.instruction, refusal.value_now, refusal.by) == (0, 45_000, "Demand Planner2")
    assert [scene.cell(OAK, NORTH), scene.cell(PINE, NORTH)] == [45_000, 61_000]


def test_a_total_is_refused_whole_when_one_leaf_conflicts(scene: Scene) -> None:
    base = scene.plan.revision
    scene.edit(one(scene.node(item=OAK, market=SOUTH), 20_000), actor=scene.cast.demand_planner2)
    result = scene.edit(one(scene.node(family="CHAIRS"), 500_000), base_revision=base)
    assert result.saved == () and result.edit is None
    assert result.refused[0].value_now == 30_000 + 20_000 + 60_000
    assert scene.cell(PINE, NORTH) == 60_000


def test_another_month_of_the_series_is_no_conflict(scene: Scene) -> None:
    base, node = scene.plan.revision, scene.node(item=OAK, market=NORTH)
    scene.edit(one(node, 45_000), actor=scene.cast.demand_planner2)
    assert scene.edit(one(node, 46_000, FIRST + 1), base_revision=base).refused == ()


def test_nobody_conflicts_with_himself_in_one_window(scene: Scene) -> None:
    base, node = scene.plan.revision, scene.node(item=OAK, market=NORTH)
    for units in (31, 32, 33):
        assert scene.edit(one(node, units * 1000), base_revision=base).refused == ()


def test_another_window_of_the_same_person_conflicts(scene: Scene) -> None:
    base, node = scene.plan.revision, scene.node(item=OAK, market=NORTH)
    scene.edit(one(node, 45_000))
    assert len(scene.edit(one(node, 46_000), base_revision=base, session="two").refused) == 1


def test_undo_and_redo(scene: Scene) -> None:
    session = {"session": "one", "actor": scene.cast.demand_planner}
    first = scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    assert first.edit
    undo = undo_edit(edit_id=first.edit.pk, base_revision=first.revision, **session)
    assert undo.edit and scene.cell(OAK, NORTH) == 30_000
    redo = undo_edit(edit_id=undo.edit.pk, base_revision=undo.revision, **session)
    assert scene.cell(OAK, NORTH) == 33_000 and redo.edit
    assert np.array_equal(redo.series.consensus[:, 0], [33_000, 11_000, 66_000])
    with pytest.raises(NotAllowedNow):
        undo_edit(edit_id=first.edit.pk, base_revision=redo.revision, **session)


def test_undo_out_of_order_leaves_the_later_word(scene: Scene) -> None:
    node = scene.node(item=OAK, market=NORTH)
    first, second = scene.edit(one(node, 45_000)), scene.edit(one(node, 50_000))
    assert first.edit and second.edit
    undo_edit(edit_id=first.edit.pk, base_revision=second.revision, session="one", actor=scene.cast.demand_planner)
    assert scene.cell(OAK, NORTH) == 50_000


def test_undo_is_refused_whole_when_somebody_wrote_since(scene: Scene) -> None:
    first = scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    scene.edit(one(scene.node(item=PINE, market=NORTH), 1_000), actor=scene.cast.demand_planner2)
    assert first.edit
    result = undo_edit(
        edit_id=first.edit.pk, base_revision=first.revision, session="one", actor=scene.cast.demand_planner
    )
    assert result.edit is None and result.refused[0].by == "Demand Planner2"
    assert scene.cell(OAK, NORTH) == 33_000


def test_only_the_author_takes_back(scene: Scene) -> None:
    first = scene.edit(one(scene.node(family="CHAIRS"), 110_000))
    assert first.edit
    with pytest.raises(NotAllowedToYou):
        undo_edit(edit_id=first.edit.pk, base_revision=0, session="x", actor=scene.cast.demand_planner2)


def test_others_may_not_edit(scene: Scene) -> None:
    for who in ("supply_planner", "finance", "executive", "admin", "viewer", "outsider"):
        with pytest.raises(NotAllowedToYou):
            scene.edit(one(scene.node(family="CHAIRS"), 1_000), actor=getattr(scene.cast, who))


def test_a_submitted_stage_takes_no_edit(scene: Scene) -> None:
    stage = scene.plan.stages.get(kind=StageKind.DEMAND.value)
    scene.plan.stages.filter(pk=stage.pk).update(
        status=StageStatus.SUBMITTED.value, submitted_by=scene.cast.demand_planner, submitted_at="2014-01-02T00:00Z"
    )
    with pytest.raises(NotAllowedNow):
        scene.edit(one(scene.node(family="CHAIRS"), 1_000))


def test_a_reason_is_needed(scene: Scene) -> None:
    with pytest.raises(ReasonMissing):
        scene.edit(one(scene.node(family="CHAIRS"), 1_000), reason="  ")


def test_senseless_gestures(scene: Scene) -> None:
    chairs = scene.node(family="CHAIRS")
    senseless = [
        (one(chairs, -1_000), "below zero"),
        (one(chairs, 1_001), "steps of 0.01"),
        (one(chairs, 1_000, FIRST - 1), "months of plan"),
        (one(chairs, 1_000, FIRST + HORIZON), "months of plan"),
        (one(scene.node(family="LAMPS", market=SOUTH), 1_000), "nothing below"),
    ]
    for instruction, message in senseless:
        with pytest.raises(EditInvalid, match=message):
            scene.edit(instruction)
    assert not Edit.objects.exists()


def test_a_family_and_its_item_in_one_gesture(scene: Scene) -> None:
    with pytest.raises(EditInvalid, match="named twice"):
        scene.edit(one(scene.node(family="CHAIRS"), 1_000), one(scene.node(item=OAK), 1_000))


def test_an_ended_item_takes_no_units(scene: Scene) -> None:
    oak = scene.company.items[OAK]
    oak.end_date = "2014-02-28"
    oak.save()
    scene.edit(one(scene.node(item=OAK, market=SOUTH), 0, FIRST + 3))
    with pytest.raises(EditInvalid, match="on the market"):
        scene.edit(one(scene.node(item=OAK, market=SOUTH), 5_000, FIRST + 3))


def test_a_scope_hides_and_protects(scene: Scene) -> None:
    scene.cast.demand_planner.memberships.get().families.add(scene.company.families["LAMPS"])
    with pytest.raises(SeriesUnknown):
        scene.edit(one(scene.node(item=OAK, market=NORTH), 1_000))
    scene.edit(one(scene.node(market="NORTH/DEALER"), 14_000))
    assert scene.cell(DESK, "NORTH/DEALER") == 14_000
    with pytest.raises(EditInvalid):
        scene.edit(one(scene.node(family="CHAIRS"), 1_000))
