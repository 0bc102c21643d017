"""Around the solver: the basis of the plan before, the pins whose effect is asked for, and the end when a run is stopped."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Sequence
from decimal import Decimal
from types import TracebackType
from typing import Self

import numpy as np
from django.db import connection, transaction
from django.db.models.functions import Now

from cycles.errors import NotAllowedNow
from cycles.models import Plan, Run, RunState, User
from cycles.policy import Action
from cycles.services.access import authorise
from cycles.services.audit import record_audit
from cycles.services.leases import tell_run_moved
from cycles.services.runs import RunLease
from supply.calc.lp_solver import KeptBasis
from supply.calc.pin_effect import SUBCONTRACT, PinEffect, PinnedEntry
from supply.frames import SupplyInput
from supply.models import Pin, PlanBasis
from supply.models import PinEffect as PinEffectRow
from supply.selectors import KIND, pins_in_force

MILLI = 1000
STANDARD4 = 10_000.0
PRICED_PINS = 20
"""The latest pins are priced; each is one more solution from the basis."""

PAUSE_SECONDS = 1.0


class Watch:
    """Asks once a second, beside the solver, whether the run is still ours; the solver asks the watch all the time."""

    def __init__(self, lease: RunLease) -> None:
        self._lease = lease
        self._lost, self._end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._look, name=f"watch-{lease.run.pk}", daemon=True)

    def is_lost(self) -> bool:
        """Whether the run was stopped or taken over."""
        return self._lost.is_set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        try:
            while not self._end.wait(PAUSE_SECONDS):
                if not self._lease.renew() and self._is_known():
                    self._lost.set()
                    return
        finally:
            connection.close()

    def _is_known(self) -> bool:
        """Whether the run is seen beside the solver at all; one that was asked for in a transaction still open is not."""
        return Run.objects.filter(pk=self._lease.run.pk).exists()


def stop_supply_plan(*, plan: Plan, actor: User) -> Run:
    """End the queued or running supply plan of a plan; its solver stops within seconds and nothing of it is written.

    Before → after: queued or running → superseded, with who stopped it. The published plan stays. Supply planners, while
    the supply stage is open.

    Raises:
        NotAllowedToYou, NotAllowedNow: By the rights table; or no supply plan is being solved.
    """
    authorise(actor=actor, action=Action.RUN_SUPPLY, plan=plan)
    active = (RunState.QUEUED.value, RunState.RUNNING.value)
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(plan=plan, kind=KIND, state__in=active).order_by("-id").first()
        if run is None:
            raise NotAllowedNow("No supply plan is being solved.")
        message = f"Stopped by {actor}."
        Run.objects.filter(pk=run.pk).update(
            state=RunState.SUPERSEDED.value, message=message, finished_at=Now(), lease_until=None
        )
        record_audit(actor=actor, code="supply.plan.stopped", plan=plan, subject=f"run {run.pk}")
        tell_run_moved(run, RunState.SUPERSEDED)
    run.refresh_from_db()
    return run


def kept_basis(plan: Plan) -> KeptBasis | None:
    """The basis of the plan's last published solution, None before the first."""
    row = PlanBasis.objects.filter(plan=plan).first()
    if row is None:
        return None
    columns, rows = (np.frombuffer(zlib.decompress(block), np.int8) for block in (row.columns, row.rows))
    return KeptBasis(columns, rows)


def keep_basis_of(plan: Plan, basis: KeptBasis) -> None:
    """Keep the basis in place of the last one, in the caller's transaction."""
    blocks = {"columns": zlib.compress(basis.columns.tobytes()), "rows": zlib.compress(basis.rows.tobytes())}
    PlanBasis.objects.update_or_create(plan=plan, defaults=blocks)


def entries_of_pins(plan: Plan, supply: SupplyInput) -> dict[Pin, PinnedEntry]:
    """The latest pins in force as entries of the problem; those that it does not hold are left out."""
    nodes = zip(supply.node_items.tolist(), supply.node_sites.tolist(), strict=True)
    node = {key: number for number, key in enumerate(nodes)}
    centre = {key: number for number, key in enumerate(supply.centre_ids.tolist())}
    found: dict[Pin, PinnedEntry] = {}
    for pin in sorted(pins_in_force(plan), key=lambda pin: -pin.pk)[:PRICED_PINS]:
        month = (pin.month.year - plan.first_month.year) * 12 + pin.month.month - plan.first_month.month
        subject = centre.get(pin.work_centre_id or 0) if pin.item_id is None else node.get((pin.item_id, pin.site_id))
        if subject is None or not 0 <= month < plan.horizon:
            continue
        paid = 0.0
        if pin.kind == SUBCONTRACT:
            paid = float(pin.unit_cost) + max(int(supply.standard4[subject, month]), 0) / STANDARD4
        found[pin] = PinnedEntry(pin.kind, subject, month, (pin.quantity or 0) / MILLI, paid)
    return found


def keep_effects(plan: Plan, pins: Sequence[Pin], effects: Sequence[PinEffect]) -> None:
    """Replace the effects of the plan's pins, in the caller's transaction."""
    PinEffectRow.objects.filter(plan=plan).delete()
    PinEffectRow.objects.bulk_create(
        PinEffectRow(
            plan=plan,
            pin=pin,
            cost_cents=round(effect.cost * 100) if np.isfinite(effect.cost) else None,
            cover_days=Decimal(f"{effect.days:.1f}") if np.isfinite(effect.days) else None,
        )
        for pin, effect in zip(pins, effects, strict=True)
    )
