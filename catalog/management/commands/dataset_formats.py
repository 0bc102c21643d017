"""manage.py dataset_formats: print the formats of all datasets as Markdown, or write them into the page of datasets."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from catalog.services.dataset_formats import format_tables, page_with_formats


class Command(BaseCommand):
    """Prints, or writes the part below `## Formats` of a page."""

    help = "Print the formats of all registered datasets as Markdown."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the page to write."""
        parser.add_argument("--write", type=Path, metavar="PAGE")

    def handle(self, *args: object, **options: object) -> None:
        """Write to the page, or to standard output."""
        page = options["write"]
        if isinstance(page, Path):
            page.write_text(page_with_formats(page.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            self.stdout.write(format_tables())
