"""What stands out in a plan at its present state, found once per state and kept in the process."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.core.cache import caches
from django.db.models import Count, Max

from catalog.models import Company, ImportBatch
from cycles.models import Plan
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
    """All that exceptions rest on, as the key of a cache: both plans' ledgers, the baseline, files and settings.

    Events of price and units move it with the gestures that name them.
    """
    plans = Plan.objects.filter(pk__in=[plan.pk, plan.previous_id or plan.pk]).order_by("pk")
    revisions = list(plans.values_list("pk", "revision", "rates_revision", "baseline_version"))
    applied = ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED)
    batches = applied.aggregate(count=Count("id"), last=Max("applied_at"))
    company = sorted(Company.objects.values().get().items())
    text = repr((plan.pk, revisions, batches["count"], batches["last"], company))
    return f"exceptions:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
