"""A workbook of the plan that comes back: hand in, look at what it would do, apply it as one gesture."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.registry import FileRefused
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.views.answering import find_plan, page
from demand.models import ReturnedWorkbook
from demand.services.workbook_return import apply_workbook, keep_workbook, preview_workbook
from demand.stream_forms import GestureForm, WorkbookForm

SHOWN_FAULTS, SHOWN_CHANGES = 200, 200


@page
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Take a workbook and lead to what it would do; one that is not of this plan says why."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    faults = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = keep_workbook(plan=plan, file_name=file.name or "file", content=file.read(), actor=request.user)
        except FileRefused as refused:
            faults = refused.faults
        else:
            return HttpResponseRedirect(reverse("demand:returned", args=[plan.number, kept.pk]))
    status = 422 if form.errors or faults else 200
    return render(request, "demand/workbook_upload.html", {"plan": plan, "form": form, "faults": faults}, status=status)


@page
@require_http_methods(["GET", "POST"])
def returned(request: HttpRequest, number: str, returned_id: int) -> HttpResponse:
    """Show what a returned workbook would do, refused cells with their reason; apply the rest with one reason."""
    plan = find_plan(request, number)
    authorise(actor=request.user, action=Action.EDIT_DEMAND, plan=plan)
    kept = get_object_or_404(ReturnedWorkbook.objects.select_related("plan"), pk=returned_id, uploaded_by=request.user)
    if kept.plan_id != plan.pk:
        raise Http404
    if kept.edit_id is not None:
        messages.info(request, _("This file was applied already."))
        return HttpResponseRedirect(reverse("demand:review", args=[plan.number]))
    form = GestureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        result = apply_workbook(returned_id=kept.pk, actor=request.user, **form.cleaned_data)
        count = len(result.saved)
        text = ngettext(
            "%(count)d cell of the file is in the plan.", "%(count)d cells of the file are in the plan.", count
        )
        messages.success(request, text % {"count": count})
        return HttpResponseRedirect(reverse("demand:review", args=[plan.number]))
    preview = preview_workbook(kept, request.user)
    context = {
        "plan": plan,
        "kept": kept,
        "form": form,
        "preview": preview,
        "faults": preview.faults[:SHOWN_FAULTS],
        "further_faults": len(preview.faults) - SHOWN_FAULTS,
        "changes": preview.changes[:SHOWN_CHANGES],
        "further_changes": len(preview.changes) - SHOWN_CHANGES,
    }
    return render(request, "demand/workbook_preview.html", context, status=422 if form.errors else 200)
