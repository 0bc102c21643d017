"""Items and markets of the AdventureWorks extract: imported, imported again, refused whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from catalog.models import (
    Channel,
    Company,
    Family,
    ImportBatch,
    Item,
    ListPrice,
    Market,
    ReferencePlan,
    ReferenceRow,
    Region,
    StandardCost,
)
from catalog.registry import dataset_named
from catalog.services.imports import stage_file
from catalog.services.packs import PackFile, import_file, prepare_company

SHARED = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[4] / "shared"))
PACK = SHARED / "data" / "adventureworks"
GROUND = ["channels", "markets", "products", "price_history", "cost_history", "fx_rates", "budget"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PACK.is_dir(), reason="the AdventureWorks extract is not beside the checkout (SOP_SHARED)"),
]


@pytest.fixture
def actor():
    return get_user_model()(username="demand.planner")


def import_ground(actor, names=GROUND) -> dict[str, ImportBatch]:
    prepare_company(PACK)
    files = [PackFile(dataset_named(name), PACK / dataset_named(name).file_name) for name in names]
    return {file.dataset.name: import_file(file, actor=actor) for file in files}


def test_everything_arrives(actor) -> None:
    batches = import_ground(actor)
    assert {name: (batch.status, batch.faults) for name, batch in batches.items()} == dict.fromkeys(
        GROUND, ("applied", [])
    )
    assert (Region.objects.count(), Channel.objects.count(), Market.objects.count()) == (10, 2, 10 * 2)
    assert Item.objects.count() == 504
    assert Item.objects.filter(family=None).count() == 209
    assert Item.objects.filter(is_sold=True).count() == 266
    assert ListPrice.objects.count() == StandardCost.objects.count() == 395


def test_company_is_told_from_the_pack(actor) -> None:
    prepare_company(PACK)
    company = Company.objects.current()
    assert (company.currency_id, company.fiscal_year_start_month, str(company.history_start)) == (
        "USD",
        5,
        "2011-05-01",
    )


def test_budget_ties_to_the_cent(actor) -> None:
    import_ground(actor)
    plan = ReferencePlan.objects.get(code="budget", fiscal_year=2014)
    assert plan.revenue_cents == 5_170_637_413
    assert sum(plan.rows.values_list("revenue_cents", flat=True)) == plan.revenue_cents
    assert ReferenceRow.objects.count() == 3142
    assert not ReferenceRow.objects.filter(family=None).exists()


def test_same_pack_twice_changes_nothing(actor) -> None:
    import_ground(actor)
    before = list(Item.objects.order_by("id").values())
    again = import_ground(actor)
    assert {batch.status for batch in again.values()} == {"unchanged"}
    assert list(Item.objects.order_by("id").values()) == before


def test_same_rows_in_another_file_change_nothing(actor) -> None:
    import_ground(actor)
    for name in GROUND:
        content = (PACK / dataset_named(name).file_name).read_bytes() + b"\n"
        batch = stage_file(dataset=name, file_name="again.csv", content=content, actor=actor)
        assert (batch.status, batch.added, batch.changed, batch.removed) == ("staged", 0, 0, 0), name


def test_fault_in_the_last_row_applies_nothing(actor) -> None:
    import_ground(actor, ["channels", "markets"])
    content = (PACK / "products.csv").read_text(encoding="utf-8").rstrip("\n")
    lines = content.split("\n")
    lines[-1] = lines[-1].replace(",Y,", ",PERHAPS,", 1)
    batch = stage_file(dataset="products", file_name="products.csv", content="\n".join(lines).encode(), actor=actor)
    assert batch.status == "refused"
    assert [(fault["row"], fault["value"]) for fault in batch.faults] == [(505, "PERHAPS")]
    assert not Item.objects.exists() and not Family.objects.exists()
