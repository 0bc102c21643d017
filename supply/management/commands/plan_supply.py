"""manage.py plan_supply: solve a planning problem of a JSON document by the calculation of the supply plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supply.calc.explosion import CircularBillOfMaterialsError
from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.plan_lp import InfeasiblePlanError, UnsolvedPlanError


class Command(BaseCommand):
    """Reads a document, writes its answer; no database and no server is needed."""

    help = "Solve an aggregate planning problem, or a smaller one, stated as JSON (docs/plan-supply.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two files and whether people and lots are whole."""
        parser.add_argument("--problem", type=Path, required=True, metavar="FILE.json")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
        parser.add_argument("--integer", action="store_true", help="whole people and whole lots")

    def handle(self, *args: Any, problem: Path, out: Path, integer: bool, **options: Any) -> None:
        """Solve and write; a problem without a plan writes nothing and ends with exit code 2."""
        try:
            given = json.loads(problem.read_text(encoding="utf-8"))
            found = answer(given, whole=integer)
        except OSError as error:
            raise CommandError(f"{problem} cannot be read: {error.strerror}.", returncode=2) from None
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(f"{problem} is no JSON document: {error}.", returncode=2) from None
        except (ProblemFormError, InfeasiblePlanError, UnsolvedPlanError, CircularBillOfMaterialsError) as error:
            raise CommandError(str(error), returncode=2) from None
        out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(_sentence(found))


def _sentence(found: dict[str, Any]) -> str:
    if found["kind"] != "aggregate_plan":
        return f"{found['kind']}: solved."
    profit = "" if found["profit"] is None else f", profit {found['profit']:,.2f}"
    return f"Cost {found['cost']:,.2f}{profit}."
