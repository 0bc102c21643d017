"""Migrations run over the owner's connection; the application's role cannot change the schema."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate


class Command(DjangoMigrate):
    """Django's migrate with the owner's connection as its default."""

    def add_arguments(self, parser: CommandParser) -> None:
        """As Django's, with another default for --database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then the grants follow by the post_migrate signal."""
        if options["database"] not in settings.DATABASES:
            raise CommandError("migrate needs DATABASE_OWNER_URL, the address of the role that owns the schema.")
        super().handle(*args, **options)
