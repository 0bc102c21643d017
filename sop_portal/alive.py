"""Signs of life of a worker and of beat: the file that SOP_ALIVE_FILE names is touched while they do their work.

A worker touches it from its own event loop, which stands still while the broker is away; beat after each message that
the broker took. `docker/health.py` looks at the age of the file.
"""

import os
from pathlib import Path
from typing import Any

from celery import bootsteps

PACE_SECONDS = 10.0


def show_life(**_: object) -> None:
    """Touch the file, if one is named."""
    if named := os.environ.get("SOP_ALIVE_FILE"):
        Path(named).touch()


class SignOfLife(bootsteps.StartStopStep):
    """Touches the file every ten seconds while the worker's loop turns."""

    requires = {"celery.worker.components:Timer"}

    def start(self, parent: Any) -> None:
        """Begin with the worker."""
        show_life()
        self.repeated = parent.timer.call_repeatedly(PACE_SECONDS, show_life)

    def stop(self, parent: Any) -> None:
        """End with the worker."""
        self.repeated.cancel()
