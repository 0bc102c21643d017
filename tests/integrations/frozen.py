"""A frozen plan made of a few rows by hand, in the sections that the API reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.test import Client

from cycles.models import Plan, Snapshot
from cycles.registry import Section, SectionRow
from cycles.services.cycles import open_cycle
from cycles.services.snapshots import freeze_snapshot
from integrations.models import ApiKey, Scope
from integrations.services.keys import KeyWish, issue_key
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone, section

HORIZON = 6
FIRST_MONTH = date(2026, 10, 1)
ITEMS = ("A-1", "B-2", "=C-3")
MARKETS = ("DE/ONLINE", "US/RETAIL")
QUANTITY = [0, 1_000, 2_250, 1_250, 500, 1]
AMOUNT = [0, 100_00, 225_00, -125_00, 50_00, 10]


def money_rows(plan: Plan) -> Iterator[SectionRow]:
    """Every item in every market with the same figures."""
    fields: dict[str, Any] = {
        "quantity": QUANTITY,
        "unconstrained_quantity": [milli + 500 for milli in QUANTITY],
        "amount": AMOUNT,
        "uom": "EA",
        "family": "Kettles",
        "currency": "USD",
    }
    for item in sorted(ITEMS):
        for market in MARKETS:
            yield SectionRow(("money", item, market), fields)
    yield SectionRow(("company", "2026-10"), {"revenue_cents": 1})


def production_rows(plan: Plan) -> Iterator[SectionRow]:
    """A-1 is shipped from one site, B-2 from two, =C-3 lies at one and ships nothing."""
    for item, site, shipped in (("=C-3", "POZ", 0), ("A-1", "MAIN", 5), ("B-2", "MAIN", 5), ("B-2", "POZ", 5)):
        names = ("make", "overtime", "buy", "expedite", "subcontract", "consumed", "inventory")
        cents = ("overtime_cents", "expedite_cents", "subcontract_cents", "freight_cents")
        lists = {name: [1_500] * HORIZON for name in names} | {name: [25] * HORIZON for name in cents}
        yield SectionRow(("production", item, site), {**lists, "shipped": [shipped] * HORIZON, "uom": "EA"})


SECTIONS = (
    section("demand"),
    Section("finance", 30, money_rows, lambda plan: {"currency": "USD"}),
    Section("supply", 20, production_rows, lambda plan: {}),
)


@dataclass(frozen=True)
class Frozen:
    """A frozen plan, the people, and a reading key with its token."""

    cast: Cast
    snapshot: Snapshot
    key: ApiKey
    token: str

    def client(self, token: str = "") -> Client:
        """A client that shows a token, else the frozen plan's own."""
        return Client(headers={"authorization": f"Bearer {token or self.token}"})


def frozen_plan() -> Frozen:
    """Open a cycle, freeze it, and issue a key with both scopes."""
    cast = make_cast()
    plan = open_cycle(month=FIRST_MONTH, actor=cast.demand_planner, horizon=HORIZON)
    issued = issue_key(wish=KeyWish("ERP", list(Scope)), actor=cast.admin)
    return Frozen(cast, freeze(plan, cast), issued.key, issued.token)


def freeze(plan: Plan, cast: Cast) -> Snapshot:
    """Freeze the plan as it is; a second call makes an amendment."""
    with alone(sections=SECTIONS), transaction.atomic():
        return freeze_snapshot(plan=plan, actor=cast.executive)
