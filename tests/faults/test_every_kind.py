"""Every kind of run, delivered three times in a row and twice at once, leaves the rows that one execution leaves."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from cycles.models import Run
from cycles.policy import Role
from cycles.registry import run_kinds
from cycles.selectors import service_user
from cycles.services import imports, runs
from cycles.services.cycles import open_cycle
from cycles.services.leases import RunLease
from cycles.services.runs import execute_run, request_run
from sop_portal.headless.month import import_files, settle_runs
from tests.faults.conftest import Make
from tests.faults.forked import World, ended_as
from tests.faults.short_month import FIRST

pytestmark = pytest.mark.long

APPS = ("catalog", "cycles", "demand", "supply", "finance", "integrations")
KINDS = [kind.name for kind in run_kinds() if not kind.name.startswith("test")]
ROUNDS = 10
MORE_STOCK = b"sku,location,on_hand,as_of\nCHAIR,MAIN,21,2014-06-30\nLAMP,MAIN,50,2014-06-30\nKIT,MAIN,500,2014-06-30\n"


def prepare(pack: Path) -> None:
    """Files in, every calculation done once, and one more run of each kind waiting."""
    actor = service_user(Role.DEMAND_PLANNER)
    plan = open_cycle(month=FIRST, horizon=6, actor=actor)
    import_files(pack)
    for kind in ("demand.baseline", "supply.plan", "finance.landing"):
        request_run(kind=kind, plan=plan, actor=actor)
        settle_runs()
    for kind in KINDS:
        if kind == imports.KIND:
            imports.request_import(dataset="inventory", file_name="more.csv", content=MORE_STOCK, actor=actor)
        else:
            request_run(kind=kind, plan=plan, actor=actor, parameters={"once": "more"})


@pytest.fixture(scope="module")
def prepared(make: Make, pack: Path) -> str:
    """The name of the prepared database."""
    world = make()
    assert ended_as(world.fork(lambda: prepare(pack), "person")) == 0, world.said()
    return world.database


def rows() -> dict[str, str]:
    """A digest per table of everything but row numbers and times."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in APPS and not model._meta.proxy:
            skipped = (models.AutoField, models.DateTimeField)
            names = [field.attname for field in model._meta.concrete_fields if not isinstance(field, skipped)]
            texts = sorted(
                json.dumps(list(row), cls=Encoder, sort_keys=True) for row in model._default_manager.values_list(*names)
            )
            found[model._meta.label] = f"{len(texts)} {hashlib.sha256(repr(texts).encode()).hexdigest()[:12]}"
    return found


class Encoder(DjangoJSONEncoder):
    """JSON of bytes too."""

    def default(self, o: object) -> object:
        """Bytes as text of their digest."""
        return hashlib.sha256(bytes(o)).hexdigest() if isinstance(o, bytes | memoryview) else super().default(o)


def waiting(kind: str) -> int:
    """The number of the waiting run of a kind."""
    return Run.objects.filter(kind=kind, state="queued").latest("id").pk


def three_times(kind: str) -> list[dict[str, str]]:
    """The rows before, after one delivery, and after three."""
    run, before = waiting(kind), rows()
    execute_run(run)
    once = rows()
    for _ in range(2):
        execute_run(run)
    return [before, once, rows()]


def at_once(kind: str) -> list[dict[str, str]]:
    """The rows after two deliveries at the same moment."""
    run = waiting(kind)

    def deliver(_: int) -> None:
        try:
            execute_run(run)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(deliver, range(2)))
    return [rows()]


def found_in(world: World, deed: Callable[[str], list[dict[str, str]]], kind: str) -> list[dict[str, str]]:
    """Do it in a process of its own on the world's database; what it saw."""
    target = world.folder / "rows.json"
    child = world.fork(lambda: print(target.write_text(json.dumps(deed(kind)))), "worker")
    assert ended_as(child) == 0, world.said()
    return list(json.loads(target.read_text()))


@pytest.mark.parametrize("kind", KINDS)
def test_three_times_in_a_row_and_twice_at_once(make: Make, prepared: str, kind: str) -> None:
    before, once, thrice = found_in(make(prepared), three_times, kind)
    assert once != before, "one execution leaves something"
    assert thrice == once
    assert found_in(make(prepared), at_once, kind) == [once]


def without_claim_and_fence(kind: str) -> list[dict[str, str]]:
    """Two deliveries at once, without condition and without token: the protection taken out."""

    def claim(run_id: int) -> RunLease:
        Run.objects.filter(pk=run_id).update(state="running", attempt=1, token=1, lease_until=timezone.now())
        time.sleep(0.05)
        return RunLease(Run.objects.select_related("plan", "requested_by").get(pk=run_id))

    with mock.patch.object(runs, "claim_run", claim), mock.patch.object(RunLease, "_hold", lambda lease: None):
        return at_once(kind)


def test_negative_control(make: Make, prepared: str) -> None:
    _, once, _ = found_in(make(prepared), three_times, imports.KIND)
    ends = [found_in(make(prepared), without_claim_and_fence, imports.KIND)[0] for _ in range(ROUNDS)]
    doubled = [end for end in ends if end["cycles.AuditRow"] != once["cycles.AuditRow"]]
    assert len(doubled) >= ROUNDS - 1
