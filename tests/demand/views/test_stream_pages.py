"""Streams side by side: they add up to the consensus, each figure leads to its edits, and limits hide series."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from demand.models import EditKind
from demand.services.ledger import Mode, Node
from demand.services.streams import STREAMS, StreamTable, stream_edits, stream_table
from tests.demand.scene import FIRST, HORIZON, Scene, make_scene, one, sell

pytestmark = pytest.mark.django_db
OAK, PINE, NORTH, SOUTH = "CHAIR-OAK", "CHAIR-PINE", "NORTH/DIRECT", "SOUTH/DIRECT"


@pytest.fixture
def scene() -> Scene:
    """Sold at list, so that the net price is the list price; a promotion, a pipeline deal and two overrides."""
    made = make_scene()
    sell(made.company, {(OAK, NORTH): [20] * 24, (OAK, SOUTH): [20] * 24}, price=10)
    oak = made.node(item=OAK, market=NORTH)
    made.edit(one(oak, 5_000, FIRST), mode=Mode.CHANGE, kind=EditKind.PROMOTION, reason="spring sale")
    made.edit(one(oak, 40_000, FIRST), reason="order in hand")
    made.edit(one(made.node(item=OAK, market=SOUTH), 3_000, FIRST), mode=Mode.CHANGE, kind=EditKind.PIPELINE)
    made.edit(one(oak, -4_000, FIRST + 1), mode=Mode.CHANGE, reason="a holiday")
    return made


def totals(table: StreamTable, kind: EditKind) -> tuple[int, int]:
    place = 1 + STREAMS.index(kind)
    return table.total.units[place], table.total.cents[place]


def test_the_streams_add_to_the_consensus_at_every_level(scene: Scene) -> None:
    """January: 30 + 5 promotion, typed to 40: 5 more of override. February: −4 of override. South: +3 pipeline."""
    for level in ("family", "item", "market"):
        table = stream_table(scene.plan, Node(), user=scene.cast.viewer, level=level)
        # oak north is 100.00 a piece; the first price of the list in ITEMS
        assert totals(table, EditKind.PROMOTION) == (5_000, 5 * 100_00)
        assert totals(table, EditKind.OVERRIDE) == (5_000 - 4_000, (5 - 4) * 100_00)
        assert totals(table, EditKind.PIPELINE) == (3_000, 3 * 100_00)
        assert all(row.difference == 0 and row.cents[-1] == sum(row.cents[:-1]) for row in table.rows)
        assert table.total.units[-1] == (30 + 10 + 60 + 7) * 1000 * HORIZON + 5_000 + 1_000 + 3_000
    # lamps were never sold, so that nothing tells their discount: no price, and not 0 dollars
    assert {row.label: row.unpriced for row in table.rows}["NORTH/DEALER"] == 7_000 * HORIZON


def test_a_figure_is_the_sum_of_the_edits_behind_it(scene: Scene) -> None:
    node = scene.node(item=OAK, market=NORTH)
    table = stream_table(scene.plan, node, user=scene.cast.viewer, level="market", month=0)
    for kind in STREAMS:
        behind = stream_edits(scene.plan, node, user=scene.cast.viewer, stream=kind, month=0)
        assert (sum(row.units for row in behind), sum(row.cents for row in behind)) == totals(table, kind)
    assert [row.edit.reason for row in stream_edits(scene.plan, node, user=scene.cast.viewer)] == [
        "order in hand", "spring sale", "a holiday",
    ]  # fmt: skip


def test_pages_for_people_of_the_company_only(scene: Scene) -> None:
    family = scene.company.families["CHAIRS"].pk
    addresses = [reverse("demand:streams", args=["2014-01"]), reverse("demand:stream_edits", args=["2014-01"])]
    for address in addresses:
        assert Client().get(address).status_code == 302
        for who, status in (("viewer", 200), ("finance", 200), ("outsider", 404)):
            client = Client()
            client.force_login(getattr(scene.cast, who))
            assert client.get(f"{address}?family={family}&month=0").status_code == status
    client.force_login(scene.cast.viewer)
    for wrong in ("family=0", "family=x", "month=12", "by=colour"):
        assert client.get(f"{addresses[0]}?{wrong}").status_code == 404
    assert client.post(addresses[0]).status_code == 405
    scene.cast.viewer.memberships.get().families.add(scene.company.families["LAMPS"])
    text = client.get(addresses[0]).content.decode()
    assert "LAMPS" in text and "CHAIRS" not in text
