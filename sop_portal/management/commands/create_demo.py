"""`manage.py create_demo`: the demo company with an approved month and one in reconciliation."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Company
from cycles.errors import DomainError
from finance.selectors import summary_of
from sop_portal.demo.month import create_company
from sop_portal.demo.people import logins


class Command(BaseCommand):
    """Works on an empty database only; prints the logins."""

    help = "Create the demo company on an empty database; prints one login per role."

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk both months and tell where they stand."""
        if Company.objects.exists():
            raise CommandError("There is a company here already. `make demo RESET=1` starts over.")
        began = time.monotonic()
        try:
            plan = create_company(lambda line: self.tell(f"  {line} ({time.monotonic() - began:.0f} s)"))
        except DomainError as error:
            raise CommandError(f"The demo company could not be completed: {error}") from error
        money = summary_of(plan)
        self.tell(
            f"Cycle {plan.number}: landing {money['landing'] / 1e8:.2f} M against a budget of "
            f"{money['budget'] / 1e8:.2f} M, after {time.monotonic() - began:.0f} s"
        )
        for role, username, password in logins():
            self.tell(f"  {role:<16} {username:<16} {password}")

    def tell(self, line: str) -> None:
        """One line to the terminal, at once."""
        self.stdout.write(line)
        self.stdout.flush()
