"""What supply lets people talk about: a work centre, and one of its overloaded months."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from cycles.models import Plan
from cycles.registry.subjects import Place, Subject, register_subject
from supply.models import WorkCentre, WorkCentreLoad


def find_work_centre(plan: Plan, key: str) -> Place | None:
    """A work centre by its code; it lies in no family and no market."""
    centre = WorkCentre.objects.filter(code=key).first()
    if centre is None:
        return None
    return Place(f"{centre.code} {centre.name}", f"{reverse('supply:review', args=[plan.number])}#loads")


def find_overload(plan: Plan, key: str) -> Place | None:
    """A month of a work centre, `<id>-YYYY-MM`, inside a plan that was solved with that work centre."""
    centre_id, _, month = key.partition("-")
    load = WorkCentreLoad.objects.filter(plan=plan, work_centre_id=int(centre_id)) if centre_id.isdecimal() else None
    row = load.select_related("work_centre").first() if load is not None else None
    if row is None or not _is_open_month(plan, month):
        return None
    return Place(f"{row.work_centre.code} · {month}", f"{reverse('supply:review', args=[plan.number])}#overloads")


def _is_open_month(plan: Plan, text: str) -> bool:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return False
    return 0 <= month.year * 12 + month.month - 1 - plan.first_month_index < plan.horizon


def register() -> None:
    """Register the subjects of supply; called once at start-up."""
    register_subject(Subject("work_centre", "Work centre", find_work_centre))
    register_subject(Subject("overload", "Overload", find_overload))
