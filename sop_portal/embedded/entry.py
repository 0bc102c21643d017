"""What every way into the portal does first: see that PostgreSQL and Redis are there."""

import atexit
import os

from sop_portal.embedded.lease import Lease
from sop_portal.embedded.locations import own_home
from sop_portal.embedded.postgres import ServerDidNotStart

WITHOUT_SERVERS = {
    "forecast",
    "help",
    "version",
    "--help",
    "--version",
    "-h",
    "collectstatic",
    "makemessages",
    "compilemessages",
    "bridge_files",
    "plan_supply",
}


def use_servers() -> Lease | None:
    """Set the three addresses that the environment does not give, from servers of our own; None when all are given."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return None
    lease = Lease(own_home())
    if os.environ.get("DATABASE_URL"):
        os.environ["REDIS_URL"] = lease.urls["REDIS_URL"]
    else:
        for name, url in lease.urls.items():
            os.environ.setdefault(name, url)
    atexit.register(lease.release)
    return lease


def use_servers_for_command(arguments: list[str]) -> None:
    """Give a management command its servers; a few commands need none. Ends with a plain sentence when that fails."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in WITHOUT_SERVERS or "--help" in arguments:
        return
    try:
        use_servers()
    except ServerDidNotStart as error:
        raise SystemExit(str(error)) from None
