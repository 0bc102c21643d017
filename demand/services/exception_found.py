"""What stands out in a plan at its present state, found once per state and kept in the process."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.core.cache import caches
from django.db.models import Count, Max

from catalog.models import Company, ImportBatch
from cycles.models import Plan
from demand.models import Edit
from demand.services.exception_entry import DemandException
from demand.services.exception_moves import ledger_exceptions
from demand.services.exception_rules import compared_exceptions


def found_exceptions(plan: Plan) -> list[DemandException]:
    """Every exception of a plan without its answers, which move more often than what they answer.

    The state is read before and after: what an edit overtook while it was found is given out and not kept.
    """
    cache, before = caches["figures"], _state(plan)
    kept = cache.get(before)
    if isinstance(kept, list):
        return kept
    company = Company.objects.current()
    found = [
        _weighed(one, company.exception_amount_cents)
        for one in (*compared_exceptions(plan, company), *ledger_exceptions(plan))
    ]
    if _state(plan) == before:
        cache.set(before, found)
    return found


def _weighed(one: DemandException, amount_cents: int) -> DemandException:
    whole = one.stake.whole_cents
    return replace(one, is_asked=whole is None or abs(whole) > amount_cents)


def _state(plan: Plan) -> str:
    """All that exceptions rest on, as the key of a cache: every plan up to this one, the last gestures, files and settings.

    The database is asked at every look, so a process that keeps a list sees at once what another one wrote. The last
    gesture stands beside the revision: one that was rolled back gives its revision to another gesture, never its id.
    Earlier plans are judged for bias. Events of price and units move it with the gestures that name them.
    """
    plans = Plan.objects.filter(first_month__lte=plan.first_month).order_by("pk")
    revisions = list(plans.values_list("pk", "revision", "rates_revision", "baseline_version"))
    last = Edit.objects.filter(plan=plan).order_by("-revision").values_list("pk", flat=True).first()
    applied = ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED)
    batches = applied.aggregate(count=Count("id"), last=Max("applied_at"))
    company = sorted(Company.objects.values().get().items())
    text = repr((plan.pk, revisions, last, batches["count"], batches["last"], company))
    return f"exceptions:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
