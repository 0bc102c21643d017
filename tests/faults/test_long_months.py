"""Long random sequences of whole months; and a ledger that drops a line is found by them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import DjangoDbBlocker

from demand.services.ledger import recording
from sop_portal.testing.databases import use_database
from tests.cast import make_cast
from tests.faults.conftest import Make
from tests.faults.forked import ended_as
from tests.faults.month_machine import LongMonths

pytestmark = pytest.mark.long

EXAMPLES = 4
STEPS = 20
ROUNDS = 10
LOUD = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@pytest.fixture(scope="module")
def in_the_month(
    make: Make, in_demand: str, servers: dict[str, str], django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """This process works in the database whose demand stage is open; every example is rolled back."""
    before = str(connections["default"].settings_dict["NAME"])
    world = make(in_demand)
    assert ended_as(world.fork(lambda: print(make_cast()), "cast")) == 0, world.said()
    with django_db_blocker.unblock():
        use_database(world.database, servers)
        LongMonths.cast = make_cast()
        yield
        use_database(before, servers)


def drive(number: int, *, examples: int, steps: int, **traits: object) -> None:
    """Run the machine from a seed; no shrinking, no memory of earlier runs; `traits` are attributes of the machine."""
    quick = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=LOUD,
    )
    machine = type("Months", (LongMonths,), traits)
    run_state_machine_as_test(seed(number)(machine), settings=quick)


def test_months_at_random(in_the_month: None) -> None:
    number = random.randrange(10**6)
    print(f"seed {number}")
    LongMonths.counts.clear()
    drive(number, examples=EXAMPLES, steps=STEPS)
    print(dict(sorted(LongMonths.counts.items())))
    assert LongMonths.counts.get("approve executive"), "no month came to its end"


def _dropping_a_line(edit: Any, series: Any, *, intent: Any, arrays: Any) -> int:
    """Write all lines of an edit but the last: the protection taken out."""
    return _write_lines(edit, series[:-1], intent=intent, arrays=tuple(block[:-1] for block in arrays))


_write_lines = recording.write_lines


def test_a_dropped_line_is_found(in_the_month: None) -> None:
    found = 0
    for number in range(ROUNDS):
        with mock.patch.object(recording, "write_lines", _dropping_a_line):
            try:
                drive(number, examples=12, steps=10, most_moves_ahead=0)
            except AssertionError:
                found += 1
    assert found >= ROUNDS - 1
