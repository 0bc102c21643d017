"""A live server on the real database and the system's Chromium; a page that breaks the policy fails its test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from cycles.models import User
from cycles.services.runs import drain_runs
from tests.cast import Cast, make_cast

CHROMIUM = os.environ.get("SOP_CHROMIUM", "/usr/bin/chromium")
AXE = Path(django_settings.BASE_DIR, "node_modules", "axe-core", "axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI));"


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_playwright() -> Iterator[None]:
    """Playwright's loop runs in this thread; the tests' own queries are nevertheless synchronous."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, once for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


class Visitor:
    """One person's window: signs in, opens pages, and counts what went wrong in the browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.troubles: list[str] = []
        page.add_init_script(LISTEN)
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("response", lambda answer: self._judge(answer.status, answer.url))

    def _hear(self, kind: str, text: str) -> None:
        if "CSP " in text or "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.troubles.append(text)

    def _judge(self, status: int, url: str) -> None:
        if status >= 500 or (status == 404 and "/static/" in url):
            self.troubles.append(f"{status} {url}")

    def sign_in(self, username: str) -> Visitor:
        """Begin a session without the form."""
        client = Client()
        client.force_login(User.objects.get(username=username))
        name = str(django_settings.SESSION_COOKIE_NAME)
        self.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        return self

    def sign_in_by_form(self, username: str, password: str) -> Visitor:
        """Sign in as people do; the window then shows the first page."""
        self.page.goto(f"{self.address}/login/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#main")
        return self

    def open(self, path: str) -> Page:
        """Open a page and wait until its parts are there."""
        self.page.goto(f"{self.address}{path}", wait_until="networkidle")
        return self.page

    def check(self) -> None:
        """The page is accessible, nothing overflows, and the browser has nothing to complain about."""
        assert axe_violations(self.page) == []
        width = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width[0] <= width[1], f"{self.page.url} is {width[0]} wide in a window of {width[1]}"
        assert self.troubles == []


def axe_violations(page: Page) -> list[str]:
    """Run axe through the debugger (the policy forbids scripts in the page) and return what it found."""
    rules = "{runOnly: " + str(RULES) + "}"
    found = page.evaluate(
        AXE.read_text()
        + f"\n;axe.run({rules}).then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3)]))"
    )
    return [f"{rule}: {nodes}" for rule, nodes in found]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Everybody."""
    return make_cast()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, settings: object, cast: Cast) -> Iterator[Callable[..., Visitor]]:
    """Open a window of its own for a person, in a theme and a width; by the form where a password is given."""
    settings.SOP_WAKE_WORKERS = False  # type: ignore[attr-defined]
    caches["figures"].clear()  # the plan of the test before had the same number, id and revision
    visitors: list[Visitor] = []

    def arrive(username: str, *, theme: str = "light", width: int = 1440, password: str = "") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
        )
        context.set_default_timeout(60_000)
        visitors.append(Visitor(context.new_page(), live_server.url))
        return visitors[-1].sign_in_by_form(username, password) if password else visitors[-1].sign_in(username)

    yield arrive
    for visitor in visitors:
        visitor.page.context.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []


@pytest.fixture
def work() -> Callable[[], None]:
    """Be the worker: execute what is queued."""
    return lambda: (drain_runs(), None)[1]
