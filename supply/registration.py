"""What supply puts into the registries of the cycle at start-up."""

from __future__ import annotations

from cycles.models import Plan, User
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
from cycles.workflow import StageKind
from supply.duties import decided_duties
from supply.models import Pin
from supply.sections import delivery_problems, frozen_problems, supply_header, supply_problems, supply_rows
from supply.selectors import KIND
from supply.services.ledger import carry_pins
from supply.services.metrics import register_metrics
from supply.services.options import OPTIONS_KIND, price_options
from supply.services.options import VERSION as OPTIONS_VERSION
from supply.services.plan import VERSION, compute_supply_plan
from supply.services.shortage_questions import CODE, check_choice


def has_pinned(plan: Plan, user: User) -> bool:
    """Whether the person has a pin of their own in the plan; carried ones do not count."""
    return Pin.objects.filter(plan=plan, author=user, carried_from__isnull=True).exists()


def register() -> None:
    """Register audit codes, run, section, carry, verifier, authorship and panel; called once at start-up."""
    register_audit_codes(
        "supply.plan.stopped", "supply.pin.recorded", "supply.overload.decided", "supply.shortage.decided"
    )
    register_run_kind(
        RunKind(
            name=KIND,
            title="Supply plan",
            version=VERSION,
            execute=compute_supply_plan,
            ledgers=("demand", "supply"),
            after=("demand.baseline",),
            action=Action.RUN_SUPPLY,
        )
    )
    register_run_kind(
        RunKind(
            name=OPTIONS_KIND,
            title="Options of the shortages",
            version=OPTIONS_VERSION,
            execute=price_options,
            ledgers=("demand", "supply"),
            after=(KIND,),
            action=Action.RUN_SUPPLY,
        )
    )
    register_section(Section("supply", 20, supply_rows, supply_header))
    register_carry(Carry("supply.pins", 20, carry_pins, "pins"))
    register_verifier(Verifier("supply.stock_rolls", supply_problems))
    register_verifier(Verifier("supply.deliveries_add_up", delivery_problems))
    register_verifier(Verifier("supply.frozen_figures", frozen_problems))
    register_authorship("supply", has_pinned)
    register_metrics()
    register_effect(Effect(CODE, check_choice))
    register_duties(DutySource("supply.decisions", decided_duties))
    register_panel(Panel(StageKind.SUPPLY, "Supply plan", "supply:review", 10))
    register_panel(Panel(StageKind.SUPPLY, "Inventory", "supply:inventory", 20, "box"))
    register_panel(Panel(StageKind.SUPPLY, "Requirements", "supply:requirements", 30, "truck"))
