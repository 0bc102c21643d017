"""Parts of a busy portal killed at random while people edit and workers compute: all answered writes, none halved."""

from __future__ import annotations

import json
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from sop_portal.embedded import locations
from sop_portal.embedded.postgres import EmbeddedPostgres
from sop_portal.embedded.processes import wait_until
from tests.faults.conftest import Make
from tests.faults.forked import World, ended_as
from tests.faults.portal import Portal
from tests.faults.writers import SERIES, Wish, Writer

pytestmark = pytest.mark.long

NUMBER = "2014-01"
WRITERS = ("demand_planner", "demand_planner2", "editor3", "editor4")
RUNNING_AGAIN_SECONDS = 60.0
ROUNDS = 10
WINDOWS = 50
PREPARE = "from pathlib import Path; from tests.faults import busy_month; busy_month.prepare(Path({pack!r}))"
TELL = "from pathlib import Path; from tests.faults import busy_month; busy_month.tell(Path({pack!r}), Path({into!r}))"


@pytest.fixture(scope="module")
def portal(pack: Path) -> Iterator[Portal]:
    """A portal whose company is in its demand stage; removed at the end with whatever still runs."""
    made = Portal()
    try:
        made.run(PREPARE.format(pack=str(pack)))
        made.start()
        yield made
    finally:
        made.remove()


def query(portal: Portal, question: str, *values: object) -> Any:
    """One value straight from the portal's database, None while it is away."""
    try:
        urls = json.loads((portal.home / "addresses.json").read_text())
        connection = psycopg2.connect(urls["DATABASE_URL"], connect_timeout=3)
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(question, values)
            return cursor.fetchone()[0]
    except (psycopg2.Error, OSError):
        return None


def broker(portal: Portal) -> redis.Redis:
    """The portal's Redis."""
    return redis.Redis.from_url(json.loads((portal.home / "addresses.json").read_text())["REDIS_URL"])


#: What happens to the portal, by name.
FAULTS: dict[str, Callable[[Portal], object]] = {
    "worker killed": lambda portal: portal.part("celery", "worker").send_signal(signal.SIGKILL),
    "web process killed": lambda portal: portal.part("sop_portal.web").send_signal(signal.SIGKILL),
    "PostgreSQL stopped -m immediate": lambda portal: portal.part("bin/postgres", "-D").send_signal(signal.SIGQUIT),
    "Redis killed": lambda portal: portal.part("redis-server").send_signal(signal.SIGKILL),
    "Redis flushed": lambda portal: broker(portal).flushall(),
    "Redis restarted": lambda portal: portal.part("redis-server").send_signal(signal.SIGTERM),
}
#: Faults that no request may notice.
UNNOTICED = {"worker killed", "Redis killed", "Redis flushed", "Redis restarted"}


def seconds_to_run_again(portal: Portal, writers: list[Writer], moment: float) -> float:
    """How long after a fault the portal was ready, a write was answered and a run asked for since had ended."""
    ended = (
        "SELECT count(*) FROM cycles_run WHERE state = 'succeeded'"
        " AND requested_at > to_timestamp(%s) AND finished_at > to_timestamp(%s)"
    )

    def again() -> bool:
        written = any(max(writer.answered.values(), default=0.0) > moment for writer in writers)
        return written and portal.is_ready() and bool(query(portal, ended, moment, moment))

    assert wait_until(again, timeout_seconds=RUNNING_AGAIN_SECONDS, pause_seconds=0.1), portal.last_words()
    return time.time() - moment


def disturb(portal: Portal, writers: list[Writer], chance: random.Random) -> None:
    """Every fault once, in a random order, each at a random moment; prints how soon things ran again."""
    for name in chance.sample(sorted(FAULTS), len(FAULTS)):
        time.sleep(chance.uniform(0.2, 1.5))
        lost = sum(len(writer.unanswered) for writer in writers)
        moment = time.time()
        FAULTS[name](portal)
        seconds = seconds_to_run_again(portal, writers, moment)
        lost = sum(len(writer.unanswered) for writer in writers) - lost
        print(f"{name}: running again after {seconds:.1f} s, {lost} requests without an answer")
        assert name not in UNNOTICED or not lost, f"{name}: {lost} requests failed\n{portal.last_words()}"


def told(portal: Portal, pack: Path, into: Path) -> dict[str, Any]:
    """End the month in the portal's own database and tell what is there."""
    portal.run(TELL.format(pack=str(pack), into=str(into)))
    return dict(json.loads(into.read_text()))


def replayed(world: World, wishes: list[dict[str, Any]], pack: Path, into: Path) -> dict[str, Any]:
    """The same edits, one after the other, in a database that nobody disturbs; then the same month."""
    from tests.faults import busy_month  # noqa: PLC0415 - its models belong to the forked process

    def work() -> None:
        busy_month.replay(wishes)
        busy_month.tell(pack, into)

    assert ended_as(world.fork(work, "person")) == 0, world.said()
    return dict(json.loads(into.read_text()))


def test_a_busy_portal_whose_parts_are_killed(
    portal: Portal, pack: Path, make: Make, in_demand: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    writers = [Writer(portal.port, name, random.Random(seed + place)) for place, name in enumerate(WRITERS)]
    for writer in writers:
        writer.log_in()
    fifty_windows_on_one_cell(writers)
    threads = [threading.Thread(target=writer.write_on, args=(NUMBER,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        disturb(portal, writers, chance)
    finally:
        for writer in writers:
            writer.over.set()
        for thread in threads:
            thread.join(60)
    active = "SELECT count(*) FROM cycles_run WHERE state IN ('queued', 'running')"
    assert wait_until(lambda: query(portal, active) == 0, timeout_seconds=RUNNING_AGAIN_SECONDS), portal.last_words()
    found = told(portal, pack, tmp_path / "portal.json")
    nothing_is_lost_or_halved(writers, found)
    wishes = {reason: asdict(wish) for writer in writers for reason, wish in writer.wishes.items()}
    order = [wishes[reason] for reason in found["order"] if reason in wishes]
    undisturbed = replayed(make(in_demand), order, pack, tmp_path / "replayed.json")
    assert found["approved"] == undisturbed["approved"] and found["consensus"] == undisturbed["consensus"]


def _typed(number: int) -> int:
    """What a window types, milli-units: never the baseline of 100, which would be no edit and so no conflict."""
    return 1000 * (101 + number)


def fifty_windows_on_one_cell(writers: list[Writer]) -> None:
    """Over HTTP, from the same revision: one is saved, the others get 409 with the winner's value, person and time."""
    names, revision = writers[0].look(NUMBER)
    first = names["months"]["first"]

    def save(number: int) -> tuple[int, dict[str, Any]]:
        writer = writers[number % len(writers)]
        wish = Wish(f"window {number}", "set", _typed(number), "", SERIES[0], (first,))
        status, answer = writer.post(NUMBER, wish, names, revision, window=f"window {number}")
        if status == 200:
            writer.wishes[wish.reason], writer.answered[wish.reason] = wish, time.time()
        return status, answer

    with ThreadPoolExecutor(WINDOWS) as pool:
        answers = list(pool.map(save, range(WINDOWS)))
    won = [number for number, (status, _) in enumerate(answers) if status == 200]
    lost = [answer["refused"] for status, answer in answers if status == 409]
    assert len(won) == 1 and len(lost) == WINDOWS - 1
    winner = writers[won[0] % len(writers)].full_name
    assert {(refused["value_now"], refused["by"]) for (refused,) in lost} == {(_typed(won[0]), winner)}
    assert len({refused["at"] for (refused,) in lost}) == 1


def nothing_is_lost_or_halved(writers: list[Writer], found: dict[str, Any]) -> None:
    """Answered: there, once and whole. Refused: not there. Unanswered: whole, or not there. Every run ended once."""
    answered = {reason for writer in writers for reason in writer.answered}
    refused = {reason for writer in writers for reason in writer.refused}
    unanswered = {reason for writer in writers for reason in writer.unanswered}
    there = set(found["order"]) & (answered | refused | unanswered)
    print(
        f"{len(answered)} answered, {len(refused)} refused, {len(unanswered)} without an answer, of which "
        f"{len(there & unanswered)} are there; {found['runs']} runs, {found['taken_over']} taken over"
    )
    assert answered and answered <= there and not refused & there
    assert len(found["order"]) == len(set(found["order"])), "an edit is there twice"
    assert found["halved"] == [] and found["problems"] == []
    assert found["unended"] == [] and found["results_doubled"] == 0


@pytest.fixture(params=[pytest.param(True, id="durable"), pytest.param(False, id="negative control")])
def cluster(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test's own; the control does not wait for the log to be written before it answers."""
    home = locations.home(f"fault-commit-{'durable' if request.param else 'control'}")
    server = EmbeddedPostgres(home, durable=request.param)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


def _write_and_stop_at_once(server: EmbeddedPostgres) -> bool:
    """Write rows one by one, stop -m immediate right after an answer; whether every answered row is there again."""
    with closing(psycopg2.connect(server.url("sop_owner"))) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE TABLE IF NOT EXISTS written (number integer)")
        cursor.execute("TRUNCATE written")
        for number in range(50):
            cursor.execute("INSERT INTO written VALUES (%s)", [number])
        assert server.process is not None
        server.process.send_signal(signal.SIGQUIT)
        server.process.wait(10)
    server.start(server.port)
    with closing(psycopg2.connect(server.url("sop_owner"))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM written")
        return bool(cursor.fetchone()[0] == 50)


def test_what_was_answered_survives_an_immediate_stop(cluster: EmbeddedPostgres) -> None:
    rounds = 3 if cluster.durable else ROUNDS  # a server that keeps its word takes seconds to come back
    whole = sum(_write_and_stop_at_once(cluster) for _ in range(rounds))
    assert whole == rounds if cluster.durable else whole <= 1
