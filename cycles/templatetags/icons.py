"""The icon tag: writes a Tabler outline icon into the page, so that it takes the colour of its text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_PATHS = re.compile(r"<path(?! stroke=\"none\")[^>]*/>")


@cache
def _strokes(name: str) -> SafeString:
    """Return the drawn paths of one icon file; the file comes with the project, so its markup is ours."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"{name!r} is not the name of an icon.")
    source = Path(settings.BASE_DIR, "static", "icons", f"{name}.svg")
    if not source.exists():
        raise template.TemplateSyntaxError(f"static/icons/{name}.svg is missing; copy it from @tabler/icons.")
    return mark_safe("".join(_PATHS.findall(source.read_text())))


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """Write the icon `name`; with a `label` it is read aloud, without one it is decoration."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" focusable="false" {}>{}</svg>',
        css,
        spoken,
        _strokes(name),
    )
