"""Plans before their first landing, or without a supply plan: what is not known is said, never zero."""

from __future__ import annotations

import pytest
from django.db import connection

from finance.frames.promises import promise_ledger
from finance.services.actions import add_action, carry_actions
from finance.services.shadow.checking import NothingToCompare
from tests.finance.sample_plan import land, open_reconciliation, sample_plan
from tests.finance.services.test_answers import next_plan
from tests.finance.services.test_landing import UPSIDE_OPEN, gate_findings, summary_of
from tests.finance.services.test_promises import close_june, promise
from tests.finance.services.test_shadow_check import as_csv, check, rows_of_plan

pytestmark = pytest.mark.django_db


def test_without_a_supply_plan_revenue_is_at_consensus_and_says_so() -> None:
    sample = sample_plan()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM supply_shipseries")
    run = land(sample)
    summary = summary_of(sample.plan)
    assert summary["plan"] == UPSIDE_OPEN
    assert summary["cash"] is None and summary["closing_inventory"] is None
    assert any("No supply plan" in note for note in run.result["notes"])
    assert [f.subject for f in gate_findings(sample, "finance.landing_current")] == ["supply"]  # type: ignore[attr-defined]


def test_a_promise_on_nothing_landed_is_not_known_never_zero() -> None:
    sample = sample_plan()
    open_reconciliation(sample)
    add_action(plan=sample.plan, promise=promise(sample), actor=sample.cast.finance)
    plan = next_plan(sample)
    carry_actions(plan=plan, previous=sample.plan, actor=sample.cast.finance)
    close_june(units=30)
    (ledger,) = promise_ledger(plan)
    assert (ledger.promises[0].came, ledger.promised, ledger.unknown) == (None, 0, 1)


def test_without_a_landing_there_are_no_dollars() -> None:
    sample = sample_plan()
    with pytest.raises(NothingToCompare):
        check(sample, as_csv(rows_of_plan()))
