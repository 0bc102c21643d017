"""`python -m sop_portal.work worker` and `… beat`: Celery's two parts in a container that may write nowhere but /tmp."""

import os
import sys

from sop_portal import settings
from sop_portal.celery import app
from sop_portal.logs import configure

QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def arguments_of(part: str) -> list[str]:
    """What Celery is told for a part.

    Beat keeps no schedule on disk: its only entry is an interval that may begin anew.

    Raises:
        SystemExit: there is no such part.
    """
    processes = os.environ.get("SOP_WORKER_PROCESSES", "2")
    level = os.environ.get("SOP_LOG_LEVEL", "INFO")
    parts = {
        "worker": ["worker", "--pool", "prefork", "--concurrency", processes, *QUIET, "--loglevel", level],
        "beat": ["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "", "--loglevel", level],
    }
    if part not in parts:
        raise SystemExit(f"usage: python -m sop_portal.work {'|'.join(parts)}")
    return ["--quiet", *parts[part]]


if __name__ == "__main__":
    configure(settings.LOGGING)
    app.start(argv=arguments_of(sys.argv[1] if len(sys.argv) == 2 else ""))
