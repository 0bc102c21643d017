"""A file damaged anywhere is read as it was meant or refused with a sentence; never a crash. Prints its seed."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from catalog.registry import FileRefused
from catalog.services.imports.open_file import open_table

DIRT = Path(__file__).parents[2] / "files" / "dirt"
SOUND = ("shared_strings.xlsx", "named_sheet.xlsx", "comma.csv", "utf16.csv", "rows.json")
SEED = 20140228


def outcome(content: bytes) -> str:
    """Read to the end; say how it ended."""
    try:
        return f"{len(list(open_table(content, prefer='sales_monthly').rows))} rows"
    except FileRefused as refused:
        assert refused.faults
        assert all(fault.reason and fault.remedy for fault in refused.faults)
        return "refused"


@pytest.mark.parametrize("name", SOUND)
def test_cut_off_anywhere(name: str) -> None:
    content = (DIRT / name).read_bytes()
    assert outcome(content) == "2 rows"
    step = max(1, len(content) // 60)
    assert {outcome(content[:end]) for end in range(0, len(content), step)} <= {"0 rows", "1 rows", "2 rows", "refused"}


@pytest.mark.parametrize("name", SOUND)
def test_bytes_changed_anywhere(name: str) -> None:
    chance = random.Random(SEED)
    content = (DIRT / name).read_bytes()
    print(f"seed {SEED}")
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        outcome(bytes(damaged))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_xml_changed_inside_a_sound_archive(part: str) -> None:
    """The check sums of the archive are right; only its XML is not."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    with zipfile.ZipFile(DIRT / "shared_strings.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(120):
        damaged = bytearray(parts[part])
        start = chance.randrange(len(damaged))
        damaged[start : start + chance.randint(0, 8)] = chance.randbytes(chance.randint(0, 3)).hex().encode()
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in {**parts, part: bytes(damaged)}.items():
                archive.writestr(name, content)
        outcome(packed.getvalue())


def test_lines_and_rows_that_never_end_are_refused_early() -> None:
    header = b"code,name\n"
    for endless in (b"," * 2_000_000, b'"' + b"x\n" * 1_500_000, b'"\n",' * 500_000):
        assert outcome(header + endless) == "refused"
    cells = b"<c/>" * 20_000
    with zipfile.ZipFile(DIRT / "plain.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            wide = b"<worksheet><sheetData><row>" + cells + b"</row></sheetData></worksheet>"
            archive.writestr(name, wide if "sheet1" in name else content)
    assert outcome(packed.getvalue()) == "refused"
