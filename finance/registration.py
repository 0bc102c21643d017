"""What finance puts into the registries of the cycle at start-up."""

from __future__ import annotations

from cycles.policy import Action
from cycles.registry import (
    Carry,
    Panel,
    RunKind,
    Section,
    Verifier,
    register_audit_codes,
    register_authorship,
    register_carry,
    register_panel,
    register_run_kind,
    register_section,
    register_verifier,
)
from cycles.registry.duties import DutySource, register_duties
from cycles.registry.effects import Effect, register_effect
from cycles.registry.traces import Trace, register_trace
from cycles.workflow import StageKind
from finance.duties import action_duties
from finance.sections import NAME, finance_header, finance_problems, finance_rows
from finance.selectors.identities import month_problems
from finance.selectors.position import KIND
from finance.selectors.shadow import shadow_problems
from finance.services.actions import carry_actions
from finance.services.adjustments import carry_adjustments, has_adjusted
from finance.services.landing import VERSION, run_landing
from finance.services.metrics import register_metrics
from finance.services.reforecast import CODE as REFORECAST
from finance.services.reforecast import reforecast_problems, set_reforecast


def register() -> None:
    """Register audit codes, run, section, carries, verifier, authorship and panels; called once at start-up."""
    register_audit_codes(
        "finance.adjustment.named",
        "finance.adjustment.withdrawn",
        "finance.action.added",
        "finance.action.moved",
        "finance.reforecast.set",
        "finance.shadow.checked",
        "finance.shadow.answered",
    )
    register_run_kind(
        RunKind(
            name=KIND,
            title="Dollars and bridge",
            version=VERSION,
            execute=run_landing,
            ledgers=("demand", "supply", "rates"),
            after=("demand.baseline", "supply.plan"),
            action=Action.RUN_LANDING,
        )
    )
    register_section(Section(NAME, 30, finance_rows, finance_header))
    register_carry(Carry("finance.adjustments", 30, carry_adjustments, "adjustments"))
    register_carry(Carry("finance.actions", 31, carry_actions, "actions"))
    register_verifier(Verifier("finance.dollars", finance_problems))
    register_verifier(Verifier("finance.months", month_problems))
    register_verifier(Verifier("finance.shadow_checks", shadow_problems))
    register_authorship("finance", has_adjusted)
    register_verifier(Verifier("finance.reforecasts", reforecast_problems))
    register_effect(Effect(REFORECAST, set_reforecast))
    register_metrics()
    register_duties(DutySource("finance.actions", action_duties))
    register_trace(Trace("demand", "Edits in dollars", "finance:edit"))
    register_panel(Panel(StageKind.RECONCILIATION, "Pre-S&OP", "finance:reconciliation", 10))
    register_panel(Panel(StageKind.RECONCILIATION, "Plan vs budget", "finance:plan_vs_budget", 15))
    register_panel(Panel(StageKind.RECONCILIATION, "P&L and cash", "finance:cash", 20))
    register_panel(Panel(StageKind.RECONCILIATION, "Adjustments", "finance:adjustments", 60, "adjustments"))
    register_panel(Panel(StageKind.RECONCILIATION, "Actions & decisions", "finance:actions", 70, "target"))
    register_panel(Panel(StageKind.EXECUTIVE, "Executive S&OP", "finance:executive", 10))
