"""Gates of the cycle itself: datasets are there and tie, assumptions are confirmed, decisions are taken."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import ImportBatch
from catalog.registry import datasets
from cycles.models import AssumptionState, Plan
from cycles.registry import Finding, control_totals, gate
from cycles.selectors import open_decisions
from cycles.workflow import StageKind

LOADED = (ImportBatch.Status.APPLIED, ImportBatch.Status.UNCHANGED)


@gate("cycles.datasets_loaded", stage=StageKind.DATA, title="Every mandatory dataset is loaded")
def datasets_loaded(plan: Plan) -> Iterator[Finding]:
    """Block on every mandatory dataset of which no file was ever applied; it can only be mended by loading it."""
    loaded = set(ImportBatch.objects.filter(status__in=LOADED).values_list("dataset", flat=True).distinct())
    for dataset in datasets():
        if dataset.mandatory and dataset.name not in loaded:
            yield Finding(
                subject=dataset.name,
                severity="block",
                title=f"{dataset.title} has never been loaded.",
                hint=f"Load {dataset.file_name}.",
                link_name="cycles:data",
                waivable=False,
            )


@gate("cycles.control_totals", stage=StageKind.DATA, title="Stored rows tie to the control totals of their files")
def control_totals_tie(plan: Plan) -> Iterator[Finding]:
    """Block on every control total of the applied files (the later one where both state it) that the tables deny."""
    for name, totals in control_totals():
        expected = _stated_totals(name)
        stored = totals()
        for label in sorted(expected.keys() & stored.keys()):
            if stored[label] != expected[label]:
                yield Finding(
                    subject=f"{name} · {label}",
                    severity="block",
                    title=f"{name}: {label} was {expected[label]} in the file, the tables give {stored[label]}.",
                    hint="Load the file again.",
                    link_name="cycles:data",
                    waivable=False,
                )


def _stated_totals(dataset: str) -> dict[str, str]:
    stated: dict[str, str] = {}
    applied = ImportBatch.objects.filter(dataset=dataset, status=ImportBatch.Status.APPLIED).order_by("id")
    for totals in applied.values_list("totals", flat=True):
        stated.update(totals)
    return stated


@gate("cycles.assumptions_confirmed", stage=StageKind.DEMAND, title="Assumptions are confirmed for this month")
def assumptions_confirmed(plan: Plan) -> Iterator[Finding]:
    """Block on every carried assumption that nobody has confirmed or withdrawn in this cycle."""
    for assumption in plan.assumptions.filter(state=AssumptionState.TO_CONFIRM.value):
        yield Finding(
            subject=assumption.code,
            severity="block",
            title=f"Does this still hold: {assumption.text}",
            money_cents=assumption.money_cents,
            hint="Confirm or withdraw it.",
        )


@gate("cycles.decisions_taken", stage=StageKind.EXECUTIVE, title="Every open decision is taken")
def decisions_taken(plan: Plan) -> Iterator[Finding]:
    """Block on every decision still open; it can only be mended by taking it."""
    for decision in open_decisions(plan):
        yield Finding(
            subject=f"{decision.code} · {decision.subject}",
            severity="block",
            title=f"To be decided: {decision.question}",
            money_cents=decision.money_cents,
            hint="Take the decision.",
            waivable=False,
        )
