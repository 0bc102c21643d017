"""The web process: uvicorn on a socket that the supervisor opened, or on a port of its own in a container.

`python -m sop_portal.web FD` serves on the open socket FD, so that several processes share one port.
`python -m sop_portal.web` serves SOP_WEB_PROCESSES processes on SOP_BIND:PORT and starts a dead one again.
"""

import os
import socket
import sys
from typing import Any

import uvicorn

from sop_portal import settings
from sop_portal.embedded.processes import die_with_parent
from sop_portal.logs import configure

GRACEFUL_SHUTDOWN_SECONDS = 3
SLOW_START_SECONDS = 60
APPLICATION = "sop_portal.asgi:application"
SERVER: dict[str, Any] = {
    "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    "lifespan": "off",
    "log_config": None,
    "access_log": False,
    "server_header": False,
}


def serve(descriptor: int) -> None:
    """Serve the ASGI application until SIGTERM; open streams end at once, other answers get three seconds."""
    die_with_parent()
    config = uvicorn.Config(APPLICATION, **SERVER)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def serve_port() -> None:
    """Serve on the port that the environment names until SIGTERM, with as many processes as it says."""
    configure(settings.LOGGING)
    uvicorn.run(
        APPLICATION,
        host=os.environ.get("SOP_BIND", "127.0.0.1"),
        port=int(os.environ.get("PORT") or 8000),
        workers=int(os.environ.get("SOP_WEB_PROCESSES") or 2),
        timeout_worker_healthcheck=SLOW_START_SECONDS,
        **SERVER,
    )


if __name__ == "__main__":
    serve(int(sys.argv[1])) if len(sys.argv) > 1 else serve_port()
