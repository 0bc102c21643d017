"""manage.py run_cycle: a month, or a run of months, from a folder of ERP files to approved snapshots."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cycles.errors import DomainError, GateBlocked, ImportRefused
from cycles.models import User
from cycles.selectors import latest_plan
from sop_portal.headless.accuracy import accuracy_lines, write_accuracy
from sop_portal.headless.databases import refuse_used_database, use_database
from sop_portal.headless.measures import Steps
from sop_portal.headless.month import Month, run_month
from sop_portal.headless.outputs import write_outputs
from sop_portal.headless.rules import NoRule, parse_rules

STOPPED = 2
MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


def month_of(text: str) -> date:
    """Read YYYY-MM.

    Raises:
        ArgumentTypeError: anything else.
    """
    match = MONTH.match(text)
    if match is None:
        raise ArgumentTypeError(f"{text!r} is not YYYY-MM")
    return date(int(match[1]), int(match[2]), 1)


def months_of(text: str) -> list[date]:
    """Read A..B, both inclusive.

    Raises:
        ArgumentTypeError: not YYYY-MM..YYYY-MM, or B before A.
    """
    first, dots, last = text.partition("..")
    if not dots:
        raise ArgumentTypeError(f"{text!r} is not YYYY-MM..YYYY-MM")
    start, end = month_of(first), month_of(last)
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    if count < 1:
        raise ArgumentTypeError(f"{last} is before {first}")
    return [date(start.year + (start.month - 1 + k) // 12, (start.month - 1 + k) % 12 + 1, 1) for k in range(count)]


class Command(BaseCommand):
    """Acts as the service users through the same services and gates as the pages; edits nothing."""

    help = "Run months without hands: import, five stages, approval, files of the result."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the months, the pack, the rules and where the results go."""
        parser.add_argument("--pack", type=Path, required=True, help="folder of dataset files")
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument("--month", type=month_of, metavar="YYYY-MM")
        when.add_argument("--months", type=months_of, metavar="A..B")
        parser.add_argument("--database", metavar="NAME", default="", help="another database on the same server")
        parser.add_argument("--new", action="store_true", help="start in an empty database")
        parser.add_argument("--out", type=Path, required=True, help="folder for the results")
        parser.add_argument(
            "--accept", action="append", default=[], metavar="RULE=REASON", help="gap, findings, exceptions, overloads"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the months one by one; exit code 2 where something is open that no rule answers."""
        try:
            self._prepare(options)
            for first in options["months"] or [options["month"]]:
                self._run(first, options)
        except (GateBlocked, NoRule) as error:
            raise CommandError(f"Stopped: {error}", returncode=STOPPED) from error
        except ImportRefused as error:
            raise CommandError(f"{error} See import batch {error.batch_id}.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _prepare(self, options: dict[str, Any]) -> None:
        if not options["pack"].is_dir():
            raise CommandError(f"--pack {options['pack']} is no folder.")
        self.rules = parse_rules(options["accept"])
        if options["database"]:
            use_database(options["database"], create=options["new"])
        if options["new"]:
            refuse_used_database()
        elif latest_plan() is None:
            raise CommandError("There is no cycle to roll forward from or to go on with; start with --new.")
        if not User.objects.filter(is_service=True).exists():
            raise CommandError("The service users are missing; run manage.py migrate.")

    def _run(self, first: date, options: dict[str, Any]) -> None:
        steps = Steps()
        plan = run_month(Month(first=first, pack=options["pack"], rules=self.rules, steps=steps))
        out = options["out"] / plan.number if options["months"] else options["out"]
        summary = write_outputs(plan, out, steps)
        self.stdout.write(
            f"{plan.number}: landing {summary['landing']} against budget {summary['budget']}, gap {summary['gap']}, "
            f"snapshot {summary['snapshot_number']} {summary['snapshot_hash'][:12]}, {summary['seconds']} s → {out}"
        )
        waived = [f"{code} {row['count']} for {row['dollars']}" for code, row in summary["waivers"].items()]
        self.stdout.write(f"  waivers: {'; '.join(waived) or 'none'}")
        for line in accuracy_lines(write_accuracy(plan, out / "accuracy.csv")):
            self.stdout.write(line)
