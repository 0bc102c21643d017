"""The roles script and the Redis command of docker-compose.yml, run on the embedded binaries."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
import redis

from sop_portal.embedded.locations import CHECKOUT, home
from sop_portal.embedded.postgres import EmbeddedPostgres
from sop_portal.embedded.processes import free_port, wait_until
from sop_portal.embedded.redis import FETCHED
from sop_portal.embedded.secrets import passwords
from tests.machine.compose import complete_variables, services

ROLES = """
SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit
FROM pg_roles WHERE rolname LIKE 'sop\\_%' AND NOT rolsuper ORDER BY rolname
"""
PASSWORD = "0123456789abcdef"
OWNER_OF_DATABASE = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'sop'"


class WithoutRoles(EmbeddedPostgres):
    """A fresh cluster as initdb leaves it: the script under test makes the roles."""

    def _make_roles(self) -> None:
        return


@pytest.fixture
def fresh() -> Iterator[EmbeddedPostgres]:
    """A new, empty cluster."""
    folder = home(f"test-roles-{os.getpid()}")
    server = WithoutRoles(folder, durable=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


def rows(url: str, question: str) -> list[Any]:
    """The answer of a server."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


@pytest.mark.long
def test_the_script_makes_the_roles_that_the_embedded_server_makes(
    fresh: EmbeddedPostgres, servers: dict[str, str]
) -> None:
    """A password with a quote shows that psql, not the shell, quotes it."""
    words = {"SOP_OWNER_PASSWORD": "o'wner", "SOP_APP_PASSWORD": 'a"pp $HOME'}
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(fresh.port), "PGPASSWORD": passwords(fresh.home)["sop_root"]}
    subprocess.run(
        ["sh", CHECKOUT / "docker/initdb/10-roles.sh"],
        env={"PATH": f"{fresh.bin}:{os.defpath}", "POSTGRES_USER": "sop_root", **address, **words},
        check=True,
    )
    place = f"host=127.0.0.1 port={fresh.port} dbname=sop"
    as_owner = f"{place} user=sop_owner password='o\\'wner'"
    as_app = f"{place} user=sop_app password='{words['SOP_APP_PASSWORD']}'"
    assert rows(as_app, ROLES) == rows(servers["DATABASE_URL"], ROLES) != []
    assert rows(as_owner, OWNER_OF_DATABASE) == rows(servers["DATABASE_URL"], OWNER_OF_DATABASE) == [("sop_owner",)]


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """Redis as compose starts it, on a free port."""
    port = free_port()
    shell, switch, script = services(complete_variables())["redis"]["command"]
    server = shutil.which("redis-server") or str(FETCHED)
    script = script.replace("redis-server", server).replace("save", f"bind 127.0.0.1\nport {port}\nsave", 1)
    process = subprocess.Popen(
        [shell, switch, script], env={"PATH": os.defpath, "REDIS_PASSWORD": PASSWORD}, stdout=subprocess.DEVNULL
    )
    client = redis.Redis(port=port, password=PASSWORD, decode_responses=True)
    assert wait_until(lambda: answers(client), timeout_seconds=10)
    yield client
    client.close()
    process.terminate()
    process.wait(10)


def answers(client: redis.Redis) -> bool:
    """Whether it does."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.long
def test_redis_asks_for_its_password_and_keeps_nothing(broker: redis.Redis) -> None:
    port = broker.get_connection_kwargs()["port"]
    with closing(redis.Redis(port=port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    wanted = {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction", "maxmemory": str(256 * 1024**2)}
    assert {name: broker.config_get(name)[name] for name in wanted} == wanted
