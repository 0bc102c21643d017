"""What the top bar asks before it opens a stream."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def live(request: HttpRequest) -> dict[str, bool]:
    """Give templates `live`: whether pages open a stream."""
    return {"live": settings.SOP_LIVE}
