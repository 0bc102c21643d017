"""One web process: uvicorn on a socket that the supervisor opened, so that several share one port."""

import socket
import sys

import uvicorn

from sop_portal.embedded.processes import die_with_parent

GRACEFUL_SHUTDOWN_SECONDS = 1


def serve(descriptor: int) -> None:
    """Serve the ASGI application until SIGTERM; open streams get one second to end."""
    die_with_parent()
    config = uvicorn.Config(
        "sop_portal.asgi:application",
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(int(sys.argv[1]))
