"""Gates at work: what they find, what was waived, what still blocks."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.db import transaction

from cycles.calc.waiving import still_holds, tolerance_cents
from cycles.errors import GateBlocked, NotWaivable, ReasonMissing
from cycles.models import FindingRecord, Plan, Stage, User, Waiver
from cycles.policy import Action
from cycles.registry import Finding, Gate, gates_of
from cycles.services.access import authorise
from cycles.services.assumptions import Statement, record_assumption
from cycles.services.audit import record_audit
from cycles.services.plans import lock_plan
from cycles.workflow import StageAction, StageKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding with the waiver that covers it, if one does."""

    code: str
    finding: Finding
    waiver: Waiver | None = None

    @property
    def is_blocking(self) -> bool:
        """Whether the stage is held back by this."""
        return self.finding.severity == "block" and self.waiver is None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate said just now."""

    gate: Gate
    findings: tuple[JudgedFinding, ...]

    @property
    def blocking(self) -> tuple[JudgedFinding, ...]:
        """The findings that hold the stage back."""
        return tuple(found for found in self.findings if found.is_blocking)

    @property
    def state(self) -> str:
        """'blocked', 'waived', 'warned' or 'passed'."""
        if self.blocking:
            return "blocked"
        severities = {found.finding.severity for found in self.findings}
        return "waived" if "block" in severities else "warned" if "warn" in severities else "passed"


class _Trap:
    """Catches whatever a gate raises: a gate that cannot answer blocks, and its transaction goes on."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return isinstance(error, Exception)


def evaluate_gates(stage: Stage) -> list[GateResult]:
    """Ask every gate of a stage now. A gate that raises, and a stage without any gate, are blocking findings.

    Reads only; each gate runs in its own savepoint. A second call answers from scratch.
    """
    gates = gates_of(StageKind(stage.kind)) or (_nobody_asks(StageKind(stage.kind)),)
    waivers = _latest_waivers(stage.plan)
    return [_ask(gate, stage.plan, waivers) for gate in gates]


def _nobody_asks(kind: StageKind) -> Gate:
    finding = Finding(
        subject=kind.value,
        severity="block",
        title=f"No gate is registered for the {kind.label} stage.",
        hint="An app is not installed whole; ask your administrator.",
        waivable=False,
    )
    return Gate("cycles.gate_missing", kind, "Gates are registered", lambda plan: (finding,))


def _ask(gate: Gate, plan: Plan, waivers: dict[tuple[str, str], Waiver]) -> GateResult:
    findings: tuple[Finding, ...] = ()
    with _Trap() as trap, transaction.atomic():
        findings = tuple(gate.check(plan))
    if trap.error is not None:
        log.error("Gate %s could not answer.", gate.code, exc_info=trap.error)
        findings = (
            Finding(
                subject="gate",
                severity="block",
                title=f"“{gate.title}” could not be checked: {type(trap.error).__name__}.",
                hint=str(trap.error)[:300] or "See the server's log.",
                waivable=False,
            ),
        )
    return GateResult(gate, tuple(_judge(gate.code, finding, waivers) for finding in findings))


def _judge(code: str, finding: Finding, waivers: dict[tuple[str, str], Waiver]) -> JudgedFinding:
    waiver = waivers.get((code, finding.subject))
    if waiver is None or finding.severity != "block" or not finding.waivable:
        return JudgedFinding(code, finding)
    holds = still_holds(
        waived_cents=waiver.money_cents, tolerance=waiver.tolerance_cents, money_cents=finding.money_cents
    )
    return JudgedFinding(code, finding, waiver if holds else None)


def _latest_waivers(plan: Plan) -> dict[tuple[str, str], Waiver]:
    return {(waiver.code, waiver.subject): waiver for waiver in plan.waivers.order_by("id")}


def pass_gates(stage: Stage, action: StageAction) -> None:
    """Let a stage through and keep what the gates said, or say what holds it back.

    Runs inside the caller's transaction.

    Raises:
        GateBlocked: at least one blocking finding is not waived; nothing is recorded.
    """
    found = [judged for result in evaluate_gates(stage) for judged in result.findings]
    blocking = tuple(judged for judged in found if judged.is_blocking)
    if blocking:
        titles = "; ".join(judged.finding.title for judged in blocking[:3])
        more = f" and {len(blocking) - 3} more" if len(blocking) > 3 else ""
        raise GateBlocked(f"The {stage.title} stage is held back: {titles}{more}.", blocking)
    FindingRecord.objects.bulk_create(_records(stage, action, found), batch_size=1000)


def _records(stage: Stage, action: StageAction, found: Iterable[JudgedFinding]) -> list[FindingRecord]:
    return [
        FindingRecord(
            stage=stage,
            round=stage.round,
            action=action.value,
            revision=stage.plan.revision,
            code=judged.code,
            subject=judged.finding.subject[:200],
            severity=judged.finding.severity,
            title=judged.finding.title,
            hint=judged.finding.hint,
            money_cents=judged.finding.money_cents,
            waiver=judged.waiver,
        )
        for judged in found
    ]


def waive_finding(*, stage_id: int, code: str, subject: str, reason: str, actor: User) -> Waiver:
    """Let one blocking finding pass, with its money as it is now, the person and the reason; audited.

    A finding that is an assumption is also recorded as one, confirmed by the person.

    Only a submitter of the open stage may. A second call appends another waiver for the money of that moment.

    Raises:
        ReasonMissing: no reason given.
        NotAllowedToYou, NotAllowedNow: by the rights table.
        NotWaivable: no such blocking finding now, or one that may never be waived.
    """
    if not reason.strip():
        raise ReasonMissing("A waiver needs a reason.")
    with transaction.atomic():
        stage = Stage.objects.get(pk=stage_id)
        stage.plan = lock_plan(stage.plan_id)
        stage.refresh_from_db(fields=["status", "round"])
        authorise(actor=actor, action=Action.WAIVE_FINDING, stage=stage)
        finding = _waivable(stage, code, subject)
        waiver = Waiver.objects.create(
            plan=stage.plan,
            stage=stage,
            round=stage.round,
            code=code,
            subject=subject,
            title=finding.title,
            money_cents=finding.money_cents,
            tolerance_cents=tolerance_cents(finding.money_cents),
            reason=reason.strip(),
            waived_by=actor,
        )
        if finding.is_assumption:
            words = f"{finding.title} {reason.strip()}"
            statement = Statement(code, words, source="waiver", money_cents=finding.money_cents)
            record_assumption(plan=stage.plan, statement=statement, actor=actor)
        record_audit(
            actor=actor,
            code="cycles.finding.waived",
            plan=stage.plan,
            subject=f"{code} · {subject}",
            after={"money_cents": finding.money_cents},
            reason=reason.strip(),
        )
    return waiver


def _waivable(stage: Stage, code: str, subject: str) -> Finding:
    gates = [gate for gate in gates_of(StageKind(stage.kind)) if gate.code == code]
    for gate in gates:
        for judged in _ask(gate, stage.plan, {}).findings:
            if judged.finding.subject == subject and judged.finding.severity == "block":
                if not judged.finding.waivable:
                    raise NotWaivable(f"“{judged.finding.title}” may not be waived; it has to be mended.")
                return judged.finding
    raise NotWaivable(f"There is no blocking finding {code} on {subject} now.")
