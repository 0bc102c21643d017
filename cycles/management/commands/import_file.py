"""manage.py import_file FILE: hand one file in for a dataset, with a mapping if its columns are a source's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import ImportBatch
from catalog.registry import datasets
from catalog.services.imports import ChosenMapping
from cycles.errors import DomainError
from cycles.models import RunState
from cycles.policy import Role
from cycles.selectors import service_user
from cycles.services.imports import request_application, stage_import
from cycles.services.mappings import AS_LAST_TIME, chosen_mapping, mapping_of_text
from cycles.services.runs import finish_run


class Command(BaseCommand):
    """Checks the file whole, prints its faults or the difference it makes, and applies it unless told to check only."""

    help = "Import one CSV, XLSX or JSON file as the demand planner's service user."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, its dataset, and how to read it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dataset", default="", help="default: the dataset whose file has this name")
        parser.add_argument(
            "--mapping",
            default="",
            metavar="NAME|FILE.yaml",
            help="a saved mapping, a YAML file, or - for none; default: as the last file of this name",
        )
        parser.add_argument("--check", action="store_true", help="show what it would change and apply nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stage the file; list what is wrong, or apply it."""
        path: Path = options["file"]
        actor = service_user(Role.DEMAND_PLANNER)
        dataset = options["dataset"] or self._dataset_of(path)
        try:
            content = path.read_bytes()
            mapping = self._mapping(options["mapping"], dataset, path.name)
            batch = stage_import(dataset=dataset, file_name=path.name, content=content, actor=actor, mapping=mapping)
            self._tell(batch)
            if options["check"] or batch.status != ImportBatch.Status.STAGED:
                return
            run = finish_run(request_application(batch=batch, actor=actor).pk)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except (DomainError, LookupError) as error:
            raise CommandError(str(error)) from error
        if run.state != RunState.SUCCEEDED:
            raise CommandError(f"{dataset}: {run.message or run.state}")
        self.stdout.write("applied")

    def _dataset_of(self, path: Path) -> str:
        names = [entry.name for entry in datasets() if Path(entry.file_name).stem == path.stem]
        if not names:
            raise CommandError(f"{path.name} is not the file of a dataset; name one with --dataset.")
        return names[0]

    def _mapping(self, wanted: str, dataset: str, file_name: str) -> ChosenMapping | None:
        if wanted.endswith((".yaml", ".yml")):
            return ChosenMapping(mapping_of_text(Path(wanted).read_text(encoding="utf-8"), dataset=dataset))
        if wanted == "-":
            return None
        return chosen_mapping(name=wanted or AS_LAST_TIME, dataset=dataset, file_name=file_name)

    def _tell(self, batch: ImportBatch) -> None:
        if batch.mapping:
            self.stdout.write(f"read with the mapping {batch.mapping_name or 'handed in beside the file'}")
        for note in batch.notes:
            self.stdout.write(note)
        if batch.status == ImportBatch.Status.REFUSED:
            for fault in batch.faults:
                self.stderr.write(
                    f"row {fault['row']}, {fault['column']} = {fault['value']!r}: {fault['reason']} {fault['remedy']}"
                )
            raise CommandError(f"{batch.file_name} has {batch.fault_count} faults; nothing was applied.")
        counts = ", ".join(f"{getattr(batch, name)} {name}" for name in ("added", "changed", "removed", "unchanged"))
        self.stdout.write(f"{batch.dataset}: {batch.row_count} rows, {counts}")
