"""Web processes in threads of a test: Django and its streams behind uvicorn, on the real database and Redis."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from django.core.asgi import get_asgi_application

from sop_portal.embedded.processes import wait_until
from sop_portal.live.hub import Hub
from sop_portal.live.streams import LiveStreams


@dataclass
class Served:
    """One web process of a test."""

    port: int
    hub: Hub


class Serving:
    """Starts web processes and ends all of them."""

    def __init__(self) -> None:
        """None yet."""
        self._running: list[tuple[uvicorn.Server, threading.Thread, Hub]] = []

    def __call__(self, *, most_streams: int = 100, most_per_user: int = 100) -> Served:
        """Start one more."""
        hub = Hub(most_streams=most_streams, most_per_user=most_per_user)
        listener = socket.create_server(("127.0.0.1", 0))
        application = LiveStreams(get_asgi_application(), hub)
        config = uvicorn.Config(application, lifespan="off", log_config=None, timeout_graceful_shutdown=3)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert wait_until(lambda: server.started, timeout_seconds=10)
        self._running.append((server, thread, hub))
        return Served(listener.getsockname()[1], hub)

    def end(self) -> None:
        """End all; a stream that is left open would keep its process."""
        for server, thread, hub in self._running:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive(), "the web process did not end"
            assert len(hub) == 0


@contextmanager
def serving() -> Iterator[Serving]:
    """Web processes for the length of a test."""
    started = Serving()
    yield started
    started.end()
