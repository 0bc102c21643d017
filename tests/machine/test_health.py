"""Is it alive, and can it serve?"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client


def test_healthz_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_names_its_parts(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": "ok", "redis": "ok"})


@pytest.mark.django_db
def test_readyz_tells_that_redis_is_away(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["redis"]) == (503, "unreachable")


@pytest.mark.django_db
def test_readyz_tells_that_migrations_are_pending(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP VIEW django_migrations AS SELECT * FROM public.django_migrations WHERE app <> 'cycles'"
        )
        response = client.get("/readyz")
        cursor.execute("DROP VIEW pg_temp.django_migrations")
    assert (response.status_code, response.json()["database"]) == (503, "migrations pending")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_only_answers_reads(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
