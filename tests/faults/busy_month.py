"""What runs inside the busy portal's own database: the company before the faults, and what is there after them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from catalog.models import Family, Item, Market
from cycles.models import AuditRow, Membership, Plan, Run, RunState, User
from cycles.policy import Role
from cycles.selectors import service_user
from demand.models import Edit, EditKind, EditLine
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit
from tests.cast import PASSWORD, make_cast
from tests.faults import short_month

MORE_EDITORS = ("editor3", "editor4")


def prepare(pack: Path) -> None:
    """The tiny company in its demand stage, with people who may log in."""
    make_cast()
    for name in MORE_EDITORS:
        person = User.objects.create_user(username=name, password=PASSWORD, first_name=name.title())
        Membership.objects.create(user=person, role=Role.DEMAND_PLANNER.value)
    short_month.open_demand(pack)


def replay(wishes: list[dict[str, Any]]) -> None:
    """Record edits in the order in which the ledger took them."""
    families = dict(Family.objects.values_list("name", "pk"))
    items, markets = dict(Item.objects.values_list("code", "pk")), dict(Market.objects.values_list("code", "pk"))
    for wish in wishes:
        plan = Plan.objects.get()
        if wish["series"]:
            node = Node(item_id=items[wish["series"][0]], market_id=markets[wish["series"][1]])
        else:
            node = Node(family_id=families[wish["family"]])
        gesture = Gesture(
            mode=Mode(wish["mode"]),
            instructions=(Instruction((node,), tuple(wish["months"]), wish["value"]),),
            reason=wish["reason"],
            base_revision=plan.revision,
            session="replay",
            kind=EditKind.OVERRIDE,
        )
        record_edit(plan_id=plan.pk, gesture=gesture, actor=service_user(Role.DEMAND_PLANNER))


def tell(pack: Path, into: Path) -> None:
    """Write down the ledger as it is, end the month, and write down what was approved."""
    runs = Run.objects.all()
    told: dict[str, Any] = {
        "order": list(Edit.objects.order_by("revision").values_list("reason", flat=True)),
        "halved": _halved(),
        "runs": runs.count(),
        "taken_over": runs.filter(attempt__gt=1).count(),
        "unended": list(runs.exclude(state__in=["succeeded", "superseded"]).values_list("kind", "state", "message")),
        "results_doubled": _doubled(),
    }
    short_month.walk(pack)
    end = short_month.outcome()
    told |= {"approved": end["rows"], "consensus": end["consensus"], "problems": end["problems"]}
    into.write_text(json.dumps(told, default=str))


def _halved() -> list[str]:
    """Edits without all their lines, without their change, or without their row in the log."""
    logged = Counter(AuditRow.objects.filter(code="demand.edit.recorded").values_list("subject", flat=True))
    found = []
    for edit in Edit.objects.exclude(kind=EditKind.SYSTEM.value):
        lines = list(EditLine.objects.filter(edit=edit).values_list("delta", flat=True))
        whole = len(lines) == edit.gesture["series"] and sum(map(sum, lines)) == edit.gesture["change_milli"]
        if not whole or logged[f"r{edit.revision}"] != 1:
            found.append(f"r{edit.revision}: {edit.reason}")
    return found


def _doubled() -> int:
    """Results beyond one per set of inputs."""
    results = Counter(Run.objects.filter(state=RunState.SUCCEEDED.value).values_list("input_hash", flat=True))
    return sum(results.values()) - len(results)
