"""manage.py mapping list | export NAME | import FILE.yaml | withdraw NAME: the saved mappings as YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import MappingProfile
from catalog.services.imports.mapping import yaml_of
from cycles.errors import DomainError
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.mappings import save_mapping_text, withdraw_mapping


class Command(BaseCommand):
    """Lists the mappings, writes one as YAML, saves one from YAML, or withdraws one."""

    help = "List, export, import or withdraw mappings of sources."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the verb and what it is about."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every mapping with its source, dataset and revision")
        export = verbs.add_parser("export", help="write one as YAML to the standard output")
        export.add_argument("name")
        bring = verbs.add_parser("import", help="save one from a YAML file; the same file again changes nothing")
        bring.add_argument("file", type=Path)
        withdraw = verbs.add_parser("withdraw", help="offer one no more")
        withdraw.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it as the demand planner's service user."""
        try:
            getattr(self, f"_{options['verb']}")(options)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        for profile in MappingProfile.objects.all():
            state = "withdrawn" if profile.is_withdrawn else f"revision {profile.revision}"
            self.stdout.write(f"{profile.name} · {profile.source} · {profile.dataset} · {state}")

    def _export(self, options: dict[str, Any]) -> None:
        profile = MappingProfile.objects.filter(name=options["name"]).first()
        if profile is None:
            raise CommandError(f"There is no mapping {options['name']}.")
        self.stdout.write(yaml_of(profile.document))

    def _import(self, options: dict[str, Any]) -> None:
        actor = service_user(Role.DEMAND_PLANNER)
        profile = save_mapping_text(text=options["file"].read_text(encoding="utf-8"), actor=actor)
        self.stdout.write(f"{profile.name} is saved at revision {profile.revision}")

    def _withdraw(self, options: dict[str, Any]) -> None:
        profile = withdraw_mapping(name=options["name"], actor=service_user(Role.DEMAND_PLANNER))
        self.stdout.write(f"{profile.name} is withdrawn")
