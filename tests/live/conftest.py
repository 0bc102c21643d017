"""The small company with an open cycle, web processes in threads, and browsers that read streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.conf import settings as django_settings
from django.test import Client

from cycles.models import Plan, User
from cycles.services.cycles import open_cycle
from tests.cast import Cast, make_cast
from tests.live.reader import Reader
from tests.live.serving import Serving, serving
from tests.small_company import small_company


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Everybody."""
    return make_cast()


@pytest.fixture
def plan(cast: Cast, settings: object) -> Plan:
    """The plan of January 2014, its data stage open; no worker is woken."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    small_company()
    return open_cycle(month=date(2014, 1, 1), actor=cast.finance)


@pytest.fixture
def serve(transactional_db: None, settings: object) -> Iterator[Serving]:
    """Start web processes whose pages are live; all of them are ended with the test."""
    settings.SOP_LIVE = True  # type: ignore[attr-defined]
    with serving() as started:
        yield started


@pytest.fixture
def read(serve: Serving) -> Iterator[Callable[..., Reader]]:
    """Open streams as browsers do; all of them are closed with the test, before the web processes."""
    readers: list[Reader] = []

    def begin(port: int, user: User | None, plan: str, **more: object) -> Reader:
        readers.append(Reader(port, cookie_of(user), plan, **more))  # type: ignore[arg-type]
        return readers[-1]

    yield begin
    for reader in readers:
        reader.close()


def cookie_of(user: User | None) -> str:
    """The session cookie of a person who has just signed in; '' for nobody."""
    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
