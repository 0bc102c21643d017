"""Mappings: the list by source, one to look at against a file that was handed in, YAML in and out."""

from __future__ import annotations

import zlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.models import ImportBatch, MappingProfile
from catalog.registry import Dataset, dataset_named
from catalog.services.imports.guessing import proposed_document
from catalog.services.imports.mapping import yaml_of
from catalog.services.imports.preview import Preview, preview_of
from cycles.errors import DomainError
from cycles.forms import MappingFileForm, MappingForm
from cycles.policy import Action
from cycles.selectors import plan_in_progress
from cycles.services.access import authorise, is_allowed
from cycles.services.imports import stage_import
from cycles.services.mappings import (
    MappingUnusable,
    chosen,
    mapping_of_text,
    save_mapping_text,
    withdraw_mapping,
)
from cycles.views.answering import page

LARGEST_YAML = 1_000_000


@page
@require_GET
def mappings(request: HttpRequest) -> HttpResponse:
    """List the saved mappings by source."""
    authorise(actor=request.user, action=Action.IMPORT)
    rows = list(MappingProfile.objects.defer("document"))
    context = {"rows": rows, "form": MappingFileForm(), "titles": {row.dataset: _title(row.dataset) for row in rows}}
    return render(request, "cycles/mappings.html", context)


@page
@require_POST
def bring_mapping(request: HttpRequest) -> HttpResponse:
    """Save a mapping from an uploaded YAML file."""
    authorise(actor=request.user, action=Action.IMPORT)
    form = MappingFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            text = form.cleaned_data["file"].read(LARGEST_YAML + 1).decode("utf-8-sig")
            profile = save_mapping_text(text=text, actor=request.user)
        except UnicodeDecodeError:
            form.add_error("file", _("The file is not UTF-8 text."))
        except MappingUnusable as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": profile.name})
            return HttpResponseRedirect(reverse("cycles:mapping", args=[profile.name]))
    context = {"rows": list(MappingProfile.objects.defer("document")), "form": form, "titles": {}}
    return render(request, "cycles/mappings.html", context, status=422)


@page
@require_http_methods(["GET", "POST"])
def new_mapping(request: HttpRequest) -> HttpResponse:
    """Propose a mapping for a file that was handed in, show what it reads, and save it."""
    authorise(actor=request.user, action=Action.IMPORT)
    batch = get_object_or_404(ImportBatch, pk=request.GET.get("batch", "0") or "0")
    return _edit(request, None, batch)


@page
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mapping with what it reads of the file it read last, and save it changed."""
    authorise(actor=request.user, action=Action.IMPORT)
    profile = get_object_or_404(MappingProfile, name=name)
    wanted = request.GET.get("batch", "")
    batches = ImportBatch.objects.filter(dataset=profile.dataset)
    found = batches.filter(pk=wanted) if wanted.isdigit() else batches.filter(mapping_name=name).order_by("-id")
    return _edit(request, profile, found.first())


@page
@require_GET
def mapping_yaml(request: HttpRequest, name: str) -> HttpResponse:
    """Give one mapping as a YAML file."""
    authorise(actor=request.user, action=Action.IMPORT)
    profile = get_object_or_404(MappingProfile, name=name)
    headers = {"Content-Disposition": f'attachment; filename="{profile.name}.yaml"', "Cache-Control": "no-store"}
    return HttpResponse(yaml_of(profile.document), content_type="application/yaml; charset=utf-8", headers=headers)


@page
@require_POST
def withdraw(request: HttpRequest, name: str) -> HttpResponse:
    """Offer a mapping no more."""
    get_object_or_404(MappingProfile, name=name)
    withdraw_mapping(name=name, actor=request.user)
    messages.success(request, _("%(name)s is withdrawn; saving it again brings it back.") % {"name": name})
    return HttpResponseRedirect(reverse("cycles:mappings"))


@page
@require_POST
def again(request: HttpRequest, batch_id: int, name: str) -> HttpResponse:
    """Check a file that was handed in once more, with a mapping."""
    authorise(actor=request.user, action=Action.IMPORT, plan=plan_in_progress())
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    profile = get_object_or_404(MappingProfile, name=name, dataset=batch.dataset, is_withdrawn=False)
    content = zlib.decompress(bytes(batch.content))
    new = stage_import(
        dataset=batch.dataset, file_name=batch.file_name, content=content, actor=request.user, mapping=chosen(profile)
    )
    return HttpResponseRedirect(reverse("cycles:batch", args=[new.pk]))


def _edit(request: HttpRequest, profile: MappingProfile | None, batch: ImportBatch | None) -> HttpResponse:
    dataset = dataset_named(profile.dataset if profile else batch.dataset if batch else "")
    content = zlib.decompress(bytes(batch.content)) if batch else b""
    form = MappingForm(request.POST or None, initial=_initial(profile, dataset, content))
    text = form["document"].value()
    trouble, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("verb") == "save":
                return _saved(request, form, batch)
            mapping_of_text(text, dataset=dataset.name)
        except DomainError as error:
            if not isinstance(error, MappingUnusable) and error.code != "mapping_conflict":
                raise
            trouble, status = str(error), 422 if isinstance(error, MappingUnusable) else 409
    context = {
        "form": form,
        "profile": profile,
        "batch": batch,
        "dataset": dataset,
        "trouble": trouble,
        "preview": _preview(dataset, content, text) if batch else None,
        "may_import": is_allowed(actor=request.user, action=Action.IMPORT, plan=plan_in_progress()),
    }
    return render(request, "cycles/mapping.html", context, status=status)


def _initial(profile: MappingProfile | None, dataset: Dataset, content: bytes) -> dict[str, object]:
    if profile is not None:
        return {"document": yaml_of(profile.document), "base_revision": profile.revision}
    proposed = proposed_document(dataset, content)
    return {"document": yaml_of({"mapping": "", "source": "", **proposed}), "base_revision": 0}


def _saved(request: HttpRequest, form: MappingForm, batch: ImportBatch | None) -> HttpResponse:
    text, base = form.cleaned_data["document"], form.cleaned_data["base_revision"]
    profile = save_mapping_text(text=text, actor=request.user, base_revision=base)
    messages.success(request, _("%(name)s is saved.") % {"name": profile.name})
    address = reverse("cycles:mapping", args=[profile.name])
    return HttpResponseRedirect(f"{address}?batch={batch.pk}" if batch else address)


def _preview(dataset: Dataset, content: bytes, text: str) -> Preview | None:
    """What the mapping reads of a file; None while it is no mapping."""
    try:
        return preview_of(dataset, content, mapping_of_text(text, dataset=dataset.name))
    except MappingUnusable:
        return None


def _title(name: str) -> str:
    return dataset_named(name).title
