"""Writes the files of this folder: `python tests/files/dirt/make.py`. They are committed; what each must give is in
`expected.yaml`. Run it again only to add a file: sheets carry the time at which they were written."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter
from openpyxl import Workbook

HERE = Path(__file__).parent
HEADER = "month,sku,market,channel,units,list_value,net_revenue,std_cogs"
SALES = (
    "2014-01-01,CHAIR-OAK,NORTH,DIRECT,10,1000,900,600",
    "2014-01-01,LAMP-DESK,SOUTH,DEALER,20.5,820,700.25,451",
)
GERMAN = "Monat;Artikel;Gebiet;Kanal;Menge;Listenwert;Umsatz;Kosten"
NAMES = "channel,name\nDIRECT,Direktverkäufe\nDEALER,Händler – Süd\n"
MEGABYTE = 1024 * 1024


def text(name: str, *lines: str, encoding: str = "utf-8", end: str = "\n") -> None:
    """One text file."""
    (HERE / name).write_bytes((end.join(lines) + end).encode(encoding))


def sheet(name: str, rows: list[list[object]], *, title: str = "Sheet1", others: tuple[str, ...] = ()) -> Workbook:
    """One workbook."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for other in others:
        book.create_sheet(other).append(["note"])
    book.save(HERE / name)
    return book


def repacked(name: str, source: str, parts: dict[str, bytes], drop: tuple[str, ...] = ()) -> None:
    """A workbook with some of its parts replaced."""
    with zipfile.ZipFile(HERE / source) as old, zipfile.ZipFile(HERE / name, "w", zipfile.ZIP_DEFLATED, True, 9) as new:
        for info in old.infolist():
            if info.filename not in drop:
                new.writestr(info.filename, parts.get(info.filename, old.read(info.filename)))


def shared_strings(name: str) -> None:
    """The two rows with a table of shared texts, as Excel itself writes them."""
    book = xlsxwriter.Workbook(HERE / name, {"default_date_format": "dd.mm.yyyy"})
    book.set_properties({"created": datetime(2014, 3, 1, tzinfo=UTC)})
    page = book.add_worksheet("Sales")
    for line, row in enumerate(sales_rows()):
        for column, value in enumerate(row):
            page.write(line, column, value)
    book.close()


def sales_rows() -> list[list[object]]:
    """The two rows as a sheet holds them: dates as dates, numbers as numbers."""
    return [
        HEADER.split(","),
        [date(2014, 1, 1), "CHAIR-OAK", "NORTH", "DIRECT", 10, 1000, 900, 600],
        [date(2014, 1, 1), "LAMP-DESK", "SOUTH", "DEALER", 20.5, 820, 700.25, 451],
    ]


def encodings() -> None:
    """UTF-8 with and without mark, UTF-16, Windows-1252."""
    for name, encoding in {
        "utf8": "utf-8",
        "utf8_mark": "utf-8-sig",
        "utf16": "utf-16",
        "windows1252": "cp1252",
    }.items():
        (HERE / f"{name}.csv").write_bytes(NAMES.encode(encoding))


def forms() -> None:
    """Delimiters, numbers, dates, negatives."""
    text("comma.csv", HEADER, *SALES)
    text("semicolon.csv", HEADER.replace(",", ";"), *(row.replace(",", ";") for row in SALES), end="\r\n")
    text("tab.csv", HEADER.replace(",", "\t"), *(row.replace(",", "\t") for row in SALES))
    text("decimal_comma.csv", GERMAN, "01.02.2014;CHAIR-OAK;NORTH;DIRECT;1.234,5;123.450,00;100.000,01;74.070,-")
    text("decimal_comma_clean.csv", GERMAN, "01.02.2014;CHAIR-OAK;NORTH;DIRECT;1.234,5;123.450,00;100.000,01;74.070,00")
    text("thousands_ambiguous.csv", HEADER, '2014-02-01,CHAIR-OAK,NORTH,DIRECT,"1,234",1000,900,600')
    text("thousands_wrong_groups.csv", HEADER, '2014-02-01,CHAIR-OAK,NORTH,DIRECT,"12,34",1000,900,600')
    text("negatives.csv", HEADER, "2014-02-01,CHAIR-OAK,NORTH,DIRECT,(5),500-,(450.10),-300")
    text(
        "dates_day_first.csv",
        HEADER,
        "31/01/2014,CHAIR-OAK,NORTH,DIRECT,1,100,90,60",
        "2/2/2014,LAMP-DESK,NORTH,DIRECT,1,40,35,22",
    )
    text("dates_month_first.csv", HEADER, "02/28/2014,CHAIR-OAK,NORTH,DIRECT,1,100,90,60")
    text("dates_ambiguous.csv", HEADER, "03/04/2014,CHAIR-OAK,NORTH,DIRECT,1,100,90,60")
    text("dates_serial.csv", HEADER, "41640,CHAIR-OAK,NORTH,DIRECT,1,100,90,60")
    text("dates_compact.csv", HEADER, "201402,CHAIR-OAK,NORTH,DIRECT,1,100,90,60")


def codes() -> None:
    """Codes that a spreadsheet likes to spoil."""
    text(
        "codes.csv",
        HEADER,
        *(f"2014-01-01,{sku},NORTH,DIRECT,1,100,90,60" for sku in ("007", "000000000000100023", "AB 12")),
    )
    text("codes_trailing_space.csv", HEADER, "2014-01-01,CHAIR-OAK ,NORTH,DIRECT,1,100,90,60")
    text("unknown_items.csv", HEADER, SALES[0], "2014-01-01,CHAIR-ELM,NORTH,DIRECT,1,100,90,60")
    text(
        "service_codes.csv",
        HEADER,
        SALES[0],
        "2014-01-01,FREIGHT,NORTH,DIRECT,1,25,25,0",
        "2014-01-01,SRV-SETUP,NORTH,DIRECT,2,80,80,0",
        "2014-01-01,FREIGHT,SOUTH,DIRECT,1,25,25,0",
    )
    text(
        "theirs.csv",
        "Period;Material;Org;Way;Cartons;Gross;Net;Cost",
        "2014-01-01;4711;1000;10;2;1.200,00;1.000,00;720,00",
    )


def tables() -> None:
    """Duplicates, returns, gaps, shapes."""
    text("duplicates_summed.csv", HEADER, SALES[0], SALES[1], SALES[0])
    text("duplicates_refused.csv", "channel,name", "DIRECT,Direct", "DEALER,Dealers", "DIRECT,Again")
    text("returns.csv", HEADER, SALES[0], "2014-02-01,CHAIR-OAK,NORTH,DIRECT,-2,-200,-180,-120")
    text("empty_month.csv", HEADER, SALES[0], "2014-03-01,CHAIR-OAK,NORTH,DIRECT,4,400,360,240")
    text(
        "partial_last_month.csv",
        HEADER,
        *(
            f"{year}-{month:02}-01,CHAIR-OAK,NORTH,DIRECT,10,1000,900,600"
            for year, month in [(2013, n) for n in range(1, 13)]
        ),
        "2014-01-01,CHAIR-OAK,NORTH,DIRECT,1,100,90,60",
    )
    text("header_only.csv", HEADER)
    text("header_twice.csv", HEADER + ",sku", SALES[0] + ",X")
    text("column_missing.csv", "month,sku", "2014-01-01,CHAIR-OAK")
    text("ragged.csv", HEADER, SALES[0] + ",surplus")
    text("blank_lines.csv", HEADER, "", SALES[0], ",,,,,,,", SALES[1], "")
    text("title_rows.csv", "Sales report", "printed on 2 March 2014", HEADER, *SALES)
    text("unclosed_quote.csv", HEADER, '2014-01-01,"CHAIR-OAK,NORTH,DIRECT,1,100,90,60')
    (HERE / "nul.csv").write_bytes(f"{HEADER}\n{SALES[0]}".encode() + b"\x00\n")
    text("empty.csv", " ")
    text("formula.csv", HEADER, "2014-01-01,CHAIR-OAK,NORTH,DIRECT,=2+3,100,90,60")
    text(
        "rows.json",
        '[{"month": "2014-01-01", "sku": "CHAIR-OAK", "market": "NORTH", "channel": "DIRECT", "units": 10, "list_value": 1000, "net_revenue": 900.00, "std_cogs": 6e2},',
        '{"month": "2014-01", "sku": "LAMP-DESK", "market": "SOUTH", "channel": "DEALER", "units": "20.5", "list_value": 820, "net_revenue": 700.25, "std_cogs": 451}]',
    )
    nested = [(name, '{"year": 2014}' if name == "month" else '"A"') for name in HEADER.split(",")]
    text("nested.json", '{"rows": [{' + ", ".join(f'"{name}": {value}' for name, value in nested) + "}]}")
    text("cut_off.json", '[{"month": "2014-01-01"')


def sheets() -> None:
    """Workbooks, sound and otherwise."""
    sheet("plain.xlsx", sales_rows())
    shared_strings("shared_strings.xlsx")
    sheet("several_sheets.xlsx", sales_rows(), others=("Notes",))
    sheet("named_sheet.xlsx", sales_rows(), title="sales_monthly", others=("Notes",))
    sheet("formula.xlsx", [*sales_rows(), [date(2014, 2, 1), "CHAIR-OAK", "NORTH", "DIRECT", "=E2+E3", 100, 90, 60]])
    sheet("sheet_error.xlsx", [*sales_rows(), [date(2014, 2, 1), "CHAIR-OAK", "NORTH", "DIRECT", "#N/A", 100, 90, 60]])
    serial = sales_rows()
    serial[1][0] = serial[2][0] = 41640
    sheet("serial_dates.xlsx", serial)
    odd = [HEADER.split(",")] + [
        [date(2014, 1, 1), sku, "NORTH", "DIRECT", 1, 100, 90, 60] for sku in ("007", 4711, 123456789012345678, 7)
    ]
    book = Workbook()
    for row in odd:
        book.active.append(row)
    book.active["B5"].number_format = "000"
    book.save(HERE / "codes_as_numbers.xlsx")
    merged = Workbook()
    for row in sales_rows():
        merged.active.append(row)
    merged.active.merge_cells("B2:B3")
    merged.save(HERE / "merged.xlsx")
    trailing = Workbook()
    for row in sales_rows():
        trailing.active.append(row)
    for cell in ("A9", "C40"):
        trailing.active[cell] = " "
    trailing.save(HERE / "blank_rows.xlsx")


def attacks() -> None:
    """Workbooks that lie about their size, and files that are none."""
    sound = (HERE / "plain.xlsx").read_bytes()
    (HERE / "cut_off.xlsx").write_bytes(sound[: len(sound) // 2])
    repacked("bomb_sheet.xlsx", "plain.xlsx", {"xl/worksheets/sheet1.xml": b" " * (48 * MEGABYTE)})
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><sst><si><t>&c;</t></si></sst>'
    repacked("bomb_entities.xlsx", "shared_strings.xlsx", {"xl/sharedStrings.xml": laughs})
    row = b'<worksheet><sheetData><row r="999999999"><c r="A999999999"><v>1</v></c></row></sheetData></worksheet>'
    repacked("bomb_rows.xlsx", "plain.xlsx", {"xl/worksheets/sheet1.xml": row})
    with zipfile.ZipFile(HERE / "bomb_parts.xlsx", "w", zipfile.ZIP_STORED) as archive:
        for number in range(2_001):
            archive.writestr(f"{number}", b"")
    with zipfile.ZipFile(HERE / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sales_monthly.csv", "\n".join([HEADER, *SALES]))
    (HERE / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    locked = io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"))
    (HERE / "password.xlsx").write_bytes(locked.getvalue())


def main() -> None:
    """Write everything."""
    for part in (encodings, forms, codes, tables, sheets, attacks):
        part()


if __name__ == "__main__":
    main()
