"""A database per module: a month is run once, every test looks at it inside a transaction of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from sop_portal.testing.databases import Clone, build_template, use_database

BESIDE = 500
PACK = Path(os.environ.get("SOP_SHARED", Path(__file__).parents[3] / "shared")) / "data/adventureworks"


@pytest.fixture(scope="session")
def adventureworks() -> Path:
    """The folder of the real pack; skips where it is not there."""
    if not PACK.is_dir():
        pytest.skip("the AdventureWorks pack is not beside the checkout (set SOP_SHARED)")
    return PACK


@pytest.fixture(scope="module")
def own_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, servers: dict[str, str], worker_index: int
) -> Iterator[str]:
    """An empty migrated database for this module; what is written outside a test stays until the module ends."""
    with django_db_blocker.unblock():
        before = str(connections["default"].settings_dict["NAME"])
        clone = Clone(servers, build_template(servers), worker_index + BESIDE)
        clone.create()
        yield clone.name
        clone.drop()
        use_database(before, servers)
