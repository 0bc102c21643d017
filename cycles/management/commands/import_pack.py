"""manage.py import_pack DIR: load a folder of dataset files, in their order, as imports of the usual kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import ImportBatch
from cycles.errors import DomainError, ImportRefused
from cycles.models import Run, RunState
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.packs import load_pack


class Command(BaseCommand):
    """Imports every file of the folder that belongs to a registered dataset; stops at the first refused one."""

    help = "Import a folder of dataset files as the demand planner's service user."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and, if wanted, the only datasets to load."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--only", nargs="*", default=[], metavar="DATASET")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import file by file and print what each changed."""
        actor = service_user(Role.DEMAND_PLANNER)
        try:
            for run in load_pack(directory=options["folder"], actor=actor, only=options["only"]):
                self._tell(run)
        except ImportRefused as error:
            self._list_faults(error.batch_id)
            raise CommandError(str(error)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _tell(self, run: Run) -> None:
        dataset = run.parameters["dataset"]
        if run.state != RunState.SUCCEEDED:
            raise CommandError(f"{dataset}: {run.message or run.state}")
        counts = ", ".join(f"{run.result[name]} {name}" for name in ("added", "changed", "removed", "unchanged"))
        self.stdout.write(f"{dataset}: {run.result['rows']} rows, {counts}")

    def _list_faults(self, batch_id: int) -> None:
        for fault in ImportBatch.objects.get(pk=batch_id).faults:
            self.stderr.write(
                f"row {fault['row']}, {fault['column']} = {fault['value']!r}: {fault['reason']} {fault['remedy']}"
            )
