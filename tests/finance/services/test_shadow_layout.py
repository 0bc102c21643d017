"""Sheets as people build them, each read against one plan: nothing differs but what was put in. No database."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from finance.calc.shadow import ShadowKind
from finance.services.shadow.checking import Check, compare
from finance.services.shadow.reading import read_against
from tests.finance.shadow_workbooks import CLOSED, FIRST_MONTH, NAMES, Company, company

MONTHS = range(FIRST_MONTH, FIRST_MONTH + 24)
Cells = list[list[object]]


@pytest.fixture(scope="module")
def base() -> Company:
    return company()


def by_item(base: Company, block: np.ndarray) -> dict[str, np.ndarray]:
    codes = base.names.items.set_index("item_id")["code"]
    found: dict[str, np.ndarray] = {}
    for place, item in enumerate(base.side.item_ids.tolist()):
        found[codes[item]] = found.get(codes[item], 0) + block[place]
    return found


def by_market(base: Company, block: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    codes, markets = base.names.items.set_index("item_id")["code"], base.names.markets.set_index("market_id")["code"]
    keys = zip(base.side.item_ids.tolist(), base.side.market_ids.tolist(), strict=True)
    return {(codes[item], markets[market]): block[place] for place, (item, market) in enumerate(keys)}


def as_csv(rows: Cells) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(sheets: dict[str, Cells]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            page.write_row(line, 0, cells)
    book.close()
    return out.getvalue()


def check(base: Company, content: bytes) -> Check:
    return compare(read_against(content, base.side, base.names), base.side, base.names)


def units(base: Company) -> dict[str, np.ndarray]:
    return by_item(base, base.side.units / 1000)


def money(base: Company) -> dict[str, np.ndarray]:
    return by_item(base, base.side.cents / 100)


def years_above(base: Company) -> bytes:
    years = [month // 12 if month % 12 == 0 or place == 0 else "" for place, month in enumerate(MONTHS)]
    rows: Cells = [["", *years], ["Item", *(NAMES[month % 12] for month in MONTHS)]]
    return as_csv(rows + [[code, *row] for code, row in units(base).items()])


def no_years_at_all(base: Company) -> bytes:
    rows: Cells = [["Item", *(NAMES[month % 12] for month in MONTHS[CLOSED : CLOSED + 12])]]
    return as_csv(rows + [[code, *row[CLOSED : CLOSED + 12]] for code, row in units(base).items()])


def year_and_month_down(base: Company) -> bytes:
    rows: Cells = [["Year", "Month", "SKU", "Qty"]]
    rows += [[m // 12, m % 12 + 1, code, row[p]] for code, row in units(base).items() for p, m in enumerate(MONTHS)]
    return as_xlsx({"Data": rows})


def with_other_sheets(base: Company) -> bytes:
    rows: Cells = [["Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    rows += [[code, *row] for code, row in money(base).items()]
    return as_xlsx({"Read me": [["Jan 2014 version of the team"]], "Forecast": rows, "Scratch": [[1, 2], [3, 4]]})


def quarters_and_years_between(base: Company) -> bytes:
    head: list[object] = ["Item", "Description"]
    for m in MONTHS:
        head += [f"{NAMES[m % 12]} {m // 12}", *([f"Q {m // 12}"] if m % 3 == 0 else [])]
    rows: Cells = [[*head, "FY total"]]
    for code, row in money(base).items():
        cells: list[object] = [code, "a frame"]
        for place, m in enumerate(MONTHS):
            cells += [row[place], *([row[: place + 1].sum()] if m % 3 == 0 else [])]
        rows.append([*cells, row.sum()])
    return as_csv(rows)


def units_price_and_revenue_down(base: Company) -> bytes:
    rows: Cells = [["Month", "Item", "Units", "Price", "Revenue"]]
    for code, row in money(base).items():
        own = units(base)[code]
        rows += [
            [f"{m % 12 + 1}/{m // 12}", code, own[p], round(row[p] / own[p], 4), row[p]] for p, m in enumerate(MONTHS)
        ]
    return as_csv(rows)


def code_and_name_in_one_cell(base: Company) -> bytes:
    names = base.names.items.set_index("code")["name"]
    rows: Cells = [["Product", *(f"{m // 12}M{m % 12 + 1:02d}" for m in MONTHS)]]
    return as_csv(rows + [[f"{code} - {names[code]}", *row] for code, row in money(base).items()])


def region_and_channel_apart(base: Company) -> bytes:
    markets = base.names.markets.set_index("code")
    rows: Cells = [["Region", "Channel", "Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    for (code, market), row in by_market(base, base.side.cents / 100).items():
        rows.append([markets.loc[market, "region_name"], markets.loc[market, "channel"], code, *row])
    return as_csv(rows)


def market_printed_once(base: Company) -> bytes:
    rows: Cells = [["Market", "Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    last = ""
    for (code, market), row in sorted(by_market(base, base.side.cents / 100).items(), key=lambda e: e[0][::-1]):
        rows.append([market if market != last else "", code, *row])
        last = market
    return as_csv(rows)


def market_as_a_heading(base: Company) -> bytes:
    rows: Cells = [["Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    last = ""
    for (code, market), row in sorted(by_market(base, base.side.cents / 100).items(), key=lambda e: e[0][::-1]):
        rows += [[market]] if market != last else []
        rows.append([code, *row])
        last = market
    return as_xlsx({"F": rows})


def families_with_their_items(base: Company) -> bytes:
    families = base.names.families.set_index("family_id")["code"]
    family_of = base.names.items.set_index("code")["family_id"]
    rows: Cells = [["Line", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    for family, name in families.items():
        own = {code: row for code, row in money(base).items() if family_of[code] == family}
        rows += [[code, *row] for code, row in own.items()] + [[name, *sum(own.values())]]
    return as_csv(rows)


def in_thousands_of_dollars(base: Company) -> bytes:
    rows: Cells = [["$000"], ["Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS)]]
    return as_csv(rows + [[code, *(f"${v / 1000:,.1f}" for v in row)] for code, row in money(base).items()])


def formulas_in_totals(base: Company) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Item", *(f"{m // 12}-{m % 12 + 1:02d}" for m in MONTHS), "Total"])
    for code, row in money(base).items():
        page.append([code, *row.tolist(), f"=SUM(B{page.max_row + 1}:Y{page.max_row + 1})"])
    page.append(["Total", *("=SUM(B2:B61)" for _ in MONTHS)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SHEETS = (
    years_above, no_years_at_all, year_and_month_down, with_other_sheets, quarters_and_years_between,
    units_price_and_revenue_down, code_and_name_in_one_cell, region_and_channel_apart, market_printed_once,
    market_as_a_heading, families_with_their_items, in_thousands_of_dollars, formulas_in_totals,
)  # fmt: skip


@pytest.mark.parametrize("build", SHEETS)
def test_a_sheet_of_the_plan_lists_nothing(base: Company, build: Callable[[Company], bytes]) -> None:
    found = check(base, build(base))
    assert [(delta.label, delta.kind, delta.explanation) for delta in found.deltas] == []
    assert (found.lost, found.faults, found.unexplained_cents) == ([], [], 0)


def test_a_price_column_tells_a_wrong_price(base: Company) -> None:
    rows = list(csv.reader(io.StringIO(units_price_and_revenue_down(base).decode())))
    wrong = [[*row[:3], str(float(row[3]) * 1.25)] if row[1] == "BK-0007" else row[:4] for row in rows[1:]]
    (delta,) = check(base, as_csv([rows[0][:4], *wrong])).deltas
    assert (delta.kind, delta.label) == (ShadowKind.PRICE, "BK-0007")
    assert len(delta.cents) == len(MONTHS)
