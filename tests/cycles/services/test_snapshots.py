"""Frozen plans: chained, exact after a round trip, every change named by verify."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from cycles.models import Plan, Snapshot, SnapshotRow
from cycles.services.cycles import open_cycle
from cycles.services.snapshots import freeze_snapshot, verify_chain, verify_snapshot
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


def freeze(plan: Plan, cast: Cast) -> Snapshot:
    with transaction.atomic():
        return freeze_snapshot(plan=plan, actor=cast.executive)


@pytest.mark.django_db
def test_what_was_frozen_verifies(plan: Plan, cast: Cast) -> None:
    first, second = freeze(plan, cast), freeze(plan, cast)
    assert (first.number, second.number, second.previous) == ("2013-11", "2013-11.1", first)
    assert [verify_snapshot(first), verify_snapshot(second), verify_chain()] == [[], [], []]
    row = first.rows.get(section="demand", position=1)
    assert (row.key, row.fields) == (['item "1"', "A\\B"], {"units": [1000, -7, 0], "uom": "EA", "note": None})
    assert first.header["sections"]["demand"] == {"total": 2, "rows": 2}


@pytest.mark.django_db
def test_verify_compares_with_a_root_kept_outside(plan: Plan, cast: Cast) -> None:
    root = freeze(plan, cast).root
    out = StringIO()
    call_command("verify", expect=root, stdout=out)
    assert "Everything is as it was approved." in out.getvalue()
    with pytest.raises(CommandError, match="1 problems"):
        call_command("verify", expect="0" * 64, stdout=StringIO(), stderr=StringIO())


CHANGES = {
    "fields = jsonb_set(fields, '{units,1}', '8')": "field units",
    "fields = jsonb_set(fields, '{uom}', '\"BOX\"')": "field uom",
    "fields = fields - 'note'": "field note",
    "fields = fields || '{\"more\": 1}'": "field more",
    "key = ARRAY['other']": "the row's digest does not fit",
    "digest = repeat('0', 64)": "the row's digest does not fit",
    "digests = digests - 'uom'": "field uom",
}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("change", CHANGES)
def test_any_changed_value_is_named(plan: Plan, cast: Cast, change: str) -> None:
    snapshot = freeze(plan, cast)
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE cycles_snapshotrow DISABLE TRIGGER refuse_change")
        cursor.execute(f"UPDATE cycles_snapshotrow SET {change} WHERE snapshot_id = %s AND position = 3", [snapshot.pk])
        cursor.execute("ALTER TABLE cycles_snapshotrow ENABLE TRIGGER refuse_change")
    told = [f"{problem.where}: {problem.what}" for problem in verify_snapshot(snapshot)]
    assert any("row 3" in line and CHANGES[change] in line for line in told), told
    assert not any(f"row {other} " in line for other in (0, 1, 2, 4, 5) for line in told)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_removed_row_a_changed_header_and_a_broken_chain_are_told(plan: Plan, cast: Cast) -> None:
    first, second = freeze(plan, cast), freeze(plan, cast)
    with connections["owner"].cursor() as cursor:
        for table in ("cycles_snapshotrow", "cycles_snapshot"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
        cursor.execute("DELETE FROM cycles_snapshotrow WHERE snapshot_id = %s AND position = 5", [first.pk])
        cursor.execute("UPDATE cycles_snapshot SET revision = 99 WHERE id = %s", [first.pk])
        cursor.execute("UPDATE cycles_snapshot SET previous_root = repeat('0', 64) WHERE id = %s", [second.pk])
    told = [problem.what for problem in verify_snapshot(Snapshot.objects.get(pk=first.pk))]
    assert "5 rows are stored, 6 were approved" in told
    assert "column revision differs from the approved header" in told
    assert any("root does not fit" in line for line in told)
    assert [problem.what for problem in verify_chain()] == ["does not stand on the root of the snapshot before it"]


@pytest.mark.django_db
def test_a_snapshot_needs_the_approving_transaction(plan: Plan, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(transaction.TransactionManagementError):
        freeze_snapshot(plan=plan, actor=cast.executive)
    assert not SnapshotRow.objects.exists()
