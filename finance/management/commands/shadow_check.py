"""manage.py shadow_check --plan NUMBER --file FILE: somebody's own forecast against the plan, as a list; writes nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.calc.inert_text import inert
from catalog.registry import Fault, FileRefused
from cycles.errors import DomainError
from cycles.models import Plan
from finance.frames.shadow import Names, load_names
from finance.services.shadow.checking import Check, check_file
from finance.services.shadow.printed import COLUMNS, headline_of, rows_of, summary_of

TEXTS = ("label", "item", "family", "category", "market", "region", "channel", "other")


class Command(BaseCommand):
    """Prints the headline, and every difference as CSV or JSON to a file or to the screen; stores nothing."""

    help = "Compare a spreadsheet (XLSX or CSV; item or family by month, units or money) with a plan."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the plan, the file, and where and how to write the list."""
        parser.add_argument("--plan", required=True, metavar="NUMBER")
        parser.add_argument("--file", required=True, type=Path)
        parser.add_argument("--out", type=Path, help="default: to the screen")
        parser.add_argument("--format", choices=("csv", "json"), help="default: by the name of --out, else csv")
        parser.add_argument("--figures", choices=("units", "money"), default="", help="default: told by the figures")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the file and print the list.

        Raises:
            CommandError: no such plan or file, or the file cannot be compared.
        """
        plan = Plan.objects.filter(number=options["plan"]).first()
        if plan is None:
            raise CommandError(f"There is no plan {options['plan']}.")
        try:
            check = check_file(plan, options["file"].read_bytes(), wanted=options["figures"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        except FileRefused as refused:
            raise CommandError("\n".join(_fault_line(fault) for fault in refused.faults)) from refused
        except DomainError as error:
            raise CommandError(str(error)) from error
        out: Path | None = options["out"]
        form = options["format"] or ("json" if out is not None and out.suffix.lower() == ".json" else "csv")
        text = _as_json(check, load_names()) if form == "json" else _as_csv(check, load_names())
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
        self.stderr.write(headline_of(check))
        for note in check.notes:
            self.stderr.write(f"  {note}")


def _fault_line(fault: Fault) -> str:
    place = f"row {fault.row}, {fault.column}: " if fault.row else ""
    return f"{place}{fault.value} {fault.reason} {fault.remedy}".strip()


def _as_json(check: Check, names: Names) -> str:
    return json.dumps(summary_of(check, names), ensure_ascii=False, indent=1) + "\n"


def _as_csv(check: Check, names: Names) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows_of(check, names):
        writer.writerow(row | {name: inert(row[name]) for name in TEXTS})
    return out.getvalue()
