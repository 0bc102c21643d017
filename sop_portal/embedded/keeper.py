"""The process that owns the embedded servers: starts them, restarts a dead one, stops both when nobody uses them.

Whoever uses the servers holds a shared lock on ``in_use``; the kernel takes it back when the user dies, however it
dies. The keeper leaves as soon as it gets that lock for itself alone, so nobody has to stop anything.
"""

import fcntl
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from sop_portal.embedded.postgres import EmbeddedPostgres, ServerDidNotStart
from sop_portal.embedded.redis import EmbeddedRedis
from sop_portal.embedded.secrets import write_private

POLL_SECONDS = 0.1
RESTARTS_PER_MINUTE = 6
logger = logging.getLogger("sop_portal.embedded.keeper")


def keep(home: Path) -> int:
    """Run both servers of ``home`` until its last user has gone; 0 after a clean end, 1 when a server cannot run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    in_use, alive = (os.open(home / name, os.O_RDWR | os.O_CREAT, 0o600) for name in ("in_use.lock", "keeper.lock"))
    fcntl.flock(alive, fcntl.LOCK_EX)  # held until the kernel closes it: who sees it free sees no process either
    postgres, redis = EmbeddedPostgres(home, durable=not home.name.startswith("test")), EmbeddedRedis(home)
    addresses = home / "addresses.json"
    addresses.unlink(missing_ok=True)
    try:
        postgres.start()
        redis.start()
        urls = {
            "DATABASE_URL": postgres.url("sop_app"),
            "DATABASE_OWNER_URL": postgres.url("sop_owner"),
            "REDIS_URL": redis.url(),
        }
        write_private(addresses, json.dumps(urls))
        _watch(postgres, redis, in_use)
    except ServerDidNotStart as error:
        logger.error("%s", error)
        return 1
    finally:
        addresses.unlink(missing_ok=True)
        redis.stop()
        postgres.stop()
    return 0


def _watch(postgres: EmbeddedPostgres, redis: EmbeddedRedis, in_use: int) -> None:
    """Poll until the lock of the users is ours; a server that died meanwhile comes back on its old port."""
    restarts: list[float] = []
    while not _nobody_uses(in_use):
        for server in (postgres, redis):
            if server.process is not None and server.process.poll() is not None:
                restarts = [moment for moment in restarts if time.monotonic() - moment < 60] + [time.monotonic()]
                if len(restarts) > RESTARTS_PER_MINUTE:
                    raise ServerDidNotStart(f"{type(server).__name__} keeps dying; see the logs in {server.home}")
                logger.warning("%s ended with %s, starting it again", type(server).__name__, server.process.returncode)
                server.start(server.port)
        time.sleep(POLL_SECONDS)


def _nobody_uses(in_use: int) -> bool:
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(keep(Path(sys.argv[1])))
