"""The data stage: which datasets are in, what the gates found, and files handed in with their faults or difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.models import ImportBatch
from catalog.registry import Dataset, Restatement, dataset_named, datasets
from cycles.forms import UploadForm
from cycles.models import Run
from cycles.policy import Action
from cycles.selectors import plan_in_progress, stage_of, visible_to
from cycles.services.access import authorise, is_allowed
from cycles.services.findings import evaluate_gates
from cycles.services.imports import KIND, request_application, stage_import
from cycles.services.mappings import AS_LAST_TIME, MappingUnusable, chosen_mapping
from cycles.views.answering import find_plan, page
from cycles.views.stages import lines_of
from cycles.workflow import StageKind

SHOWN_RESTATEMENTS, SHOWN_ON_DATA_PAGE = 50, 10


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """One dataset with the batch applied last and the one handed in last."""

    dataset: Dataset
    applied: ImportBatch | None
    latest: ImportBatch | None

    @property
    def waits(self) -> bool:
        """Whether a checked file waits to be applied."""
        return self.latest is not None and self.latest.status == ImportBatch.Status.STAGED


def dataset_lines() -> list[DatasetLine]:
    """Return every registered dataset in its order; two queries, without the files' content."""
    batches = ImportBatch.objects.defer("content", "faults")
    latest = {row.dataset: row for row in batches.order_by("dataset", "-id").distinct("dataset")}
    applied_rows = batches.filter(status=ImportBatch.Status.APPLIED).order_by("dataset", "-applied_at", "-id")
    applied = {row.dataset: row for row in applied_rows.distinct("dataset")}
    return [DatasetLine(entry, applied.get(entry.name), latest.get(entry.name)) for entry in datasets()]


def restated_values() -> list[tuple[Restatement, ImportBatch]]:
    """The last values of closed months that came again with another number, each with the batch that brought it."""
    found = [
        row
        for dataset in datasets()
        if dataset.restatements is not None
        for row in dataset.restatements(None, SHOWN_ON_DATA_PAGE)[1]
    ]
    batches = ImportBatch.objects.defer("content", "faults").in_bulk({row.batch_id for row in found})
    return [(row, batches[row.batch_id]) for row in found]


@page
@require_GET
def data(request: HttpRequest, number: str) -> HttpResponse:
    """Show the datasets, the findings with dollars at risk, and the way to hand a file in."""
    plan = find_plan(request, number)
    stage = stage_of(plan, StageKind.DATA)
    stage.plan = plan
    results = evaluate_gates(stage)
    lines = dataset_lines()
    context = {
        "plan": plan,
        "stage": stage,
        "lines": lines,
        "loaded": sum(line.applied is not None for line in lines),
        "missing": [line.dataset for line in lines if line.dataset.mandatory and line.applied is None],
        "findings": lines_of(results, stage, request.user),
        "blocking": sum(len(result.blocking) for result in results),
        "form": UploadForm(),
        "may_import": is_allowed(actor=request.user, action=Action.IMPORT, plan=plan),
        "restatements": restated_values(),
        "runs": Run.objects.filter(kind=KIND).order_by("-id")[:5],
    }
    return render(request, "cycles/data.html", context)


@page
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file, check it whole and lead to what it would change; nothing is applied yet."""
    authorise(actor=request.user, action=Action.IMPORT, plan=plan_in_progress())
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, initial={"dataset": request.GET.get("dataset", ""), "mapping": AS_LAST_TIME})
    if request.method == "POST" and form.is_valid():
        handed_in = form.cleaned_data["file"]
        dataset, name = form.cleaned_data["dataset"], form.cleaned_data["mapping"]
        try:
            mapping = chosen_mapping(name=name, dataset=dataset, file_name=handed_in.name)
        except MappingUnusable as error:
            form.add_error("mapping", str(error))
        else:
            batch = stage_import(
                dataset=dataset,
                file_name=handed_in.name,
                content=handed_in.read(),
                actor=request.user,
                mapping=mapping,
            )
            return HttpResponseRedirect(reverse("cycles:batch", args=[batch.pk]))
    return render(request, "cycles/upload.html", {"form": form}, status=422 if form.errors else 200)


@page
@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show one file that was handed in: its faults row by row, or the difference it makes, and its run."""
    found = _find_batch(request, batch_id)
    dataset = dataset_named(found.dataset)
    restated = dataset.restatements(found.pk, SHOWN_RESTATEMENTS) if dataset.restatements else (0, [])
    context = {
        "batch": found,
        "dataset": dataset,
        "shown": Counter(example["change"] for example in found.examples),
        "restated_count": restated[0],
        "restated": [(row, found) for row in restated[1]],
        "run": Run.objects.filter(kind=KIND, parameters__batch=found.pk).order_by("-id").first(),
        "may_import": is_allowed(actor=request.user, action=Action.IMPORT, plan=plan_in_progress()),
        "hidden_faults": found.fault_count - len(found.faults),
    }
    return render(request, "cycles/batch.html", context)


@page
@require_POST
def apply(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Queue the application of a checked file."""
    found = _find_batch(request, batch_id)
    request_application(batch=found, actor=request.user)
    messages.info(request, _("The file is being applied."))
    return HttpResponseRedirect(reverse("cycles:batch", args=[found.pk]))


def _find_batch(request: HttpRequest, batch_id: int) -> ImportBatch:
    """A stranger finds nothing; before the first cycle, whoever may import does."""
    may_see = visible_to(request.user).exists() or is_allowed(actor=request.user, action=Action.IMPORT)
    batches = ImportBatch.objects.defer("content")
    return get_object_or_404(batches if may_see else batches.none(), pk=batch_id)
