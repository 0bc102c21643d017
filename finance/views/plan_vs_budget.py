"""Plan against budget, or any other reference, by any two dimensions: a table to drill, sort and take away as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from catalog.calc.months import month_date
from cycles.context import Shell
from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.services.runs import is_stale
from cycles.views.answering import find_plan, page
from finance.calc.cross_table import CrossTable, Pair
from finance.calc.references import Reference
from finance.frames.plan_vs_budget import Dimension, TableAnswer, TableMeasure, TableQuestion, plan_vs_reference
from finance.selectors import position_of
from finance.selectors.position import Position
from finance.selectors.reference_sides import ReferenceMissing, references_of
from finance.views.trace import cell_url

SORTS = ("gap", "share", "plan", "name")
FIGURES = ("gap", "all")
NEXT_ROWS = (
    Dimension.CATEGORY, Dimension.FAMILY, Dimension.ITEM, Dimension.REGION, Dimension.MARKET, Dimension.QUARTER,
    Dimension.MONTH, Dimension.CHANNEL,
)  # fmt: skip
IMPLIED = {
    Dimension.ITEM: (Dimension.FAMILY, Dimension.CATEGORY),
    Dimension.FAMILY: (Dimension.CATEGORY,),
    Dimension.MARKET: (Dimension.REGION, Dimension.CHANNEL),
    Dimension.MONTH: (Dimension.QUARTER,),
}
SHOWN_ROWS, SHOWN_COLUMNS = 200, 24
MILLIONS_FROM = 1_000_000_000  # cents: a table of ten millions and more is read in millions
CENTS, MILLI = 100, 1000
CSV_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Wish:
    """Everything that the address says about the table."""

    question: TableQuestion
    sort: str
    figures: str
    show: str

    def query(self, **changes: str) -> str:
        """The same wish as a query, with some parts changed; an empty part is left out."""
        question = self.question
        said = {
            "rows": question.rows.value,
            "columns": question.columns.value,
            "measure": question.measure.value,
            "reference": question.reference.value,
            "sort": self.sort,
            "figures": self.figures,
            "show": self.show,
            **{dimension.value: str(key) for dimension, key in question.within},
            **changes,
        }
        return urlencode({name: text for name, text in said.items() if text})


@dataclass(frozen=True)
class Line:
    """One row of the page: its name, where its head leads, its cells (each with its own address), its total."""

    label: str
    name: str
    url: str
    cells: tuple[tuple[Pair, str], ...]
    total: Pair


@page
@require_GET
def plan_vs_budget(request: HttpRequest, number: str) -> HttpResponse:
    """The table of the address, its totals beside the headline's, and the ways on from every row and cell."""
    plan = find_plan(request, number)
    wish, position = wish_of(request), position_of(plan)
    answer, missing = answer_of(request, plan, wish)
    context: dict[str, Any] = {
        "plan": plan,
        "position": position,
        "wish": wish,
        "missing": missing,
        "keys_of": "finance/_plan_vs_budget_keys.html",
        "choices": choices_of(plan, wish),
        "is_stale": position is not None and is_stale(position.run, plan),
    }
    if answer is not None and answer.table is not None:
        lines, others = lines_of(plan, wish, answer, answer.table)
        context |= {
            "answer": answer,
            "lines": lines,
            "others": others,
            "heads": heads_of(wish, answer, answer.table),
            "totals": totals_of(answer.table),
            "total": answer.table.total,
            "total_tone": tone_of(answer.table.total, wish.question.measure),
            "crumbs": crumbs_of(wish, answer),
            "ties": ties_with(position, wish, answer, whole=scope_of(request.user).is_everything),
            "in_millions": max(abs(answer.table.total.plan), abs(answer.table.total.reference)) >= MILLIONS_FROM,
        }
    return render(request, "finance/plan_vs_budget.html", context)


@page
@require_GET
def plan_vs_budget_file(request: HttpRequest, number: str) -> HttpResponse:
    """The same table as CSV, every row and column of it, one line per cell, amounts with all decimals."""
    plan = find_plan(request, number)
    wish = wish_of(request)
    answer, _missing = answer_of(request, plan, wish)
    target = io.StringIO()
    writer = csv.writer(target)
    measure, reference = wish.question.measure.value, wish.question.reference.value
    head = [wish.question.rows.value, "row_name", wish.question.columns.value, "measure", "reference"]
    writer.writerow([*head, "plan_amount", "reference_amount", "gap", "gap_share"])
    if answer is not None and answer.table is not None:
        per_unit = MILLI if wish.question.measure is TableMeasure.UNITS else CENTS
        writer.writerows(file_rows(answer, answer.table, (measure, reference), per_unit))
    disposition = f'attachment; filename="plan-vs-{reference}-{plan.number}-{measure}.csv"'
    content = target.getvalue().encode("utf-8-sig")
    return HttpResponse(content, content_type=CSV_TYPE, headers={"Content-Disposition": disposition})


def wish_of(request: HttpRequest) -> Wish:
    """The wish in the address; what is no word of it counts as its default, units follow the switch."""
    given = request.GET

    def chosen(name: str, words: list[Any], default: Any) -> Any:
        text = given.get(name, "")
        return next((word for word in words if word == text), default)

    shell = Shell(request)
    measure = chosen("measure", list(TableMeasure), TableMeasure.REVENUE)
    money = TableMeasure.REVENUE if measure is TableMeasure.UNITS else measure
    rows = chosen("rows", list(Dimension), Dimension.FAMILY)
    columns = chosen("columns", list(Dimension), Dimension.QUARTER)
    if columns is rows:
        columns = Dimension.QUARTER if rows is not Dimension.QUARTER else Dimension.FAMILY
    return Wish(
        question=TableQuestion(
            rows=rows,
            columns=columns,
            measure=TableMeasure.UNITS if shell.shows_units else money,
            reference=chosen("reference", list(Reference), Reference.BUDGET),
            within=tuple((each, int(given[each])) for each in Dimension if given.get(each, "").isdecimal()),
        ),
        sort=chosen("sort", list(SORTS), SORTS[0]),
        figures=chosen("figures", list(FIGURES), FIGURES[0]),
        show=shell.display,
    )


def answer_of(request: HttpRequest, plan: Plan, wish: Wish) -> tuple[TableAnswer | None, str]:
    """The answer inside what the person may see, or why there is none."""
    try:
        answer = plan_vs_reference(plan, wish.question, scope_of(request.user))
    except ReferenceMissing as missing:
        return None, str(missing)
    return answer, answer.missing


def choices_of(plan: Plan, wish: Wish) -> dict[str, Any]:
    """What can be chosen, each with its query; a reference that does not exist says why."""
    question = wish.question
    why = references_of(plan)
    return {
        "rows": [(each, each.label) for each in Dimension],
        "columns": [(each, each.label) for each in Dimension],
        "measures": [(each, wish.query(measure=each)) for each in TableMeasure if each is not TableMeasure.UNITS],
        "references": [(each, why[each]) for each in Reference if each is not Reference.LANDING],
        "sorts": [(each, wish.query(sort=each)) for each in SORTS],
        "figures": [(each, wish.query(figures=each)) for each in FIGURES],
        "kept": [
            (name, text) for name, text in parse_qsl(wish.query()) if name not in ("rows", "columns", "reference")
        ],
        "everything": replace(wish, question=replace(question, within=())).query(),
        "file": wish.query(),
    }


def tone_of(total: Pair, measure: TableMeasure) -> str:
    """The class that colours the gap of the headline."""
    if not total.gap:
        return ""
    return "is-good" if (total.gap > 0) == (measure.wanted == "more") else "is-bad"


def order_of(wish: Wish, answer: TableAnswer, table: CrossTable) -> list[int]:
    """Rows in the order asked for; spans of time stay in order, rows without anything are left out."""
    places = [place for place in range(len(table.rows)) if table.plan[place].any() or table.reference[place].any()]
    if wish.question.rows.is_time:
        return places
    names = answer.row_names
    totals = {place: table.row(place) for place in places}
    ranks = {
        "gap": lambda place: -abs(totals[place].gap),
        "share": lambda place: -abs(totals[place].share or 0),
        "plan": lambda place: -totals[place].plan,
        "name": lambda place: names.get(int(table.rows[place]), ("", ""))[0],
    }
    return sorted(places, key=ranks[wish.sort])


def lines_of(plan: Plan, wish: Wish, answer: TableAnswer, table: CrossTable) -> tuple[list[Line], Line | None]:
    """The first rows of the page, and all others as one row, so that the columns add to their totals."""
    order, shown = order_of(wish, answer, table), shown_columns(table)
    lines = []
    for place in order[:SHOWN_ROWS]:
        key = int(table.rows[place])
        label, name = answer.row_names.get(key, ("?", ""))
        cells = tuple((table.cell(place, at), cell_link(plan, wish, key, int(table.columns[at]))) for at in shown)
        lines.append(Line(label, name, row_link(wish, key), _with_rest(cells, table.row(place)), table.row(place)))
    if not order[SHOWN_ROWS:]:
        return lines, None
    rest = CrossTable(table.rows, table.columns, table.plan[order[SHOWN_ROWS:]], table.reference[order[SHOWN_ROWS:]])
    cells = tuple((rest.column(at), "") for at in shown)
    return lines, Line(f"{len(order) - SHOWN_ROWS} others", "", "", _with_rest(cells, rest.total), rest.total)


def shown_columns(table: CrossTable) -> list[int]:
    """Columns of the page: all in order, or the largest where there are more than a page holds."""
    count = len(table.columns)
    if count <= SHOWN_COLUMNS:
        return list(range(count))
    by_size = sorted(range(count), key=lambda at: -abs(table.column(at).gap))
    return sorted(by_size[:SHOWN_COLUMNS])


def _with_rest(cells: tuple[tuple[Pair, str], ...], total: Pair) -> tuple[tuple[Pair, str], ...]:
    """The cells, and what the columns that are not shown hold, where there are any."""
    rest = Pair(total.plan - sum(each.plan for each, _ in cells), total.reference - sum(e.reference for e, _ in cells))
    return cells if len(cells) < SHOWN_COLUMNS else (*cells, (rest, ""))


def heads_of(wish: Wish, answer: TableAnswer, table: CrossTable) -> list[tuple[str, str]]:
    """The heads of the columns, each narrowing the table to it."""
    shown = shown_columns(table)
    names = [answer.column_names.get(int(table.columns[at]), ("?", ""))[0] for at in shown]
    links = [narrowed(wish, wish.question.columns, int(table.columns[at])) for at in shown]
    rest = [("Others", "")] if len(shown) == SHOWN_COLUMNS else []
    return [*zip(names, links, strict=True), *rest]


def totals_of(table: CrossTable) -> tuple[tuple[Pair, str], ...]:
    """The foot of the table, column by column."""
    return _with_rest(tuple((table.column(at), "") for at in shown_columns(table)), table.total)


def row_link(wish: Wish, key: int) -> str:
    """A row opens the rows below it."""
    return narrowed(wish, wish.question.rows, key)


def narrowed(wish: Wish, dimension: Dimension, key: int) -> str:
    """The table inside one more node, by the next dimension that is neither chosen, implied nor across."""
    within = {**dict(wish.question.within), dimension: key}
    known = {other for each in within for other in (each, *IMPLIED.get(each, ()))}
    free = [each for each in NEXT_ROWS if each not in known]
    rows = (
        wish.question.rows
        if wish.question.rows in free
        else next((each for each in free if each is not wish.question.columns), free[0] if free else Dimension.MONTH)
    )
    columns = wish.question.columns
    if columns in known or columns is rows:
        columns = next(
            (each for each in (Dimension.QUARTER, Dimension.MONTH, *free) if each not in known | {rows}), columns
        )
    question = replace(wish.question, rows=rows, columns=columns, within=tuple(within.items()))
    return replace(wish, question=question).query()


def cell_link(plan: Plan, wish: Wish, row: int, column: int) -> str:
    """A cell of one item, market and month is a cell of the plan; any other narrows the table by its column."""
    question = wish.question
    at = {**dict(question.within), question.rows: row, question.columns: column}
    item, market, month = (at.get(each) for each in (Dimension.ITEM, Dimension.MARKET, Dimension.MONTH))
    if item and market and month:
        return cell_url(plan, item, market, f"{month_date(month):%Y-%m}")
    return ""


def crumbs_of(wish: Wish, answer: TableAnswer) -> list[tuple[str, str, str]]:
    """What the table is narrowed to: dimension, name, and the query without it."""
    crumbs = []
    for dimension, key, name in answer.within_names:
        within = tuple(pair for pair in wish.question.within if pair != (dimension, key))
        crumbs.append((dimension.label, name, replace(wish, question=replace(wish.question, within=within)).query()))
    return crumbs


def ties_with(position: Position | None, wish: Wish, answer: TableAnswer, *, whole: bool) -> tuple[int, bool] | None:
    """The headline's gap of this measure and whether the table meets it; None where the two are not comparable."""
    comparable = wish.question.reference is Reference.BUDGET and not wish.question.within and whole
    if position is None or answer.table is None or not comparable or not answer.is_whole_year:
        return None
    budget, landing = {
        TableMeasure.REVENUE: (position.budget, position.landing),
        TableMeasure.COGS: (position.budget_cogs, position.cogs),
    }.get(wish.question.measure, (None, 0))
    return None if budget is None else (landing - budget, landing - budget == answer.table.total.gap)


def file_rows(answer: TableAnswer, table: CrossTable, said: tuple[str, str], per_unit: int) -> Iterator[list[str]]:
    """One line per cell that holds anything, and the total; the gap's share as a fraction, '' without a reference."""
    for row, key in enumerate(table.rows.tolist()):
        code, name = answer.row_names.get(key, ("?", ""))
        for column, other in enumerate(table.columns.tolist()):
            pair = table.cell(row, column)
            if not pair.is_empty:
                label, iso = answer.column_names.get(other, ("?", ""))
                column_code = iso if answer.question.columns is Dimension.MONTH else label
                row_code = name if answer.question.rows is Dimension.MONTH else code
                yield [inert(row_code), inert(name), inert(column_code), *said, *_plain(pair, per_unit)]
    yield ["Total", "", "", *said, *_plain(table.total, per_unit)]


def _plain(pair: Pair, per_unit: int) -> list[str]:
    amounts = [str(Decimal(amount) / per_unit) for amount in (pair.plan, pair.reference, pair.gap)]
    return [*amounts, "" if pair.share is None else f"{pair.share:.6f}"]
