"""A web process in a thread of the test: Django and its streams behind uvicorn, on the real database and Redis."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import uvicorn
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.test import Client

from cycles.models import Plan, User
from cycles.services.cycles import open_cycle
from sop_portal.embedded.processes import wait_until
from sop_portal.live.hub import Hub
from sop_portal.live.streams import LiveStreams
from tests.cast import Cast, make_cast
from tests.live.reader import Reader
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


@dataclass
class Served:
    """One web process of the test."""

    port: int
    hub: Hub


@pytest.fixture
def serve(transactional_db: None, settings: object) -> Iterator[Callable[..., Served]]:
    """Start web processes; all of them are ended with the test."""
    settings.SOP_LIVE = True  # type: ignore[attr-defined]
    running: list[tuple[uvicorn.Server, threading.Thread, Hub]] = []

    def start(*, most_streams: int = 100, most_per_user: int = 100) -> Served:
        hub = Hub(most_streams=most_streams, most_per_user=most_per_user)
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            LiveStreams(get_asgi_application(), hub), lifespan="off", log_config=None, timeout_graceful_shutdown=3
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert wait_until(lambda: server.started, timeout_seconds=10)
        running.append((server, thread, hub))
        return Served(listener.getsockname()[1], hub)

    yield start
    for server, thread, hub in running:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the web process did not end"
        assert len(hub) == 0


@pytest.fixture
def read(serve: Callable[..., Served]) -> Iterator[Callable[..., Reader]]:
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
