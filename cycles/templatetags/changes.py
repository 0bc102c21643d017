"""What an act changed, line by line: the name of a value, what it was, what it is."""

from __future__ import annotations

from dataclasses import dataclass

from django import template

from cycles.models import AuditRow
from cycles.templatetags.figures import money_full, units

register = template.Library()
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an audit row; `was` or `now` is None where the act had no such side."""

    name: str
    was: str | None
    now: str | None


def _words(value: object, name: str = "") -> str:
    """A value as people read it: lists with commas, mappings as name: value, nothing as a dash.

    What is kept in cents or milli-units, as the end of its name says, is read in money or units.
    """
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{_title(key)}: {_words(part, key)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(_words(part, name) for part in value)
    if isinstance(value, int):
        return (
            money_full(value) if name.endswith("cents") else units(value, 3) if name.endswith("_milli") else str(value)
        )
    return str(value)


def _title(name: str) -> str:
    """The name of a value without its unit, which the value itself now shows."""
    return (name.removesuffix("_cents").removesuffix("_milli") if name != "cents" else "amount").replace("_", " ")


@register.filter
def changes(row: AuditRow) -> list[Change]:
    """The values of an act: those that differ, each with both sides; all of them where it made or ended something."""
    before, after = _sides(row.before), _sides(row.after)
    names = [*before, *(name for name in after if name not in before)]
    found = [
        Change(
            _title(name),
            _words(before[name], name) if name in before else None,
            _words(after[name], name) if name in after else None,
        )
        for name in names
    ]
    return [change for change in found if change.was != change.now] or found[:1]


def _sides(side: object) -> dict[str, object]:
    return side if isinstance(side, dict) else {} if side is None else {"value": side}
