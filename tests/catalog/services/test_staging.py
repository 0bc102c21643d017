"""Staging shows the exact difference and touches nothing; applying is all or nothing, once."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from catalog.models import Category, Channel, Family, ImportBatch, Item, ListPrice, Market, Region
from catalog.registry import register_history_probe
from catalog.services.imports import BatchNotApplicable, apply_batch, stage_file
from tests.small_company import SmallCompany, small_company

pytestmark = pytest.mark.django_db

HEADER = "sku,name,category,family,uom,make_buy,finished_good,sold,sell_start,sell_end"
OAK = "CHAIR-OAK,Chair-Oak,FURNITURE,CHAIRS,EA,MAKE,Y,Y,2012-01-01,"


@pytest.fixture
def actor():
    return get_user_model()(username="maria")


@pytest.fixture
def made() -> SmallCompany:
    return small_company()


def stage(actor, *lines: str, dataset: str = "products", header: str = HEADER) -> ImportBatch:
    content = "\n".join([header, *lines, ""]).encode()
    return stage_file(dataset=dataset, file_name="file.csv", content=content, actor=actor)


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return batch.added, batch.changed, batch.removed, batch.unchanged


def test_staging_measures_and_touches_nothing(made, actor) -> None:
    before = list(Item.objects.values())
    batch = stage(
        actor, OAK, "STOOL,Stool,FURNITURE,STOOLS,EA,BUY,Y,Y,,", "LAMP-DESK,New,LIGHTING,LAMPS,EA,MAKE,Y,Y,2012-01-01,"
    )
    assert (batch.status, batch.row_count, counts(batch)) == ("staged", 3, (1, 1, 0, 1))
    assert list(Item.objects.values()) == before
    assert not Family.objects.filter(code="STOOLS").exists()


def test_applying_does_what_staging_showed(made, actor) -> None:
    staged = stage(actor, OAK, "STOOL,Stool,FURNITURE,STOOLS,EA,BUY,Y,Y,,")
    applied = apply_batch(batch_id=staged.id, actor=actor)
    assert (applied.status, counts(applied), applied.applied_by) == ("applied", counts(staged), "maria")
    assert Item.objects.get(code="STOOL").family.code == "STOOLS"
    assert Item.objects.count() == 5
    assert applied.totals["kept though not in the file"] == "3"


def test_applying_twice_is_once(made, actor) -> None:
    batch = apply_batch(batch_id=stage(actor, OAK).id, actor=actor)
    again = apply_batch(batch_id=batch.id, actor=actor)
    assert (again.status, again.applied_at) == ("applied", batch.applied_at)


def test_same_file_is_unchanged_until_another_was_applied(made, actor) -> None:
    other = OAK.replace("Chair-Oak", "Oak chair")
    apply_batch(batch_id=stage(actor, OAK).id, actor=actor)
    repeated = stage(actor, OAK)
    assert repeated.status == "unchanged"
    with pytest.raises(BatchNotApplicable):
        apply_batch(batch_id=repeated.id, actor=actor)
    apply_batch(batch_id=stage(actor, other).id, actor=actor)
    assert counts(stage(actor, OAK)) == (0, 1, 0, 0)


def test_refused_batch_cannot_be_applied(made, actor) -> None:
    batch = stage(actor, OAK, "X,X,,,EA,MAKE,Y,Y,,")
    assert (batch.status, batch.fault_count, batch.faults[0]["column"]) == ("refused", 1, "family")
    with pytest.raises(BatchNotApplicable):
        apply_batch(batch_id=batch.id, actor=actor)


def test_what_changed_since_staging_is_seen_when_applying(made, actor) -> None:
    staged = stage(
        actor, "LAMP-DESK,2014-01-01,,44", dataset="price_history", header="sku,valid_from,valid_to,list_price"
    )
    made.items["LAMP-DESK"].delete()
    refused = apply_batch(batch_id=staged.id, actor=actor)
    assert (refused.status, refused.faults[0]["value"]) == ("refused", "LAMP-DESK")
    assert ListPrice.objects.count() == 3


def test_a_rule_of_the_database_refuses_the_whole_file(made, actor) -> None:
    header = f"{HEADER},plan_decimals"
    batch = stage(actor, f"{OAK},2", "STOOL,Stool,FURNITURE,STOOLS,EA,BUY,Y,Y,,,7", header=header)
    assert batch.status == "refused"
    assert "item_plan_decimals_to_3" in batch.faults[0]["reason"]


def test_unit_of_an_item_with_history_stays(made, actor, monkeypatch) -> None:
    monkeypatch.setattr("catalog.registry._history_probes", {})
    register_history_probe("test", lambda: {made.items["CHAIR-OAK"].id})
    batch = stage(actor, OAK.replace(",EA,", ",BOX,"), "LAMP-DESK,D,LIGHTING,LAMPS,BOX,MAKE,Y,Y,,")
    assert [(fault["row"], fault["value"]) for fault in batch.faults] == [(2, "BOX")]


def test_unknown_dataset(actor) -> None:
    with pytest.raises(LookupError, match="no dataset"):
        stage(actor, dataset="nothing")


def test_only_the_first_faults_are_kept_and_all_are_counted(made, actor) -> None:
    batch = stage(actor, *[f"X{n},X,,,EA,MAKE,Y,Y,," for n in range(250)])
    assert (batch.fault_count, len(batch.faults)) == (250, 200)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("X,X,FURNITURE,LAMPS,EA,MAKE,Y,Y,,\nY,Y,LIGHTING,LAMPS,EA,MAKE,Y,Y,,", "category"),
        ("X,X,,LAMPS,EA,MAKE,Y,Y,,", "category"),
        ("X,X,LIGHTING,LAMPS,EA,MAKE,Y,Y,2014-01-02,2014-01-01", "sell_end"),
        (f"{'X' * 41},X,LIGHTING,LAMPS,EA,MAKE,Y,Y,,", "sku"),
        ("X,X,LIGHTING,LAMPS,EA,GROW,Y,Y,,", "make_buy"),
    ],
)
def test_products_that_are_refused(made, actor, line: str, column: str) -> None:
    assert [fault["column"] for fault in stage(actor, line).faults] == [column]


@pytest.mark.parametrize("column", ["successor", "like_item"])
def test_another_item_of_the_same_file(made, actor, column: str) -> None:
    header = f"{HEADER},{column}"
    lines = [f"{OAK},STOOL", "STOOL,Stool,FURNITURE,CHAIRS,EA,BUY,Y,Y,,,"]
    batch = apply_batch(batch_id=stage(actor, *lines, header=header).id, actor=actor)
    assert counts(batch) == (1, 1, 0, 0)
    assert getattr(Item.objects.get(code="CHAIR-OAK"), column).code == "STOOL"
    assert counts(stage(actor, *lines, "", header=header)) == (0, 0, 0, 2)
    for stranger in ("NOBODY", "CHAIR-OAK"):
        assert stage(actor, f"{OAK},{stranger}", header=header).faults[0]["column"] == column


def test_regions_and_channels_cross_to_markets(made, actor) -> None:
    header = "market,name,country,sales_currency"
    batch = apply_batch(batch_id=stage(actor, "EAST,East,Poland,PLN", dataset="markets", header=header).id, actor=actor)
    assert counts(batch) == (1, 0, 0, 0)
    assert sorted(Market.objects.filter(region__code="EAST").values_list("code", flat=True)) == [
        "EAST/DEALER",
        "EAST/DIRECT",
    ]
    assert Region.objects.get(code="EAST").currency_id == "PLN"
    assert stage(actor, "WEST,West,,Złoty", dataset="markets", header=header).faults[0]["column"] == "sales_currency"
    batch = apply_batch(batch_id=stage(actor, "WEB,Web", dataset="channels", header="channel,name").id, actor=actor)
    assert Market.objects.count() == 3 * 3
    assert Channel.objects.count() == 3 and Category.objects.count() == 2


def test_nothing_before_the_company_is_set_up(actor) -> None:
    batch = stage(actor, "EAST,East", dataset="markets", header="market,name")
    assert "not set up" in batch.faults[0]["reason"]
