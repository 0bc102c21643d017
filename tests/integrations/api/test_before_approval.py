"""The API of a company that has approved no plan yet."""

from __future__ import annotations

import pytest
from django.test import Client

from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key
from tests.cast import make_cast
from tests.integrations.api.test_plans import LATEST

pytestmark = pytest.mark.django_db


def test_there_is_no_latest_plan_before_the_first_approval() -> None:
    token = issue_key(wish=KeyWish("ERP", [Scope.READ_PLANS]), actor=make_cast().admin).token
    answer = Client(headers={"authorization": f"Bearer {token}"}).get(LATEST)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
