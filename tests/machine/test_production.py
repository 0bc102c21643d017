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
from typing import Any
from urllib.parse import urlencode

import pytest

from sop_portal.embedded.locations import CHECKOUT
from sop_portal.embedded.processes import wait_until
from tests.machine.compose import PORTAL
from tests.machine.containers_without_docker import Stack

pytestmark = pytest.mark.long
CANARY = "SELECT count(*) FROM cycles_run WHERE kind = 'cycles.canary' AND state = 'succeeded'"
PREPARE = """
from cycles.models import Membership, Run, RunState, User
from cycles.policy import Role
from cycles.selectors import service_user
somebody = User.objects.create_user("somebody", password="correct horse battery")
Membership.objects.create(user=somebody, role=Role.ADMIN.value)
run = Run.objects.create(kind="cycles.canary", input_hash="0" * 64, state=RunState.FAILED.value, version="1",
                         requested_by=service_user(Role.ADMIN), parameters={"minute": "asked by hand"}, inputs={})
print(run.pk)
"""


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


def post(stack: Stack, path: str, form: dict[str, str], kept: dict[str, str]) -> Answer:
    """Send a form as a browser behind the proxy would."""
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    headers = {"Host": "sop.example.com", "X-Forwarded-Proto": "https", "Referer": "https://sop.example.com/"}
    headers |= {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", path, body=urlencode(form), headers=headers)
        found = connection.getresponse()
        return Answer(found.status, found.headers, found.read())


def cookies(answer: Answer) -> dict[str, str]:
    """The cookies that an answer sets."""
    pairs = (header.split(";")[0].split("=", 1) for header in answer.headers.get_all("Set-Cookie", []))
    return dict(pairs)


def parsed(stack: Stack, name: str) -> list[dict[str, Any]]:
    """The whole lines that a service wrote so far."""
    return [json.loads(line) for line in stack.log(name).read_text().split("\n")[:-1]]


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
    for found in (parsed(started, name) for name in PORTAL):
        assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in found)
    executed = [line for line in parsed(started, "worker") if line["event"] == "task_started" and "run" in line]
    assert executed and all(line["task_id"] for line in executed)
    asked = [line for line in parsed(started, "web") if line["event"] == "request_finished"]
    assert {line["request"] for line in asked} >= {"GET /login/"}
    assert all(line["request_id"] and "duration_ms" in line for line in asked)
    password = started.redis_url.split(":")[2].split("@")[0]
    assert password not in "".join("".join(found) for found in lines.values())


def test_a_request_and_the_task_that_it_woke_share_their_id(started: Stack) -> None:
    """Sign in by the form, ask for a failed run again, and find the worker's lines by the request's id."""
    made = started.run(["manage.py", "shell", "-v", "0", "-c", PREPARE], "web")
    assert made.returncode == 0, made.stderr
    run = int(made.stdout)
    first = answer_of(started, "/login/", **{"X-Forwarded-Proto": "https"})
    token = cookies(first)["__Host-csrf"]
    form = {"csrfmiddlewaretoken": token, "username": "somebody", "password": "correct horse battery"}
    session = cookies(post(started, "/login/", form, {"__Host-csrf": token}))
    form = {"csrfmiddlewaretoken": session["__Host-csrf"]}
    assert post(started, f"/cycles/runs/{run}/again/", form, session).status == 302
    asked = [line for line in parsed(started, "web") if line.get("request") == f"POST /cycles/runs/{run}/again/"]
    (request_id,) = {line["request_id"] for line in asked if line["event"] == "request_finished"}

    def worked() -> list[dict[str, Any]]:
        return [line for line in parsed(started, "worker") if line.get("request_id") == request_id]

    assert wait_until(
        lambda: {"task_started", "task_succeeded"} <= {line["event"] for line in worked()}, timeout_seconds=20
    )
    assert {line["user_id"] for line in worked()} == {line["user_id"] for line in asked if "code" in line}
    assert all(line["run"] > run and line["task_id"] for line in worked())


def test_each_ends_when_it_is_told_to_and_is_not_well_then(started: Stack) -> None:
    """The last one: it ends everything. A worker's sign of life grows old; here it is made old."""
    for name in PORTAL:
        assert started.stop(name, seconds=10) in (0, -15), started.log(name).read_text()[-2000:]
    for name in ("worker", "beat"):
        sign = Path(started.environment(name)["SOP_ALIVE_FILE"])
        age = sign.stat().st_mtime - 120
        os.utime(sign, (age, age))
    assert {name: started.health(name) for name in PORTAL} == dict.fromkeys(PORTAL, 1)
