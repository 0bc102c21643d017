"""Headers, cookies and limits that hold for every page."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from cycles.models import User
from sop_portal.embedded.locations import CHECKOUT
from sop_portal.middleware import SEEN, STARTED


def test_the_content_security_policy_has_no_exception(client: Client) -> None:
    policy = client.get("/healthz")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy and "nonce" not in policy and "*" not in policy


def test_figures_are_never_stored_by_a_browser(client: Client) -> None:
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_a_static_file_is_served_without_collecting(client: Client) -> None:
    response = client.get("/static/css/tokens.css")
    assert (response.status_code, response["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert response.content == (CHECKOUT / "static/css/tokens.css").read_bytes()
    assert client.get("/static/css/tokens.css", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get("/static/css/../../manage.py").status_code == 404


@pytest.fixture
def somebody(db: None) -> User:
    """A person who may log in."""
    return User.objects.create_user("somebody", password="correct horse battery")


def age_session(client: Client, **values: int) -> None:
    """Write ``values`` into the session of ``client``."""
    session = client.session
    session.update(values)
    session.save()


def test_a_session_ends_twelve_hours_after_it_began(client: Client, somebody: User, settings: Any) -> None:
    client.force_login(somebody)
    client.get("/healthz")
    began = client.session[STARTED]
    age_session(client, **{STARTED: began - settings.SOP_SESSION_ABSOLUTE_SECONDS + 60})
    client.get("/healthz")
    assert "_auth_user_id" in client.session
    age_session(client, **{STARTED: began - settings.SOP_SESSION_ABSOLUTE_SECONDS - 60})
    client.get("/healthz")
    assert "_auth_user_id" not in client.session


def test_use_keeps_an_idle_limit_away_and_writes_once_a_minute(client: Client, somebody: User) -> None:
    client.force_login(somebody)
    client.get("/healthz")
    seen = client.session[SEEN]
    age_session(client, **{SEEN: seen - 30})
    client.get("/healthz")
    assert client.session[SEEN] == seen - 30
    age_session(client, **{SEEN: seen - 61})
    client.get("/healthz")
    assert client.session[SEEN] >= seen


@pytest.mark.long
def test_the_deployment_check_is_clean() -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "SOP_HTTPS": "1",
        "SECRET_KEY": "a-key-of-fifty-characters-that-nobody-would-ever-guess-0123456789",
        "DATABASE_URL": "postgresql://sop_app@127.0.0.1:1/sop",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    code = (
        "import json, django; django.setup(); from django.conf import settings as s;"
        "from django.core.checks import run_checks;"
        "faults = [str(f) for f in run_checks(include_deployment_checks=True) if f.id.startswith('security')];"
        "print(json.dumps([faults, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, 'owner' in s.DATABASES]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "sop_portal.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [[], "__Host-session", "__Host-csrf", False]
