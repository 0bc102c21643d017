"""A browser's EventSource in a thread: reads a stream, comes back when it ends, remembers what it heard and when."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sop_portal.embedded.processes import wait_until


@dataclass(frozen=True)
class Heard:
    """One event as it arrived; `at` on the monotonic clock."""

    name: str
    detail: dict[str, Any]
    key: str
    at: float


@dataclass
class Reader:
    """One stream of one person. With `returns` it connects again after each end, as browsers do."""

    port: int
    cookie: str
    plan: str
    last: str = ""
    returns: bool = False
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    is_open: bool = False
    is_closed: bool = False
    retry_seconds: float = 1.0

    def __post_init__(self) -> None:
        """Begin at once."""
        self._socket: socket.socket | None = None
        self._going = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def names(self) -> list[str]:
        """What it heard, in order."""
        return [event.name for event in self.heard]

    def wait_for(self, name: str, *, seconds: float = 5.0, count: int = 1, **detail: Any) -> Heard:
        """The event of that name whose detail has these values, the `count`-th of them."""

        def found() -> list[Heard]:
            return [e for e in list(self.heard) if e.name == name and detail.items() <= e.detail.items()]

        assert wait_until(lambda: len(found()) >= count, timeout_seconds=seconds), (name, detail, self.heard)
        return found()[count - 1]

    def wait_until_ended(self, seconds: float = 5.0) -> None:
        """Until the stream is no longer open."""
        assert wait_until(lambda: not self.is_open and bool(self.statuses), timeout_seconds=seconds), self.heard

    def close(self) -> None:
        """Go away, as a closed page does."""
        self.is_closed = True
        self._going.set()
        self.drop()
        self._thread.join(5)

    def drop(self) -> None:
        """Lose the connection; one that returns connects again."""
        with suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self.is_closed:
            with suppress(OSError, http.client.HTTPException, AttributeError, ValueError):
                self._read_once()
            self.is_open = False
            if not self.returns or (self.statuses and self.statuses[-1] in (204, 401, 404)):
                return
            self._going.wait(self.retry_seconds)

    def _read_once(self) -> None:
        headers = {"Cookie": self.cookie, "Accept": "text/event-stream"}
        if self.last:
            headers["Last-Event-ID"] = self.last
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"/live/?plan={self.plan}", headers=headers)
            self._socket = connection.sock
            answer = connection.getresponse()
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            self.is_open = answer.status == http.client.OK
            self.statuses.append(answer.status)
            if self.is_open:
                self._read_events(answer)
        finally:
            connection.close()

    def _read_events(self, answer: http.client.HTTPResponse) -> None:
        lines: dict[str, str] = {}
        while raw := answer.readline():
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name == "retry":
                self.retry_seconds = int(value) / 1000
            elif name in ("id", "event", "data"):
                lines[name] = value
            elif not name and "event" in lines:
                self.last = lines.get("id", self.last)
                self.heard.append(
                    Heard(lines["event"], json.loads(lines["data"]), lines.get("id", ""), time.monotonic())
                )
                lines = {}
