"""manage.py bridge_files --from A --to B: the revenue bridge between two files, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.registry import FileRefused
from finance.calc.bridge import BridgeDoesNotClose, MixLevel
from finance.services.bridge_files import NUMBER_FORMS, BridgeFile, bridge_two_files, read_bridge_file

REFUSED = 2
SHOWN_FAULTS = 20


class Command(BaseCommand):
    """Prints one line per driver, name and amount in the reporting currency; what a reader should know goes to stderr."""

    help = "Bridge the revenue of two files: volume, mix, price, fx, new, discontinued, total. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two files and how to read and compare them."""
        parser.add_argument("--from", dest="base", type=Path, required=True, metavar="A.csv")
        parser.add_argument("--to", dest="other", type=Path, required=True, metavar="B.csv")
        parser.add_argument(
            "--mix", choices=[level.value for level in MixLevel], default=MixLevel.ITEM.value, help="what a leaf is"
        )
        parser.add_argument(
            "--numbers",
            choices=list(NUMBER_FORMS),
            default="",
            help="how both files write numbers; default: told by each",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, bridge, print."""
        base, other = (self._read(options[name], options["numbers"]) for name in ("base", "other"))
        try:
            bridge, notes = bridge_two_files(base, other, mix_level=MixLevel(options["mix"]))
        except BridgeDoesNotClose as error:
            raise CommandError(f"The amounts cannot be bridged: {error}.", returncode=REFUSED) from error
        for note in notes:
            self.stderr.write(note)
        for driver, cents in bridge.drivers.items():
            self.stdout.write(f"{driver.value} {_amount(cents)}")
        self.stdout.write(f"total {_amount(bridge.total)}")

    def _read(self, path: Path, numbers: str) -> BridgeFile:
        try:
            file = read_bridge_file(path.read_bytes(), numbers=numbers)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=REFUSED) from error
        except FileRefused as refused:
            for fault in refused.faults[:SHOWN_FAULTS]:
                where = f"row {fault.row}" if fault.row else "the file"
                named = f", {fault.column} = {fault.value!r}" if fault.column else ""
                self.stderr.write(f"{path.name}: {where}{named}: {fault.reason} {fault.remedy}")
            count = len(refused.faults)
            raise CommandError(
                f"{path.name} has {count} {'fault' if count == 1 else 'faults'}.", returncode=REFUSED
            ) from refused
        for note in file.notes:
            self.stderr.write(f"{path.name}: {note}")
        return file


def _amount(cents: int) -> str:
    """Cents as an amount with two decimals, without thousands signs: -1059259259 → -10592592.59."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
