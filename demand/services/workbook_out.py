"""The demand plan as an Excel workbook that can come back: every row sealed with what it said and at which revision."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xlsxwriter
from django.core.signing import BadSignature, Signer
from numpy.typing import NDArray

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan, User
from demand.frames import load_actuals, load_baseline, plan_months
from demand.models import EditKind
from demand.services.review import grid_of
from demand.services.series_store import PAIR

Ints = NDArray[np.int64]
SHEET, HELP_SHEET = "Demand", "Instructions"
KEYS = ("Key", "Revision", "Seal")
NAMES = ("Family", "Item", "Name", "Market")
FIRST_VALUE = len(KEYS) + len(NAMES)
HEADER_LINE = 4
MILLI, YEAR = 1000, 12
SEPARATOR = "|"
BLOCKS = ("Plan", "Baseline", "Last year")
_SIGNER = Signer(salt="demand.workbook")

HELP = (
    "Change the white cells of the sheet Demand: units per month. Grey cells are locked; they are there to compare.",
    "Leave the hidden columns as they are: they say which row this is and which revision you saw.",
    "An empty cell is not 0: type 0. Formulas are not read: paste values.",
    "You may sort, filter, hide and delete rows. Rows that you delete stay in the plan as they are.",
    "Hand the file in under Demand plan, Excel in. You see every change before anything is applied.",
    "A cell that somebody else has changed since this file was made is refused and listed with their value.",
)
REASONS = {
    EditKind.OVERRIDE: "What sales knows and the statistics do not: an order, a lost customer, a holiday.",
    EditKind.PROMOTION: "An offer or event that adds units for some weeks.",
    EditKind.PIPELINE: "A deal that is not signed yet, weighted by its probability.",
    EditKind.NEW_PRODUCT: "A launch or a listing in a new place.",
}


@dataclass(frozen=True)
class PlanSheet:
    """What the workbook says: keys (n,), `blocks` (3, n, H) milli-units of plan, baseline and the year before."""

    items: Ints
    markets: Ints
    names: list[tuple[str, str, str, str]]
    blocks: Ints


def plan_sheet(plan: Plan, user: User) -> PlanSheet:
    """The series that a person sees, with their baseline and last year (beyond the closed months: the plan's own)."""
    grid = grid_of(plan, user=user, with_cents=False)
    keys = grid.item_ids * PAIR + grid.market_ids
    stored = load_baseline(plan)
    baseline = _aligned(keys, stored.item_ids, stored.market_ids, stored.units)
    first = plan.first_month_index
    sold = load_actuals(first - YEAR, first - 1)
    before = np.hstack([_aligned(keys, sold.item_ids, sold.market_ids, sold.units), grid.units])[:, : plan.horizon]
    return PlanSheet(
        grid.item_ids, grid.market_ids, _names(grid.item_ids, grid.market_ids), np.stack([grid.units, baseline, before])
    )


def plan_workbook(plan: Plan, user: User) -> bytes:
    """The workbook of what a person sees: units, one row per series; only the plan's months can be typed into.

    Names are texts, never formulas. Each row carries its key, the revision and a seal over all its figures in hidden
    columns, so that a file that comes back is judged cell by cell. Reads only.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        _write_plan(book, plan, plan_sheet(plan, user))
        _write_help(book, plan, user)
    return target.getvalue()


def titles_of(plan: Plan) -> list[str]:
    """The header of the sheet, column by column."""
    months = [f"{month_date(month):%Y-%m}" for month in plan_months(plan)]
    return [
        *KEYS,
        *NAMES,
        *(f"{block} {month}" if block != BLOCKS[0] else month for block in BLOCKS for month in months),
    ]


def row_key(plan: Plan, names: Sequence[str]) -> str:
    """The key of a row as its hidden column says it: plan, item, market."""
    return SEPARATOR.join([plan.number, names[1], names[3]])


def seal_of(key: str, revision: int, blocks: Ints) -> str:
    """A signed text over key, revision and the figures of one row, (3, H) milli-units."""
    figures = ";".join(",".join(map(str, block)) for block in blocks.tolist())
    return _SIGNER.sign(f"{key}{SEPARATOR}{revision}{SEPARATOR}{figures}")


def opened_seal(seal: str) -> tuple[str, int, Ints] | None:
    """Key, revision and figures (3, H) of a seal; None when it is not ours or was altered."""
    try:
        key, revision, figures = _SIGNER.unsign(seal).rsplit(SEPARATOR, 2)
    except (BadSignature, ValueError):
        return None
    return key, int(revision), np.array([[int(n) for n in block.split(",")] for block in figures.split(";")], np.int64)


def _write_plan(book: xlsxwriter.Workbook, plan: Plan, sheet: PlanSheet) -> None:
    page = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
    number = {"num_format": "#,##0.##"}
    open_cell = book.add_format({**number, "locked": False})
    moved_cell = book.add_format({**number, "locked": False, "bg_color": "#FDF1D8"})
    locked = book.add_format({**number, "bg_color": "#EDEFF2", "font_color": "#555B66"})
    text = book.add_format({"bg_color": "#EDEFF2"})
    page.write_string(0, len(KEYS), f"Plan {plan.number}, revision {plan.revision}: unconstrained demand, units")
    page.write_string(
        1, len(KEYS), "White cells can be changed, grey ones are locked. Yellow: edited off the baseline."
    )
    for column, title in enumerate(titles_of(plan)):
        page.write_string(HEADER_LINE - 1, column, title, head)
    for row, names in enumerate(sheet.names):
        line, key = HEADER_LINE + row, row_key(plan, names)
        for column, hidden in enumerate((key, str(plan.revision), seal_of(key, plan.revision, sheet.blocks[:, row]))):
            page.write_string(line, column, hidden)
        for column, name in enumerate(names, len(KEYS)):
            page.write_string(line, column, name, text)
        for column, value in enumerate(sheet.blocks[:, row].ravel().tolist(), FIRST_VALUE):
            place = column - FIRST_VALUE
            is_moved = place < plan.horizon and value != sheet.blocks[1, row, place]
            style = locked if place >= plan.horizon else moved_cell if is_moved else open_cell
            page.write_number(line, column, value / MILLI, style)
    _protect(page, plan, len(sheet.names))


def _protect(page: xlsxwriter.worksheet.Worksheet, plan: Plan, rows: int) -> None:
    last = HEADER_LINE - 1 + max(rows, 1)
    page.set_column(0, len(KEYS) - 1, None, None, {"hidden": True})
    page.set_column(len(KEYS), FIRST_VALUE - 1, 18)
    page.freeze_panes(HEADER_LINE, FIRST_VALUE)
    page.autofilter(HEADER_LINE - 1, len(KEYS), last, FIRST_VALUE - 1)
    page.data_validation(
        HEADER_LINE, FIRST_VALUE, last, FIRST_VALUE + plan.horizon - 1,
        {
            "validate": "decimal", "criteria": ">=", "value": 0, "error_title": "Units",
            "error_message": "A number of units, 0 or more.",
        },
    )  # fmt: skip
    allowed = ("format_cells", "format_columns", "format_rows", "sort", "autofilter", "delete_rows")
    page.protect("", dict.fromkeys(allowed, True))


def _write_help(book: xlsxwriter.Workbook, plan: Plan, user: User) -> None:
    page = book.add_worksheet(HELP_SHEET)
    bold = book.add_format({"bold": True})
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 100)
    page.write_string(0, 0, f"Demand plan {plan.number}, revision {plan.revision}, for {user}", bold)
    for line, words in enumerate(HELP, 2):
        page.write_string(line, 0, str(line - 1))
        page.write_string(line, 1, words)
    start = len(HELP) + 3
    page.write_string(start, 0, "Streams to choose", bold)
    for line, (kind, words) in enumerate(REASONS.items(), start + 1):
        page.write_string(line, 0, kind.label)
        page.write_string(line, 1, words)
    page.protect("")


def _names(items: Ints, markets: Ints) -> list[tuple[str, str, str, str]]:
    hierarchy = load_hierarchy()
    named = hierarchy.items.set_index("item_id")[["family", "code", "name"]].astype(str)
    codes = hierarchy.markets.set_index("market_id")["code"].to_dict()
    rows = named.loc[items].itertuples(index=False, name=None)
    return [(*row, str(codes[market])) for row, market in zip(rows, markets.tolist(), strict=True)]


def _aligned(keys: Ints, items: NDArray[np.int32], markets: NDArray[np.int32], units: Ints) -> Ints:
    """The rows of `units` at the given keys; 0 where there are none."""
    found = np.zeros((len(keys), units.shape[1]), np.int64)
    own = items.astype(np.int64) * PAIR + markets
    known = np.isin(own, keys)
    found[np.searchsorted(keys, own[known])] = units[known]
    return found
