"""The canary proves that workers work; the sweep lets it fly when it is due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cycles.models import Run, RunState
from cycles.services.canary import KIND, canary_age, request_canary, request_canary_if_due
from cycles.services.runs import execute_run
from cycles.tasks import sweep_runs
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cast() -> None:
    make_cast()


def test_it_comes_back() -> None:
    assert canary_age() is None
    run = execute_run(request_canary().pk)
    assert (run.state, run.result) == (RunState.SUCCEEDED, {"attempt": 1})
    age = canary_age()
    assert age is not None
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_it_flies_once_per_interval() -> None:
    assert request_canary_if_due(timedelta(minutes=5)) is not None
    assert request_canary_if_due(timedelta(minutes=5)) is None
    sweep_runs()
    sweep_runs()
    assert Run.objects.filter(kind=KIND).count() == 1
