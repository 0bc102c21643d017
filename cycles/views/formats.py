"""The documented format of every dataset, from the registry, and its templates to fill in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.registry import Dataset, dataset_named, datasets
from catalog.services.dataset_formats import column_notes
from catalog.services.dataset_templates import csv_template, example_of, xlsx_template
from cycles.policy import Action
from cycles.selectors import plan_in_progress, visible_to
from cycles.services.access import is_allowed
from cycles.views.answering import page

KINDS = {
    "csv": (csv_template, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_template, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@page
@require_GET
def formats(request: HttpRequest) -> HttpResponse:
    """List every dataset with its grain and its templates."""
    _find(request, datasets()[0].name)
    return render(request, "cycles/formats.html", {"datasets": datasets()})


@page
@require_GET
def dataset_format(request: HttpRequest, name: str) -> HttpResponse:
    """Show one dataset: grain, key, and every column with kind, notes and an example."""
    dataset = _find(request, name)
    columns = [(column, column_notes(column), example_of(column)) for column in dataset.columns]
    context = {
        "dataset": dataset,
        "columns": columns,
        "may_import": is_allowed(actor=request.user, action=Action.IMPORT, plan=plan_in_progress()),
    }
    return render(request, "cycles/format.html", context)


@page
@require_GET
def template(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Give the template of a dataset as CSV or XLSX."""
    dataset = _find(request, name)
    if kind not in KINDS:
        raise Http404
    write, content_type = KINDS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{dataset.name}.{kind}"', "Cache-Control": "no-store"}
    return HttpResponse(write(dataset), content_type=content_type, headers=headers)


def _find(request: HttpRequest, name: str) -> Dataset:
    """A stranger finds nothing: an example names codes of the company."""
    if not (visible_to(request.user).exists() or is_allowed(actor=request.user, action=Action.IMPORT)):
        raise Http404
    try:
        return dataset_named(name)
    except LookupError as error:
        raise Http404 from error
