"""Gates of the cycle itself: datasets are there and tie, assumptions are confirmed, decisions are taken."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.models import ImportBatch
from catalog.registry import datasets
from cycles.models import Assumption, AssumptionCheck, AssumptionState, AuditRow, Plan, Run, RunState
from cycles.registry import Finding, control_totals, gate
from cycles.registry.metrics import metric_named
from cycles.selectors import broken_check, latest_check, open_decisions
from cycles.services.carrying import CARRIED
from cycles.services.holding import KIND, checkable
from cycles.workflow import StageKind

TOLD = 10
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


@gate("cycles.carried_over", stage=StageKind.DATA, title="What the last plan handed on is known")
def carried_over(plan: Plan) -> Iterator[Finding]:
    """Tell, never block: which entries of the approved plan were not taken over, and why."""
    for row in AuditRow.objects.filter(plan=plan, code=CARRIED).order_by("id"):
        told = dict(row.after or {})
        dropped = int(told["dropped"])
        if dropped:
            shown = "; ".join(told["list"][:TOLD])
            more = f"; and {dropped - TOLD} more, listed in the audit" if dropped > TOLD else ""
            title = f"{dropped} {told['what']} of plan {told['from']} were not carried over: {shown}{more}."
            yield Finding(row.subject, "info", title, hint="Enter again what is still meant.")


@gate("cycles.assumptions_confirmed", stage=StageKind.DEMAND, title="Assumptions are confirmed for this month")
def assumptions_confirmed(plan: Plan) -> Iterator[Finding]:
    """Block on every carried assumption that nobody has confirmed or withdrawn in this cycle."""
    for assumption in plan.assumptions.filter(state=AssumptionState.TO_CONFIRM.value):
        assumption.plan = plan
        yield Finding(
            subject=assumption.code,
            severity="block",
            title=f"Does this still hold: {assumption.text}",
            money_cents=assumption.money_cents,
            hint=_what_to_say(assumption),
            link_name="cycles:assumptions",
        )


def _what_to_say(assumption: Assumption) -> str:
    if assumption.expires_on is not None and assumption.is_expired:
        return f"It held until {assumption.expires_on:%Y-%m-%d}: give a later day, or withdraw it."
    return "Confirm or withdraw it."


@gate("cycles.assumptions_held", stage=StageKind.DEMAND, title="Measured assumptions are held against the actuals")
def assumptions_held(plan: Plan) -> Iterator[Finding]:
    """Block while actuals are not compared, and on what they broke until somebody confirms or withdraws it.

    The money is the check's own, what the deviation cost or brought. An assumption of an earlier cycle that restated
    actuals break is a warning: nothing of this plan rests on it.
    """
    run = Run.objects.filter(plan=plan, kind=KIND).order_by("-id").first()
    if checkable(plan).exists() and (run is None or run.state != RunState.SUCCEEDED):
        title = "Assumptions are not compared with the actuals yet."
        yield Finding("actuals", "block", title, hint="Wait for the calculation, or queue it again in My work.")
    for assumption in plan.assumptions.exclude(metric="").order_by("code"):
        if (check := broken_check(assumption)) is not None:
            yield _broken(assumption, check, "block")
    earlier = AssumptionCheck.objects.filter(plan=plan).exclude(assumption__plan=plan).select_related("assumption")
    for check in earlier.order_by("id"):
        if check.is_broken and latest_check(check.assumption) == check:
            yield _broken(check.assumption, check, "warn")


def _broken(assumption: Assumption, check: AssumptionCheck, severity: str) -> Finding:
    metric = metric_named(assumption.metric)
    expected, actual = (f"{value:,.{metric.decimals}f}" for value in (check.expected, check.actual))
    return Finding(
        subject=assumption.code,
        severity=severity,
        title=f"Broken: {assumption.text.rstrip('.')}. Expected {expected} {metric.unit}, it was {actual}.",
        money_cents=check.money_cents,
        hint="Confirm that you still plan on it, write it down anew, or withdraw it.",
        link_name="cycles:assumptions",
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
