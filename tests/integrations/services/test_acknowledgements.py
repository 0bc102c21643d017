"""Acknowledgements: once per Idempotency-Key, for 90 days; the command that issues keys."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cycles.models import AuditRow
from cycles.services.retention import forget_expired
from integrations.models import Acknowledgement, IdempotentAnswer
from integrations.services.acknowledgements import Loaded, StillRunning, acknowledge_plan
from integrations.services.keys import recognise_key
from tests.cast import make_cast
from tests.integrations.frozen import Frozen, frozen_plan

pytestmark = pytest.mark.django_db
HOLD = "SELECT pg_advisory_lock(('x' || substr(encode(sha256(%s), 'hex'), 1, 16))::bit(64)::bigint)"


def acknowledge(frozen: Frozen) -> dict[str, object]:
    """Acknowledge 36 rows under one key."""
    return acknowledge_plan(
        snapshot=frozen.snapshot, loaded=Loaded(36, 1_500_60), api_key=frozen.key, idempotency_key="one"
    )


def test_an_acknowledgement_is_audited_and_answered_again() -> None:
    frozen = frozen_plan()
    assert acknowledge(frozen) == acknowledge(frozen)
    assert AuditRow.objects.filter(code="integrations.plan.acknowledged").count() == 1
    assert acknowledge(frozen)["agrees"] is True


def test_after_90_days_the_key_is_forgotten() -> None:
    frozen = frozen_plan()
    acknowledge(frozen)
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(days=91))
    acknowledge(frozen)
    assert Acknowledgement.objects.count() == 2


def test_the_sweep_forgets_keys_after_90_days() -> None:
    frozen = frozen_plan()
    acknowledge(frozen)
    assert "integrations.answers" not in forget_expired()
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert forget_expired()["integrations.answers"] == 1
    assert not IdempotentAnswer.objects.exists()


def test_a_second_call_while_the_first_runs_is_told_so() -> None:
    frozen = frozen_plan()
    other = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        with other.cursor() as cursor:
            cursor.execute(HOLD, [f"{frozen.key.pk}:one".encode()])
            with pytest.raises(StillRunning):
                acknowledge(frozen)
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert acknowledge(frozen)["agrees"] is True


def test_the_command_prints_a_key_that_works() -> None:
    make_cast()
    told = StringIO()
    call_command("create_api_key", "ERP", "--scope", "plans:read", "--address", "127.0.0.1", stdout=told)
    token = told.getvalue().splitlines()[-1]
    assert recognise_key(token=token, address="127.0.0.1").scopes == ["plans:read"]
