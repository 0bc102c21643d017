"""Tests run as the application's role, and the application refuses any stronger one."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("sop_app",)
