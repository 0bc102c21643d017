"""The demand plan as an Excel workbook: units per series and month, with keys and revision."""

from __future__ import annotations

import io

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from catalog.calc.months import month_date
from catalog.frames.hierarchy import load_hierarchy
from cycles.models import Plan
from cycles.views.answering import find_plan, page
from demand.frames import plan_months
from demand.services.review import Grid, grid_of

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = ("Family", "Item", "Name", "Market")


@page
@require_GET
def workbook(request: HttpRequest, number: str) -> HttpResponse:
    """Download what the person may see of the plan, unconstrained units."""
    plan = find_plan(request, number)
    content = _workbook(plan, grid_of(plan, user=request.user, with_cents=False))
    name = f"demand-{plan.number}-r{plan.revision}.xlsx"
    return HttpResponse(
        content,
        content_type=TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _workbook(plan: Plan, grid: Grid) -> bytes:
    """One sheet: names as text (never formulas), units as numbers, changed cells coloured, the revision on top."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        units, moved = (book.add_format({"num_format": "#,##0.##", **more}) for more in ({}, {"bg_color": "#FDF1D8"}))
        sheet = book.add_worksheet("Demand")
        sheet.write_string(0, 0, f"Plan {plan.number}, revision {plan.revision}: unconstrained demand, units")
        titles = [*NAMES, *(f"{month_date(month):%Y-%m}" for month in plan_months(plan))]
        for column, title in enumerate(titles):
            sheet.write_string(2, column, title, head)
        for row, names in enumerate(_names(grid)):
            for column, name in enumerate(names):
                sheet.write_string(row + 3, column, name)
            for month, value in enumerate(grid.units[row].tolist()):
                style = moved if grid.moved[row, month] else units
                sheet.write_number(row + 3, len(NAMES) + month, value / 1000, style)
        sheet.freeze_panes(3, len(NAMES))
        sheet.set_column(0, len(NAMES) - 1, 18)
    return target.getvalue()


def _names(grid: Grid) -> list[tuple[str, str, str, str]]:
    hierarchy = load_hierarchy()
    items = hierarchy.items.set_index("item_id")[["family", "code", "name"]].astype(str)
    markets = hierarchy.markets.set_index("market_id")["code"].to_dict()
    rows = items.loc[grid.item_ids].itertuples(index=False, name=None)
    return [(*row, str(markets[market])) for row, market in zip(rows, grid.market_ids.tolist(), strict=True)]
