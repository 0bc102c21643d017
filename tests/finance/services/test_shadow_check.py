"""The check against a plan in the database, computed by hand from the sample plan: dollars, alignment, refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.registry import FileRefused
from finance.calc.shadow import ShadowKind
from finance.services.shadow.checking import Check, check_file
from tests.finance.sample_plan import Sample, land, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

MARKETS = ("NORTH/DIRECT", "NORTH/DEALER", "SOUTH/DIRECT", "SOUTH/DEALER")
PRICES = {"CHAIR-OAK": 100, "CHAIR-PINE": 80, "LAMP-DESK": 40, "LAMP-FLOOR": 60}
MONTHS = ("2014-05", "2014-06", "2014-07", "2014-08")
SOLD, WANTED = 20, 25


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def rows_of_plan() -> dict[tuple[str, str], list[int]]:
    """Units of May (sold) to August 2014 (planned): 20, then 25, but 20 of CHAIR-OAK in NORTH/DIRECT in June."""
    rows = {(item, market): [SOLD, WANTED, WANTED, WANTED] for item in PRICES for market in MARKETS}
    rows["CHAIR-OAK", "NORTH/DIRECT"][1] = WANTED - 5
    return rows


def as_csv(rows: dict[tuple[str, str], list[int]], *more: list[object]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Item", "Market", *MONTHS])
    writer.writerows([[*key, *figures] for key, figures in rows.items()])
    writer.writerows(more)
    return out.getvalue().encode()


def check(sample: Sample, content: bytes) -> Check:
    return check_file(sample.plan, content)


def test_the_plan_itself_lists_nothing(landed: Sample) -> None:
    found = check(landed, as_csv(rows_of_plan()))
    assert (found.deltas, found.lost, found.faults) == ([], [], [])
    net = sum(PRICES.values()) * len(MARKETS) * 0.9
    units_sold, units_planned = SOLD * net, 3 * WANTED * net - 5 * 100 * 0.9
    assert found.theirs_cents == found.plan_cents == round((units_sold + units_planned) * 100)
    assert not found.is_money


def test_units_are_worth_the_plans_net_price(landed: Sample) -> None:
    rows = rows_of_plan()
    rows["LAMP-FLOOR", "SOUTH/DEALER"] = [SOLD, WANTED, 2 * WANTED, 2 * WANTED]
    (delta,) = check(landed, as_csv(rows)).deltas
    assert (delta.kind, delta.label) == (ShadowKind.DOUBLE, "LAMP-FLOOR · SOUTH/DEALER")
    assert delta.cents == (WANTED * 60 * 90, WANTED * 60 * 90)
    assert delta.plan == (WANTED * 1000, WANTED * 1000)


def test_an_older_actual_a_missing_row_and_an_unknown_one(landed: Sample) -> None:
    rows = rows_of_plan()
    rows["CHAIR-PINE", "NORTH/DIRECT"][0] = 17
    del rows["LAMP-DESK", "SOUTH/DIRECT"]
    found = check(landed, as_csv(rows, ["LAMP-DESKS", "SOUTH/DIRECT", 9, 9, 9, 9]))
    assert {(delta.label, delta.kind) for delta in found.deltas} == {
        ("CHAIR-PINE · NORTH/DIRECT", ShadowKind.STALE),
        ("LAMP-DESK · SOUTH/DIRECT", ShadowKind.MISSING),
    }
    (lost,) = found.lost
    assert lost.why.line == 2 + len(rows)
    assert "LAMP-DESK" in lost.why.remedy
    missing = (SOLD + 3 * WANTED) * 40 * 90
    assert found.theirs_cents - found.plan_cents == -missing - 3 * 80 * 90
    assert found.unexplained_cents == 0


def test_families_in_money_across_markets(landed: Sample) -> None:
    chairs = (100 + 80) * len(MARKETS) * 0.9
    lamps = (40 + 60) * len(MARKETS) * 0.9
    lines = [
        "Family;May 2014;Jun 2014;Jul 2014",
        f"Chairs;{SOLD * chairs:,.2f};{WANTED * chairs - 450:,.2f};({WANTED * chairs:,.2f})",
        f"LAMPS;{SOLD * lamps:,.2f};{WANTED * lamps:,.2f};{WANTED * lamps:,.2f}",
        f"Total;{SOLD * (chairs + lamps):,.2f};1;2",
    ]
    found = check(landed, "\n".join(lines).encode())
    (delta,) = found.deltas
    assert (delta.kind, delta.label, delta.first % 12 + 1) == (ShadowKind.SIGN, "CHAIRS", 7)
    assert found.theirs_cents - found.plan_cents == -round(2 * WANTED * chairs * 100)


def test_what_cannot_be_read_is_named_by_row_and_column(landed: Sample) -> None:
    content = as_csv(rows_of_plan()).replace(b"20,25,25,25", b"20,tbd,25,25", 1)
    found = check(landed, content)
    (fault,) = found.faults
    assert (fault.column, fault.value) == ("2014-06", "tbd")
    assert found.deltas == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Item,Total\nCHAIR-OAK,5\n", "names months"),
        (b"Item,2031-01,2031-02\nCHAIR-OAK,5,6\n", "None of the months"),
        (b"Item,2014-06,2014-07\nTABLE,5,6\n", "No line names"),
    ],
)
def test_a_file_that_cannot_be_compared_says_why(landed: Sample, content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        check(landed, content)


def test_the_command_prints_the_list(landed: Sample, tmp_path: Path) -> None:
    rows = rows_of_plan()
    rows["LAMP-DESK", "NORTH/DEALER"] = [-figure for figure in rows["LAMP-DESK", "NORTH/DEALER"]]
    file, out = tmp_path / "theirs.csv", tmp_path / "list.json"
    file.write_bytes(as_csv(rows))
    call_command("shadow_check", plan="2014-06", file=file, out=out, stderr=io.StringIO())
    document = json.loads(out.read_text())
    assert document["unexplained"] == "0.00"
    assert document["differences"][0]["kind"] == "sign"
    assert document["differences"][0]["dollars"] == f"{-2 * (SOLD + 3 * WANTED) * 40 * 0.9:.2f}"
    shown = io.StringIO()
    call_command("shadow_check", plan="2014-06", file=file, stdout=shown, stderr=io.StringIO())
    (line,) = csv.DictReader(io.StringIO(shown.getvalue()))
    assert (line["item"], line["market"], line["first_month"]) == ("LAMP-DESK", "NORTH/DEALER", "2014-05")
    with pytest.raises(CommandError, match="no plan"):
        call_command("shadow_check", plan="1999-01", file=file)
