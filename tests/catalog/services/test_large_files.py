"""A million rows through staging and applying within a stated memory; bombs and a million faults stay small."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from catalog.models import Item, Market
from tests.small_company import small_company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

ROWS = 1_000_000
WRONG_ROWS = 200_000
ITEMS = 2_000
MEGABYTES = 1_000
CHILD = """
import resource, sys, time
import django
django.setup()
from django.contrib.auth import get_user_model
from catalog.services.imports import apply_batch, stage_file
actor = get_user_model()(username="maria")
content = open(sys.argv[1], "rb").read()
batch = stage_file(dataset="sales_monthly", file_name="sales.csv", content=content, actor=actor)
staged = batch.status, batch.row_count, batch.fault_count
if batch.status == "staged":
    batch = apply_batch(batch_id=batch.pk, actor=actor)
print(*staged, batch.status, batch.added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def sales_file(path: Path, rows: int, *, units: str = "1.5") -> Path:
    """A file of cells: items × markets × months."""
    markets = list(Market.objects.values_list("region__code", "channel__code"))
    with path.open("w") as file:
        file.write("month,sku,market,channel,units,list_value,net_revenue,std_cogs\n")
        for k in range(rows):
            item, rest = k % ITEMS, k // ITEMS
            region, channel = markets[rest % len(markets)]
            month = rest // len(markets)
            file.write(
                f"{2012 + month // 12}-{month % 12 + 1:02}-01,SKU-{item:05},{region},{channel},"
                f"{units},{k % 9973}.25,{k % 9967}.75,{k % 9949}\n"
            )
    return path


def hand_in(path: Path) -> tuple[list[str], int]:
    """Stage and apply in a process of its own; what it printed, and its largest memory in MB."""
    found = connection.settings_dict
    address = f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "sop_portal.settings"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    words = done.stdout.split()
    return words[:-1], int(words[-1])


@pytest.fixture
def _many_items() -> None:
    made = small_company()
    made.company.history_start = made.company.history_start.replace(year=2012, month=1)
    Item.objects.bulk_create(
        Item(code=f"SKU-{k:05}", name="n", family=made.families["CHAIRS"], is_sold=True, is_finished=True)
        for k in range(ITEMS)
    )


def test_a_million_rows_are_staged_and_applied_within_the_stated_memory(_many_items: None, tmp_path: Path) -> None:
    said, megabytes = hand_in(sales_file(tmp_path / "sales.csv", ROWS))
    assert said == ["staged", str(ROWS), "0", "applied", str(ROWS)]
    assert megabytes <= MEGABYTES


def test_faults_without_number_are_counted_not_kept(_many_items: None, tmp_path: Path) -> None:
    said, _ = hand_in(sales_file(tmp_path / "sales.csv", WRONG_ROWS, units="one"))
    assert said == ["refused", str(WRONG_ROWS), str(WRONG_ROWS), "refused", "0"]
