"""`make demo`: migrate, create the demo company when there is none, and run every part until Ctrl+C."""

import http.client
import os
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from catalog.models import Company
from sop_portal.demo.people import logins
from sop_portal.embedded.locations import own_home
from sop_portal.supervisor import PartKeepsDying, PortInUse, Supervisor, listening_socket, portal_parts


class Command(BaseCommand):
    """Runs web, worker and beat under one supervisor, with servers of our own unless the environment names others."""

    help = "Run the portal with its demo company (PORT=8000)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the port first: a taken one is told before anything is done."""
        began = time.monotonic()
        host, port = os.environ.get("SOP_BIND", "127.0.0.1"), int(os.environ.get("PORT") or 8000)
        try:
            opened = listening_socket(host, port)
        except PortInUse as error:
            raise CommandError(str(error)) from error
        self.prepare()
        processes = int(os.environ.get("SOP_WEB_PROCESSES", 2)), int(os.environ.get("SOP_WORKER_PROCESSES", 2))
        home = own_home()
        parts = portal_parts(opened=opened, logs=home, web_processes=processes[0], worker_processes=processes[1])
        supervisor = Supervisor(parts, self.say)
        try:
            supervisor.run(is_ready=lambda: _is_ready(port), when_ready=lambda: self.welcome(port, began))
        except PartKeepsDying as error:
            raise CommandError(str(error)) from error
        finally:
            opened.close()
        self.say("Stopped.")

    def prepare(self) -> None:
        """Migrate and create the company; a creation that was cut off is thrown away and begun again."""
        unfinished = own_home() / "demo.unfinished"
        if unfinished.exists() and "owner" in settings.DATABASES:
            with connections["owner"].cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
        call_command("migrate", verbosity=0, interactive=False)
        if not Company.objects.exists():
            self.say("Creating the demo company …")
            unfinished.touch()
            call_command("create_demo", stdout=self.stdout)
        unfinished.unlink(missing_ok=True)
        connections.close_all()

    def welcome(self, port: int, began: float) -> None:
        """Print the address, the people and where the logs are."""
        self.say(f"\nS&OP Portal is ready after {time.monotonic() - began:.0f} s: http://localhost:{port}/\n")
        for role, username, password in logins():
            self.say(f"  {role:<18} {username:<18} {password}")
        self.say(f"\nLogs: {own_home()}   Stop: Ctrl+C   Start over: make demo RESET=1")

    def say(self, line: str) -> None:
        """One line to the terminal, at once."""
        self.stdout.write(line)
        self.stdout.flush()


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
