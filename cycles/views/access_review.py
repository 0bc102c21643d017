"""The access review: a page, a file, and the word that somebody has looked."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cycles.exports import as_file
from cycles.forms import StageForm
from cycles.policy import Action
from cycles.services.access import authorise, is_allowed
from cycles.services.access_review import AccessReview, access_review, last_access_review, sign_access_review
from cycles.views.answering import page
from cycles.views.asking import ask, go_to

HEADER = (
    "Person", "Signs in as", "State", "Role", "Limits", "Last sign-in", "Last act", "Approved this cycle", "To look at",
)  # fmt: skip


@page
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Show everybody's access with what should be looked at, and who reviewed it last; `?as=csv` is the file."""
    authorise(actor=request.user, action=Action.REVIEW_ACCESS)
    found = access_review()
    if request.GET.get("as") == "csv":
        return as_file(name=f"access-review-{found.digest}", form="csv", header=HEADER, rows=_cells(found))
    last = last_access_review()
    context = {
        "review": found, "last": last,
        "is_unchanged": last is not None and (last.after or {}).get("state") == found.digest,
        "may_sign": is_allowed(actor=request.user, action=Action.SIGN_ACCESS_REVIEW),
    }  # fmt: skip
    return render(request, "cycles/access_review.html", context)


@page
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, digest: str) -> HttpResponse:
    """Ask what the reviewer found and keep that the access of this state was reviewed."""
    authorise(actor=request.user, action=Action.SIGN_ACCESS_REVIEW)
    back = reverse("cycles:access_review")
    form = StageForm(request.POST if request.method == "POST" else None, needs_reason=True)
    form.fields["text"].label = _("What you looked at, and what follows")
    if request.method == "POST" and form.is_valid():
        sign_access_review(digest=digest, comment=form.cleaned_data["text"], actor=request.user)
        messages.success(request, _("The review is kept in the audit."))
        return go_to(request, back)
    return ask(request, heading=_("Access reviewed"), form=form, back=back)


def _cells(found: AccessReview) -> Iterator[list[str]]:
    """One row per person and role, then the service users and the other ways in."""
    for line in found.lines:
        state = _("active") if line.person.is_active else _("switched off")
        seen = (f"{moment:%Y-%m-%d %H:%M}" if moment else "" for moment in (line.person.last_login, line.last_act))
        tail = [*seen, ", ".join(line.approved), "; ".join(line.concerns)]
        for role, limits in line.roles or (("", ""),):
            yield [str(line.person), line.person.username, state, role, limits, *tail]
    for user in found.services:
        yield [str(user), user.username, _("service user, cannot sign in"), *[""] * 6]
    for title, rows in found.others:
        for row in rows:
            state = _("open") if row.is_open else _("closed")
            used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else ""
            yield [row.holder, title, state, row.may, "", "", used, "", row.concern]
