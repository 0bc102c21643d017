"""Decisions recorded and taken; what is open holds its stage back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from cycles import gates
from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import Plan
from cycles.services.answers import Question, record_decision, take_decision
from cycles.services.cycles import open_cycle
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

GAP = Question("finance.family_gap", "Road Bikes", "Reforecast or promote?", -1_000_000_00, ({"title": "Reforecast"},))

pytestmark = pytest.mark.django_db


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


def test_a_decision_is_recorded_once_and_taken_once(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=GAP, actor=cast.finance)
    assert [finding.money_cents for finding in gates.decisions_taken(plan)] == [-1_000_000_00]
    with pytest.raises(NotAllowedToYou):
        take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.demand_planner)
    with pytest.raises(ReasonMissing):
        take_decision(decision_id=decision.pk, choice="Reforecast", reason="", actor=cast.executive)
    take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.executive)
    with pytest.raises(NotAllowedNow, match="Executive has decided this: Reforecast"):
        take_decision(decision_id=decision.pk, choice="Promote", reason="No", actor=cast.finance)
    assert list(gates.decisions_taken(plan)) == []


def test_a_taken_decision_opens_again_when_its_money_changes(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=GAP, actor=cast.finance)
    take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.executive)
    assert record_decision(plan=plan, question=GAP, actor=cast.finance).state == "taken"
    worse = Question(GAP.code, GAP.subject, GAP.text, -2_000_000_00)
    assert record_decision(plan=plan, question=worse, actor=cast.finance).state == "open"
    assert (plan.decisions.count(), plan.decisions.get().pk) == (1, decision.pk)


def test_a_decision_needs_words_and_an_open_stage(plan: Plan, cast: Cast) -> None:
    with pytest.raises(ReasonMissing):
        record_decision(plan=plan, question=Question("a.b", "x", " "), actor=cast.finance)
    plan.stages.filter(kind="data").update(status="not_started")
    with pytest.raises(NotAllowedNow):
        record_decision(plan=plan, question=GAP, actor=cast.finance)
