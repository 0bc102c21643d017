"""What docker-compose.yml would start, started here without Docker: production settings, one-off migration, health, logs."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.processes import wait_until
from tests.machine.compose import PORTAL
from tests.machine.containers_without_docker import Stack

pytestmark = pytest.mark.long
CANARY = "SELECT count(*) FROM cycles_run WHERE kind = 'cycles.canary' AND state = 'succeeded'"


@pytest.fixture(scope="module")
def stack(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An empty database, migrated by the one-off service; static files as the image collects them."""
    made = Stack(servers, tmp_path_factory.mktemp("stack"))
    try:
        collected = made.run(["manage.py", "collectstatic", "--noinput"], "web")
        assert collected.returncode == 0, collected.stderr
        compressed = made.run(["-m", "whitenoise.compress", "--quiet", str(made.folder / "static")], "web")
        assert compressed.returncode == 0, compressed.stderr
        done = made.migrate()
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def started(stack: Stack) -> Stack:
    """Web, worker and beat, well by their own health checks; each was not well before it ran."""
    before = {name: stack.health(name) for name in PORTAL}
    assert before == dict.fromkeys(PORTAL, 1)
    for name in PORTAL:
        stack.start(name)
    for name in PORTAL:
        assert stack.becomes(name, 0), f"{name}:\n{stack.log(name).read_text()[-3000:]}"
    return stack


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Message
    body: bytes


def answer_of(stack: Stack, path: str, **headers: str) -> Answer:
    """What the web service answers as the proxy would ask."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Host": "sop.example.com", **headers})
        found = connection.getresponse()
        return Answer(found.status, found.headers, found.read())


def test_the_migration_may_run_again(stack: Stack) -> None:
    done = stack.migrate()
    assert done.returncode == 0, done.stderr
    assert "No migrations to apply" in done.stdout


def test_a_run_comes_back_from_a_worker(started: Stack) -> None:
    assert wait_until(lambda: started.ask(CANARY)[0][0] != 0, timeout_seconds=60), started.log("worker").read_text()


def test_web_answers_behind_the_proxy_only(started: Stack) -> None:
    assert answer_of(started, "/readyz").status == 200
    plain = answer_of(started, "/login/")
    assert (plain.status, plain.headers["Location"]) == (301, "https://sop.example.com/login/")
    page = answer_of(started, "/login/", **{"X-Forwarded-Proto": "https"})
    assert (page.status, page.headers["Strict-Transport-Security"]) == (
        200,
        f"max-age={365 * 24 * 60 * 60}; includeSubDomains; preload",
    )
    assert page.headers["Set-Cookie"].startswith("__Host-csrf=") and "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Server"] is None


def test_static_files_come_compressed_from_the_collected_folder(started: Stack) -> None:
    secure = {"X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"}
    answer = answer_of(started, "/static/css/tokens.css", **secure)
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(answer.body) == (CHECKOUT / "static/css/tokens.css").read_bytes()


def test_every_line_of_every_service_is_json_with_its_ids(started: Stack) -> None:
    lines = {name: started.log(name).read_text().splitlines() for name in PORTAL}
    parsed = {name: [json.loads(line) for line in found] for name, found in lines.items()}
    for found in parsed.values():
        assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in found)
    executed = [line for line in parsed["worker"] if line["event"] == "task_started" and "run" in line]
    assert executed and all(line["task_id"] for line in executed)
    asked = [line for line in parsed["web"] if line["event"] == "request_finished"]
    assert {line["request"] for line in asked} >= {"GET /login/"}
    assert all(line["request_id"] and "duration_ms" in line for line in asked)
    password = started.redis_url.split(":")[2].split("@")[0]
    assert password not in "".join("".join(found) for found in lines.values())


def test_each_ends_when_it_is_told_to_and_is_not_well_then(started: Stack) -> None:
    """The last one: it ends everything. A worker's sign of life grows old; here it is made old."""
    for name in PORTAL:
        assert started.stop(name, seconds=10) in (0, -15), started.log(name).read_text()[-2000:]
    for name in ("worker", "beat"):
        sign = Path(started.environment(name)["SOP_ALIVE_FILE"])
        age = sign.stat().st_mtime - 120
        os.utime(sign, (age, age))
    assert {name: started.health(name) for name in PORTAL} == dict.fromkeys(PORTAL, 1)
