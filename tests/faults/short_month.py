"""One month of the tiny company and the opening of the next, walked on from wherever it stands; and what came of it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from catalog.calc.months import month_index
from catalog.models import Family, ImportBatch, Item, Market
from cycles.models import AuditRow, Plan, Run, RunState, SignOff, Snapshot
from cycles.policy import Role
from cycles.registry import verifiers
from cycles.selectors import latest_plan, service_user, stage_of
from cycles.services.cycles import open_cycle, open_next_cycle
from cycles.services.snapshots import verify_chain, verify_snapshot
from cycles.workflow import StageKind, StageStatus
from demand.models import Edit, EditKind, EditLine, Series
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit
from finance.models import BridgeLeaf, CashMonth, CompanyMonth, InventoryMoney, MoneySeries
from sop_portal.headless.month import WALK, import_files, settle_runs, walk_stage
from sop_portal.headless.rules import Rules
from supply.models import ShipSeries, Shortage, SupplySeries, WorkCentreLoad
from tests.flows.walks import RULES

FIRST = date(2014, 1, 1)
#: Reason → item, family, mode and value of the edits of the month; without an item it is a spread over the family.
EDITS = {
    "more chairs in the north": ("CHAIR", "", Mode.SET, 130_000),
    "lamps are promoted": ("", "Lamps", Mode.CHANGE, 75_000),
    "chairs a little less": ("CHAIR", "", Mode.SCALE, -500),
}
RESULTS = (
    MoneySeries,
    BridgeLeaf,
    InventoryMoney,
    CompanyMonth,
    CashMonth,
    SupplySeries,
    ShipSeries,
    Shortage,
    WorkCentreLoad,
)


def walk(pack: Path) -> None:
    """Go on with the month until the next cycle is open; what was done stays done."""
    plan = open_demand(pack)
    if plan.first_month > FIRST:
        return
    for kind, submitter, approver in WALK[1:]:
        if kind == StageKind.DEMAND and stage_of(plan, kind).status == StageStatus.OPEN:
            edit(plan)
        walk_stage(plan, kind, submitter=submitter, approver=approver, rules=Rules(RULES))
        settle_runs()
    open_next_cycle(actor=service_user(Role.DEMAND_PLANNER))
    settle_runs()


def open_demand(pack: Path) -> Plan:
    """Go on until the data stage is approved and the baseline is there; returns the latest plan."""
    plan = latest_plan() or open_cycle(month=FIRST, horizon=6, actor=service_user(Role.DEMAND_PLANNER))
    settle_runs()
    if stage_of(plan, StageKind.DATA).status == StageStatus.OPEN and plan.first_month == FIRST:
        import_files(pack)
    kind, submitter, approver = WALK[0]
    if plan.first_month == FIRST:
        walk_stage(plan, kind, submitter=submitter, approver=approver, rules=Rules(RULES))
    settle_runs()
    return plan


def edit(plan: Plan) -> None:
    """The edits of the month that are not there yet, as a person does who looks before trying again."""
    for reason in EDITS:
        if not Edit.objects.filter(plan=plan, reason=reason).exists():
            edit_once(plan, reason)


def edit_once(plan: Plan, reason: str) -> None:
    """One edit of the month: in its first two months, so that the second half of it is carried into the next plan."""
    item, family, mode, value = EDITS[reason]
    node = Node(
        family_id=Family.objects.get(name=family).pk if family else None,
        item_id=Item.objects.get(code=item).pk if item else None,
        market_id=Market.objects.get(code__startswith="NORTH").pk if item else None,
    )
    plan.refresh_from_db()
    first = month_index(FIRST)
    gesture = Gesture(
        mode=mode,
        instructions=(Instruction(nodes=(node,), months=(first, first + 1), value=value),),
        reason=reason,
        base_revision=plan.revision,
        session="month",
        kind=EditKind.OVERRIDE,
    )
    record_edit(plan_id=plan.pk, gesture=gesture, actor=service_user(Role.DEMAND_PLANNER))


def outcome() -> dict[str, object]:
    """What the month left, free of ids and times: the approved figures to the cent, and how often each thing is there.

    Files may be handed in twice by somebody who does not know whether they arrived; they are applied once, but the
    runs that follow have higher numbers. A landing is asked for at every edit; how many of those are overtaken before
    a worker takes them is a matter of time.
    """
    snapshot = Snapshot.objects.get()
    codes = Counter(AuditRow.objects.exclude(code__startswith="cycles.import.").values_list("code", flat=True))
    ended = Run.objects.exclude(kind__in=["cycles.import", "finance.landing"]).filter(state=RunState.SUCCEEDED.value)
    applied = ImportBatch.objects.filter(status=ImportBatch.Status.APPLIED)
    return {
        "rows": [[row.section, *row.key, row.fields] for row in snapshot.rows.all()],
        "header": _without_run_numbers(snapshot.header),
        "plans": {plan.number: [plan.revision, plan.demand_revision] for plan in Plan.objects.all()},
        "consensus": {
            f"{row.plan.number} {row.item.code} {row.market.code}": row.consensus
            for row in Series.objects.select_related("plan", "item", "market").order_by("plan", "item__code", "market")
        },
        "edits": dict(Counter(f"{edit.plan_id and edit.plan.number} {edit.reason}" for edit in Edit.objects.all())),
        "lines": EditLine.objects.count(),
        "results": {model.__name__: model._default_manager.count() for model in RESULTS},
        "sign-offs": dict(Counter(SignOff.objects.values_list("stage__kind", flat=True))),
        "audit": dict(codes),
        "runs": dict(Counter(ended.values_list("kind", flat=True))),
        "applied": dict(Counter(applied.values_list("dataset", flat=True))),
        "unended": list(Run.objects.exclude(state__in=["succeeded", "superseded"]).values_list("kind", "state")),
        "problems": problems(),
    }


def _without_run_numbers(header: dict[str, Any]) -> dict[str, Any]:
    sections = {
        name: {key: value for key, value in told.items() if key != "run"} for name, told in header["sections"].items()
    }
    return {**header, "sections": sections}


def problems() -> list[str]:
    """Whatever `manage.py verify` would find."""
    found = [problem for snapshot in Snapshot.objects.all() for problem in verify_snapshot(snapshot)]
    found += verify_chain()
    found += [problem for verifier in verifiers() for problem in verifier.check()]
    return [f"{problem.where}: {problem.what}" for problem in found]


def first_deed_after(moment: float) -> float | None:
    """Seconds from a moment (of the epoch) to the first run that ended or deed that was logged after it."""
    times = [*Run.objects.filter(finished_at__isnull=False).values_list("finished_at", flat=True)]
    times += AuditRow.objects.values_list("at", flat=True)
    after = [time.timestamp() - moment for time in times if time.timestamp() > moment]
    return min(after, default=None)


def write_outcome(target: Path, **more: object) -> None:
    """Keep the outcome, and whatever else is told, as a file; written whole or not at all."""
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps({**outcome(), **more}, default=str, sort_keys=True))
    draft.rename(target)
