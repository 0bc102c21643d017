"""A small company with an open cycle, the cast, and a way to be signed in as one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from cycles.models import Plan
from cycles.services.cycles import open_cycle
from tests.cast import Cast, make_cast
from tests.small_company import small_company

SignedIn = Callable[[str], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody."""
    return make_cast()


@pytest.fixture
def plan(cast: Cast, settings: object) -> Plan:
    """The plan of January 2014, its data stage open; no worker is woken."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


@pytest.fixture
def signed_in(cast: Cast) -> SignedIn:
    """Return a client in which the named member of the cast is signed in; '' is nobody."""

    def enter(name: str) -> Client:
        client = Client()
        if name:
            client.force_login(getattr(cast, name))
        return client

    return enter
