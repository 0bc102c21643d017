"""`manage.py demo_pack DIR`: write the demo company's files, the same bytes on every run."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sop_portal.demo.generate import generate_pack


class Command(BaseCommand):
    """Needs no database."""

    help = "Write the demo company's files into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder."""
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write and name the files."""
        for path in generate_pack(options["directory"]):
            self.stdout.write(f"{path} {path.stat().st_size:,} bytes")
