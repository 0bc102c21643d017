"""A question to the person, in a dialog or on a page of its own, and where they go once it is answered."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render


def go_to(request: HttpRequest, target: str) -> HttpResponse:
    """Lead to another page, from a dialog as from a form."""
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else HttpResponseRedirect(target)


def ask(request: HttpRequest, *, heading: str, form: Form, back: str, text: str = "") -> HttpResponse:
    """Show a form with its heading and a line of text; 422 when what was sent has faults."""
    template = "cycles/_ask_dialog.html" if request.htmx else "cycles/ask.html"
    context = {"heading": heading, "form": form, "back": back, "text": text}
    return render(request, template, context, status=422 if form.errors else 200)
