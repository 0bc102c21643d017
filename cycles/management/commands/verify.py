"""manage.py verify: prove that approved plans are as they were approved and that the caches fit their ledgers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cycles.models import Snapshot
from cycles.registry import Problem, verifiers
from cycles.services.snapshots import verify_chain, verify_snapshot


class Command(BaseCommand):
    """Checks every snapshot, their chain and every registered verifier; exit code 1 with the list of problems."""

    help = "Recompute digests, roots and chain of all snapshots and run every registered check."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the root that was kept outside."""
        parser.add_argument("--expect", metavar="HASH", default="", help="a snapshot hash kept outside the portal")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per check; fail with every problem named."""
        problems: list[Problem] = []
        for snapshot in Snapshot.objects.select_related("plan", "approved_by").order_by("sequence"):
            problems += self._told(f"snapshot {snapshot.number}, {snapshot.row_count} rows", verify_snapshot(snapshot))
        problems += self._told("chain of snapshots", verify_chain(options["expect"].strip().lower()))
        for verifier in verifiers():
            problems += self._told(verifier.name, list(verifier.check()))
        for problem in problems:
            self.stderr.write(f"{problem.where}: {problem.what}")
        if problems:
            raise CommandError(f"{len(problems)} problems found.", returncode=1)
        self.stdout.write("Everything is as it was approved.")

    def _told(self, what: str, problems: list[Problem]) -> list[Problem]:
        self.stdout.write(f"{'ok ' if not problems else 'BAD'} {what}")
        return problems
