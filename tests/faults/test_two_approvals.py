"""Two approvals at once on two connections: one wins, the other hears by whom and when; with negative controls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import date
from unittest import mock

import pytest
from django.db import DatabaseError, connection

from cycles.errors import DomainError
from cycles.models import Plan, SignOff, Stage, User
from cycles.registry import Finding
from cycles.selectors import stage_of
from cycles.services import stages
from cycles.services.cycles import open_cycle
from cycles.workflow import StageKind
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

ROUNDS = 10
WON = "won"


def slow_gate(plan: Plan) -> Iterable[Finding]:
    """Leaves time between reading the stage and writing it."""
    time.sleep(0.1)
    return ()


def approve(stage: Stage, actor: User) -> str:
    """Approve on a connection of this thread; the answer in words."""
    try:
        stages.approve_stage(stage_id=stage.pk, actor=actor)
    except (DomainError, DatabaseError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return WON


def race(stage: Stage, cast: Cast) -> list[str]:
    """Let two people approve at the same moment; sorted answers, the winner's first."""
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(approve, [stage, stage], [cast.finance, cast.finance2]))
    return sorted(answers, key=lambda answer: answer != WON)


def is_right(stage: Stage, answers: list[str]) -> bool:
    """One won, and the other was told by whom and when; one sign-off, one next stage."""
    stage.refresh_from_db()
    assert stage.approved_at is not None
    told = f"was approved by {stage.approved_by} on {stage.approved_at:%Y-%m-%d at %H:%M} UTC"
    approvals = SignOff.objects.filter(stage=stage, round=stage.round, action="approve").count()
    return answers[0] == WON and answers[1].startswith("NotAllowedNow") and told in answers[1] and approvals == 1


def rounds(protection: Callable[[], object]) -> Iterator[tuple[Stage, list[str]]]:
    """Submit, race and reopen ten times."""
    cast = make_cast()
    with alone(gates={StageKind.DATA: slow_gate}):
        plan = open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)
        stage = stage_of(plan, StageKind.DATA)
        for _ in range(ROUNDS):
            stages.submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
            with protection():  # type: ignore[attr-defined]
                answers = race(stage, cast)
            yield stage, answers
            stages.reopen_stage(stage_id=stage.pk, actor=cast.finance, reason="Once more")


@contextmanager
def without_the_lock() -> Iterator[None]:
    with mock.patch.object(stages, "lock_plan", lambda plan_id: Plan.objects.get(pk=plan_id)):
        yield


@contextmanager
def without_any_protection() -> Iterator[None]:
    def save_anyway(stage: Stage, changes: dict[str, object]) -> bool:
        return bool(Stage.objects.filter(pk=stage.pk).update(**changes))

    with without_the_lock(), mock.patch.object(stages, "_save_if_unchanged", save_anyway):
        yield


@pytest.mark.django_db(transaction=True)
def test_one_wins_and_the_other_is_told() -> None:
    assert [answers for stage, answers in rounds(nullcontext) if not is_right(stage, answers)] == []


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protection", [without_the_lock, without_any_protection])
def test_negative_control(protection: Callable[[], object]) -> None:
    wrong = [answers for stage, answers in rounds(protection) if not is_right(stage, answers)]
    assert len(wrong) >= ROUNDS - 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_even_without_any_protection_the_database_keeps_one_approval_per_round() -> None:
    for stage, answers in rounds(without_any_protection):
        assert answers.count(WON) == 1
        assert "signoff_once_per_round" in answers[1]
        assert SignOff.objects.filter(stage=stage, round=stage.round, action="approve").count() == 1
