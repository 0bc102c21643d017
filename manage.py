#!/usr/bin/env python
"""Django's command line, with the servers this checkout needs."""

import os
import sys

from django.core.management import execute_from_command_line

from sop_portal.embedded.entry import use_servers_for_command


def main() -> None:
    """Provide PostgreSQL and Redis when the command needs them, then run it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sop_portal.settings")
    use_servers_for_command(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
