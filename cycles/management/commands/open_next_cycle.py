"""manage.py open_next_cycle: open the month after the last approved plan."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cycles.errors import DomainError
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.cycles import open_next_cycle


class Command(BaseCommand):
    """Opens the next cycle as the demand planner's service user."""

    help = "Open the month after the last approved plan and carry over what is carried."

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it and print the plan's number."""
        try:
            plan = open_next_cycle(actor=service_user(Role.DEMAND_PLANNER))
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Plan {plan.number} is open: {plan.horizon} months from {plan.first_month:%Y-%m}.")
