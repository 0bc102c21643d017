"""`manage.py create_api_key NAME`: issue a machine key and print its token once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cycles.errors import DomainError
from cycles.policy import Role
from cycles.selectors import service_user
from integrations.models import Scope
from integrations.services.keys import KeyWish, issue_key


class Command(BaseCommand):
    """Acts as the service user of the admin role."""

    help = "Issue a key for a machine client; the token is printed once and cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, scopes, life and addresses of the key."""
        parser.add_argument("name", help="what the key is for, e.g. 'ERP production'")
        choices = [scope.value for scope in Scope]
        parser.add_argument("--scope", action="append", choices=choices, help="repeatable; default plans:read")
        parser.add_argument("--days", type=int, default=365, help="days until it expires")
        parser.add_argument("--address", action="append", default=[], help="network it may come from, repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        """Issue the key; a refusal ends the command with its reason."""
        wish = KeyWish(
            name=options["name"],
            scopes=[Scope(scope) for scope in options["scope"] or [Scope.READ_PLANS.value]],
            addresses=options["address"],
            expires_at=timezone.now() + timedelta(days=options["days"]),
        )
        try:
            issued = issue_key(wish=wish, actor=service_user(Role.ADMIN))
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{issued.key}: {', '.join(issued.key.scopes)}, until {issued.key.expires_at:%Y-%m-%d}")
        self.stdout.write(issued.token)
