"""What demand puts into the registries of the cycle at start-up."""

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
from cycles.workflow import StageKind
from demand.duties import carried_duties, exception_duties, proposal_duties
from demand.models import Edit, EditKind
from demand.sections import consensus_problems, demand_header, demand_rows
from demand.services.baseline import KIND, VERSION, run_baseline
from demand.services.carrying import carry_edits
from demand.services.metrics import register_metrics

OWN_KINDS = [kind.value for kind in EditKind if kind not in (EditKind.CARRIED, EditKind.SYSTEM)]


def has_edited(plan: Plan, user: User) -> bool:
    """Whether the person has an edit of their own in the plan; carried and system edits do not count."""
    return Edit.objects.filter(plan=plan, author=user, kind__in=OWN_KINDS).exists()


def register() -> None:
    """Register audit codes, run, section, carry, verifier, authorship and panel; called once at start-up."""
    register_audit_codes(
        "demand.carried.accepted",
        "demand.baseline.published",
        "demand.cleansing.entered",
        "demand.cleansing.named",
        "demand.cleansing.taken_back",
        "demand.edit.recorded",
        "demand.edit.carried",
        "demand.event.entered",
        "demand.event.removed",
        "demand.exception.answered",
        "demand.opportunity.excluded",
        "demand.family.confirmed",
        "demand.proposal.made",
        "demand.proposal.accepted",
        "demand.proposal.declined",
        "demand.review.reminded",
    )
    register_run_kind(
        RunKind(
            name=KIND,
            title="Demand baseline",
            version=VERSION,
            execute=run_baseline,
            ledgers=("rates",),
            action=Action.RUN_BASELINE,
        )
    )
    register_section(Section("demand", 10, demand_rows, demand_header))
    register_carry(Carry("demand.edits", 10, carry_edits, "series with edits"))
    register_verifier(Verifier("demand.consensus_is_baseline_plus_edits", consensus_problems))
    register_authorship("demand", has_edited)
    register_metrics()
    register_duties(DutySource("demand.proposals", proposal_duties))
    answers = DutySource("demand.exceptions", exception_duties, is_quick=False, instead_of="demand.exceptions_answered")
    register_duties(answers)
    register_duties(DutySource("demand.carried", carried_duties))
    register_panel(Panel(StageKind.DEMAND, "Demand plan", "demand:review", 10))
    register_panel(Panel(StageKind.DEMAND, "Demand review", "demand:summary", 20))
    register_panel(Panel(StageKind.DEMAND, "Streams", "demand:streams", 30, icon="git-merge"))
    register_panel(Panel(StageKind.DEMAND, "Exceptions", "demand:exceptions", 40, icon="alert-triangle"))
