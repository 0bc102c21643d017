"""Pictures of every page for people who judge the look: light and dark, wide and phone, into a folder."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management.base import BaseCommand, CommandError
from django.test.testcases import LiveServerThread
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Browser, sync_playwright

from cycles.models import Plan, User
from cycles.policy import Role
from cycles.registry import panels_of
from cycles.selectors import latest_plan
from cycles.workflow import StageKind

LOOKS = (("light", 1440), ("dark", 1440), ("light", 390))
WITH_PLAN = ("board", "data", "decisions", "assumptions")
WITHOUT_PLAN = ("my_work", "audit", "people", "snapshots", "upload")


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: the name of its picture and its address."""

    name: str
    path: str


def shots_of(plan: Plan) -> list[Shot]:
    """Return every page that is worth a picture: those of the cycle and all registered panels."""
    shots = [Shot(name, reverse(f"cycles:{name}")) for name in WITHOUT_PLAN]
    shots += [Shot(name, reverse(f"cycles:{name}", args=[plan.number])) for name in WITH_PLAN]
    for kind in StageKind:
        for panel in panels_of(kind):
            try:
                shots.append(Shot(panel.url_name.replace(":", "-"), reverse(panel.url_name, args=[plan.number])))
            except NoReverseMatch:
                continue
    return shots


def session_key(user: User) -> str:
    """Sign a person in without a password, for the pictures only, and return the key of the session."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


class Command(BaseCommand):
    """Take the pictures of the latest cycle as one of its people sees it."""

    help = "Pictures of every page, light, dark and on a phone, into screenshots/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to and as whom."""
        parser.add_argument("--out", default="screenshots")
        parser.add_argument("--role", default=Role.FINANCE.value, choices=[role.value for role in Role])
        parser.add_argument("--chromium", default=os.environ.get("SOP_CHROMIUM", "/usr/bin/chromium"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve the portal on a free port, visit each page, and leave nothing behind but the pictures."""
        plan = latest_plan()
        people = User.objects.filter(is_active=True, is_service=False, memberships__role=options["role"])
        user = people.order_by("pk").first()
        if plan is None or user is None:
            raise CommandError("There is no cycle or nobody with this role; run `make demo` first.")
        shots, key = shots_of(plan), session_key(user)
        server = LiveServerThread("127.0.0.1", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        try:
            out = Path(options["out"])
            out.mkdir(parents=True, exist_ok=True)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=options["chromium"], args=["--no-sandbox"])
                for theme, width in LOOKS:
                    self._visit(browser, f"http://127.0.0.1:{server.port}", key, shots, out / f"{theme}-{width}")
                browser.close()
        finally:
            server.terminate()

    def _visit(self, browser: Browser, address: str, key: str, shots: list[Shot], out: Path) -> None:
        theme, _, width = out.name.partition("-")
        context = browser.new_context(
            viewport={"width": int(width), "height": 900}, color_scheme="dark" if theme == "dark" else "light"
        )
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])
        page = context.new_page()
        for shot in shots:
            page.goto(address + shot.path, wait_until="networkidle")
            page.screenshot(path=f"{out}-{shot.name}.png", full_page=True)
            self.stdout.write(f"{out}-{shot.name}.png")
        context.close()
