"""Imports as runs: by command and by upload, whole or not at all, twice without change, only while data is open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import ImportBatch, Item, Market
from cycles.errors import ImportRefused, NotAllowedNow, NotAllowedToYou
from cycles.models import AuditRow, Plan, RunState
from cycles.selectors import stage_of
from cycles.services.cycles import open_cycle
from cycles.services.imports import request_import
from cycles.services.runs import execute_run
from cycles.services.stages import submit_stage
from cycles.workflow import StageKind
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import small_company

PACK = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "adventureworks"
CHANNELS = b"channel,name\nONLINE,Online shop\nRESELLER,Resellers\nOEM,Makers\n"

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    small_company()
    return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


def hand_in(actor: object, content: bytes = CHANNELS) -> RunState:
    run = request_import(dataset="channels", file_name="channels.csv", content=content, actor=actor)  # type: ignore[arg-type]
    return RunState(execute_run(run.pk).state)


def test_a_file_is_a_run_with_audit_and_a_new_rates_revision(plan: Plan, cast: Cast) -> None:
    assert hand_in(cast.demand_planner) == RunState.SUCCEEDED
    plan.refresh_from_db()
    assert (plan.revision, plan.rates_revision) == (1, 1)
    applied = AuditRow.objects.get(code="cycles.import.applied")
    assert (applied.plan, applied.after["rows"], applied.actor) == (plan, 3, cast.demand_planner)


def test_the_same_file_twice_changes_nothing(plan: Plan, cast: Cast) -> None:
    hand_in(cast.demand_planner)
    assert hand_in(cast.demand_planner) == RunState.SUCCEEDED
    plan.refresh_from_db()
    assert plan.revision == 1


def test_a_fault_in_the_last_row_applies_nothing(plan: Plan, cast: Cast) -> None:
    before = ImportBatch.objects.count()
    with pytest.raises(ImportRefused) as refused:
        hand_in(cast.demand_planner, CHANNELS + b",nameless\n")
    batch = ImportBatch.objects.get(pk=refused.value.batch_id)
    assert ImportBatch.objects.count() == before + 1
    assert (batch.status, batch.faults[0]["row"]) == (ImportBatch.Status.REFUSED, 5)
    assert AuditRow.objects.filter(code="cycles.import.refused").count() == 1
    plan.refresh_from_db()
    assert plan.revision == 0


def test_who_may_not_import(plan: Plan, cast: Cast) -> None:
    for person in (cast.executive, cast.viewer, cast.outsider):
        with pytest.raises(NotAllowedToYou):
            hand_in(person)


def test_a_submitted_data_stage_takes_no_files_not_even_queued_ones(plan: Plan, cast: Cast) -> None:
    queued = request_import(dataset="channels", file_name="c.csv", content=CHANNELS, actor=cast.finance)
    submit_stage(stage_id=stage_of(plan, StageKind.DATA).pk, actor=cast.demand_planner)
    with pytest.raises(NotAllowedNow):
        hand_in(cast.finance)
    run = execute_run(queued.pk)
    assert (run.state, ImportBatch.objects.get(pk=queued.parameters["batch"]).status) == ("failed", "staged")


@pytest.mark.long
@pytest.mark.skipif(not PACK.is_dir(), reason="the AdventureWorks extract is not beside the checkout (SOP_SHARED)")
def test_the_pack_of_adventureworks_by_command_twice(cast: Cast) -> None:
    first, second = StringIO(), StringIO()
    call_command("import_pack", str(PACK), stdout=first)
    assert "products: 504 rows, 504 added" in first.getvalue()
    assert (Item.objects.count(), Market.objects.count()) == (504, 20)
    call_command("import_pack", str(PACK), stdout=second)
    assert all(" 0 added, 0 changed, 0 removed" in line for line in second.getvalue().splitlines())


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="lacks"):
        call_command("import_pack", str(tmp_path))
