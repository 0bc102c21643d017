"""Reforecast as a decision: a numbered reference at leaf grain that never changes, and gates that use it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.frames.references import load_reference_rows
from catalog.models import ReferencePlan, ReferenceRow
from cycles.errors import NotAllowedToYou
from cycles.models import AuditRow, Decision
from cycles.services.answers import take_decision
from cycles.services.plans import bump_revision, lock_plan
from finance.models import Measure
from finance.selectors import family_gaps, position_of
from finance.selectors.reference import current_reference, references_of
from finance.services.adjustments import Scope, name_adjustment
from finance.services.reforecast import (
    CODE,
    ReforecastRefused,
    ask_reforecast,
    choice_of,
    next_number,
    reforecast_problems,
)
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.finance.services.test_answers import RISK
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def reforecast(sample: Sample, choice: str = "") -> Decision:
    asked = ask_reforecast(plan=sample.plan, text="Reforecast the year?", actor=sample.cast.finance)
    return take_decision(
        decision_id=asked.pk,
        choice=choice or choice_of(asked.subject),
        reason="The market moved",
        actor=sample.cast.executive,
    )


def test_the_finance_landing_becomes_the_reference(landed: Sample) -> None:
    scope = Scope(family_id=landed.company.families["CHAIRS"].pk)
    name_adjustment(plan=landed.plan, wording=replace(RISK, scope=scope), actor=landed.cast.finance)
    costs = replace(RISK, measure=Measure.COGS, cents=(-200_00,), title="Cheaper oak")
    name_adjustment(plan=landed.plan, wording=costs, actor=landed.cast.finance)
    reforecast(landed)
    position, reference = position_of(landed.plan), current_reference(landed.plan)
    assert position is not None and reference is not None
    assert (reference.number, reference.revenue_cents) == ("FY2014-R1", position.finance_landing)
    row = ReferencePlan.objects.get(pk=reference.plan_id)
    assert row.cogs_cents == position.cogs - 200_00
    assert (row.set_in, row.row_count) == (date(2014, 6, 1), row.rows.count())
    # 16 series in 12 months, one row of the family's adjustment (December) and one of the company's cost
    assert row.row_count == 16 * 12 + 1 + 1
    frame = load_reference_rows("reforecast", 2014)
    assert int(frame["revenue_cents"].sum()) == position.finance_landing
    assert sorted(set(frame["month"])) == [2014 * 12 + month for month in range(12)]
    audit = AuditRow.objects.get(code="finance.reforecast.set")
    assert (audit.subject, audit.actor, audit.before) == (
        "FY2014-R1",
        landed.cast.executive,
        {"reference": "Budget FY2014"},
    )


def test_both_gaps_stand_and_gates_use_the_current_one(landed: Sample) -> None:
    company = landed.company.company
    company.unanswered_amount_cents, company.unanswered_fraction = 1, 0
    company.save()
    before = {gap.node.subject: gap.cents for gap in family_gaps(landed.plan)}
    assert before
    reforecast(landed)
    assert family_gaps(landed.plan) == []  # the landing is its own reference
    position = position_of(landed.plan)
    assert position is not None and position.gap == before["company"]  # the budget stays beside it
    assert [row.word for row in references_of(landed.plan)] == ["budget", "FY2014-R1"]


def test_a_plan_before_it_knows_nothing_of_it(landed: Sample) -> None:
    reforecast(landed)
    landed.plan.first_month = date(2014, 5, 1)
    reference = current_reference(landed.plan)
    assert reference is not None and not reference.is_reforecast


def test_keeping_the_reference_sets_none_and_the_next_number_follows(landed: Sample) -> None:
    reforecast(landed, choice="Keep the present reference")
    assert not ReferencePlan.objects.filter(code="reforecast").exists()
    Decision.objects.filter(code=CODE).delete()
    reforecast(landed)
    assert next_number(landed.plan) == "FY2014-R2"


def test_words_that_are_no_option_decide_nothing(landed: Sample) -> None:
    with pytest.raises(ReforecastRefused, match="none of the options.*Choose “Reforecast as FY2014-R1” or “Keep"):
        reforecast(landed, choice="Yes, do it")
    assert Decision.objects.get().state == "open"


def test_nobody_decides_what_he_asked_for(landed: Sample) -> None:
    asked = ask_reforecast(plan=landed.plan, text="Reforecast?", actor=landed.cast.finance)
    with pytest.raises(NotAllowedToYou, match="somebody else"):
        take_decision(decision_id=asked.pk, choice=choice_of(asked.subject), reason="x", actor=landed.cast.finance)
    asked.refresh_from_db()
    assert asked.state == "open"
    assert not ReferencePlan.objects.filter(code="reforecast").exists()


def test_a_landing_that_is_behind_is_no_reference(landed: Sample) -> None:
    with transaction.atomic():
        bump_revision(lock_plan(landed.plan.pk), ledger="demand")
    landed.plan.refresh_from_db()
    with pytest.raises(ReforecastRefused, match="Landing “run .*The plan moved after it. Compute it again."):
        ask_reforecast(plan=landed.plan, text="Reforecast?", actor=landed.cast.finance)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_referencerow SET revenue_cents = 0 WHERE plan_id = %s",
        "DELETE FROM catalog_referencerow WHERE plan_id = %s",
        "UPDATE catalog_referenceplan SET revenue_cents = 0 WHERE id = %s",
        "DELETE FROM catalog_referenceplan WHERE id = %s",
    ],
)
def test_a_reforecast_never_changes_and_a_budget_may(landed: Sample, statement: str) -> None:
    reforecast(landed)
    kept = ReferencePlan.objects.get(code="reforecast").pk
    with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [kept])
    ReferenceRow.objects.filter(plan=landed.company.budget).update(basis="changed")  # the control


def test_verify_adds_the_rows_up_again(landed: Sample) -> None:
    reforecast(landed)
    assert list(reforecast_problems()) == []
    plan = ReferencePlan.objects.get(code="reforecast")
    ReferenceRow.objects.create(plan=plan, month=date(2014, 1, 1), revenue_cents=1, cogs_cents=0, basis="reforecast")
    assert [problem.what for problem in reforecast_problems()] == ["revenue_cents is not the sum of its rows"]
