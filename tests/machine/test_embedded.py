"""The embedded servers: shared while somebody uses them, gone afterwards, private files, no trust."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from sop_portal.embedded import locations
from sop_portal.embedded.lease import Lease
from sop_portal.embedded.processes import is_running, running_in, wait_until
from sop_portal.embedded.secrets import passwords, write_private

HOLD = """
import sys, time
from pathlib import Path
from sop_portal.embedded.lease import Lease
from sop_portal.embedded.processes import die_with_parent
die_with_parent()
lease = Lease(Path(sys.argv[1]))
print(lease.urls["DATABASE_URL"], flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home of this module's own, removed at the end."""
    folder = locations.home(f"test-machine-{os.getpid()}")
    yield folder
    wait_until(lambda: not keepers_of(folder), timeout_seconds=20)
    shutil.rmtree(folder)


def keepers_of(folder: Path) -> list[psutil.Process]:
    """Live keepers of ``folder``."""
    found = psutil.process_iter(["cmdline", "status"])
    alive = [process for process in found if process.info["status"] != psutil.STATUS_ZOMBIE]
    return [
        process
        for process in alive
        if (process.info["cmdline"] or [])[-2:] == ["sop_portal.embedded.keeper", str(folder)]
    ]


def is_over(folder: Path) -> bool:
    """True when neither keeper nor PostgreSQL nor Redis of ``folder`` runs."""
    return [*keepers_of(folder), *running_in(folder / "pgdata"), *running_in(folder)] == []


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the servers."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=locations.CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_two_users_share_and_the_last_one_ends_them(home: Path) -> None:
    other = holder(home)
    lease = Lease(home)
    assert len(keepers_of(home)) == 1
    other.kill()
    other.communicate()
    with psycopg2.connect(lease.urls["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('server_version_num')::int / 10000")
        assert cursor.fetchone() == ("sop_app", 18)
    lease.release()
    assert is_over(home)


def test_a_killed_user_leaves_nothing_running(home: Path) -> None:
    other = holder(home)
    other.kill()
    other.communicate()
    assert wait_until(lambda: is_over(home), timeout_seconds=10)


def test_a_killed_keeper_takes_its_servers_along_and_the_next_user_starts_new_ones(home: Path) -> None:
    lease = Lease(home)
    keeper = keepers_of(home)[0]
    keeper.kill()
    assert wait_until(lambda: not is_running(keeper.pid), timeout_seconds=5)
    again = Lease(home)
    with psycopg2.connect(again.urls["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    lease.release()
    again.release()
    assert is_over(home)


@pytest.mark.parametrize("server", ["postgres", "redis-server"])
def test_a_killed_server_comes_back_on_its_port(home: Path, server: str) -> None:
    lease = Lease(home)
    (victim,) = [child for child in keepers_of(home)[0].children() if child.name() == server]
    victim.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not is_running(victim.pid), timeout_seconds=5)
    assert wait_until(lambda: answers(lease.urls), timeout_seconds=20)
    lease.release()
    assert is_over(home)


def answers(urls: dict[str, str]) -> bool:
    """True when both servers do."""
    try:
        psycopg2.connect(urls["DATABASE_URL"]).close()
        return bool(redis.Redis.from_url(urls["REDIS_URL"]).ping())
    except (psycopg2.OperationalError, redis.RedisError):
        return False


def test_passwords_are_asked_for_and_private(home: Path) -> None:
    lease = Lease(home)
    wrong = lease.urls["DATABASE_URL"].replace(passwords(home)["sop_app"], "guess")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(wrong)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(lease.urls["REDIS_URL"].replace(passwords(home)["redis"], "guess")).ping()
    for name in ("passwords.json", "addresses.json", "redis.conf"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert "scram-sha-256" in (home / "pgdata" / "pg_hba.conf").read_text()
    assert " trust" not in [
        line for line in (home / "pgdata" / "pg_hba.conf").read_text().split("\n") if line[:1] != "#"
    ]
    lease.release()


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    os.umask(os.umask(0))
    write_private(tmp_path / "secret", "word")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
