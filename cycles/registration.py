"""What the cycle app itself puts into the registries at start-up: its audit codes and run kinds."""

from __future__ import annotations

from cycles.policy import Action
from cycles.registry import (
    Carry,
    RunKind,
    register_audit_codes,
    register_carry,
    register_control_totals,
    register_run_kind,
)
from cycles.registry.retention import Retention, register_retention
from cycles.selectors import budget_totals
from cycles.services.assumptions import carry_assumptions
from cycles.services.canary import run_canary
from cycles.services.holding import KIND, VERSION, run_checks
from cycles.services.imports import run_import
from cycles.services.retention import RUN_DAYS, forget_runs

AUDIT_CODES = (
    "cycles.ledger.carried",
    "cycles.cycle.opened",
    "cycles.stage.opened",
    "cycles.stage.submitted",
    "cycles.stage.approved",
    "cycles.stage.returned",
    "cycles.stage.reopened",
    "cycles.stage.reset",
    "cycles.stage.assigned",
    "cycles.finding.waived",
    "cycles.plan.frozen",
    "cycles.run.requeued",
    "cycles.import.requested",
    "cycles.import.refused",
    "cycles.import.applied",
    "cycles.mapping.saved",
    "cycles.mapping.withdrawn",
    "cycles.assumption.recorded",
    "cycles.assumption.confirmed",
    "cycles.assumption.withdrawn",
    "cycles.decision.recorded",
    "cycles.decision.taken",
    "cycles.person.created",
    "cycles.person.changed",
    "cycles.person.invited",
    "cycles.person.password_set",
    "cycles.person.switched_off",
    "cycles.person.switched_on",
    "cycles.person.signed_out",
    "cycles.access.reviewed",
    "cycles.audit.exported",
    "cycles.company.changed",
    "cycles.rhythm.changed",
    "cycles.holiday.added",
    "cycles.holiday.removed",
    "cycles.stage.rescheduled",
    "cycles.membership.granted",
    "cycles.membership.withdrawn",
)


def register() -> None:
    """Register audit codes and run kinds; called once by the app's `ready`."""
    register_audit_codes(*AUDIT_CODES)
    register_run_kind(RunKind("cycles.canary", "Worker check", "1", run_canary, action=Action.SET_UP))
    register_run_kind(RunKind("cycles.import", "Import", "1", run_import, action=Action.IMPORT))
    register_run_kind(
        RunKind(KIND, "Assumptions against actuals", VERSION, run_checks, action=Action.RECORD_ASSUMPTION)
    )
    register_control_totals("budget", budget_totals)
    register_retention(Retention("cycles.runs", RUN_DAYS, forget_runs))
    register_carry(Carry("cycles.assumptions", 10, carry_assumptions, "assumptions"))
