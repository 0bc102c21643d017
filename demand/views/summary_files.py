"""The tables of the demand review and of accuracy as CSV; text that a spreadsheet could run is inert, n/a is empty."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from catalog.calc.inert_text import inert
from catalog.models import Company
from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from demand.services.accuracy import FamilyAccuracy, families_of, judged_for
from demand.services.judged import Level
from demand.services.owed import Owed, owed_in
from demand.services.upside import By, Sides, inside_named, period_named, priced_plan, sides_of, table_of

UPSIDE = ("level", "name", "within", "months", "measure", "upside", "budget", "gap", "last_cycle", "change_since_last_cycle",
          "last_year", "growth")  # fmt: skip
ACCURACY = ("judged_per", "family", "lag", "months", "sold_units", "wmape", "bias", "mase", "tracking_signal", "error_amount",
            "baseline_wmape", "naive_wmape", "added_points", "added_amount")  # fmt: skip
OWED = ("person", "limits", "open_exceptions", "amount_at_stake", "exceptions_without_price", "families_not_looked_at",
        "assumptions_to_confirm", "proposals", "last_edit")  # fmt: skip


@page
@require_GET
def table_file(request: HttpRequest, number: str) -> HttpResponse:
    """Every line of the review's table, in dollars and in units, with its total."""
    plan = find_plan(request, number)
    priced = priced_plan(plan, period_named(plan, request.GET.get("period", "")))
    sides = sides_of(priced, scope_of(request.user))
    asked = request.GET.get("by", "")
    rows = _upside_rows(sides, By(asked) if asked in list(By) else By.FAMILY, request.GET.get("in", ""))
    return _file(plan, "upside", UPSIDE, rows)


@page
@require_GET
def accuracy_file(request: HttpRequest, number: str) -> HttpResponse:
    """All families together and each family, at every lag."""
    plan = find_plan(request, number)
    asked = request.GET.get("level", "")
    level = Level(asked) if asked in list(Level) else Level.FAMILY
    judged = judged_for(plan, level=level, scope=scope_of(request.user))
    rows = _accuracy_rows(level, families_of(judged) if judged is not None else [])
    return _file(plan, "accuracy", ACCURACY, rows)


@page
@require_GET
def owed_file(request: HttpRequest, number: str) -> HttpResponse:
    """Who still owes what; what lies in nobody's limits is a line of its own."""
    plan = find_plan(request, number)
    return _file(plan, "owed", OWED, _owed_rows(owed_in(plan, scope=scope_of(request.user))))


def _upside_rows(sides: Sides, by: By, within: str) -> Iterator[list[object]]:
    inside = inside_named(within)
    for in_units in (False, True):
        table = table_of(sides, by, in_units=in_units, inside=inside, shown=None)
        measure = "units" if in_units else Company.objects.current().currency_id
        for line in [*table.lines, table.total]:
            figures = (line.upside, line.budget, line.gap, line.last_cycle, line.since, line.last_year, line.growth)
            texts = [_milli(each) if in_units else _cents(each) for each in figures]
            name, place = inert(line.name), inert(inside.name) if inside else ""
            yield [by.value, name, place, sides.period.label, measure, *texts]


def _accuracy_rows(level: Level, families: Iterable[FamilyAccuracy]) -> Iterator[list[object]]:
    for family in families:
        for row in family.lags:
            plan, edits = row.plan, row.edits
            yield [
                level.value, inert(family.family) or "all", row.lag, row.months, _milli(row.actual), _share(plan.wmape),
                _share(plan.bias), _share(plan.mase), _share(plan.tracking_signal), _cents(plan.cents),
                _share(row.baseline.wmape), _share(row.naive.wmape), _share(edits.points), _cents(edits.cents),
            ]  # fmt: skip


def _owed_rows(owed: Owed) -> Iterator[list[object]]:
    for row in owed.people:
        yield [
            inert(str(row.person)), inert(row.limits) or "asked", row.exceptions, _cents(row.exception_cents), row.unpriced,
            len(row.families), len(row.assumptions), row.proposals, f"{row.last_edit:%Y-%m-%d}" if row.last_edit else "",
        ]  # fmt: skip
    if owed.orphans:
        yield ["", "nobody's limits", owed.orphans, *[""] * 6]


def _file(plan: Plan, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{plan.number}-r{plan.revision}.csv"'
    response["Cache-Control"] = "no-store"
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(rows)
    return response


def _cents(value: int | None) -> str:
    return "" if value is None else f"{value / 100:.2f}"


def _milli(value: int | None) -> str:
    return "" if value is None else f"{value / 1000:.3f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
