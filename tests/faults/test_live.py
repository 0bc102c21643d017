"""Sixty open pages on a whole portal: few connections, prompt events, a prompt end, nobody left in, Redis killed."""

from __future__ import annotations

import http.client
import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psutil
import psycopg2
import pytest

from sop_portal.embedded import locations
from sop_portal.embedded.processes import is_running, wait_until
from tests.faults.live_company import PEOPLE, TO_DISABLE
from tests.faults.portal import Portal, words_of
from tests.faults.test_portal_faults import PARTS, slowness
from tests.live.reader import Reader

pytestmark = pytest.mark.long
MOST_CONNECTIONS = 10
SHELL = [sys.executable, "manage.py", "shell", "--no-imports", "-c"]
CALL = "from tests.faults.live_company import {0}; {0}()"


class Company:
    """A portal with its sixty viewers, and the editor beside it."""

    def __init__(self) -> None:
        """Everything is made once; a portal is started per test."""
        self.portal = Portal()
        output = subprocess.run(
            [*SHELL, CALL.format("people")],
            cwd=locations.CHECKOUT,
            env=self.portal.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        made = json.loads(output.stdout.splitlines()[-1])
        self.plan, self.people = str(made["plan"]), [(int(pk), str(cookie)) for pk, cookie in made["cookies"]]

    @contextmanager
    def editor(self) -> Iterator[subprocess.Popen[str]]:
        """Somebody who edits, in a process of his own."""
        process = subprocess.Popen(
            [*SHELL, CALL.format("editor")],
            cwd=locations.CHECKOUT,
            env=self.portal.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        yield process
        process.communicate(timeout=20)

    @contextmanager
    def open_pages(self, first: int = TO_DISABLE) -> Iterator[list[Reader]]:
        """Streams of sixty people, all opened at the same time."""
        readers = [
            Reader(self.portal.port, cookie, self.plan, returns=True) for _, cookie in self.people[first:][:PEOPLE]
        ]
        try:
            yield readers
        finally:
            for reader in readers:
                reader.is_closed = True
            for reader in readers:
                reader.close()

    def web_processes(self) -> list[psutil.Process]:
        """The processes that serve."""
        found = [p for p in self.portal.processes() if "sop_portal.web" in words_of(p)]
        return list({process.pid: process for process in found}.values())


def tell(editor: subprocess.Popen[str], words: str) -> tuple[float, int]:
    """Have the editor do something; the moment before it, and what came of it."""
    assert editor.stdin is not None
    assert editor.stdout is not None
    editor.stdin.write(f"{words}\n")
    editor.stdin.flush()
    began, came = json.loads(editor.stdout.readline())
    return float(began), int(came)


class Sampler(threading.Thread):
    """Looks at pg_stat_activity every 20 ms and keeps the most connections that web processes held at once."""

    def __init__(self, company: Company) -> None:
        super().__init__(daemon=True)
        self._webs = company.web_processes()
        self._url = json.loads((company.portal.home / "addresses.json").read_text())["DATABASE_URL"]
        self.most, self.most_of_all, self.samples = 0, 0, 0
        self._over = threading.Event()

    def __enter__(self) -> Sampler:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self.join(10)
        assert self.samples > 5, "nothing was sampled"

    def run(self) -> None:
        query = (
            "SELECT client_port FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not self._over.wait(0.02):
                cursor.execute(query)
                ports = {port for (port,) in cursor.fetchall()}
                of_webs = {c.laddr.port for web in self._webs for c in web.net_connections("tcp") if c.laddr}
                self.most = max(self.most, len(ports & of_webs))
                self.most_of_all = max(self.most_of_all, len(ports))
                self.samples += 1


def ask(company: Company, cookie: str, path: str) -> tuple[int, float]:
    """Open an ordinary page; its status and the seconds it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", company.portal.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        status = connection.getresponse().status
    finally:
        connection.close()
    return status, time.monotonic() - began


def ask_at_once(company: Company) -> list[int]:
    """Sixty ordinary pages asked for in the same moment; their statuses."""
    statuses: list[int] = []
    path = f"/cycles/{company.plan}/"
    threads = [
        threading.Thread(target=lambda c=cookie: statuses.append(ask(company, c, path)[0]))
        for _, cookie in company.people[-PEOPLE:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


@pytest.fixture(scope="module")
def made() -> Iterator[Company]:
    """One company for the whole file."""
    company = Company()
    yield company
    company.portal.remove()


@pytest.fixture
def company(made: Company) -> Iterator[Company]:
    """Its portal, serving."""
    made.portal.start()
    yield made
    made.portal.end_leftovers()


def wait_for_all(readers: list[Reader], name: str, *, seconds: float = 30, count: int = 1, **detail: Any) -> None:
    deadline = time.monotonic() + seconds * slowness()
    for reader in readers:
        reader.wait_for(name, seconds=max(0.1, deadline - time.monotonic()), count=count, **detail)


def test_sixty_pages_hold_few_connections_hear_promptly_and_a_disabled_person_is_out(company: Company) -> None:
    with Sampler(company) as sampler, company.open_pages(first=0) as readers, company.editor() as editor:
        wait_for_all(readers, "hello", up=True)
        silently, at_once = readers[0], readers[1]
        disabled_at, _ = tell(editor, f"disable-silently {company.people[0][0]}")
        tell(editor, f"disable {company.people[1][0]}")
        assert wait_until(lambda: 401 in at_once.statuses, timeout_seconds=5 * slowness()), at_once.statuses
        others = readers[2:]
        waits = []
        for _ in range(5):
            began, revision = tell(editor, "edit")
            wait_for_all(others, "edited", revision=revision)
            waits += [reader.wait_for("edited", revision=revision).at - began for reader in others]
        _, run_id = tell(editor, "canary")
        wait_for_all(others, "run", run=run_id, state="succeeded")
        for reader in others:
            reader.drop()
        wait_for_all(others, "hello", count=2)
        _, revision = tell(editor, "edit")
        wait_for_all(others, "edited", revision=revision)
        statuses = Counter(ask_at_once(company))
        assert wait_until(lambda: 401 in silently.statuses, timeout_seconds=60), silently.statuses
        out_after = time.monotonic() - disabled_at
    p95 = statistics.quantiles(waits, n=20)[-1]
    print(
        f"event p95 {p95 * 1000:.0f} ms, worst {max(waits) * 1000:.0f} ms; connections: web {sampler.most}, all {sampler.most_of_all}"
    )
    print(f"{sampler.samples} samples; disabled without an event: out after {out_after:.0f} s")
    assert statuses == {200: PEOPLE}, statuses
    assert out_after <= 60
    assert sampler.most <= MOST_CONNECTIONS
    assert p95 < 1.0 * slowness()


def test_without_turns_sixty_requests_take_too_many_connections(made: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the count: the same moment without the limit of `FewConnections`."""
    plain = type(made.portal).environment.fget  # type: ignore[attr-defined]
    unlimited = property(lambda portal: {**plain(portal), "SOP_WEB_CONNECTIONS": "1000"})
    monkeypatch.setattr(type(made.portal), "environment", unlimited)
    made.portal.start()
    try:
        with Sampler(made) as sampler:
            ask_at_once(made)
        print(f"without the limit: {sampler.most} connections")
        assert sampler.most > MOST_CONNECTIONS
    finally:
        made.portal.end_leftovers()


def test_sigterm_ends_sixty_streams_and_the_portal_within_five_seconds(company: Company) -> None:
    before = {log: len(log.read_text()) for log in company.portal.home.glob("web*.log")}
    with company.open_pages() as readers:
        wait_for_all(readers, "hello")
        began = time.monotonic()
        company.portal.stop(signal.SIGTERM)
        took = time.monotonic() - began
        assert wait_until(lambda: not any(reader.is_open for reader in readers), timeout_seconds=5)
    print(f"the portal with sixty streams ended after {took:.1f} s")
    assert took < 5 * slowness()
    assert company.portal.processes() == []
    for log, length in before.items():
        written = log.read_text()[length:]
        assert "Traceback" not in written, written
        assert "[error" not in written, written


def knows(reader: Reader, revision: int) -> bool:
    """Whether a page heard of the edit, or of its revision in the greeting of the stream it came back to."""
    heard = [event.detail.get("revision") for event in list(reader.heard) if event.name in ("edited", "hello")]
    return revision in heard


def test_one_web_process_ends_and_its_readers_go_on_elsewhere(company: Company) -> None:
    with company.open_pages() as readers, company.editor() as editor:
        wait_for_all(readers, "hello")
        victim = company.portal.part(*PARTS["web"])
        began = time.monotonic()
        victim.send_signal(signal.SIGTERM)
        assert wait_until(lambda: not is_running(victim.pid), timeout_seconds=10)
        took = time.monotonic() - began
        moved = [reader for reader in readers if len(reader.statuses) > 1 or not reader.is_open]
        _, revision = tell(editor, "edit")
        assert wait_until(lambda: all(knows(reader, revision) for reader in readers), timeout_seconds=30 * slowness())
    print(f"a web process with {len(moved)} of {PEOPLE} streams ended after {took:.1f} s")
    assert took < 5 * slowness()


def test_redis_killed_and_back_under_open_pages(company: Company) -> None:
    with company.open_pages() as readers, company.editor() as editor:
        wait_for_all(readers, "hello", up=True)
        tell(editor, "edit")  # a process's first edit takes a second by itself
        victim = company.portal.part(*PARTS["redis"])
        victim.send_signal(signal.SIGKILL)
        assert wait_until(lambda: not is_running(victim.pid), timeout_seconds=5)
        began = time.monotonic()
        tell(editor, "edit")
        edited = time.monotonic() - began
        status, asked = ask(company, company.people[5][1], f"/cycles/{company.plan}/")
        assert status == http.client.OK
        assert edited < 1.0 * slowness(), "an edit waits for Redis"
        wait_for_all(readers, "away")
        wait_for_all(readers, "hello", up=True, count=2, seconds=60)
        time.sleep(5.5)  # the pause of the editor's own publisher
        _, revision = tell(editor, "edit")
        wait_for_all(readers, "edited", revision=revision)
    print(f"with Redis killed an edit took {edited * 1000:.0f} ms, a page {asked * 1000:.0f} ms")
