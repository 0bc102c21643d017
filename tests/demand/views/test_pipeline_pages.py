"""The CRM pipeline: the file, the weighted worth by hand, deals put in, updated, left out, each with its reason."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.services.imports import apply_batch, stage_file
from cycles.errors import ReasonMissing
from demand.calc.pipeline import units_of_amount, weighted, whole_steps
from demand.models import Edit, EditKind, OpportunityExclusion
from demand.sections import consensus_problems
from demand.services.pipeline import Deal, deals_of, include_deals
from tests.demand.scene import FIRST, Scene, make_scene, one, sell
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db
OAK, NORTH = "CHAIR-OAK", "NORTH/DIRECT"
HEADER = "id,account,market,channel,family,sku,close_month,probability,units,amount,stage,owner"
HOTEL = "A-1,Grand Hotel,NORTH,DIRECT,,CHAIR-OAK,2014-03,0.7,100,,Offer,Ann"
SCHOOL = "A-2,City School,NORTH,DIRECT,CHAIRS,,2014-04,0.5,,9000,Talks,Bob"
LATE = "A-3,Late Ltd,NORTH,DIRECT,,CHAIR-OAK,2016-01,0.5,10,,,"


def _scene() -> Scene:
    """Oak was sold at 100.00, its list price; pine too, at 80.00."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, ("CHAIR-PINE", NORTH): [20] * 24})
    load(HOTEL, SCHOOL, LATE)
    made.plan.refresh_from_db()
    return made


scene_once = kept(_scene)


@pytest.fixture
def scene(scene_once: Scene) -> Scene:
    return fresh(scene_once)


def load(*rows: str) -> None:
    actor = get_user_model()(username="maria")
    content = "\n".join([HEADER, *rows]).encode()
    batch = stage_file(dataset="opportunities", file_name="opportunities.csv", content=content, actor=actor)
    assert batch.faults == []
    apply_batch(batch_id=batch.pk, actor=actor)


def deals(scene: Scene) -> dict[str, Deal]:
    return {deal.opportunity.code: deal for deal in deals_of(scene.plan, scene.cast.demand_planner)}


def include(scene: Scene, *codes: str, overlap4: int = 0, **other: object) -> tuple[list[str], list[tuple[str, str]]]:
    scene.plan.refresh_from_db()
    words = {"reason": "agreed", "base_revision": scene.plan.revision, "actor": scene.cast.demand_planner, **other}
    return include_deals(plan_id=scene.plan.pk, codes=list(codes), overlap4=overlap4, **words)  # type: ignore[arg-type]


def test_weights_by_hand() -> None:
    """70 % of 100 units less a tenth that the baseline holds: 63. 9,000.00 at 84.00 a unit are 107.14 units."""
    assert weighted(100_000, 7_000, 1_000) == 63_000
    assert whole_steps(units_of_amount(9_000_00, 1_000 * 84_00), 10) == 107_140
    assert whole_steps(-5, 10) == -10


def test_what_the_deals_are_worth(scene: Scene) -> None:
    """Hotel: 70 oak at 100. School: half of 9,000 at the mean of 30 × 100 and 60 × 80, which is 86.67: 51.92 units."""
    found = deals(scene)
    assert [(deal.units, deal.cents, deal.baseline) for code, deal in sorted(found.items())] == [
        (70_000, 7_000_00, 30_000),
        (51_920, 4_500_00, 90_000),
        (5_000, None, 0),
    ]
    assert [deal.state.value for _, deal in sorted(found.items())] == ["open", "open", "outside"]


def test_a_deal_goes_in_is_updated_and_left_out(scene: Scene) -> None:
    assert include(scene, "A-1", "A-2", "A-3", "X")[0] == ["A-1", "A-2"]
    edits = Edit.objects.filter(kind=EditKind.PIPELINE.value)
    assert [edit.gesture["opportunity"]["id"] for edit in edits] == ["A-1", "A-2"]
    assert scene.cell(OAK, NORTH, FIRST + 2) == 30_000 + 70_000
    assert include(scene, "A-1") == (["A-1"], []) and Edit.objects.count() == 2
    load(HOTEL.replace("0.7", "0.9"), SCHOOL)
    assert deals(scene)["A-1"].state.value == "moved"
    include(scene, "A-1", overlap4=1_000)
    # 90 % of 100, a tenth of which the baseline holds: 81 instead of the 70 before
    assert scene.cell(OAK, NORTH, FIRST + 2) == 30_000 + 81_000 and deals(scene)["A-1"].state.value == "included"
    client = Client()
    client.force_login(scene.cast.demand_planner)
    out = f"{reverse('demand:exclude_deal', args=['2014-01'])}?id=A-1"
    assert client.post(out, {"reason": ""}).status_code == 422
    client.post(out, {"reason": "lost to a rival"})
    assert scene.cell(OAK, NORTH, FIRST + 2) == 30_000 and deals(scene)["A-1"].state.value == "excluded"
    assert OpportunityExclusion.objects.get().reason == "lost to a rival"
    assert list(consensus_problems()) == []


def test_a_conflict_or_a_missing_reason_leaves_the_deal_out(scene: Scene) -> None:
    seen = scene.plan.revision
    node = scene.node(item=OAK, market=NORTH)
    scene.edit(one(node, 31_000, FIRST + 2), actor=scene.cast.demand_planner2)
    done, refused = include(scene, "A-1", "A-2", base_revision=seen)
    assert (done, [code for code, _ in refused]) == (["A-2"], ["A-1"]) and "Demand Planner2" in refused[0][1]
    with pytest.raises(ReasonMissing):
        include(scene, "A-1", reason=" ")


def test_a_file_says_what_is_wrong_with_it(scene: Scene) -> None:
    rows = [HOTEL.replace(",,CHAIR-OAK", ",CHAIRS,CHAIR-OAK"), SCHOOL.replace("9000", ""), LATE.replace("0.5", "1.5")]
    content = "\n".join([HEADER, *rows]).encode()
    actor = get_user_model()(username="maria")
    batch = stage_file(dataset="opportunities", file_name="o.csv", content=content, actor=actor)
    assert [(fault["row"], fault["column"]) for fault in batch.faults] == [
        (2, "family"), (3, "units"), (4, "probability"),
    ]  # fmt: skip


def test_pages_and_who_may(scene: Scene) -> None:
    names = ("pipeline", "include_deals", "exclude_deal")
    for who, statuses in (("outsider", (404,) * 3), ("finance", (200, 403, 403)), ("demand_planner", (200, 200, 404))):
        client = Client()
        client.force_login(getattr(scene.cast, who))
        for name, status in zip(names, statuses, strict=True):
            assert client.get(reverse(f"demand:{name}", args=["2014-01"])).status_code == status
    text = client.get(reverse("demand:pipeline", args=["2014-01"])).content.decode()
    assert "2 deals wait for a word, $11.5 k weighted" in text.replace("\xa0", " ") and "Not in these months" in text
    text = client.post(
        reverse("demand:include_deals", args=["2014-01"]), {"reason": "CRM"}, follow=True
    ).content.decode()
    assert "2 deals are in the plan." in text
    load(SCHOOL)
    text = client.get(reverse("demand:pipeline", args=["2014-01"])).content.decode()
    assert "A-1 is in the plan (r" in text and "no longer in the CRM" in text
    scene.cast.demand_planner.memberships.get().families.add(scene.company.families["LAMPS"])
    assert deals_of(scene.plan, scene.cast.demand_planner) == []
