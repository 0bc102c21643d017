"""`manage.py dataset_formats`: print the formats of all datasets, as they stand in `docs/datasets.md`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.services.dataset_formats import format_tables


class Command(BaseCommand):
    """Prints Markdown; reads no table."""

    help = "Print the file formats of all datasets as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the tables to standard output."""
        self.stdout.write(format_tables())
