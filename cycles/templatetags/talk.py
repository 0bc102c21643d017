"""The way to a conversation from anywhere: a link that opens the drawer, with how many threads are open there."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("components/_discuss.html", takes_context=True)
def discuss(
    context: template.Context, kind: str, key: object, about: str = "", *, only_icon: bool = False
) -> dict[str, Any]:
    """Return the link to the conversation about a subject of the page's plan; `about` names it for a screen reader.

    In a dense table `only_icon` leaves the word to the screen reader. The counts of a page are one query. Without a plan there is no link.
    """
    shell = context["shell"]
    if not shell.plan:
        return {"address": ""}
    return {
        "address": reverse("cycles:comments", args=[shell.plan.number, kind, key]),
        "count": shell.talk.get((kind, str(key)), 0),
        "about": about,
        "only_icon": only_icon,
    }
