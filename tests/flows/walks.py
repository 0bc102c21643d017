"""How a test runs months: the command as a person would type it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

RULES = {
    "gap": "the derived budget is not a promise",
    "findings": "traps of the source, named in its README",
    "exceptions": "the range turns over every May",
    "overloads": "overtime as planned",
}


def run_cycle(pack: Path, out: Path, *words: str, rules: dict[str, str] | None = None) -> str:
    """Call the command with the rules (all of them by default); return what it printed."""
    accept = [f"--accept={rule}={reason}" for rule, reason in (RULES if rules is None else rules).items()]
    printed = StringIO()
    call_command("run_cycle", f"--pack={pack}", f"--out={out}", *accept, *words, stdout=printed)
    return printed.getvalue()


def summary_of(out: Path) -> dict[str, Any]:
    """The summary that a month wrote."""
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text())
    return summary
