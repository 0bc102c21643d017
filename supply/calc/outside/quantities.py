"""Numbers by name in a document: components, freight, and the ways an item may be made."""

from __future__ import annotations

from supply.calc.outside.fields import Fields, ProblemFormError


def quantities(fields: Fields, name: str) -> dict[str, float]:
    """Numbers of an object by their names, ≥ 0; none where it is absent."""
    inner = Fields(fields.raw(name, {}), f"{fields.place}.{name}")
    return {str(key): inner.number(str(key)) for key in fields.raw(name, {})}


def ways_of(
    fields: Fields, centres: list[str], started: float
) -> tuple[dict[str, float], tuple[dict[str, float], ...]]:
    """Hours per good unit by work centre: the ordinary way to make an item, and the others (`hours` is then a list);
    ``started`` units are begun for one good one."""
    given = fields.raw("hours")
    if not isinstance(given, list):
        return _times(_hours(fields, centres), started), ()
    if not given:
        raise ProblemFormError(f"{fields.place}.hours", given, "names no way to make it", "List {resource: hours}")
    ways = [
        _hours(Fields({"hours": way}, f"{fields.place}.hours[{row}]"), centres, is_listed=True)
        for row, way in enumerate(given)
    ]
    first, *others = (_times(way, started) for way in ways)
    return first, tuple(others)


def _times(hours: dict[str, float], factor: float) -> dict[str, float]:
    return {centre: per_unit * factor for centre, per_unit in hours.items()}


def _hours(fields: Fields, centres: list[str], *, is_listed: bool = False) -> dict[str, float]:
    """Hours per unit by work centre; one number stands for the only work centre."""
    given, place = fields.raw("hours"), fields.place if is_listed else f"{fields.place}.hours"
    if given is None and not is_listed:
        return {}
    if not isinstance(given, dict):
        if len(centres) != 1:
            reason = f"does not say of which of {len(centres)} resources"
            raise ProblemFormError(place, given, reason, "Write {resource: hours per unit}")
        return {centres[0]: fields.number("hours")}
    hours = quantities(fields, "hours")
    for centre in hours:
        if centre not in centres:
            known = ", ".join(centres) or "none is given"
            raise ProblemFormError(place, centre, "is no resource", f"Resources: {known}")
    return hours
