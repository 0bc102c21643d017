"""What an act changed, line by line: the name of a value, what it was, what it is."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from cycles.models import AuditRow

register = template.Library()
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an audit row; `was` or `now` is None where the act had no such side."""

    name: str
    was: str | None
    now: str | None


def _words(value: object) -> str:
    """A value as people read it: lists with commas, mappings as name: value, nothing as a dash."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value)
    return str(value)


@register.filter
def changes(row: AuditRow) -> list[Change]:
    """The values of an act: those that differ, each with both sides; all of them where it made or ended something."""
    before, after = _sides(row.before), _sides(row.after)
    names = [*before, *(name for name in after if name not in before)]
    found = [
        Change(
            name.replace("_", " "),
            _words(before[name]) if name in before else None,
            _words(after[name]) if name in after else None,
        )
        for name in names
    ]
    return [change for change in found if change.was != change.now] or found[:1]


def _sides(side: object) -> dict[str, object]:
    return side if isinstance(side, dict) else {} if side is None else {"value": side}
