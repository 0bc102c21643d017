"""The bridge as a part of the pre-S&OP and the executive page: what it is between, in what measure, by what."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cycles.charts import UNITS, Step, Tones, waterfall
from cycles.context import Shell
from cycles.models import Plan
from cycles.selectors import scope_of
from cycles.views.answering import find_plan, page
from finance.calc.references import BridgeMeasure, Reference
from finance.frames.plan_vs_budget import TableMeasure
from finance.frames.streams import who_bridge
from finance.frames.units import YearInUnits, load_year_in_units
from finance.selectors import open_actions, position_of
from finance.selectors.bridges import BridgeStep, bridge_between, cash_steps, revenue_steps
from finance.selectors.position import Position
from finance.selectors.reference_sides import references_of

SHOWN_FAMILIES = 8
TONES = {
    BridgeMeasure.COGS: Tones(up="var(--down)", down="var(--up)"),
    BridgeMeasure.INVENTORY: Tones(up="var(--previous)", down="var(--accent)"),
}
WANTED = {BridgeMeasure.COGS: "less", BridgeMeasure.INVENTORY: ""}


@dataclass(frozen=True)
class Choice:
    """What the address asks for: a measure between two references, by driver or by who. What it cannot read is left.

    By who is by the streams of the ledger, or by the people behind it.
    """

    measure: BridgeMeasure = BridgeMeasure.REVENUE
    base: Reference = Reference.BUDGET
    other: Reference = Reference.LANDING
    is_by_who: bool = False
    is_by_person: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether it is the year's bridge of the landing run: it also holds the adjustments."""
        return (self.measure, self.base, self.other) == (BridgeMeasure.REVENUE, Reference.BUDGET, Reference.LANDING)

    @property
    def is_tabled(self) -> bool:
        """Whether the page of plan against a reference shows the same two sides, by family and further down."""
        return self.other is Reference.LANDING and self.measure.value in list(TableMeasure)

    @property
    def wanted(self) -> str:
        """Whether more of the measure is good ('more'), bad ('less') or neither ('')."""
        return WANTED.get(self.measure, "more")

    @property
    def query(self) -> str:
        """The query that asks for it."""
        who = "people" if self.is_by_person else "who"
        by = who if self.is_by_who else "driver"
        return f"measure={self.measure.value}&from={self.base.value}&to={self.other.value}&by={by}"


@dataclass(frozen=True)
class Walk:
    """Steps from total to total with the level after each; `missing` says in words why there are none.

    `title` names a walk that is not between the two references.
    """

    steps: list[BridgeStep] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    missing: str = ""
    title: str = ""

    @property
    def rows(self) -> list[tuple[BridgeStep, int]]:
        """Each step with the level it leads to."""
        return list(zip(self.steps, self.levels, strict=True))


@page
@require_GET
def bridge(request: HttpRequest, number: str) -> HttpResponse:
    """The bridge alone, for the choices over the chart."""
    plan = find_plan(request, number)
    position = position_of(plan)
    context: dict[str, Any] = {"plan": plan, "position": position}
    if position is not None:
        context |= bridge_context(request, plan, position)
    answer = render(request, "finance/_bridge.html", context)
    if "choice" in context:
        answer["HX-Replace-Url"] = f"?{context['choice'].query}"
    return answer


def bridge_context(request: HttpRequest, plan: Plan, position: Position) -> dict[str, Any]:
    """Walk, figure and choices of the bridge that the address asks for; in units, the families that move them."""
    if Shell(request).shows_units:
        year = load_year_in_units(plan, scope_of(request.user))
        steps = unit_steps(year)
        return {"bridge": "units", "year": year, "steps": steps, "figure": waterfall(steps, scale=UNITS)}
    choice = choice_of(request)
    walk = walk_of(request, choice, plan, position)
    is_plain = choice.is_usual and not choice.is_by_who
    outlook = sum(row.revenue_cents for row in open_actions(plan)) if is_plain else 0
    steps = [Step(step.label, step.cents, step.is_total, step.key) for step in walk.steps]
    return {
        "bridge": "who" if choice.is_by_who else choice.measure.value,
        "year": None,
        "choice": choice,
        "walk": walk,
        "figure": waterfall(steps, outlook, tones=TONES.get(choice.measure, Tones())),
        "measures": [(measure, replace(choice, measure=measure, is_by_who=False)) for measure in BridgeMeasure],
        "ways": [
            ("driver", replace(choice, is_by_who=False)),
            ("who", Choice(is_by_who=True)),
            ("people", Choice(is_by_who=True, is_by_person=True)),
        ],
        "references": list(references_of(plan).items()),
    }


def choice_of(request: HttpRequest) -> Choice:
    """The choice in the address; a word that is none counts as not chosen."""
    asked, usual = request.GET, Choice()
    measure, base, other = asked.get("measure", ""), asked.get("from", ""), asked.get("to", "")
    return Choice(
        measure=BridgeMeasure(measure) if measure in list(BridgeMeasure) else usual.measure,
        base=Reference(base) if base in list(Reference) else usual.base,
        other=Reference(other) if other in list(Reference) else usual.other,
        is_by_who=asked.get("by") in ("who", "people"),
        is_by_person=asked.get("by") == "people",
    )


def walk_of(request: HttpRequest, choice: Choice, plan: Plan, position: Position) -> Walk:
    """The steps of a choice; those of the usual bridge and of who are the landing run's, with the adjustments."""
    if choice.is_by_who:
        who = who_bridge(plan, position)
        return _walk(who.by_person if choice.is_by_person else who.by_stream)
    if choice.is_usual:
        return _walk(revenue_steps(position))
    if choice.base == choice.other:
        return Walk(missing="Both sides are the same: choose another reference on one of them.")
    found = bridge_between(
        plan, measure=choice.measure, base=choice.base, other=choice.other, scope=scope_of(request.user)
    )
    if found.missing and choice.measure is BridgeMeasure.CASH and position.cash is not None:
        return replace(_walk(cash_steps(position), (found.missing,)), title="From margin to operating cash")
    return Walk(missing=found.missing) if found.missing else _walk(found.steps(), found.notes)


def unit_steps(year: YearInUnits) -> list[Step]:
    """Budget → the families that move most → all others → landing, milli-units; the steps add up exactly."""
    shown = [line for line in year.families[:SHOWN_FAMILIES] if line.gap]
    rest = year.total.gap - sum(line.gap for line in shown)
    steps = [Step("Budget", year.total.budget, is_total=True)]
    steps += [Step(line.name, line.gap, key=line.name) for line in shown]
    if rest:
        steps.append(Step("Other families", rest))
    return [*steps, Step("Landing", year.total.landed, is_total=True)]


def _walk(steps: list[BridgeStep], notes: tuple[str, ...] = ()) -> Walk:
    levels: list[int] = []
    for step in steps:
        levels.append(step.cents if step.is_total or not levels else levels[-1] + step.cents)
    return Walk(steps, levels, notes)
