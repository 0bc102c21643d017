"""What real files do: each oddity is read exactly or refused with row, column, value, reason and remedy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalog.registry import Column, Dataset, Difference, Fault
from catalog.services.imports.reading import ReadFile, read_file

COLUMNS = (
    Column("code", "text"),
    Column("size", "text", required=False, nullable=True, choices=("S", "L")),
    Column("count", "integer", minimum=0),
    Column("amount", "money", nullable=True),
    Column("units", "units", required=False, nullable=True, minimum=-5),
    Column("price", "rate", required=False, nullable=True),
    Column("factor", "decimal", required=False, nullable=True),
    Column("day", "date", required=False, nullable=True),
    Column("month", "month", required=False, nullable=True),
    Column("active", "flag", required=False, nullable=True),
)


def dataset(duplicates="refuse", check=None, key=("code",)) -> Dataset:
    return Dataset(
        name="things",
        title="Things",
        file_name="things.csv",
        app="catalog",
        order=1,
        columns=COLUMNS,
        key=key,
        duplicates=duplicates,
        mandatory=False,
        grain="a thing",
        apply=lambda rows, batch: Difference(),
        check=check,
    )


def read(text: str | bytes, **options) -> ReadFile:
    return read_file(dataset(**options), text.encode() if isinstance(text, str) else text)


def only_fault(text: str | bytes, **options) -> Fault:
    faults = read(text, **options).faults
    assert len(faults) == 1, faults
    assert faults[0].reason and faults[0].remedy
    return faults[0]


def one(column: str, cell: str) -> ReadFile:
    return read(f"code,count,amount,{column}\nA,1,2,{cell}\n")


def test_every_kind_exactly() -> None:
    text = "code,size,count,amount,units,price,factor,day,month,active\n007,S,12,-12.3,-1.005,23.9716,0.064013,2014-02-28,2014-02,Y\n"
    result = read(text)
    assert result.faults == []
    row = result.rows.loc[2]
    assert (row["code"], row["size"], row["count"], row["amount"], row["units"], row["price"]) == (
        "007",
        "S",
        12,
        -1230,
        -1005,
        239_716,
    )
    assert (row["factor"], row["day"], row["month"]) == (Decimal("0.064013"), date(2014, 2, 28), date(2014, 2, 1))
    assert (row["month_index"], row["active"]) == (2014 * 12 + 1, True)


def test_blanks_where_allowed() -> None:
    row = read("code,count,amount\nA,0,\n").rows.loc[2]
    assert (row["size"], row["day"], row["month"], row["month_index"], row["active"]) == ("", None, None, -1, False)
    assert read("code,count,amount\nA,0,\n").rows["amount"].isna().all()
    assert only_fault("code,count,amount\nA,,1\n").reason == "The cell is blank."


def test_codes_stay_text() -> None:
    rows = read("code,count,amount\n000123456789012345,1,1\n1e5,1,1\n").rows
    assert rows["code"].tolist() == ["000123456789012345", "1e5"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_with_and_without_mark(mark: bytes) -> None:
    assert read(mark + "code,count,amount\nÄ,1,1\n".encode()).rows["code"].tolist() == ["Ä"]


def test_utf16_with_mark() -> None:
    assert read("code,count,amount\nÄ,1,1\n".encode("utf-16")).rows["code"].tolist() == ["Ä"]


def test_windows_1252_is_refused_at_its_row() -> None:
    fault = only_fault("code,count,amount\nA,1,1\nÄ,1,1\n".encode("cp1252"))
    assert (fault.row, fault.value) == (3, "0xc4")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"code,count,amount\nA\x00,1,1\n", "NUL"),
        ("code,count,amount\nA,1,1\n".encode("utf-16-le"), "NUL"),
        (b'code,count,amount\n"A,1,1\n', "cannot be split"),
        (b"code,count,amount,code\nA,1,1,B\n", "twice"),
        (b"code,count\nA,1\n", "missing"),
        (b"code,count,amount\nA,1,1,1\n", "4 cells"),
    ],
)
def test_unreadable_files(content: bytes, reason: str) -> None:
    assert reason in only_fault(content).reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    assert read("code,count,amount\nA,1,1.5\n".replace(",", delimiter)).rows["amount"].tolist() == [150]


def test_quotes_line_breaks_and_blank_lines() -> None:
    result = read('code,count,amount\r\n"A, ""x""\ny",1,1\r\n\r\n,,\r\nB,x,1\r\n')
    assert [(fault.row, fault.value) for fault in result.faults] == [(6, "x")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('"1,5"', "comma"),
        ('"1,234.50"', "comma"),
        ("(5)", "negative"),
        ("5-", "negative"),
        ("=A1", "formula"),
        ("1.234", "More than 2 decimals"),
        ("12 $", "not a number"),
        ("NaN", "not a number"),
        ("inf", "not a number"),
        ("1_000", "not a number"),
        ("٣", "not a number"),
        ("99999999999999999999", "too large"),
    ],
)
def test_numbers_that_are_refused(cell: str, reason: str) -> None:
    fault = only_fault(f"code,count,amount\nA,1,{cell}\n")
    assert (fault.row, fault.column) == (2, "amount")
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("cell", "cents"), [("1e2", 10_000), ("+5", 500), (" 7.10 ", 710), (".5", 50), ("5.", 500), ("-0", 0)]
)
def test_numbers_that_are_plain(cell: str, cents: int) -> None:
    assert read(f"code,count,amount\nA,1,{cell}\n").rows["amount"].tolist() == [cents]


@pytest.mark.parametrize("cell", ["03/04/2014", "3.4.2014", "41732", "2014-02-30", "20140228", "2014-W05-1"])
def test_dates_that_are_refused(cell: str) -> None:
    assert "YYYY-MM-DD" in one("day", cell).faults[0].remedy


def test_a_month_is_its_first_day() -> None:
    assert one("month", "2014-02-01").rows["month"].tolist() == [date(2014, 2, 1)]
    assert "2014-02-01" in one("month", "2014-02-15").faults[0].remedy


def test_flags() -> None:
    assert [bool(one("active", cell).rows["active"].iloc[0]) for cell in ("Y", "no", "TRUE", "0")] == [
        True,
        False,
        True,
        False,
    ]
    assert "neither" in one("active", "maybe").faults[0].reason


def test_schema_names_value_and_limit() -> None:
    low = one("units", "-5.5").faults[0]
    assert (low.row, low.column, low.value, low.reason) == (2, "units", "-5.5", "The value is below -5.")
    assert "S, L" in one("size", "M").faults[0].remedy
    assert "space" in one("size", "S ").faults[0].reason


def test_all_faults_of_a_step_are_collected_in_row_order() -> None:
    faults = read("code,count,amount\nA,x,1\nB,1,y\nC,z,1\n").faults
    assert [(fault.row, fault.column) for fault in faults] == [(2, "count"), (3, "amount"), (4, "count")]


def test_ignored_columns_are_listed() -> None:
    assert read("extra,code,count,amount,more\n1,A,1,1,2\n").ignored_columns == ["extra", "more"]


def test_duplicate_key_is_refused_at_the_second_row() -> None:
    fault = only_fault("code,count,amount\nA,1,1\nB,1,1\nA,2,2\n")
    assert (fault.row, fault.column, fault.value) == (4, "code", "A")


def test_duplicate_keys_are_summed_where_the_dataset_says_so() -> None:
    text = "code,size,count,amount,factor\nA,S,1,1.10,0.5\nB,L,1,1,\nA,S,2,2.20,0.25\n"
    result = read(text, duplicates="sum")
    assert result.faults == [] and result.row_count == 3
    assert result.rows["code"].tolist() == ["A", "B"]
    assert result.rows["count"].tolist() == [3, 1]
    assert result.rows["amount"].tolist() == [330, 100]
    assert result.rows["factor"].tolist() == [Decimal("0.75"), None]


def test_duplicates_that_disagree_cannot_be_summed() -> None:
    assert only_fault("code,size,count,amount\nA,S,1,1\nA,L,2,2\n", duplicates="sum").column == "size"


def test_own_check_runs_last() -> None:
    found = [Fault(2, "code", "A", "reason", "remedy")]
    assert read("code,count,amount\nA,1,1\n", check=lambda rows: found).faults == found
    assert read("code,count,amount\nA,x,1\n", check=lambda rows: found).faults != found


def test_header_only_is_an_empty_table() -> None:
    result = read("code,count,amount\n")
    assert (result.faults, len(result.rows)) == ([], 0)
    assert {"code", "count", "amount", "month_index"} <= set(result.rows.columns)
