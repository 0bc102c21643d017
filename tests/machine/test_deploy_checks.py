"""`check --deploy` is clean under the settings of docker-compose.yml, and says what is wrong otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.checks import CheckMessage
from django.db import connection

from sop_portal import checks
from sop_portal.embedded.locations import CHECKOUT
from tests.machine.compose import complete_variables, services

KEY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7nP9rT1uV3xY5z"
Settle = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def judge(servers: dict[str, str], tmp_path: Path, db: None) -> Settle:
    """Run the command as in the web container, with some variables changed."""
    (tmp_path / "collected.css").touch()

    def run(**changed: str) -> subprocess.CompletedProcess[str]:
        given = services({**complete_variables(), "SECRET_KEY": KEY})["web"]["environment"]
        own = {"DATABASE_URL": servers["DATABASE_URL"], "REDIS_URL": servers["REDIS_URL"]}
        environment = {"PATH": os.defpath, **given, **own, "SOP_STATIC_ROOT": str(tmp_path), **changed}
        return subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--database", "default", "--fail-level", "WARNING"],
            cwd=CHECKOUT,
            env={name: str(value) for name, value in environment.items()},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.long
def test_the_settings_of_compose_are_clean(judge: Settle) -> None:
    done = judge()
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


@pytest.mark.long
def test_everything_that_is_wrong_is_told_at_once(judge: Settle, servers: dict[str, str]) -> None:
    done = judge(
        SECRET_KEY="short",
        SOP_DEBUG="1",
        SOP_HTTPS="0",
        ALLOWED_HOSTS="*",
        REDIS_URL="redis://redis.example.com:6379/0",
        SOP_STATIC_ROOT="",
        DATABASE_OWNER_URL=servers["DATABASE_OWNER_URL"],
    )
    assert done.returncode != 0
    django = {"security.W009", "security.W018", "security.W008", "security.W012", "security.W016"}
    ours = {"sop_portal.W003", "sop_portal.E004", "sop_portal.E005", "sop_portal.W006", "sop_portal.W007"}
    assert {said for said in django | ours if f"({said})" not in done.stderr} == set()


@pytest.mark.long
def test_the_owner_as_the_application_is_told(judge: Settle, servers: dict[str, str]) -> None:
    """The template's tables belong to the owner; the embedded main database may be empty, so a clone is asked."""
    address = servers["DATABASE_OWNER_URL"].rsplit("/", 1)[0]
    done = judge(DATABASE_URL=f"{address}/{connection.settings_dict['NAME']}")
    assert done.returncode != 0 and "must name the role sop_app" in done.stderr


@pytest.mark.long
def test_production_without_a_key_does_not_start(judge: Settle) -> None:
    done = judge(SECRET_KEY="")
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr


def ids(found: list[CheckMessage]) -> list[str]:
    """Their ids, each with a remedy."""
    assert all(message.hint for message in found)
    return [str(message.id) for message in found]


def test_one_role_for_both_is_an_error(settings: Any) -> None:
    both = {"USER": "sop_owner"}
    with mock.patch.object(settings, "DATABASES", {"default": both, "owner": both}):
        assert ids(checks.check_roles()) == ["sop_portal.E002"]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://redis:6379/0", ["sop_portal.E005"]),
        ("redis://10.1.2.3:6379/0", ["sop_portal.E005"]),
        ("redis://:word@redis:6379/0", []),
        ("redis://127.0.0.1:6379/0", []),
        ("redis://localhost:6379/0", []),
        ("redis://[::1]:6379/0", []),
        ("unix:///run/redis.sock", []),
    ],
)
def test_only_a_remote_redis_needs_a_password(settings: Any, url: str, told: list[str]) -> None:
    settings.REDIS_URL = url
    assert ids(checks.check_redis()) == told


@pytest.mark.parametrize(
    ("hosts", "told"), [([], True), ([""], True), (["*"], True), (["a.example", "*"], True), ([".example.com"], False)]
)
def test_hosts_are_named(settings: Any, hosts: list[str], told: bool) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.check_hosts()) == ["sop_portal.E004"] * told


def test_an_empty_static_folder_is_told(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    assert ids(checks.check_static_files()) == ["sop_portal.W006"]
    (tmp_path / "a.css").touch()
    assert ids(checks.check_static_files()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("apart_seconds", "told"), [(0.0, []), (-6.0, ["sop_portal.W008"]), (6.0, ["sop_portal.W008"])]
)
def test_clocks_that_part_are_told(apart_seconds: float, told: list[str]) -> None:
    now = checks.time.time()
    with mock.patch.object(checks.time, "time", lambda: now + apart_seconds):
        assert ids(checks.check_clock(databases=["default"])) == told
    assert checks.check_clock(databases=[]) == []
