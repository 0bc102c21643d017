"""The database of the tests: a real PostgreSQL, used as sop_app, cloned per worker from one template with the cast in it.

Tests that ask for no database start no server. Transactional tests are cleaned here and only here, by cloning again.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.test import TransactionTestCase, override_settings
from pytest_django import DjangoDbBlocker

from cycles.services import people
from sop_portal.celery import app
from sop_portal.embedded.lease import Lease
from sop_portal.embedded.locations import home
from sop_portal.embedded.secrets import passwords
from sop_portal.testing.databases import Clone, build_peopled_template, drop_leftovers
from tests import cast
from tests.cast import make_cast

QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def servers() -> Iterator[dict[str, str]]:
    """Addresses of PostgreSQL and Redis: those of the environment, else of embedded servers shared by all workers."""
    if os.environ.get("DATABASE_URL") and os.environ.get("DATABASE_OWNER_URL") and os.environ.get("REDIS_URL"):
        yield {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
        return
    lease = Lease(home("test"))
    yield {**lease.urls, "root_password": passwords(lease.home)["sop_root"]}
    lease.release()


@pytest.fixture(scope="session")
def redis_url(servers: dict[str, str], worker_index: int) -> str:
    """A Redis database of this worker's own, also the broker of tasks sent in tests."""
    return f"{servers['REDIS_URL'].rsplit('/', 1)[0]}/{worker_index % 16}"


@pytest.fixture(scope="session")
def worker_index() -> int:
    """0 without xdist, else the number of this worker from 1."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


@pytest.fixture(scope="session")
def django_db_setup(
    servers: dict[str, str], redis_url: str, worker_index: int, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Clone the template for this worker and point Django and Celery at the servers."""
    settings.REDIS_URL = settings.CELERY_BROKER_URL = app.conf.broker_url = redis_url
    drop_leftovers(servers)
    with django_db_blocker.unblock():
        template = build_peopled_template(servers, _cast_of_quick_passwords, Path(cast.__file__), Path(people.__file__))
        clone = Clone(servers, template, worker_index)
        clone.create()
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", lambda test: clone.create()):
        yield
    with django_db_blocker.unblock():
        clone.drop()


@pytest.fixture(autouse=True)
def _no_live_pages(settings: object) -> None:
    """Nothing is published and pages ask by themselves; tests of live pages switch it on."""
    settings.SOP_LIVE = False  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fast_passwords(settings: object) -> None:
    """Argon2 is slow on purpose; tests that log in a hundred people use a quick hasher."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS  # type: ignore[attr-defined]


def _cast_of_quick_passwords() -> None:
    with override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        make_cast()


@pytest.fixture(autouse=True)
def _static_files_when_asked(settings: object) -> None:
    """Every client of a test makes the middleware anew; it need not read all static files before the first page."""
    settings.WHITENOISE_AUTOREFRESH = True  # type: ignore[attr-defined]
