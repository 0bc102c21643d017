"""What finance lets people talk about: nodes of the bridge by one key each, adjustments and actions where they stand."""

from __future__ import annotations

from datetime import date

import pytest

from cycles.services.subjects import find_place
from finance.frames.drill import Node
from finance.services.actions import Promise, add_action
from finance.subjects import bridge_key
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


def test_a_node_has_one_key_and_lies_where_its_leaves_are(landed: Sample) -> None:
    company = landed.company
    chairs, north = company.families["CHAIRS"], company.regions["NORTH"]
    node = Node(family_id=chairs.pk, region_id=north.pk)
    assert bridge_key(node) == f"family:{chairs.pk},region:{north.pk}"
    place = find_place(landed.plan, "bridge", bridge_key(node))
    assert place is not None
    assert (place.label, place.families) == ("Bridge · CHAIRS · NORTH", {chairs.pk})
    assert place.markets == {company.markets[code].pk for code in ("NORTH/DIRECT", "NORTH/DEALER")}
    assert place.path == f"/finance/2014-06/drill/?family={chairs.pk}&region={north.pk}"


def test_the_company_lies_everywhere(landed: Sample) -> None:
    place = find_place(landed.plan, "bridge", bridge_key(Node()))
    assert place is not None
    assert (place.label, place.families, place.markets) == ("Bridge · Company", None, None)


@pytest.mark.parametrize(
    "key", ["", "family", "family:x", "family:999999", "market:1,family:1", "planet:1", "family:01"]
)
def test_another_spelling_is_no_key(landed: Sample, key: str) -> None:
    assert find_place(landed.plan, "bridge", key) is None


def test_an_action_is_found_in_its_own_plan_by_its_title(landed: Sample) -> None:
    promise = Promise("Second shift", landed.cast.supply_planner, date(2014, 7, 1), 5_000_00, 2_000_00)
    action = add_action(plan=landed.plan, promise=promise, actor=landed.cast.finance)
    place = find_place(landed.plan, "action", str(action.pk))
    assert place is not None
    assert (place.label, place.path, place.families) == ("Second shift", "/finance/2014-06/#actions", None)
    assert find_place(landed.plan, "adjustment", str(action.pk)) is None
