"""Assumptions against the actual months: asked for when data are approved, judged by a run, kept row by row."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import ImportBatch
from cycles.calc.holding import Tolerance, judge_assumption
from cycles.models import Assumption, AssumptionCheck, AssumptionState, Plan, Run, User
from cycles.registry.metrics import Metric, MetricScope, Reading, metric_named
from cycles.selectors import latest_check
from cycles.services.leases import RunLease
from cycles.services.runs import request_run

KIND = "cycles.assumptions"
VERSION = "1"
#: How far back assumptions of earlier plans are read again, should their actuals have been restated.
LOOK_BACK_PLANS = 12


def request_checks(*, plan: Plan, actor: User) -> Run | None:
    """Queue the comparison of the plan's measured assumptions with the actuals; None when there is nothing to compare.

    The same statements and the same loaded files give the same run.
    """
    found = list(checkable(plan).order_by("pk").values_list(*_STATED))
    if not found:
        return None
    batch = ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED).order_by("-id").first()
    stated = hashlib.sha256(repr(found).encode()).hexdigest()
    parameters = {"batch": batch.pk if batch else 0, "stated": stated}
    return request_run(kind=KIND, plan=plan, actor=actor, parameters=parameters)


_STATED = ("pk", "metric", "first_month", "last_month", "expected", "tolerance", "tolerance_kind")


def checkable(plan: Plan) -> QuerySet[Assumption]:
    """Measured assumptions whose months are closed in `plan`: its own, and those of earlier plans judged before."""
    closed = Assumption.objects.exclude(metric="").filter(last_month__lt=plan.first_month)
    own = Q(plan=plan) & ~Q(state=AssumptionState.WITHDRAWN.value)
    plans = Plan.objects.filter(first_month__lt=plan.first_month).order_by("-first_month")[:LOOK_BACK_PLANS]
    judged = Q(plan__in=[earlier.pk for earlier in plans], checks__isnull=False)
    return closed.filter(own | judged).distinct()


def run_checks(lease: RunLease) -> dict[str, Any]:
    """Execute the run: read every actual, then append the checks in one transaction. The same again adds nothing."""
    plan = lease.run.plan
    if plan is None:
        raise ValueError("Assumptions are compared for a plan.")
    rows = list(checkable(plan).select_related("family", "market"))
    read = []
    for done, assumption in enumerate(rows, 1):
        metric = metric_named(assumption.metric)
        read.append((assumption, metric, _read(assumption, metric)))
        lease.report(done, len(rows), assumption.code)
    with lease.publish() as locked:
        made = [
            check
            for assumption, metric, reading in read
            if (check := _keep(assumption, metric, reading, plan=locked, actor=lease.run.requested_by)) is not None
        ]
        lease.result = {"read": len(read), "written": len(made), "broken": sum(check.is_broken for check in made)}
    return lease.result


def scope_of_assumption(assumption: Assumption) -> MetricScope:
    """Where a measured assumption speaks of."""
    return MetricScope(assumption.family_id, assumption.market_id, assumption.currency)


def _read(assumption: Assumption, metric: Metric) -> Reading:
    assert assumption.first_month is not None and assumption.last_month is not None
    return metric.read(assumption.first_month, assumption.last_month, scope_of_assumption(assumption))


def _keep(
    assumption: Assumption, metric: Metric, reading: Reading, *, plan: Plan, actor: User
) -> AssumptionCheck | None:
    """Append what the actuals say, unless the last check of this assumption said just that."""
    if reading.value is None or assumption.expected is None or assumption.tolerance is None:
        return None
    last = latest_check(assumption)
    actual = round(reading.value, 4)
    judged = judge_assumption(
        expected=assumption.expected,
        actual=actual,
        tolerance=assumption.tolerance,
        kind=Tolerance(assumption.tolerance_kind),
    )
    allowed = round(judged.allowed, 4)
    if last and (last.expected, last.actual, last.allowed) == (assumption.expected, actual, allowed):
        return None
    return AssumptionCheck.objects.create(
        assumption=assumption,
        plan=plan,
        verdict=judged.verdict.value,
        expected=assumption.expected,
        actual=actual,
        deviation=judged.deviation,
        allowed=allowed,
        money_cents=_price(metric, assumption, judged.deviation),
        source=reading.source[:200],
        checked_by=actor,
    )


def _price(metric: Metric, assumption: Assumption, deviation: Decimal) -> int | None:
    if metric.money is None or assumption.first_month is None or assumption.last_month is None:
        return None
    return metric.money(deviation, assumption.first_month, assumption.last_month, scope_of_assumption(assumption))
