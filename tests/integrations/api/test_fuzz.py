"""The API under generated requests: no defect, no answer outside the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.integrations.frozen import frozen_plan

KEPT = Path(__file__).parents[3] / "docs" / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_path(str(KEPT))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
#: Only the server makes cursors, and the test brings its own key.
NOT_ASKED = [ignored_auth, positive_data_acceptance]
FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def _close_connections_again() -> None:
    """Undo what keeps the test's transaction alive across requests."""
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_generated_requests_are_answered_by_the_schema(
    operation: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    cache.clear()
    monkeypatch.setattr("integrations.api.throttling.REQUESTS", 10**9)
    token, portal = frozen_plan().token, get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request.addfinalizer(_close_connections_again)

    @given(case=operation.as_strategy())
    @FEW
    def ask(case: Any) -> None:
        if "number" in case.path_parameters and len(str(case.path_parameters["number"])) % 2:
            case.path_parameters["number"] = "2026-10"
        answer = case.call(headers={"Authorization": f"Bearer {token}"}, app=portal)
        assert answer.status_code < 500
        case.validate_response(answer, excluded_checks=NOT_ASKED)

    ask()
