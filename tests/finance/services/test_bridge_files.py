"""manage.py bridge_files: seven lines on stdout, what to know on stderr, exit code 2 for a file that cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from sop_portal.embedded.locations import base

ROOT = Path(__file__).resolve().parents[3]
HEADER = "item,family,market,month,units,price,cost"
BUDGET = f"{HEADER}\nA,F,M,2014-01,1000000,100,1\nB,F,M,2014-01,800000,90,1\nC,F,M,2014-01,500000,120,1\nD,F,M,2014-01,400000,70,1\n"
PLAN = f"{HEADER}\nA,F,M,2014-01,900000,101,1\nB,F,M,2014-01,820000,88,1\nC,F,M,2014-01,470000,120,1\nD,F,M,2014-01,400000,71.35,1\n"
LINES = ["volume -10592592.59", "mix -1207407.41", "price -200000.00", "fx 0.00", "new 0.00", "discontinued 0.00"]
LINES += ["total -12000000.00"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(BUDGET)
    (tmp_path / "b.csv").write_text(PLAN)
    return tmp_path


def bridged(folder: Path, *options: str) -> tuple[list[str], str]:
    out, err = StringIO(), StringIO()
    names = ("--from", str(folder / "a.csv"), "--to", str(folder / "b.csv"))
    call_command("bridge_files", *names, *options, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue()


def refused(folder: Path, content: str) -> str:
    (folder / "b.csv").write_text(content)
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("bridge_files", "--from", str(folder / "a.csv"), "--to", str(folder / "b.csv"), stderr=err)
    assert caught.value.returncode == 2
    return err.getvalue() + str(caught.value)


@pytest.mark.long
def test_as_a_command_without_any_server(folder: Path) -> None:
    """No address is given and none is made: the folder that servers of this name would live in never appears."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment["SOP_HOME"] = "bridge-files"
    command = [
        sys.executable, "manage.py", "bridge_files", "--from", str(folder / "a.csv"), "--to", str(folder / "b.csv"),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == LINES
    assert not (base() / "bridge-files").exists()
    missing = [*command[:-1], str(folder / "c.csv")]
    done = subprocess.run(missing, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "c.csv cannot be read" in done.stderr and not done.stdout


@pytest.mark.parametrize(
    "content",
    [
        PLAN.replace(",", ";").replace("71.35", "71,35"),
        PLAN.replace("900000", '"900,000"').replace("820000", '"820,000"'),
        PLAN.replace(",", ";").replace("900000", "900.000").replace("71.35", "71,35"),
        PLAN.replace("item,family", "Item,FAMILY").replace("2014-01", "2014-01-31"),
        "\ufeff" + "\r\n".join(reversed(PLAN.splitlines()[1:])).join([HEADER + "\r\n", "\r\n"]),
        json.dumps([dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in PLAN.splitlines()[1:]]),
    ],
)  # fmt: skip
def test_the_same_numbers_in_other_forms(folder: Path, content: str) -> None:
    (folder / "b.csv").write_text(content)
    assert bridged(folder)[0] == LINES


def test_family_is_the_leaf(folder: Path) -> None:
    lines, notes = bridged(folder, "--mix", "family")
    assert lines[:3] == ["volume -10592592.59", "mix 0.00", "price -1407407.41"]
    assert lines[-1] == LINES[-1] and "Mix level: family" in notes


def test_brackets_are_negative_and_amounts_count(folder: Path) -> None:
    (folder / "a.csv").write_text("item,family,market,month,units,price,amount\nA,F,M,2014-01,10,10,100\n")
    rows = "A,F,M,2014-01,(2),10,\nA,F,M,2014-02,0,,-7.50\nA,F,M,2014-03,0,99,\n"
    (folder / "b.csv").write_text(f"item,family,market,month,units,price,amount\n{rows}")
    lines, notes = bridged(folder)
    assert lines == [
        "volume -120.00", "mix 0.00", "price -7.50", "fx 0.00", "new 0.00", "discontinued 0.00", "total -127.50",
    ]  # fmt: skip
    assert "no column cost" in notes and "Only the second file has 2014-02, 2014-03" in notes


def test_exchange_rates_by_row(folder: Path) -> None:
    header = "item,family,market,month,units,price,currency,fx"
    (folder / "a.csv").write_text(f"{header}\nA,F,EU,2014-01,100,10,EUR,1.10\n")
    (folder / "b.csv").write_text(f"{header}\nA,F,EU,2014-01,100,10,EUR,1.17\n")
    assert bridged(folder)[0][3] == "fx 70.00"


def test_a_moved_item_takes_the_later_family_and_is_named(folder: Path) -> None:
    (folder / "b.csv").write_text(PLAN.replace("D,F", "D,G"))
    lines, notes = bridged(folder)
    assert "D moved from family F to G" in notes and lines[4:] == ["new 0.00", "discontinued 0.00", LINES[-1]]


def test_files_without_rows(folder: Path) -> None:
    (folder / "b.csv").write_text(f"{HEADER}\n")
    lines, notes = bridged(folder)
    assert lines[5:] == ["discontinued -260000000.00", "total -260000000.00"]
    assert "a header and no row" in notes


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ["The file is empty."]),
        (PLAN.replace("price,", ""), ["price", "column is missing"]),
        (PLAN.replace("820000", "many"), ["row 3", "units = 'many'", "not a number"]),
        (PLAN.replace("820000", ""), ["row 3", "units = ''", "blank", "Fill it in"]),
        (PLAN.replace("88,1", ",1"), ["row 3", "price = ''", "neither a price nor an amount"]),
        (PLAN.replace("88,1", "-88,1"), ["row 3", "price = '-88'", "not negative"]),
        (PLAN.replace("B,F,M,2014-01", "B,F,M,2014-13"), ["row 3", "month = '2014-13'", "Write YYYY-MM-DD"]),
        (f"{HEADER},currency\nA,F,M,2014-01,1,1,1,EUR\nB,F,M,2014-01,1,1,1,USD\n", ["several currencies", "column fx"]),
        (f"{HEADER},fx\nA,F,M,2014-01,1,1,1,0\n", ["row 2", "fx = '0'", "above 0"]),
        (f"{HEADER},fx\nA,F,M,2014-01,1,1,1,\n", ["row 2", "fx = ''", "blank"]),
        (f'{HEADER}\nA,F,M,2014-01,"1,234",1,1\n', ["row 2", "decimal or a thousands sign"]),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused(folder: Path, content: str, told: list[str]) -> None:
    message = refused(folder, content)
    for words in told:
        assert words in message, message


def test_an_ambiguous_form_can_be_named(folder: Path) -> None:
    (folder / "a.csv").write_text(f"{HEADER}\n")
    (folder / "b.csv").write_text(f'{HEADER}\nA,F,M,2014-01,"1,234",1,1\n')
    assert bridged(folder, "--numbers", "1,234.56")[0][-1] == "total 1234.00"
    assert bridged(folder, "--numbers", "1.234,56")[0][-1] == "total 1.23"
